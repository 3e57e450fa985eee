"""From events to the figures of a day: the whole day, replaced in one transaction.

The rules of counting:

* double click: of the same visitor, offer and action, at most 30 seconds
  apart, the first is removed and the last kept, so that chains collapse;
* unique: different offers per visitor and clock hour;
* visit: a visitor's actions with gaps of at most 30 minutes, ending with the day;
* burst: more than 120 offers within a clock hour, or at least 20 actions whose
  median gap is under a second: the visitor's whole day is left out;
* without a visitor key an action counts in the totals only.

Every rule is about one visitor, so the events are read once, visitor by
visitor, and only one visitor's are held at a time. SQL would sort the day anew
for each rule and each count of distinct values, which takes several times as
long, and would be two statements for two databases.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from operator import itemgetter
from statistics import median

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Sum

from .actions import MACHINE_USE, Action
from .exclusions import EXCLUDED, Reason, reason_of
from .models import Batch, Completeness, Daily, DailyExcluded, DirtyDay, Event
from .visitors import bounds_of

SECOND = 1_000_000  # events are timed in microseconds
DOUBLE_CLICK, VISIT_GAP, HOUR = 30 * SECOND, 30 * 60 * SECOND, 3600 * SECOND
BURST_OFFERS, BURST_ACTIONS, BURST_GAP = 120, 20, SECOND

# Each action is a metric of its own. These join several: an event counts once in each that names its action.
JOINT_METRICS = {
    "view": set(Action) - {Action.ATTACHMENT, Action.LINK_OUT} - MACHINE_USE,
    "search_any": {Action.SEARCH, Action.SEARCH_ZERO},
    "investigation": {Action.OFFER_DETAIL, Action.OFFER_PRINT, Action.CONTACT_REVEALED, Action.ATTACHMENT},
    "request": {Action.CONTACT_REVEALED, Action.ATTACHMENT},
}
# Counted, but without a visitor key.
UNLINKED = "unlinked"

# The metrics that are kept along other dimensions than `all`.
BY_LANGUAGE = {"view", "search", "search_zero", "investigation", "request"}
BY_ORIGIN = {"view"}
BY_PLACE = {"investigation", "request", "state_profile"}
# What a State reads of its own offers, one by one; kept along no other dimension of a place.
BY_OFFER = {action.metric for action in JOINT_METRICS["investigation"] | {Action.LINK_OUT}}
WITH_PLACE = BY_PLACE | BY_OFFER

# What an event was: the action and by whom, and the offer or State it was about.
FRAME = ("action", "language", "surface", "audience", "referrer")
PLACE = ("offer", "state", "region", "area", "form")
COLUMNS = ("visitor", "at", *FRAME, *PLACE)


def rules_version():
    """Figures of different versions are not comparable."""
    return f"2 {settings.ANALYTICS_TIME_ZONE}"


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
        Daily.objects.filter(day=day).delete()
        DailyExcluded.objects.filter(day=day).delete()
        events = Event.objects.filter(day=day).annotate(excluded_by=F("flags").bitand(EXCLUDED))

        tally = Tally()
        counted = events.filter(excluded_by=0).order_by("visitor", "at", "pk").values_list(*COLUMNS)
        for visitor, group in groupby(counted.iterator(chunk_size=5000), key=itemgetter(0)):
            tally.add(visitor, list(group))
        _write(day, tally.figures())

        excluded = Counter({Reason.BURST: tally.burst} if tally.burst else {})
        for flags, number in events.exclude(excluded_by=0).values_list("excluded_by").annotate(Count("pk")):
            excluded[reason_of(flags)] += number
        DailyExcluded.objects.bulk_create(DailyExcluded(day=day, reason=reason, n=n) for reason, n in excluded.items())

        _note_completeness(day)
        return _check(day)


class Tally:
    """The figures of a day in the making: how often each combination occurred. Few differ, so cells are found last."""

    def __init__(self):
        # Number of events, and number after the double-click rule.
        self.frames = defaultdict(lambda: [0, 0])
        self.places = defaultdict(lambda: [0, 0])
        # What visits, visitors' days, and visitors' hours with an offer consisted of.
        self.visits, self.visitor_days, self.sessions = Counter(), Counter(), Counter()
        self.unlinked = self.burst = 0

    def add(self, visitor, events):
        """Take in all events of one visitor in the order of time, or all that are without a visitor key."""
        if visitor is None:
            self.unlinked += len(events)
            for event in events:
                self._count(event[2:7], event[7:], kept=True)
        elif is_burst(events):
            self.burst += len(events)
        else:
            self._add_visitor(events)

    def _add_visitor(self, events):
        day, visit, sessions = set(), set(), {}
        following, next_clicks = None, {}
        # Backwards, because whether a click stays depends on the next one.
        for event in reversed(events):
            at, action, frame, place = event[1], event[2], event[2:7], event[7:]
            if following is not None and following - at > VISIT_GAP:
                self.visits[frozenset(visit)] += 1
                day |= visit
                visit = set()
            following = at
            visit.add(frame)
            kept = True
            if offer := place[0]:
                next_click = next_clicks.get((offer, action))
                kept = next_click is None or next_click - at > DOUBLE_CLICK
                next_clicks[offer, action] = at
                # One place for each, even if the offer was given another area within the hour.
                sessions.setdefault((at // HOUR, offer), (place, set()))[1].add(frame[:2])
            self._count(frame, place, kept)
        self.visits[frozenset(visit)] += 1
        self.visitor_days[frozenset(day | visit)] += 1
        for place, done in sessions.values():
            self.sessions[place, frozenset(done)] += 1

    def _count(self, frame, place, kept):
        totals = self.frames[frame]
        totals[0] += 1
        totals[1] += kept
        if place[0] or place[1]:
            totals = self.places[frame[0], place]
            totals[0] += 1
            totals[1] += kept

    def figures(self):
        """Total, total after the double-click rule, unique, visitor-days and visits by (metric, dimension, value).

        Along dimensions for which the last three are not kept they are 0.
        """
        figures = defaultdict(lambda: [0, 0, 0, 0, 0])

        def add(cells, column, number):
            for cell in cells:
                figures[cell][column] += number

        # First by metric and place, so that the many dimensions of a place are gone through once for each.
        places = defaultdict(lambda: [0, 0, 0])
        for (action, place), totals in self.places.items():
            for metric in WITH_PLACE.intersection(metrics_of(action)):
                places[metric, place][0] += totals[0]
                places[metric, place][1] += totals[1]
        for (place, done), number in self.sessions.items():
            add(cells_of_actions(done), 2, number)
            for metric in WITH_PLACE.intersection(metric for metric, _dimension, _value in cells_of_actions(done)):
                places[metric, place][2] += number
        for (metric, place), numbers in places.items():
            cells = cells_of_place(metric, place)
            for column, number in enumerate(numbers):
                add(cells, column, number)

        for frame, totals in self.frames.items():
            cells = cells_of_frame(frame)
            add(cells, 0, totals[0])
            add(cells, 1, totals[1])
        for column, combinations in ((3, self.visitor_days), (4, self.visits)):
            for frames, number in combinations.items():
                add(set().union(*map(cells_of_frame, frames)), column, number)
        if self.unlinked:
            figures[UNLINKED, "all", ""][:2] = self.unlinked, self.unlinked
        return figures


def is_burst(events):
    """Too much for a person: what a robot under a browser's name does."""
    if len(events) < BURST_ACTIONS:
        return False
    offers = defaultdict(set)
    for event in events:
        if event[7]:
            offers[event[1] // HOUR].add(event[7])
    return (
        median(later[1] - earlier[1] for earlier, later in pairwise(events)) < BURST_GAP
        or max(map(len, offers.values()), default=0) > BURST_OFFERS
    )


@cache
def metrics_of(action):
    return [Action(action).metric, *(name for name, actions in JOINT_METRICS.items() if action in actions)]


@cache
def cells_of_actions(done):
    """The cells (metric, dimension, value) in which something counts by what was done and in which language."""
    cells = set()
    for action, language in done:
        for metric in metrics_of(action):
            cells.add((metric, "all", ""))
            if metric in BY_LANGUAGE and language:
                cells.add((metric, "language", language))
    return cells


@cache
def cells_of_frame(frame):
    """The cells in which something counts by what was done and by whom."""
    action, language, surface, audience, referrer = frame
    cells = set(cells_of_actions(frozenset([(action, language)])))
    for metric in BY_ORIGIN.intersection(metrics_of(action)):
        cells |= {(metric, "surface", surface), (metric, "audience", audience), (metric, "referrer", referrer)}
    return cells


def cells_of_place(metric, place):
    """The cells in which something counts by the offer or the State it was about."""
    offer, state, region, area, form = place
    if metric in BY_OFFER:
        return [(metric, "offer", offer)] if offer else []
    values = {
        "offer": offer,
        "state": state,
        "region": region,
        "area": area,
        "form": form,
        "area_form": f"{area}|{form}" if area and form else "",
        "form_state": f"{form}|{state}" if form and state else "",
    }
    return [(metric, dimension, value) for dimension, value in values.items() if value]


def _write(day, figures):
    """In statements of a hundred rows: going through the model takes longer than all the counting."""
    version = rules_version()
    columns = "day, rules_version, metric, dimension, value, total, total_dc, unique_session, visitor_days, visits"
    rows = [(day, version, *cell, *numbers) for cell, numbers in figures.items()]
    one = f"({', '.join(['%s'] * 10)})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 100):
            part = rows[start : start + 100]
            cursor.execute(
                f"INSERT INTO analytics_daily ({columns}) VALUES {', '.join([one] * len(part))}",
                [value for row in part for value in row],
            )


def _check(day):
    actions = [action.metric for action in Action]
    counted = _sum(Daily.objects.filter(day=day, dimension="all", metric__in=actions), "total")
    excluded = _sum(DailyExcluded.objects.filter(day=day), "n")
    events = Event.objects.filter(day=day).count()
    if counted + excluded != events:
        raise FiguresDoNotAddUp(f"{day}: {counted} counted and {excluded} excluded are not {events} events.")
    return DayCount(events, excluded)


def _sum(rows, field):
    return rows.aggregate(total=Sum(field, default=0))["total"]


def _note_completeness(day):
    first, last = bounds_of(day)
    figures = Batch.objects.filter(slot__gte=first, slot__lt=last).aggregate(
        minutes_ingested=Count("slot", distinct=True),
        lost=Sum("lost", default=0),
        torn=Sum("torn", default=0),
        rejected=Sum("rejected", default=0),
    )
    Completeness.objects.update_or_create(day=day, defaults=figures)
