"""What is opened and looked for: U1 to U7."""

from dataclasses import replace

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from offers.models import Form

from ..models import Indicator
from ..recording.actions import MACHINE_USE, Action
from ..tables import Column, Table
from ..use import use_tables
from ..use.catalogue import offers_by_area_and_form
from ..use.comparison import first_day, numbers_of, preceding
from ..use.kinds_of_use import MonthOfUse
from ..use.reading import REQUEST, Reach, Use
from .measures import Measure

# Of the curve of reach: enough to draw it.
POINTS = 20


def measures(period):
    began = first_day()
    if began is None or began > period.last:
        return [Measure(indicator, None) for indicator in OF_USE]
    use = Use(period)
    reach = Reach.of(period, use.kinds("offer"))
    return [
        Measure(Indicator.VISITS, use.of("view").visits),
        Measure(Indicator.VIEWS, use.of("view").total),
        Measure(Indicator.CONTACTS_OPENED, use.of(REQUEST).total_dc),
        Measure(Indicator.REACH, len(reach.opened), reach.offers),
        Measure(Indicator.BALANCE, _furthest_from_balance(use)),
        Measure(Indicator.LINKS_OUT, use.of(Action.LINK_OUT.metric).total),
        Measure(Indicator.MACHINE_USE, sum(use.of(action.metric).total for action in MACHINE_USE)),
    ]


OF_USE = (
    Indicator.VISITS,
    Indicator.VIEWS,
    Indicator.CONTACTS_OPENED,
    Indicator.REACH,
    Indicator.BALANCE,
    Indicator.LINKS_OUT,
    Indicator.MACHINE_USE,
)


def tables(period):
    use = Use(period)
    matrix, _in_rows = use_tables.supply_and_demand(use)
    return [
        _months(use),
        replace(matrix, rows=tuple((label, tuple(map(str, cells))) for label, cells in matrix.rows)),
        _balance(use),
        numbers_of(use_tables.languages(use, None)),
        numbers_of(use_tables.links(use, None)),
        numbers_of(use_tables.machines(use, None)),
        _reach(Reach.of(period, use.kinds("offer"))),
    ]


def _months(use):
    """Each month, and if there was one the same a year before."""
    before = preceding(use.period, first_day())
    former = Use(before.period).months() if before and before.is_year_before else None
    columns = [Column(**column.metadata) for column in MonthOfUse.__dataclass_fields__.values()]
    rows = [(date_format(month, "YEAR_MONTH_FORMAT"), numbers) for month, numbers in use.months().items()]
    if former is not None:
        columns.insert(1, Column(_("Visits a year before"), _("In the same month a year before.")))
        rows = [
            (label, (visits, was[0], *others))
            for (label, (visits, *others)), was in zip(rows, former.values(), strict=True)
        ]
    return Table("months", _("Visits by month"), _("Month"), tuple(columns), tuple(rows))


def _shares(use):
    """By topmost form: offers published and their share, contacts opened and their share, one share by the other."""
    pairs, demand = offers_by_area_and_form(use.period), use.demand()
    for form in Form.objects.top():
        offered = sum(number for (_area, code), number in (pairs or {}).items() if code == form.code)
        asked = sum(number for (_area, code), number in demand.items() if code == form.code)
        of_offers = offered / sum(pairs.values()) if pairs else None
        of_demand = asked / sum(demand.values()) if any(demand.values()) else None
        ratio = of_demand / of_offers if of_offers and of_demand is not None else None
        yield form.name, offered if pairs is not None else None, of_offers, asked, of_demand, ratio


def _furthest_from_balance(use):
    """Half as much is as far from 1 as twice as much, which comes first; nothing at all is as far as can be."""

    def distance(ratio):
        return round(max(ratio, 1 / ratio), 6) if ratio else float("inf")

    ratios = [ratio for *_others, ratio in _shares(use) if ratio is not None]
    furthest = max(ratios, key=lambda ratio: (distance(ratio), ratio), default=None)
    return None if furthest is None else round(furthest, 2)


def _balance(use):
    def per_cent(share):
        return None if share is None else round(100 * share)

    columns = (
        Column(_("Offers"), _("Published at the end of the period.")),
        Column(_("Share of offers (%)"), _("Of all published offers.")),
        Column(_("Contacts opened"), _("Each offer once for each visitor and clock hour.")),
        Column(_("Share of contacts opened (%)"), _("Of all contacts opened.")),
        Column(_("Ratio"), _("The second share by the first: 1 is balanced, more means that more is looked for.")),
    )
    rows = tuple(
        (name, (offers, per_cent(of_offers), asked, per_cent(of_demand), None if ratio is None else round(ratio, 2)))
        for name, offers, of_offers, asked, of_demand, ratio in _shares(use)
    )
    return Table(
        "balance", _("Demand and supply, by form of assistance"), _("Form of assistance"), columns, rows, adds_up=False
    )


def _reach(reach):
    """What share of all contacts opened went to the offers opened most: the points of a curve, in equal steps."""
    total, offers = sum(reach.opened), max(reach.offers, 1)
    steps = min(POINTS, offers)
    rows = []
    for step in range(1, steps + 1):
        number = round(step * offers / steps)
        share = round(100 * sum(reach.opened[:number]) / total) if total else 0
        rows.append((str(number), (share,)))
    note = _(
        "Contacts were opened of %(opened)d of the %(offers)d offers that were in the catalogue for at least 30 days. "
        "Half of all contacts opened went to %(half)d of them."
    ) % {"opened": len(reach.opened), "offers": reach.offers, "half": reach.half}
    columns = (
        Column(
            _("Contacts opened that went to them (%)"),
            _("Each offer once for each visitor and clock hour; of the offers opened most."),
        ),
    )
    caption, subject = _("Reach of the catalogue"), _("Offers opened most, so many")
    return Table("reach", caption, subject, columns, tuple(rows) if total else (), adds_up=False, note=note)
