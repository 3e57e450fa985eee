"""The tables of a period, each figure beside what it was before.

`now` and `before` are the `Use` of both periods; without a period before there is nothing beside.
"""

from dataclasses import dataclass, fields

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.models import Region, State
from offers.enquiry_figures import Share
from offers.models import Area, Form, Offer

from ..models import EventKind, SearchTermDaily
from ..models.figures import FEWEST_VISITORS
from ..recording.actions import MACHINE_USE, Action
from ..recording.audience import Audience, Referrer
from ..recording.exclusions import Reason
from ..tables import Column, Table
from .catalogue import DAYS_TO_BE_FOUND, offers_by_area_and_form, top
from .comparison import Compared, Lines, compared
from .kinds_of_use import (
    KindOfUse,
    LanguageOfUse,
    LeftOut,
    MonthOfUse,
    OriginOfUse,
    PageOfUse,
    Step,
    Times,
    TimesRequested,
)
from .reading import INVESTIGATION, REQUEST, Reach, Use
from .searches import in_words

MOST_OFFERS = MOST_SEARCHES = 25


def both(now, before, read):
    """What `read` gives of both, and nothing for a period that there is not."""
    return read(now), before and read(before)


def at_a_glance(now, before):
    words = {
        column.name: tuple(column.metadata.values()) for kind in (MonthOfUse, KindOfUse) for column in fields(kind)
    }
    lines = [
        (*words["visits"], lambda use: use.of("view").visits),
        (*words["visitor_days"], lambda use: use.of("view").visitor_days),
        (
            _("Daily visitors, mean of a day"),
            _("Daily visitors divided by the days of the period."),
            lambda use: round(use.of("view").visitor_days / use.period.days, 1),
        ),
        (*words["views"], lambda use: use.of("view").total),
        (
            _("Page views of a visit"),
            _(
                "Page views divided by visits. Views of visitors who ask not to be followed belong to no visit, but "
                "are among the views."
            ),
            views_per_visit,
        ),
        (*words["opened"], lambda use: use.of(INVESTIGATION).total_dc),
        (*words["contacts"], lambda use: use.of(REQUEST).total_dc),
        (*words["searches"], lambda use: use.of("search_any").total),
        (*words["searches_zero"], lambda use: use.of(Action.SEARCH_ZERO.metric).total),
        (
            _("Links followed"),
            _("Links that led from the portal to another website."),
            lambda use: use.of(Action.LINK_OUT.metric).total,
        ),
    ]
    return Lines.of_two("glance", _("At a glance"), now, before, lines)


def views_per_visit(use):
    """None without a visit."""
    views = use.of("view")
    return round(views.total / views.visits, 1) if views.visits else None


def months(now, year_before):
    """Each month beside the same one a year before, if there is one."""
    rows, former = both(now, year_before, Use.months)
    if former is not None:
        former = dict(zip(rows, former.values(), strict=True))
    names = [(month, date_format(month, "YEAR_MONTH_FORMAT")) for month in rows]
    return compared("months", _("Visits by month"), _("Month"), MonthOfUse, rows, former, names)


def by_place(now, before):
    """By what was offered, and by whom."""

    def table(dimension, caption, subject, names, *, key=str, note=""):
        rows, former = both(now, before, lambda use: use.kinds(dimension, key))
        codes = used(rows, former)
        listed = with_unknown(names(codes), codes)
        return compared(f"{dimension}s", caption, subject, KindOfUse, rows, former, listed, note=note)

    return (
        table(
            "area",
            _("Information viewed, by area of implementation"),
            _("Area of implementation"),
            lambda codes: names_at_top(Area),
            key=top,
            note=_("Each offer counts in its main area, together with the finer areas below it."),
        ),
        table(
            "form",
            _("Information viewed, by form of assistance"),
            _("Form of assistance"),
            lambda codes: names_at_top(Form),
            key=top,
            note=_("Each offer has one form of assistance; the finer forms below it are counted with it."),
        ),
        table(
            "state",
            _("Information viewed, by State"),
            _("State that offers"),
            lambda codes: [(state.iso3, state.name) for state in State.objects.filter(iso3__in=codes).in_name_order()],
            note=_("For the ISU, and each State for itself. Do not publish figures of single States."),
        ),
        table(
            "region",
            _("Information viewed, by region"),
            _("Region of the State that offers"),
            lambda codes: [(region.un_m49, region.name) for region in Region.objects.filter(un_m49__in=codes)],
        ),
    )


