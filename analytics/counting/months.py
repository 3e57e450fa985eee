"""Sums of months that are over, so that long periods need not be read day by day.

A month has sums of all its days or none at all: counting one of its days anew deletes them in the same transaction,
and the next run of `analytics_rollup` makes them again. `analytics.counting.sums` reads whichever there is.
"""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Min, Sum
from django.utils import timezone

from ..models import Completeness, Daily, Monthly
from ..recording.visitors import reporting_zone

# The numbers of a row of Daily and Monthly.
FIGURES = ("total", "total_dc", "unique_session", "visitor_days", "visits")
# Metric and dimension of the row that says that a month has its sums, even if nothing was counted in it. Its value is
# the month.
SUMMED = "summed"
# Any number that nothing else on this database locks by.
LOCK = 1997


def month_of(day):
    return day.replace(day=1)


def last_day_of(month):
    return month_of(month + timedelta(days=31)) - timedelta(days=1)


def forget_month(day):
    """Within the transaction that changes the figures of the day."""
    _hold(month_of(day))
    Monthly.objects.filter(month=month_of(day)).delete()


def sum_closed_months():
    """Sum up the months that are over and have no sums, each in one transaction; yields each that was."""
    this_month = month_of(timezone.localdate(timezone=reporting_zone()))
    counted = Completeness.objects.filter(day__lt=this_month).values_list("day", flat=True)
    summed = Monthly.objects.filter(dimension=SUMMED, metric=SUMMED).values_list("month", flat=True)
    for month in sorted({month_of(day) for day in counted} - set(summed)):
        if _sum_month(month):
            yield month


def _sum_month(month):
    with transaction.atomic():
        _hold(month)
        if Monthly.objects.filter(dimension=SUMMED, metric=SUMMED, month=month).exists():
            # Another run was faster.
            return False
        sums = (
            Daily.objects.filter(day__gte=month, day__lte=last_day_of(month))
            .values("metric", "dimension", "value")
            # If days were counted by different rules, the sum is named after the oldest.
            .annotate(rules_version=Min("rules_version"), **{f"sum_{name}": Sum(name) for name in FIGURES})
        )
        Monthly.objects.bulk_create(
            [Monthly(month=month, **{key.removeprefix("sum_"): value for key, value in row.items()}) for row in sums],
            batch_size=500,
        )
        Monthly.objects.create(
            month=month, metric=SUMMED, dimension=SUMMED, value=month.isoformat(), **dict.fromkeys(FIGURES, 0)
        )
        return True


def _hold(month):
    """Until the end of the transaction nobody else sums up or changes this month. SQLite has but one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, month.toordinal()])
