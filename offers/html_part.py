"""The HTML of a letter, made of its text: the same words, with paragraphs, lists and links that can be pressed.

Nothing is fetched when it is opened, and whatever is marked up in the text stays text.
"""

import re
from unicodedata import bidirectional

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_bidi

from contacts.models import language_tag

# The end of an address is not the full stop behind it. Numbers of repetitions are limited: the text may be anybody's.
LINK = re.compile(
    r"(?P<web>https?://[^\s<>\"'«»“”]{1,2000}(?<![.,;:!?)\]،؛؟。，、]))"
    r"|(?P<mailbox>(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})"
    r"|(?P<reference>\b(?:PFP|ENQ)-\d{4}-\d{4,}\b)"
)
ITEM = re.compile(r"\s*[-*•–] +")
# For a letter that is shown as a page of its own: nothing in it runs, and nothing is fetched.
CONTENT_SECURITY_POLICY = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
)
# The line by which mail programs know where a signature begins.
SIGNATURE = "\n-- \n"


def html_of(subject, text):
    """A whole document, in the language now in use."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    body, signature = text.rsplit(SIGNATURE, 1) if SIGNATURE in text else (text, "")
    context = {
        "subject": subject,
        "language": language_tag(get_language()),
        "direction": _direction(),
        "blocks": [_block(part) for part in re.split(r"\n\s*\n", body) if part.strip()],
        "signature": linked(signature.strip("\n")),
    }
    return render_to_string("offers/email/letter.html", context)


def linked(text):
    """The text with its addresses as links, each line on its own; they and references run from left to right."""
    return format_html_join(mark_safe("<br>\n"), "{}", ([_linked_line(line)] for line in text.split("\n")))


def _linked_line(line):
    pieces, end = [], 0
    for match in LINK.finditer(line):
        pieces.append((line[end : match.start()], _marked(match)))
        end = match.end()
    return format_html_join("", "{}{}", [*pieces, (line[end:], "")])


def _marked(match):
    if match["reference"]:
        return format_html('<span dir="ltr">{}</span>', match[0])
    scheme = "mailto:" if match["mailbox"] else ""
    return format_html('<a dir="ltr" href="{}{}">{}</a>', scheme, match[0], match[0])


def _block(part):
    """A paragraph, or the items of a list; one that begins in the other direction, such as a message, says so."""
    lines = part.strip("\n").split("\n")
    if all(map(ITEM.match, lines)):
        return {"entries": [linked(ITEM.sub("", line, count=1)) for line in lines], "direction": _direction_of(part)}
    return {"text": linked("\n".join(lines)), "direction": _direction_of(part)}


def _direction():
    return "rtl" if get_language_bidi() else "ltr"


def _direction_of(text):
    """That of the first letter outside of addresses, if it is not the one of the whole; else nothing."""
    kinds = (bidirectional(character) for character in LINK.sub("", text))
    first = next((kind for kind in kinds if kind in {"L", "R", "AL"}), None)
    direction = {"L": "ltr", "R": "rtl", "AL": "rtl"}.get(first, _direction())
    return direction if direction != _direction() else ""
