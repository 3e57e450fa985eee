"""From events to the figures of a day: the whole day, replaced in one transaction. The rules are those of `tally`."""

import hashlib
import json
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Sum

from ..models import Batch, BatchKind, Completeness, Daily, DailyExcluded, DirtyDay, Event, SearchTermDaily
from ..recording.actions import Action
from ..recording.exclusions import EXCLUDED
from ..recording.visitors import bounds_of
from .months import FIGURES, forget_month
from .tally import FRAME, JOINT, PLACE, SEPARATOR, Tally

ACTION_METRICS = [action.metric for action in Action]


def rules_version():
    """Figures of different versions are not comparable."""
    return f"3 {settings.ANALYTICS_TIME_ZONE}"


def term_key(words, filters):
    """A short mark of what was searched for."""
    return hashlib.sha256(f"{words}\n{filters}".encode()).hexdigest()[:32]


class FiguresDoNotAddUp(Exception):
    """Counted and excluded events together are not the events of the day."""


@dataclass(frozen=True)
class DayCount:
    events: int
    excluded: int


def dirty_days():
    return list(DirtyDay.objects.order_by("day").values_list("day", flat=True))


def count_day(day):
    """Replace the figures of a day that is marked dirty; None if another run has done so meanwhile."""
    with transaction.atomic():
        # Holds off other runs, and whoever adds events of this day, until the end of the transaction.
        if not DirtyDay.objects.filter(day=day).delete()[0]:
            return None
        for model in (Daily, DailyExcluded, SearchTermDaily):
            model.objects.filter(day=day).delete()
        forget_month(day)

        events = _events(day)
        tally = Tally(events)
        _write(day, tally.figures())
        _write_terms(day, _searches(day, tally.bursts))
        DailyExcluded.objects.bulk_create(
            DailyExcluded(day=day, reason=reason, n=n) for reason, n in tally.excluded.items()
        )
        _note_completeness(day)
        return _check(day)


# Read and written without the models, which would take longer than all the counting.

# The same function by two names.
_FORMAT = {"sqlite": "printf", "postgresql": "format"}
_EACH_OF_JSON = {"sqlite": "json_each", "postgresql": "json_array_elements"}


def _read(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _events(day):
    """Visitor, moment, and all else as one text, which `tally.Kind` takes apart."""
    parts = [("flags",), FRAME, PLACE]
    shape = JOINT.join(SEPARATOR.join(["%%s"] * len(part)) for part in parts)
    kind = f"{_FORMAT[connection.vendor]}('{shape}', {', '.join(column for part in parts for column in part)})"
    return _read(f"SELECT visitor, at, {kind} FROM analytics_event WHERE day = %s", day)


def _searches(day, bursts):
    """What was searched for on pages that count, with its number, that without a result, and that of visitors."""
    without = f"AND (visitor IS NULL OR visitor NOT IN ({', '.join(['%s'] * len(bursts))}))" if bursts else ""
    return _read(
        f"""
        SELECT language, words, filters, COUNT(*), COUNT(CASE WHEN action = {Action.SEARCH_ZERO:d} THEN 1 END),
            COUNT(DISTINCT visitor)
        FROM analytics_event JOIN analytics_search ON event_id = id
        WHERE day = %s AND action IN ({Action.SEARCH:d}, {Action.SEARCH_ZERO:d}) AND (flags & {EXCLUDED}) = 0 {without}
        GROUP BY language, words, filters
        """,
        day,
        *bursts,
    )


def _write(day, figures):
    rows = [(rules_version(), *cell, *numbers) for cell, numbers in figures.items()]
    columns = ["rules_version", "metric", "dimension", "value", *FIGURES]
    _write_rows("analytics_daily", day, columns, rows)


def _write_terms(day, searches):
    rows = [
        (language, words, filters, term_key(words, filters), *numbers)
        for language, words, filters, *numbers in searches
    ]
    columns = ["language", "words", "filters", "key", "n", "zero_n", "visitor_days"]
    _write_rows("analytics_searchtermdaily", day, columns, rows)


def _write_rows(table, day, columns, rows):
    """All in one parameter: a parameter for each value takes the driver of PostgreSQL longer than the database."""
    if rows:
        types = ["integer" if type(value) is int else "text" for value in rows[0]]
        values = ", ".join(f"CAST(value ->> {number} AS {kind})" for number, kind in enumerate(types))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (day, {', '.join(columns)}) "
                f"SELECT %s, {values} FROM {_EACH_OF_JSON[connection.vendor]}(%s)",
                [day, json.dumps(rows)],
            )


def _check(day):
    counted = _sum(Daily.objects.filter(day=day, dimension="all", metric__in=ACTION_METRICS), "total")
    excluded = _sum(DailyExcluded.objects.filter(day=day), "n")
    events = Event.objects.filter(day=day).count()
    if counted + excluded != events:
        raise FiguresDoNotAddUp(f"{day}: {counted} counted and {excluded} excluded are not {events} events.")
    return DayCount(events, excluded)


def _sum(rows, field):
    return rows.aggregate(total=Sum(field, default=0))["total"]


def _note_completeness(day):
    first, last = bounds_of(day)
    figures = Batch.objects.filter(slot__gte=first, slot__lt=last, kind=BatchKind.LIVE).aggregate(
        minutes_ingested=Count("slot", distinct=True),
        lost=Sum("lost", default=0),
        torn=Sum("torn", default=0),
        rejected=Sum("rejected", default=0),
    )
    kinds = _other_kinds(day)
    origins = {"imported": BatchKind.IMPORT in kinds, "generated": BatchKind.GENERATED in kinds}
    # What `analytics_reconcile` has found out stays, and so do minutes and losses that were made up.
    replaced = [*origins] if origins["generated"] else [*figures, *origins]
    Completeness.objects.bulk_create(
        [Completeness(day=day, **figures, **origins)],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=replaced,
    )


def _other_kinds(day):
    """Of the batches that the day's events come from, besides spool files: only these have a minute of their own."""
    others = dict(Batch.objects.filter(slot=None).values_list("pk", "kind"))
    if not others:
        return set()
    found = Event.objects.filter(day=day, batch__in=others).values_list("batch", flat=True).distinct()
    return {others[batch] for batch in found}
