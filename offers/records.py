"""What a published offer says to the outside: one list of fields for every form in which offers are taken away.

CSV and XLSX print the columns of each field, JSON and the API its value, and
the description of the API its schema. Names of fields and columns are read by
programs, so they never change.
"""

from array import array
from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from . import kinds
from .content import label_of
from .kinds import Choice, Choices, Field, Row, Rows, own
from .models import (
    COST_ITEMS,
    Condition,
    Cooperation,
    DeliveryMode,
    ExportLicence,
    FundingPartner,
    Offer,
    Payer,
    Recipients,
    SpareParts,
    Timing,
    TransferTerms,
    YesNo,
)

SAMPLE_LABEL = _("Illustrative record drawn from public sources; not an offer made by this State")
TERMS = _(
    "You may use, copy and pass on these data, changed or as part of something else too, if you say on which day you "
    "took them and pass on the disclaimer and the labels of illustrative records."
)

CHUNK = 200  # offers read at a time


def said(name, kind, read=None, label=None):
    """A field of the published wording."""
    return Field(
        name,
        label or partial(label_of, name),
        kind,
        lambda offer: (read or (lambda version: getattr(version, name)))(offer.live_version),
    )


def all_of(relation):
    """The rows as `for_records` has read them."""
    return lambda version: getattr(version, f"all_{relation}")


def absolute(path):
    return f"{settings.PORTAL_URL}{path}"


def with_query(address, parameters):
    return f"{address}?{parameters.urlencode()}" if parameters else address


def changed_at(offer):
    """When the published wording was last changed."""
    return offer.live_version.decided_at


def changed_on(offer):
    return timezone.localdate(changed_at(offer))


def confirmed_on(offer):
    """No State has confirmed an illustrative record."""
    return None if offer.is_sample else offer.confirmed_on


FIELDS = [
    own("reference", _("reference"), kinds.ALWAYS_TEXT),
    Field("url", _("Page of the offer"), kinds.ADDRESS, lambda offer: absolute(offer.get_absolute_url())),
    own("state", _("Offered by"), Row("iso3", required=True)),
    said("title", kinds.ALWAYS_TEXT),
    said("language", Row("code"), lambda version: version.original_language, _("language of this text")),
    said("translations", kinds.TRANSLATIONS, all_of("translations"), _("Translations into")),
    said("areas", Rows("code"), label=_("Areas of implementation, the main one first")),
    said("form", Row("code", required=True)),
    said("description", kinds.ALWAYS_TEXT),
    said("quantity", kinds.TEXT),
    said("duration", kinds.TEXT),
    said("delivery_modes", Choices(DeliveryMode)),
    said("standards", kinds.TEXT),
    said("providing_body", kinds.TEXT),
    said("partners", kinds.PARTNERS, lambda version: version.named_partners),
    said("recipients", Choice(Recipients)),
    said("recipient_regions", Rows("un_m49"), all_of("recipient_regions"), _("For these regions")),
    said(
        "recipient_groups",
        Rows("short_name", "group_name"),
        all_of("recipient_groups"),
        _("For these groups of States"),
    ),
    said("recipient_states", Rows("iso3"), all_of("recipient_states"), _("For these States")),
    said("institutions", kinds.TEXT),
    said("prerequisites", kinds.TEXT),
    said("languages", Rows("code"), all_of("languages")),
    said("accessibility", kinds.TEXT),
    said("gender", kinds.TEXT),
    said("timing", Choice(Timing)),
    said("starts_on", kinds.DAY),
    said("ends_on", kinds.DAY),
    said("deadline", kinds.DAY),
    said("lead_time_weeks", kinds.NUMBER),
    *(
        said(f"pays_{item}", Choice(Payer), label=format_lazy(_("Who pays: {item}"), item=label))
        for item, label in COST_ITEMS.items()
    ),
    said("free_to_recipient", kinds.FLAG, lambda version: version.is_free_to_recipient, _("Free to the recipient")),
    said("transfer_terms", Choice(TransferTerms)),
    said("equipment_condition", Choice(Condition)),
    said("spare_parts", Choice(SpareParts)),
    said("training_included", Choice(YesNo)),
    said("export_licence", Choice(ExportLicence)),
    said("cooperation", Choice(Cooperation)),
    said("funding_partner", Choice(FundingPartner)),
    said("funding_purpose", kinds.TEXT),
    said("links", kinds.LINKS, all_of("links")),
    # The mailboxes stand behind a page of their own, whose opening is counted.
    Field(
        "contact_url",
        _("Page with the contact points"),
        kinds.ADDRESS,
        lambda offer: absolute(reverse("offers:contact", args=[offer.reference])),
    ),
    own("first_published_on", _("first published on"), kinds.DAY),
    Field("confirmed_on", _("Confirmed by the State on"), kinds.DAY, confirmed_on),
    own("valid_until", _("stands until"), kinds.DAY),
    Field("changed_on", _("Text last changed on"), kinds.DAY, changed_on),
    own("is_sample", _("illustrative record"), kinds.FLAG),
    Field("sample_label", _("About this record"), kinds.TEXT, lambda o: str(SAMPLE_LABEL) if o.is_sample else ""),
    Field("disclaimer", _("Disclaimer"), kinds.ALWAYS_TEXT, lambda offer: str(settings.PORTAL_DISCLAIMER)),
]


def as_json(offer):
    """All that is said of an offer, in plain values; only its addresses and sentences are in the language in use."""
    return kinds.as_json(FIELDS, offer)


def column_names():
    return [name for field in FIELDS for name in field.kind.names(field.name)]


def column_labels():
    return [label for field in FIELDS for label in field.kind.labels(field.title)]


def cells(offer, *, codes=False):
    """The row of an offer in a table: texts, numbers, days and None.

    In words, it is in the language in use where there is a translation; with
    `codes`, it is the same in all languages.
    """
    translated = {} if codes else translated_values(offer)
    return [
        cell
        for field in FIELDS
        for cell in field.kind.cells(translated.get(field.name) or field.read(offer), codes=codes)
    ]


def translated_values(offer):
    """What a reader of the language in use is given instead of the original, by name of the field."""
    translation = offer.live_version.translation
    return translation.texts | {"language": translation.language} if translation else {}


def keys_of(offers):
    """The keys in their order, eight bytes each.

    To sort whole rows a database would have to read them all, and to read them
    while they are sent it would have to hold still for the slowest visitor.
    """
    return array("q", offers.values_list("pk", flat=True).iterator(chunk_size=10_000))


def read(keys):
    """The offers with these keys that are still public, in that order; a fixed number of queries."""
    found = Offer.objects.public().for_records().in_bulk(list(keys))
    return [found[key] for key in keys if key in found]


def in_chunks(keys):
    """Lists of offers, one after another, so that no more than a chunk is ever held."""
    for start in range(0, len(keys), CHUNK):
        yield read(keys[start : start + CHUNK])


def in_pieces(keys, write):
    """What `write` makes of each offer, a list for each chunk, in the language in use when it was asked for."""

    def pieces():
        for offers in in_chunks(keys):
            # Not around the loop: between two pieces the thread may belong to somebody else.
            with override(language):
                written = [write(offer) for offer in offers]
            yield written

    language = get_language()
    return pieces()
