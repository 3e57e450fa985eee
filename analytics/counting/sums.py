"""Sums of the daily figures over a period: the one way in which pages, files and reports read them."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q, Sum, Value
from django.db.models.functions import TruncMonth

from ..models import Daily, Monthly
from .months import FIGURES, SUMMED, last_day_of, month_of


@dataclass(frozen=True)
class Sums:
    total: int = 0
    # After the double-click rule.
    total_dc: int = 0
    # Different offers per visitor and clock hour.
    unique_session: int = 0
    visitor_days: int = 0
    visits: int = 0


NOTHING = Sums()
NO_MONTH = Value(0)


def sums(period, metrics, dimension="all", values=None):
    """Sums over the period, by metric and value of the dimension (for `all` the value is empty).

    With `values`, a queryset or a list, of these only.
    """
    return _sums(period, metrics, dimension, values, by_month=False)


def sums_by_month(period, metrics, dimension="all", values=None):
    """The same by first day of the month, metric and value."""
    return _sums(period, metrics, dimension, values, by_month=True)


def _sums(period, metrics, dimension, values, *, by_month):
    """In two statements. Months that change between them are read whole, as they were or as they are."""
    wanted = Q(dimension=dimension, metric__in=metrics)
    if values is not None:
        wanted &= Q(value__in=values)
    months, found = set(), {}
    for month, metric, value, *numbers in _of_months(period, wanted, by_month=by_month):
        if metric == SUMMED:
            months.add(date.fromisoformat(value))
        else:
            found[month, metric, value] = numbers
    if days := _days_without(months, period):
        for month, metric, value, *numbers in _of_days(days, wanted, by_month=by_month):
            former = found.get((month, metric, value), (0, 0, 0, 0, 0))
            found[month, metric, value] = [a + b for a, b in zip(former, numbers, strict=True)]
    return {(key if by_month else key[1:]): Sums(*numbers) for key, numbers in found.items()}


def _of_months(period, wanted, *, by_month):
    """Sums of the months that lie in the period and have sums, and a row for each month that tells so."""
    first = period.first if period.first.day == 1 else last_day_of(period.first) + timedelta(days=1)
    last = month_of(period.last + timedelta(days=1)) - timedelta(days=1)
    return (
        Monthly.objects.filter(wanted | Q(dimension=SUMMED, metric=SUMMED), month__gte=first, month__lte=last)
        .values_list(F("month") if by_month else NO_MONTH, "metric", "value")
        .annotate(*map(Sum, FIGURES))
    )


def _of_days(days, wanted, *, by_month):
    return (
        Daily.objects.filter(wanted, days)
        .values_list(TruncMonth("day") if by_month else NO_MONTH, "metric", "value")
        .annotate(*map(Sum, FIGURES))
    )


def _days_without(months, period):
    """The condition for the days that are in none of the months; empty if there are none."""
    days, start = Q(), period.first
    for month in sorted(months):
        if start < month:
            days |= Q(day__gte=start, day__lt=month)
        start = last_day_of(month) + timedelta(days=1)
    if start <= period.last:
        days |= Q(day__gte=start, day__lte=period.last)
    return days
