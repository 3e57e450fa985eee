"""Was everything recorded? The access log of the web server tells independently what should have been."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from ..models import BatchKind, Completeness, Event
from .access_logs import lines_of, open_log, read_line
from .exclusions import Flag
from .visitors import reporting_day

ENOUGH = 0.95
# The last minutes are not taken in yet.
NOT_YET = 5 * 60  # seconds
NOT_SHOWN = Flag.NOT_SHOWN | Flag.PREFETCH


@dataclass(frozen=True)
class Reconciled:
    day: date
    recorded: int
    loggable: int

    @property
    def ratio(self):
        return self.recorded / self.loggable if self.loggable else 1.0

    @property
    def is_enough(self):
        return self.ratio >= ENOUGH


def reconcile(paths, progress=lambda path, lines, unusable: None):
    """Day by day what was recorded, and what the logs hold by the same rules; kept with the completeness of the day.

    Robots and the ISU stand in both and are compared like everybody. Of the
    first and last day only the hours that the logs cover are compared. `progress`
    is told of each log, every hundred thousand lines and at its end.
    """
    loggable, times, now = Counter(), [], time.time()
    for path in paths:
        lines = unusable = 0
        with open_log(path) as file:
            for lines, line in enumerate(lines_of(file), start=1):
                if lines % 100_000 == 0:
                    progress(path, lines, unusable)
                try:
                    logged = read_line(line)
                except (ValueError, OverflowError):
                    unusable += 1
                    continue
                if logged.at > now - NOT_YET:
                    continue
                times = [min([logged.at, *times]), max([logged.at, *times])]
                loggable[reporting_day(logged.at)] += logged.counts
        progress(path, lines, unusable)
    return [_compared(day, loggable[day], *times) for day in sorted(loggable)]


def _compared(day, loggable, first, last):
    # Logs tell whole seconds.
    events = Event.objects.filter(day=day, at__gte=first * 1_000_000, at__lt=(last + 1) * 1_000_000)
    recorded = (
        events.exclude(batch__kind__in=[BatchKind.IMPORT, BatchKind.GENERATED])
        .annotate(hidden=F("flags").bitand(int(NOT_SHOWN)))
        .filter(hidden=0)
        .count()
    )
    found = {"reconciled": recorded, "loggable": loggable}
    nothing_known = {"minutes_ingested": 0, "lost": 0, "torn": 0, "rejected": 0}
    Completeness.objects.update_or_create(day=day, defaults=found, create_defaults=found | nothing_known)
    return Reconciled(day, recorded, loggable)
