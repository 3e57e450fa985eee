"""What a version says, field by field and in words.

One list of the fields in the order in which they are asked and read; the
editor, the check before submitting, the review, the differences and the
conflict page all print from it.
"""

from dataclasses import dataclass
from pathlib import PurePath

from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .models import OfferVersion
from .models.choices import COST_ITEMS

COSTS = tuple(f"pays_{item}" for item in COST_ITEMS)

FIELDSETS = [
    (
        "what",
        _("What"),
        (
            "title", "primary_area", "more_areas", "form", "description", "quantity", "duration", "delivery_modes",
            "standards", "providing_body", "partners", "transfer_terms", "equipment_condition", "spare_parts",
            "training_included", "export_licence",
        ),
    ),
    (
        "whom",
        _("For whom and where"),
        (
            "recipients", "recipient_regions", "recipient_groups", "recipient_states", "institutions", "prerequisites",
            "languages", "accessibility", "gender", "cooperation", "funding_partner", "funding_purpose",
        ),
    ),
    (
        "conditions",
        _("Availability and conditions"),
        ("timing", "starts_on", "ends_on", "deadline", "lead_time_weeks", "valid_until", *COSTS),
    ),
    ("contact", _("Contact"), ("contact_points", "original_language", "links", "documents")),
]  # fmt: skip

# Parts are rows of their own, so they have no verbose name on the version.
PART_LABELS = {
    "partners": _("partners"),
    "links": _("links"),
    "documents": _("documents"),
    "translations": _("translations"),
}


@dataclass(frozen=True)
class Answer:
    """One field of a version: its name, its label, and the answer in words ("" where there is none)."""

    name: str
    label: str
    text: str
    lang: str = ""  # code of the language of the text, where there are several


def label_of(name):
    """The label of a field, beginning with a capital letter."""
    label = str(PART_LABELS[name] if name in PART_LABELS else OfferVersion._meta.get_field(name).verbose_name)
    return capfirst(label)


def text_of(version, name):
    """The answer in words; several values stand one a line."""
    if name == "partners":
        return "\n".join(_partner(partner) for partner in version.partners.select_related("state"))
    if name == "links":
        return "\n".join(f"{link.title} {link.url}".strip() for link in version.links.all())
    if name == "documents":
        return "\n".join(_document(document) for document in version.documents.select_related("language"))
    if name == "delivery_modes":
        return "\n".join(str(label) for label in version.delivery_mode_labels)
    field = OfferVersion._meta.get_field(name)
    if name == "recipient_groups":
        return "\n".join(group.group_name for group in version.recipient_groups.all())
    if field.many_to_many:
        return "\n".join(str(row) for row in getattr(version, name).all())
    if field.choices:
        return str(getattr(version, f"get_{name}_display")())
    value = getattr(version, name)
    if value is None:
        return ""
    if field.get_internal_type() == "DateField":
        return date_format(value)
    return str(value)


# No longer shown once the last day of an offer has passed.
ONLY_WHILE_IT_STANDS = {"contact_points", "links", "documents"}


def public_text_of(version, name):
    """The answer as the public may read it: without partners that have not accepted, and without marks of files."""
    if name == "partners":
        return "\n".join(
            partner_in_words(partner, partner.get_role_display())
            for partner in version.partners.all()
            if partner.is_named
        )
    if name == "documents":
        return "\n".join(
            f"{document.title} ({document.filename}, {filesizeformat(document.size)}, {document.language})"
            for document in version.documents.all()
        )
    return text_of(version, name)


def translation_notice(offer, version):
    """Whose words a reader sees who reads a translation; "" for those who read the original."""
    if version.translation is None:
        return ""
    if offer.is_sample:
        notice = _("Translation. This record is written in the language “%(language)s”.")
    else:
        notice = _("Translation by the State. This offer is written in the language “%(language)s”.")
    return notice % {"language": version.original_language.name}


def answers_in_original(version):
    """What the State has written in its own language, where a reader is shown a translation of it."""
    if version.translation is None:
        return []
    lang = version.original_language.code
    return [Answer(name, label_of(name), getattr(version, name), lang) for name in version.translation.texts]


def partner_in_words(partner, role):
    return f"{partner} – {role}"


def _partner(partner):
    words = partner_in_words(partner, partner.get_role_display())
    return words if partner.is_named else f"{words} ({partner.answer.label})"


def _document(document):
    """With a mark of the file itself, so that another file under the same name shows as a difference."""
    mark = PurePath(document.file.name).stem[:8]
    return f"{document.title} ({document.filename}, {filesizeformat(document.size)}, {document.language}, {mark})"


def answers(version, text=text_of):
    """The answers of a version in its own language, grouped: a list of (title of the group, list of Answer).

    A group in which nothing is said is left out.
    """
    groups = [
        (title, [Answer(name, label_of(name), text(version, name)) for name in names])
        for _code, title, names in FIELDSETS
    ]
    return [(title, group) for title, group in groups if any(answer.text for answer in group)]


def all_answers(version, text=text_of):
    """The answers of a version and, in a group for each language, of its translations."""
    return [
        *answers(version, text),
        *(
            (_("Translation: %(language)s") % {"language": translation.language.name}, translated_answers(translation))
            for translation in version.all_translations
        ),
    ]


def translated_answers(translation):
    """What a translation says; the language stands in the label too, since differences are read one by one."""
    language = translation.language
    return [
        Answer(
            f"{name}.{language.code}",
            _("%(label)s (%(language)s)") % {"label": label_of(name), "language": language.name},
            text,
            language.code,
        )
        for name, text in translation.texts.items()
    ]