def names_at_top(model):
    return [(term.code, term.name) for term in model.objects.top()]


def used(rows, former):
    return {*rows, *(former or {})}


def with_unknown(names, codes):
    """The names, and whatever else was recorded under a code that is no longer there."""
    return [*names, *((code, code) for code in sorted(codes - {code for code, _name in names}))]


def languages(now, before):
    rows, former = both(now, before, Use.languages)
    names = with_unknown(settings.LANGUAGES, used(rows, former))
    caption = _("Use by language of the page")
    return compared("languages", caption, _("Language"), LanguageOfUse, rows, former, names, adds_up=False)


@dataclass(frozen=True)
class Pair:
    """A cell with two numbers: offers published, None if that is not known, and the demand for them."""

    offers: int | None
    demand: int

    # So that a template can tell it from a plain number.
    is_pair = True

    @property
    def is_empty(self):
        return not self.offers and not self.demand

    @property
    def lacks_offers(self):
        return self.offers == 0 and self.demand > 0

    def __str__(self):
        return str(self.demand) if self.offers is None else f"{self.offers} / {self.demand}"


def supply_and_demand(use):
    """What is offered beside what is asked for, by area and form: as a matrix to look at, and as rows for files."""
    offers, demand = offers_by_area_and_form(use.period), use.demand()
    pairs = {*(offers or {}), *demand}
    areas, forms = (
        with_unknown(names_at_top(model), {pair[place] for pair in pairs}) for place, model in enumerate((Area, Form))
    )

    def cell(area, form):
        return Pair(None if offers is None else offers[area, form], demand[area, form])

    note = _(
        "In each field, first the offers published at the end of the period, then the demand: how often the contacts "
        "of an offer were opened, each offer once for each visitor and clock hour. Demand without an offer is for "
        "offers that have left the catalogue or are classified anew."
    )
    if offers is None:
        note = _("The demand: how often the contacts of an offer were opened. What was on offer then is not known.")
    words = {"caption": _("Offers and demand, by area and form"), "note": note, "adds_up": False}
    matrix = Table(
        name="area_form",
        subject=_("Area of implementation"),
        columns=tuple(Column(name) for _code, name in forms),
        rows=tuple((name, tuple(cell(area, form) for form, _name in forms)) for area, name in areas),
        **words,
    )
    in_rows = Table(
        name="area_form",
        subject=_("Area and form"),
        columns=(Column(_("Offers published")), Column(_("Demand"))),
        rows=tuple(
            (f"{area_name} – {form_name}", (cell(area, form).offers, cell(area, form).demand))
            for area, area_name in areas
            for form, form_name in forms
        ),
        **words,
    )
    return matrix, in_rows


def offers_and_reach(now, before):
    """Which offers were opened most, and how many at all."""
    rows, former = both(now, before, lambda use: use.kinds("offer"))
    most = sorted(rows, key=lambda reference: (-rows[reference][2], -rows[reference][0], reference))[:MOST_OFFERS]
    offers = Offer.objects.filter(reference__in=most).select_related("live_version").in_bulk(field_name="reference")
    names = [(reference, label(offers[reference]) if reference in offers else reference) for reference in most]
    yield compared(
        "offers",
        _("Offers opened most"),
        _("Offer"),
        KindOfUse,
        rows,
        former,
        names,
        adds_up=False,
        note=_("The %(number)d offers whose contacts were opened most. For the ISU alone.") % {"number": MOST_OFFERS},
    )
    yield reach(Reach.of(now.period, rows), before and Reach.of(before.period, former))


def reach(now, before):
    lines = [
        (
            _("Offers in the catalogue for at least %(days)d days") % {"days": DAYS_TO_BE_FOUND},
            _("Those that are in the catalogue today and were published that long before the end of the period."),
            lambda reach: reach.offers,
        ),
        (
            _("Of these, offers whose contacts were opened"),
            _("At least once in the period."),
            lambda reach: len(reach.opened),
        ),
        (
            _("Offers that half of all contacts opened went to"),
            _("The fewest of these offers that together have half of it. If these are few, few offers draw most."),
            lambda reach: reach.half,
        ),
    ]
    return Lines.of_two("reach", _("Reach of the catalogue"), now, before, lines)


