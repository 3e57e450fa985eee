"""What it costs: C1, as the ISU has entered it by month."""

import calendar
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.models import Enquiry

from ..models import Indicator, MonthCost
from ..periods import Period
from ..tables import Table, figure
from . import supply
from .measures import Measure


@dataclass(frozen=True)
class Cost:
    """A sum, and what it comes to for each one of what it brought about; None where there was none."""

    whole: float | None = figure(
        gettext_lazy("In the period"),
        gettext_lazy("As entered by the ISU; of a month that lies only partly in the period, the part of its days."),
    )
    per_offer: float | None = figure(
        gettext_lazy("For each offer"), gettext_lazy("Divided by the offers in the catalogue at the end of the period.")
    )
    per_answer: float | None = figure(
        gettext_lazy("For each enquiry answered"),
        gettext_lazy("Divided by the enquiries that were answered or declined in the period."),
    )
    per_match: float | None = figure(
        gettext_lazy("For each match"),
        gettext_lazy("Divided by the enquiries of which both sides have said in the period that help was agreed."),
    )

    @classmethod
    def of(cls, whole, *numbers):
        if whole is None:
            return cls(None, None, None, None)
        return cls(float(round(whole, 1)), *(float(round(whole / number, 1)) if number else None for number in numbers))


def measures(period):
    hours, _hosting, _missing = spent(period)
    return [Measure(Indicator.COST, None if hours is None else float(round(hours, 1)))]


def tables(period):
    hours, hosting, missing = spent(period)
    numbers = offers_at_end(period), *answered_and_matched(period)
    rows = [
        (_("Hours of work"), Cost.of(hours, *numbers)),
        (_("Hosting, in Swiss francs"), Cost.of(hosting, *numbers)),
    ]
    return [
        Table.of(
            "cost",
            _("What the portal cost the ISU"),
            _("Kind of cost"),
            Cost,
            rows,
            adds_up=False,
            note=_note(*numbers, missing),
        )
    ]


def spent(period):
    """Hours and Swiss francs in the period, None if nothing was entered; and the months that have no entry."""
    entered = {cost.month: cost for cost in MonthCost.objects.filter(month__in=period.months)}
    missing = [month for month in period.months if month not in entered]
    if not entered:
        return None, None, missing
    parts = {month: part_of(month, period) for month in entered}
    hours = sum(cost.hours * parts[month] for month, cost in entered.items())
    hosting = sum(cost.hosting * parts[month] for month, cost in entered.items())
    return hours, hosting, missing


def part_of(month, period):
    """How much of the month lies in the period, by days."""
    days = calendar.monthrange(month.year, month.month)[1]
    inside = Period(max(month, period.first), min(month.replace(day=days), period.last)).days
    return Decimal(inside) / days


def offers_at_end(period):
    """Or None, if it is not known."""
    found = {measure.indicator: measure.number for measure in supply.measures(period)}
    number = found.get(Indicator.OFFERS)
    return None if number is None else int(number)


def answered_and_matched(period):
    days = (period.first, period.last)
    counted = Enquiry.objects.counted()
    return counted.filter(answered_at__date__range=days).count(), counted.filter(matched_at__date__range=days).count()


def _note(offers, answered, matched, missing):
    note = _("Offers at the end: %(offers)s; enquiries answered: %(answered)s; matches: %(matched)s.") % {
        "offers": _("not known") if offers is None else offers,
        "answered": answered,
        "matched": matched,
    }
    if missing:
        months = ", ".join(date_format(month, "YEAR_MONTH_FORMAT") for month in missing)
        note += " " + _("No cost was entered for: %(months)s.") % {"months": months}
    return note
