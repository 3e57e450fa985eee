"""What is on offer: S1 to S8."""

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Region
from offers.enquiry_figures import Share
from offers.links import VICTIM_ASSISTANCE
from offers.models import Area, Ending, Form, Offer

from ..counting.sums import NOTHING, sums
from ..models import Indicator
from ..snapshots import CONCRETE, STILL_FRESH_MONTHS, at_end
from ..tables import Column, Table
from ..use.catalogue import top
from .measures import Measure

PARTS = {
    "quantity": gettext_lazy("State a quantity or a duration"),
    "dates": gettext_lazy("State when the assistance is to be had"),
    "conditions": gettext_lazy("State conditions"),
}
ENDED = {
    Ending.WITHDRAWN: gettext_lazy("Withdrawn by their States in the period"),
    Ending.FULFILLED: gettext_lazy("Marked as fulfilled in the period"),
    Ending.TAKEN_DOWN: gettext_lazy("Taken down by the ISU in the period"),
}


def measures(period):
    end = at_end(period, "S")
    number, _none = end.of("S2")
    return [
        Measure(Indicator.COVERAGE, *end.of("S1")),
        Measure(Indicator.OFFERS, number),
        Measure(Indicator.FRESHNESS, *end.of("S3")),
        Measure(Indicator.OVERDUE, *end.of("S4")),
        Measure(Indicator.CONTACTS, *end.of("S5")),
        Measure(Indicator.SOUTH_SOUTH, *end.of("S6")),
        Measure(Indicator.VICTIM_ASSISTANCE, *end.of("S7")),
        Measure(Indicator.CONCRETENESS, *end.of("S8")),
    ]


def tables(period):
    end = at_end(period, "S")
    note = _as_of(end)
    return [
        _offers(end, note),
        _regions(end, note),
        _ages(end, note),
        _concreteness(end, note),
        _more(end, note, period),
    ]


def _as_of(end):
    if end.day is None:
        return _("How the catalogue stood at the end of the period is not known.")
    return _("As the catalogue stood on %(day)s.") % {"day": date_format(end.day)}


def _offers(end, note):
    """By main area and form; each offer has one of each."""
    forms = list(Form.objects.top())
    numbers = {}
    for pair, (number, _none) in end.along("S2", "area_form").items():
        area, form = map(top, pair.split("|"))
        numbers[area, form] = numbers.get((area, form), 0) + number
    return Table(
        "offers",
        _("Offers published, by main area and form of assistance"),
        _("Area"),
        tuple(Column(form.name) for form in forms),
        tuple(
            (area.name, tuple(numbers.get((area.code, form.code), 0) for form in forms)) for area in Area.objects.top()
        ),
        note=note,
    )


def _regions(end, note):
    """By continent: in a finer region a single State could be told."""
    regions = {region.un_m49: region for region in Region.objects.select_related("parent__parent")}
    numbers = {}
    for code, (with_offer, parties) in end.along("S1", "region").items():
        continent = regions[code].lineage[-1] if code in regions else None
        before = numbers.get(continent, (0, 0))
        numbers[continent] = (before[0] + with_offer, before[1] + parties)
    known = sorted(numbers.keys() - {None}, key=lambda region: region.position)
    rows = [(region.name, numbers[region]) for region in known]
    if None in numbers:
        rows.append((_("Not stated"), numbers[None]))
    return Table(
        "regions",
        _("States Parties with a published offer, by region"),
        _("Region"),
        (Column(_("States Parties with an offer")), Column(_("States Parties"))),
        tuple(rows),
        note=note,
    )


def _ages(end, note):
    numbers = {int(months): number for months, (number, _none) in end.along("S3", "months").items()}
    last = max([STILL_FRESH_MONTHS, *numbers])
    return Table(
        "ages",
        _("Offers by full months since their States confirmed them"),
        _("Months"),
        (Column(_("Offers"), _("All offers that stand, also those that are hidden until their State confirms them.")),),
        tuple((str(months), (numbers.get(months, 0),)) for months in range(last + 1)),
        note=note,
    )


def _concreteness(end, note):
    return Table(
        "concreteness",
        _("How concrete the offers are"),
        _("Offers that"),
        (Column(_("Offers")),),
        (
            *((PARTS[part], (_share(end, f"S8.{part}"),)) for part in CONCRETE),
            (_("State all three"), (_share(end, "S8"),)),
        ),
        adds_up=False,
        note=note,
    )


def _more(end, note, period):
    """What belongs to the indicators besides."""
    days, _of = end.of("S3.days")
    offers = Offer.objects.counted()
    ended = offers.filter(ended_at__date__range=(period.first, period.last)).order_by()
    ended = dict(ended.values_list("ended_as").annotate(Count("pk")))
    opened, of_all = _victim_assistance_opened(period)
    return Table(
        "supply",
        _("More about the offers"),
        _("Offers that"),
        (Column(_("Number")),),
        (
            (
                _("Were published for the first time in the period"),
                (offers.filter(first_published_on__range=(period.first, period.last)).count(),),
            ),
            *((label, (ended.get(ending, 0),)) for ending, label in ENDED.items()),
            (_("Were confirmed within twelve months, of all that stand"), (_share(end, "S3.12"),)),
            (_("Days since the last confirmation (median of all that stand)"), (days,)),
            (_("Name a working regional contact point"), (_share(end, "S5.regional"),)),
            (_("Seek a partner to fund them"), (_share(end, "S6.funding"),)),
            (_("Are about victim assistance"), (_share(end, "S7"),)),
            (_("Openings of offers of victim assistance, of all offers opened"), (str(Share(opened, of_all)),)),
            (
                _("Victim assistance: share of openings less share of offers, in percentage points"),
                (_gap(opened, of_all, *end.of("S7")),),
            ),
        ),
        adds_up=False,
        note=note,
    )


def _victim_assistance_opened(period):
    """Openings of offers of victim assistance, and of all offers."""
    areas = {area: figures.total_dc for (_metric, area), figures in sums(period, ["investigation"], "area").items()}
    of_all = sums(period, ["investigation"]).get(("investigation", ""), NOTHING)
    return sum(number for area, number in areas.items() if top(area) == VICTIM_ASSISTANCE), of_all.total_dc


def _gap(opened, of_all_opened, offers, of_all_offers):
    if not (of_all_opened and of_all_offers):
        return None
    return round(100 * (opened / of_all_opened - offers / of_all_offers), 1)


def _share(end, name):
    number, base = end.of(name)
    return None if number is None else str(Share(number, base))
