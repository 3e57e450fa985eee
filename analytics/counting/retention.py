"""What is kept for a time only, and goes in small portions, so that the site never waits.

Each function erases what is due and yields how much each portion was; killed in the middle, the next run goes on.
With `dry_run` it yields how much there would be, once.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Sum
from django.utils import timezone

from ..models import DeadEnd, Event, Search, SearchTermDaily
from ..models.figures import FEWEST_VISITORS
from ..recording.ingest import QUARANTINE
from ..recording.visitors import forget_old_secrets, old_secrets, reporting_zone

PORTION = 10_000  # rows


def first_day_kept(days):
    """The oldest of so many days, today being the first."""
    return timezone.localdate(timezone=reporting_zone()) - timedelta(days=days - 1)


def first_day_to_count():
    """Days before it are closed: their figures stand as they are."""
    return first_day_kept(settings.ANALYTICS_REBUILD_DAYS)


def erase_visitor_keys(*, dry_run=False):
    """Afterwards nobody can tell one visitor of a closed day from another, nor count the day anew."""
    keyed = events_with_old_keys()
    if dry_run:
        yield keyed.count()
        return
    # Day by day, because there is no index of keys.
    for day in keyed.order_by("day").values_list("day", flat=True).distinct():
        yield from in_portions(
            Event.objects.filter(day=day, visitor__isnull=False), lambda portion: portion.update(visitor=None)
        )


def events_with_old_keys():
    return Event.objects.filter(day__lt=first_day_to_count(), visitor__isnull=False)


def erase_searches(*, dry_run=False):
    """What single searches asked for, whose numbers are in the daily terms."""
    old = Search.objects.filter(event__day__lt=first_day_to_count())
    yield from _erase(old, dry_run)


def erase_rare_terms(*, dry_run=False):
    """Terms of closed days that fewer than three visitors asked for, in all the days that are kept.

    Those that more asked for stay, and so do their later days.
    """
    first = first_day_to_count()
    rare = (
        SearchTermDaily.objects.values("language", "key")
        .annotate(visitors=Sum("visitor_days"), since=Min("day"))
        .filter(visitors__lt=FEWEST_VISITORS, since__lt=first)
        .values_list("language", "key")
    )
    keys = defaultdict(list)
    for language, key in rare:
        keys[language].append(key)
    erased = 0
    for language, of_language in keys.items():
        for start in range(0, len(of_language), PORTION):
            some = of_language[start : start + PORTION]
            rows = SearchTermDaily.objects.filter(language=language, key__in=some, day__lt=first)
            erased += rows.count() if dry_run else rows.delete()[0]
    yield erased


def erase_dead_ends(*, dry_run=False):
    yield from _erase(DeadEnd.objects.filter(day__lt=first_day_to_count()), dry_run)


def erase_events(*, dry_run=False):
    """The figures stay, and so do the batches, which say where these came from."""
    old = Event.objects.filter(day__lt=first_day_kept(settings.ANALYTICS_EVENT_DAYS))
    yield from _erase(old, dry_run)


def erase_quarantine(*, dry_run=False):
    """Lines that were not understood, and that nobody has looked at in time."""
    folder = settings.ANALYTICS_SPOOL / QUARANTINE
    oldest = timezone.now() - timedelta(days=settings.ANALYTICS_QUARANTINE_DAYS)
    files = [path for path in folder.glob("*") if datetime.fromtimestamp(path.stat().st_mtime, UTC) < oldest]
    if not dry_run:
        for path in files:
            path.unlink(missing_ok=True)
    yield len(files)


def erase_day_secrets(*, dry_run=False):
    old = old_secrets()
    if not dry_run:
        forget_old_secrets()
    yield len(old)


# What each is called, in the order in which they are done.
DUE = {
    "key(s) of visitors": erase_visitor_keys,
    "search(es), word for word": erase_searches,
    "day(s) of rare search terms": erase_rare_terms,
    "address(es) that led nowhere": erase_dead_ends,
    "event(s)": erase_events,
    "file(s) in quarantine": erase_quarantine,
    "secret(s) of former days": erase_day_secrets,
}


def _erase(rows, dry_run):
    if dry_run:
        yield rows.count()
    else:
        yield from in_portions(rows, lambda portion: portion.delete()[1].get(rows.model._meta.label, 0))


def in_portions(rows, act):
    """Act on so many rows at a time, each time in a transaction of its own, until none is left."""
    while keys := list(rows.values_list("pk", flat=True)[:PORTION]):
        with transaction.atomic():
            number = act(rows.model.objects.filter(pk__in=keys))
        yield number
