"""Taking back a batch: as if its file had never been taken in."""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from ..counting.retention import first_day_to_count, in_portions
from ..models import DirtyDay, Event
from .visitors import reporting_day


class ClosedDays(Exception):
    """Days that cannot be counted anew without losing visits of other batches."""


def unload(batch):
    """Delete its events in portions, each with its days marked dirty, and at last the batch; yields how many are gone.

    The batch goes too: while it is known, its file would be passed over as taken in already. Killed in the middle,
    the next run goes on.
    """
    if closed := closed_days_shared_with_others(batch):
        raise ClosedDays(
            f"Nothing was taken back. On {', '.join(map(str, closed))} there are events of other batches too, and "
            f"these days are closed: after {settings.ANALYTICS_REBUILD_DAYS} days the visitor keys are gone, so that "
            "the visits of the others could not be counted again."
        )
    done = 0
    # Day by day, because there is no index of batches.
    for day in batch.events.order_by("day").values_list("day", flat=True).distinct():
        for number in in_portions(batch.events.filter(day=day), partial(delete_of_day, day)):
            done += number
            yield done
    with transaction.atomic():
        batch.dead_ends.all().delete()
        batch.delete()
        # Its minute does not count as recorded any more.
        if batch.slot and (day := reporting_day(batch.slot.timestamp())) >= first_day_to_count():
            DirtyDay.mark([day], "unload")


def delete_of_day(day, events):
    """In one transaction with the mark; returns the number of events."""
    number = events.delete()[1].get(Event._meta.label, 0)
    DirtyDay.mark([day], "unload")
    return number


def closed_days_shared_with_others(batch):
    closed = set(batch.events.filter(day__lt=first_day_to_count()).values_list("day", flat=True).distinct())
    others = Event.objects.filter(day__in=closed).filter(~Q(batch=batch) | Q(batch=None))
    return sorted(others.values_list("day", flat=True).distinct())