def label(offer):
    words = {"reference": offer.reference, "title": offer.live_version.title if offer.live_version else ""}
    if offer.is_sample:
        return _("%(reference)s %(title)s (illustrative record)") % words
    return f"{words['reference']} {words['title']}"


def funnel(now, before):
    """From a visit to a match, with the share of the step before."""
    steps = now.steps()
    former = [None] * len(steps) if before is None else [number for _name, number in before.steps()]
    rows, above = [], None
    for (name, number), was in zip(steps, former, strict=True):
        share = str(Share(number, above)) if above is not None and number <= above else None
        rows.append((name, (Compared(number, was), share)))
        above = number
    [column] = fields(Step)
    columns = (Column(**column.metadata), Column(_("Of the step before"), _("Where it can be a part of it.")))
    return Table("funnel", _("From visits to matches"), _("Step"), columns, tuple(rows), adds_up=False)


def pages(now, before):
    rows, former = both(now, before, Use.pages)
    names = [(action, str(action.label)) for action in Action]
    return compared(
        "pages", _("Kinds of pages opened"), _("Kind of page"), PageOfUse, rows, former, names, adds_up=False
    )


def unfound(period):
    """The searches without a result that most visitors made."""
    columns = (
        Column(_("Language"), _("Of the page on which was searched.")),
        Column(_("Searches"), _("How often it was searched for.")),
        Column(_("Without a result"), _("How often no offer was found.")),
        Column(_("Daily visitors"), _("Different visitors of each day who searched for it, added up over the days.")),
    )
    rows = SearchTermDaily.objects.unfound(period)[:MOST_SEARCHES]
    note = _("Shown is what at least %(number)d daily visitors searched for; what fewer did, nobody sees.")
    return Table(
        "searches",
        _("Searches without a result"),
        _("Words and filters"),
        columns,
        tuple(
            (str(search), (search.language, search.searches, search.unfound, search.visitors))
            for search in in_words(rows)
        ),
        adds_up=False,
        note=note % {"number": FEWEST_VISITORS},
    )


def contacts(now, before):
    caption, subject = _("Contact points shown"), _("Whose contact points")
    return times("contacts", caption, subject, now, before, Action.CONTACT_REVEALED, CONTACT_KINDS)


def links(now, before):
    return times("links", _("Links followed"), _("Where they led"), now, before, Action.LINK_OUT, LINK_KINDS)


CONTACT_KINDS = (EventKind.NATIONAL, EventKind.REGIONAL, EventKind.ISU)
LINK_KINDS = (EventKind.MONITOR, EventKind.ARTICLE_7, EventKind.CRPD, EventKind.CONVENTION, EventKind.OTHER)


def times(name, caption, subject, now, before, action, kinds):
    rows, former = both(now, before, lambda use: use.times_of_kind(action))
    names = with_unknown([(kind, str(kind.label)) for kind in kinds], used(rows, former))
    return compared(name, caption, subject, Times, rows, former, names)


def origins(now, before):
    for dimension, choices, caption, subject in (
        ("referrer", Referrer, _("Where visitors came from"), _("Kind of website")),
        ("audience", Audience, _("Who the visitors were"), _("Visitors")),
    ):
        rows, former = both(now, before, lambda use, dimension=dimension: use.origins(dimension))
        found = used(rows, former)
        names = with_unknown([(value, str(name)) for value, name in choices.choices if value in found], found)
        yield compared(f"{dimension}s", caption, subject, OriginOfUse, rows, former, names, adds_up=False)


def machines(now, before):
    rows, former = both(now, before, Use.machine_use)
    names = [(action, str(action.label)) for action in sorted(MACHINE_USE)]
    return compared(
        "machines",
        _("Use by programs"),
        _("What was asked for"),
        TimesRequested,
        rows,
        former,
        names,
        note=_("In none of the figures of visits and views."),
    )


def not_counted(rows, before):
    found = used(rows, before)
    names = [(reason, str(reason.label)) for reason in Reason if reason in found]
    note = _(
        "These requests are in none of the figures above. If COUNTER's list of robots were not used, at most "
        "%(number)d more would count among them."
    ) % {"number": rows.get(Reason.COUNTER, [0])[0]}
    return compared("excluded", _("What is not counted"), _("Reason"), LeftOut, rows, before, names, note=note)
