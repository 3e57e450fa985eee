"""Sums of the daily figures over a period: the one way in which pages, files and reports read them."""

from dataclasses import dataclass

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from .models import Daily


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
COLUMNS = ("total", "total_dc", "unique_session", "visitor_days", "visits")


def sums(period, metrics, dimension="all"):
    """Sums over the period, by metric and value of the dimension (for `all` the value is empty)."""
    rows = (
        Daily.objects.filter(day__gte=period.first, day__lte=period.last, dimension=dimension, metric__in=metrics)
        .values_list("metric", "value")
        .annotate(*map(Sum, COLUMNS))
    )
    return {(metric, value): Sums(*numbers) for metric, value, *numbers in rows}


def sums_by_month(period, metrics, dimension="all"):
    """The same by first day of the month, metric and value."""
    rows = (
        Daily.objects.filter(day__gte=period.first, day__lte=period.last, dimension=dimension, metric__in=metrics)
        .values_list(TruncMonth("day"), "metric", "value")
        .annotate(*map(Sum, COLUMNS))
    )
    return {(month, metric, value): Sums(*numbers) for month, metric, value, *numbers in rows}
