"""What must hold between events, figures and files; `analytics_check` asks every night."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from ..models import Batch, Completeness, Daily, DailyExcluded, DirtyDay, Event, Monthly
from ..periods import Period
from ..recording.actions import Action
from ..recording.ingest import waiting_files
from ..recording.spool import bytes_in, slot_of
from ..recording.visitors import bounds_of, old_secrets, reporting_zone
from ..use.completeness import COMPLETE
from .months import FIGURES, SUMMED, last_day_of, month_of
from .retention import events_with_old_keys, first_day_kept, first_day_to_count
from .rollup import rules_version
from .sums import NOTHING, sums_by_month

LONGEST_WAIT = timedelta(minutes=10)
# Share of the size limit of the spool.
NEARLY_FULL = 0.8
# COUNTER's hint at what robots may have done: more than three times the mean of the months before, and a hundred.
SPIKE_TIMES, SPIKE_MORE, SPIKE_MONTHS = 3, 100, 12
SPIKES_OF = ("view", "investigation", "request")


@dataclass(frozen=True)
class Finding:
    text: str
    # What to do about it.
    advice: str
    # Wrong, or only something for a person to look at.
    is_broken: bool = True


def findings():
    for check in CHECKS:
        if found := list(check()):
            # Days are counted while this reads them; what is wrong then is wrong twice.
            yield from (finding for finding in check() if finding in found)


def _days_add_up():
    """Each event is counted or excluded, once, on every day whose events are still there."""
    first = first_day_kept(settings.ANALYTICS_EVENT_DAYS)
    events = dict(Event.objects.filter(day__gte=first).values_list("day").annotate(Count("pk")).order_by())
    days = Daily.objects.filter(day__gte=first, dimension="all", metric__in=[action.metric for action in Action])
    counted = Counter(dict(days.values_list("day").annotate(Sum("total")).order_by()))
    excluded = dict(DailyExcluded.objects.filter(day__gte=first).values_list("day").annotate(Sum("n")).order_by())
    known = set(Completeness.objects.values_list("day", flat=True))
    for day in sorted((events.keys() | counted.keys()) - set(DirtyDay.objects.values_list("day", flat=True))):
        if day not in known:
            yield Finding(f"{day}: {events[day]} event(s) were never counted.", _count_again(day))
        elif counted[day] + excluded.get(day, 0) != events.get(day, 0):
            yield Finding(
                f"{day}: {counted[day]} counted and {excluded.get(day, 0)} excluded are not {events.get(day, 0)} "
                "events.",
                _count_again(day),
            )


def _count_again(day):
    if day < first_day_to_count():
        return "The day is closed and cannot be counted again; say so in the report."
    return f"Run analytics_rebuild --from {day} --to {day}."


def _months_add_up():
    """By metric and dimension: the sums of a month are those of its days."""
    summed = set(Monthly.objects.filter(dimension=SUMMED, metric=SUMMED).values_list("month", flat=True))
    figures = [Sum(name) for name in FIGURES]
    months = {
        tuple(key): numbers
        for *key, numbers in _keyed(
            Monthly.objects.exclude(dimension=SUMMED).values_list("month", "metric", "dimension").annotate(*figures)
        )
    }
    days = {
        tuple(key): numbers
        for *key, numbers in _keyed(
            Daily.objects.values_list(TruncMonth("day"), "metric", "dimension").annotate(*figures)
        )
        if key[0] in summed
    }
    for month in sorted({key[0] for key in months.keys() | days.keys() if months.get(key) != days.get(key)}):
        yield Finding(
            f"{month:%Y-%m}: the sums of the month are not those of its days.",
            "Delete the rows of this month from analytics_monthly and run analytics_rollup.",
        )


def _keyed(rows):
    return ((*row[:3], row[3:]) for row in rows.order_by())


def _days_are_counted():
    waiting = DirtyDay.objects.count()
    last = Batch.objects.aggregate(last=Max("loaded_at"))["last"]
    if waiting and last and last < timezone.now() - LONGEST_WAIT:
        yield Finding(
            f"{waiting} day(s) wait to be counted for more than ten minutes.",
            "Run analytics_rollup, and see that it runs every minute.",
        )


def _spool_is_taken_in():
    files = waiting_files(unsealed=True)
    oldest = min(map(slot_of, files), default=None)
    if oldest and oldest < timezone.now() - LONGEST_WAIT:
        yield Finding(
            f"The oldest file in the spool is of {oldest:%Y-%m-%d %H:%M} UTC.",
            "Run analytics_ingest, see what it says, and see that it runs every minute.",
        )
    if files and bytes_in(settings.ANALYTICS_SPOOL) >= NEARLY_FULL * settings.ANALYTICS_SPOOL_BYTES:
        yield Finding(
            "The spool is nearly full. Once it is, what visitors do is counted as lost.",
            "Run analytics_ingest; if that does not help, raise ANALYTICS_SPOOL_BYTES.",
        )


def _nothing_is_kept_too_long():
    if old := old_secrets():
        yield Finding(f"{len(old)} secret(s) of former days are still there.", "Run analytics_prune.")
    if events_with_old_keys().exists():
        yield Finding(
            f"There are visitor keys older than {settings.ANALYTICS_REBUILD_DAYS} days.",
            "Run analytics_prune, and see that it runs every night.",
        )


def _lines_are_understood():
    yesterday = timezone.now() - timedelta(days=1)
    sums = Batch.objects.filter(loaded_at__gte=yesterday).aggregate(
        unread=Sum("rejected", default=0) + Sum("torn", default=0), lost=Sum("lost", default=0)
    )
    if sums["unread"]:
        yield Finding(
            f"{sums['unread']} line(s) of the last day could not be read.",
            "See the folder quarantine of the spool.",
            is_broken=False,
        )
    if sums["lost"]:
        yield Finding(
            f"{sums['lost']} view(s) of the last day could not be recorded.",
            "Was the disk full, or the spool? The report counts them.",
            is_broken=False,
        )


def _days_are_complete():
    """Of the days that can still be counted, those of which much is missing; imported days have no minutes."""
    begun = Completeness.objects.aggregate(first=Min("day"))["first"]
    if begun is None:
        return
    today = timezone.localdate(timezone=reporting_zone())
    start = max(begun, first_day_to_count())
    days = [start + timedelta(days=number) for number in range((today - start).days)]
    rows = Completeness.objects.in_bulk(days)
    short = [day for day in days if day not in rows or _is_short(rows[day])]
    if short:
        yield Finding(
            f"Less than 95 % of the minutes were recorded on: {', '.join(map(str, short))}.",
            "The report marks these days. If nobody came, let a monitor ask for /healthz every minute.",
            is_broken=False,
        )


def _is_short(row):
    first, last = bounds_of(row.day)
    minutes = (last - first).total_seconds() / 60
    return not (row.imported or row.generated) and row.minutes_ingested < COMPLETE * minutes


def _rules_are_the_same():
    versions = Daily.objects.exclude(rules_version=rules_version()).values_list("rules_version")
    for version, first, last in versions.annotate(Min("day"), Max("day")).order_by():
        yield Finding(
            f"From {first} to {last} there are figures made by other rules of counting: {version}.",
            f"Figures of today's rules ({rules_version()}) are not comparable with them. Days that are not closed can "
            "be counted anew by analytics_rebuild.",
            is_broken=False,
        )


def _nothing_leaps_up():
    """In this month and the last one; nothing follows from it by itself."""
    this_month = month_of(timezone.localdate(timezone=reporting_zone()))
    last_month = month_of(this_month - timedelta(days=1))
    months = Period(month_of(last_month - timedelta(days=366)), last_day_of(this_month)).months
    sums = sums_by_month(Period(months[0], last_day_of(this_month)), SPIKES_OF)
    for metric in SPIKES_OF:
        totals = [sums.get((month, metric, ""), NOTHING).total for month in months]
        for month in (last_month, this_month):
            index = months.index(month)
            # Months before recording began say nothing.
            before = [total for total in totals[max(0, index - SPIKE_MONTHS) : index] if total]
            if before and totals[index] > SPIKE_TIMES * sum(before) / len(before) + SPIKE_MORE:
                yield Finding(
                    f"{month:%Y-%m}: {totals[index]} {metric}s, far more than in the months before.",
                    "A robot under a browser's name, or a Meeting? Look at the days of this month.",
                    is_broken=False,
                )


CHECKS = (
    _days_add_up,
    _months_add_up,
    _days_are_counted,
    _spool_is_taken_in,
    _nothing_is_kept_too_long,
    _lines_are_understood,
    _days_are_complete,
    _rules_are_the_same,
    _nothing_leaps_up,
)
