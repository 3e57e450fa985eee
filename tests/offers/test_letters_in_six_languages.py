"""Who gets a letter reads it in the language that was asked for: nothing of it is left in English."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import to_locale
from django.utils.translation.trans_real import CONTEXT_SEPARATOR

# To visitors, subscribers and offices. The ISU and the focal points are written to in English.
LETTERS = ("_enquiry", "_signature", "alerts_link", "bulletin", "digest", "enquiry", "sign_up", "verify")
OTHER_LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def sentences_of(nodelist):
    """What the catalogues are asked for, each with its plural or None."""
    for node in nodelist.get_nodes_by_type(TranslateNode):
        yield _key(node.filter_expression.var.literal, node), None
    for node in nodelist.get_nodes_by_type(BlockTranslateNode):
        texts = [node.render_token_list(tokens)[0] for tokens in (node.singular, node.plural) if tokens]
        yield _key(texts[0], node), texts[1] if len(texts) == 2 else None


def _key(text, node):
    context = node.message_context
    return f"{context.var}{CONTEXT_SEPARATOR}{text}" if context else text


def placeholders(text):
    return set(re.findall(r"%\(\w+\)s", text))


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_sentence_of_the_letters_is_translated(language):
    catalogue = gettext.translation("django", settings.LOCALE_PATHS[0], [to_locale(language)])
    # A compiled catalogue holds nothing that is empty or fuzzy.
    translated, rule = catalogue._catalog, catalogue.plural
    forms = {rule(number) for number in range(200)}
    names = [path.name for path in Path(settings.BASE_DIR, "templates/offers/email").glob("*.txt")]

    left, wrong, count = [], [], 0
    for name in sorted(name for name in names if name.startswith(LETTERS)):
        for text, plural in sentences_of(get_template(f"offers/email/{name}").template.nodelist):
            count += 1
            keys = [(text, form) for form in forms] if plural else [text]
            found = [translated.get(key, "") for key in keys]
            left += [(name, text)] if not all(found) else []
            # Another name in it, and Django would fall back to English.
            wrong += [(name, each) for each in found if placeholders(each) - placeholders(plural or text)]

    assert count > 80
    assert left == []
    assert wrong == []
