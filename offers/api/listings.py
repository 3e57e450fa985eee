"""What the API says of everything but offers, in the same terms as `offers.records`."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import Article5Status, BodyKind, ConventionStatus
from offers import kinds
from offers.kinds import Choice, Field, Kind, Row, Rows, own
from offers.records import SAMPLE_LABEL, absolute

SAMPLE_OFFICE = _("Illustrative record: this office and its address are made up.")

CODES = Kind({"type": "array", "items": {"type": "string"}})
NAMES = Kind(kinds.NAMES)
YES_OR_UNKNOWN = Kind({"type": ["boolean", "null"]})


def rows_of(name):
    return lambda row: getattr(row, name).all()


def page(name, label, view, argument):
    return Field(name, label, kinds.ADDRESS, lambda row: absolute(reverse(view, args=[argument(row)])))


def sample_fields(label):
    return [
        own("is_sample", _("illustrative record"), kinds.FLAG),
        Field("sample_label", _("About this record"), kinds.TEXT, lambda row: str(label) if row.is_sample else ""),
    ]


def if_verified(name):
    return lambda state: getattr(state, name) if state.verified else None


def article5_status(state):
    """Nothing but what has been verified, and says something."""
    says_nothing = {Article5Status.UNKNOWN, Article5Status.NOT_APPLICABLE}
    return state.article5_status if state.article5_verified and state.article5_status not in says_nothing else ""


STATE = [
    own("iso3", _("ISO code (three letters)"), kinds.ALWAYS_TEXT),
    own("iso2", _("ISO code (two letters)"), kinds.ALWAYS_TEXT),
    own("un_m49", _("M49 code"), kinds.ALWAYS_TEXT),
    Field("name", _("Name"), NAMES, kinds.names_of),
    own("region", _("region"), Row("un_m49", required=True)),
    Field("status", _("Convention"), Choice(ConventionStatus), lambda state: state.convention_status().value),
    Field("entry_into_force", _("entry into force"), kinds.DAY, if_verified("entry_into_force")),
    Field("withdrawal_effective", _("withdrawal takes effect"), kinds.DAY, if_verified("withdrawal_effective")),
    Field("article5_status", _("status under Article 5"), Choice(Article5Status), article5_status),
    Field(
        "article5_as_of",
        _("as of"),
        kinds.TEXT,
        lambda state: state.article5_as_of if article5_status(state) else "",
    ),
    Field(
        "survivors",
        _("reports significant numbers of mine survivors"),
        YES_OR_UNKNOWN,
        lambda state: state.survivors if state.survivors_verified else None,
    ),
    Field("links", _("links about States"), kinds.STATE_LINKS, rows_of("links")),
    page("url", _("Page of the State"), "offers:state_detail", lambda state: state.iso3.lower()),
    Field(
        "offers_url",
        _("Offers of the State, in this API"),
        kinds.ADDRESS,
        lambda state: absolute(f"{reverse('api:offers')}?state={state.iso3}"),
    ),
]

BODY = [
    own("short_name", _("short name"), kinds.ALWAYS_TEXT),
    Field("name", _("Name"), NAMES, kinds.names_of),
    own("kind", _("kind"), Choice(BodyKind)),
    own("serves", _("serves"), kinds.TEXT),
    own("worldwide", _("serves all regions"), kinds.FLAG),
    Field("regions", _("regions served"), CODES, lambda body: [region.un_m49 for region in body.regions.all()]),
    Field("states", _("States served"), CODES, lambda body: [state.iso3 for state in body.states.all()]),
    own("website", _("website"), kinds.TEXT),
    page("url", _("Page of the body"), "offers:body_detail", lambda body: body.slug),
]

CONTACT = [
    own("state", _("State"), Row("iso3")),
    Field("body", _("regional body"), Row("short_name"), lambda point: point.regional_body),
    own("office", _("office"), kinds.ALWAYS_TEXT),
    own("function", _("function"), kinds.TEXT),
    # What is not public is not said; the enquiry form reaches the office all the same.
    Field("email", _("office mailbox"), kinds.TEXT, lambda point: point.email if point.email_public else ""),
    Field("telephone", _("telephone"), kinds.TEXT, lambda point: point.telephone if point.telephone_public else ""),
    Field("languages", _("answers in"), Rows("code"), rows_of("languages")),
    own("weeks_to_answer", _("weeks to answer"), kinds.NUMBER),
    own("permanent_mission", _("route through the Permanent Mission"), kinds.TEXT),
    Field("confirmed_on", _("confirmed on"), kinds.DAY, lambda point: None if point.is_sample else point.verified_on),
    *sample_fields(SAMPLE_OFFICE),
]

RESOURCE = [
    own("title", _("title"), kinds.ALWAYS_TEXT),
    own("body", _("offered by"), kinds.ALWAYS_TEXT),
    own("description", _("description"), kinds.TEXT),
    Field("areas", _("areas of implementation"), Rows("code"), rows_of("areas")),
    Field("forms", _("forms of assistance"), Rows("code"), rows_of("forms")),
    own("worldwide", _("serves all regions"), kinds.FLAG),
    Field("regions", _("regions served"), Rows("un_m49"), rows_of("regions")),
    Field("states", _("States served"), Rows("iso3"), rows_of("states")),
    Field("languages", _("languages"), Rows("code"), rows_of("languages")),
    own("url", _("web address"), kinds.ADDRESS),
    own("checked_on", _("checked on"), kinds.DAY),
    *sample_fields(SAMPLE_LABEL),
]

TERM = [
    own("code", _("code"), kinds.ALWAYS_TEXT),
    Field("name", _("Name"), NAMES, kinds.names_of),
    Field(
        "parent",
        _("Code of the term above"),
        kinds.TEXT,
        lambda term: term.code.rpartition(".")[0] if term.level > 1 else "",
    ),
    own("definition", _("definition in English"), kinds.TEXT),
]
