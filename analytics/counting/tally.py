"""The rules of counting, applied to the events of one day.

* double click: of the same visitor, offer and action, at most 30 seconds
  apart, the first is removed and the last kept, so that chains collapse;
* unique: different offers per visitor and clock hour;
* visit: a visitor's actions with gaps of at most 30 minutes, ending with the day;
* burst: more than 120 offers within a clock hour, or at least 20 actions whose
  median gap is under a second: the visitor's whole day is left out;
* without a visitor key an action counts in the totals only, and so does machine
  use: programs make no visits, and are no burst however fast they are.

Every rule but the last is about one visitor, so the events are gone through
once, visitor by visitor. SQL would sort the day anew for each rule and each
count of distinct values, which takes several times as long, and would be two
statements for two databases.
"""

from collections import Counter, defaultdict
from functools import cache, partial
from itertools import pairwise
from operator import itemgetter
from statistics import median

from ..recording.actions import MACHINE_USE, Action
from ..recording.exclusions import Reason, excluding_flags, reason_of

SECOND = 1_000_000  # events are timed in microseconds
DOUBLE_CLICK, VISIT_GAP, HOUR = 30 * SECOND, 30 * 60 * SECOND, 3600 * SECOND
BURST_OFFERS, BURST_ACTIONS, BURST_GAP = 120, 20, SECOND

# Each action is a metric of its own. These join several: an event counts once in each that names its action.
JOINT_METRICS = {
    "view": set(Action) - {Action.ATTACHMENT, Action.LINK_OUT} - MACHINE_USE,
    "search_any": {Action.SEARCH, Action.SEARCH_ZERO},
    "investigation": {Action.OFFER_DETAIL, Action.OFFER_PRINT, Action.CONTACT_REVEALED, Action.ATTACHMENT},
    "request": {Action.CONTACT_REVEALED, Action.ATTACHMENT},
    "machine": MACHINE_USE,
}
# Counted, but without a visitor key.
UNLINKED = "unlinked"

# The metrics that are kept along other dimensions than `all`.
BY_LANGUAGE = {"view", "search", "search_zero", "investigation", "request"}
BY_ORIGIN = {"view"}
BY_SURFACE = {"machine"}
BY_KIND = {Action.CONTACT_REVEALED.metric, Action.LINK_OUT.metric}
BY_PLACE = {"investigation", "request", "state_profile"}
# What a State reads of its own offers, one by one; kept along no other dimension of a place.
BY_OFFER = {action.metric for action in JOINT_METRICS["investigation"] | {Action.LINK_OUT}}
WITH_PLACE = BY_PLACE | BY_OFFER

# What an event was: the action and by whom, and the offer or State it was about. It is read as one text, because a day
# has few different ones: they are taken apart once, not for each event. No event contains the separators.
FRAME = ("action", "language", "surface", "audience", "referrer", "kind")
PLACE = ("offer", "state", "region", "area", "form")
SEPARATOR, JOINT = "\x1f", "\x1e"
NOWHERE = SEPARATOR * (len(PLACE) - 1)

TOTAL, TOTAL_DC, UNIQUE, VISITOR_DAYS, VISITS = range(5)


class Tally:
    """The figures of a day in the making: how often each combination occurred. Few differ, so cells are found last."""

    def __init__(self, events):
        """From all events of the day, in any order: (visitor, at, text of its kind)."""
        self.cells = Cells()
        frames = Known(partial(Frame, self.cells))
        self.kinds = kinds = {text: Kind(frames, text) for text in set(map(itemgetter(2), events))}
        # How many events of each kind count, and how many of those the double-click rule removes.
        self.counted, self.removed = Counter(), Counter()
        # The cells in which visits and visitors' days count, and for visitors' hours with an offer its place too.
        self.visits, self.visitor_days, self.sessions = [], [], []
        self.unlinked, self.excluded = 0, Counter()

        followed = [event for event in events if event[0] is not None and kinds[event[2]].is_followed]
        # By visitor and time.
        followed.sort()
        # Visitors that were too fast.
        self.bursts = bursts_in(followed)
        if self.bursts:
            number = len(followed)
            followed = [event for event in followed if event[0] not in self.bursts]
            self.excluded[Reason.BURST] = number - len(followed)
        self._follow(followed)
        self.counted.update(map(itemgetter(2), followed))
        self._add_others(
            Counter(text for visitor, _at, text in events if visitor is None or not kinds[text].is_followed)
        )

    def _follow(self, events):
        """Backwards, because whether a click stays depends on the next one; so visitors end with their first event."""
        kinds, next_clicks, sessions = self.kinds, {}, {}
        followed = following = day = visit = 0
        for visitor, at, text in reversed(events):
            kind = kinds[text]
            if visitor != followed or following - at > VISIT_GAP:
                self.visits.append(visit)
                day |= visit
                visit = 0
                if visitor != followed:
                    self.visitor_days.append(day)
                    day, followed = 0, visitor
            following = at
            visit |= kind.cells
            if kind.offer:
                click = visitor, kind.click
                next_click = next_clicks.get(click)
                if next_click is not None and next_click - at <= DOUBLE_CLICK:
                    self.removed[text] += 1
                next_clicks[click] = at
                session = visitor, at // HOUR, kind.offer
                # One place for each, even if the offer was given another area within the hour.
                place, done = sessions.get(session, (kind.place, 0))
                sessions[session] = place, done | kind.cells_of_actions
        self.visits.append(visit)
        self.visitor_days.append(day | visit)
        self.sessions = sessions.values()

    def _add_others(self, numbers):
        """What is left out, what has no visitor key, and what programs do: only their number counts."""
        for text, number in numbers.items():
            kind = self.kinds[text]
            if kind.reason:
                self.excluded[kind.reason] += number
                continue
            self.counted[text] += number
            if kind.is_followed:
                self.unlinked += number

    def figures(self):
        """Total, total after the double-click rule, unique, visitor-days and visits by (metric, dimension, value).

        Along dimensions for which the last three are not kept they are 0.
        """
        # First by metric and place, so that the many dimensions of a place are gone through once for each.
        totals, totals_dc, uniques = defaultdict(int), defaultdict(int), defaultdict(int)
        places = defaultdict(lambda: [0, 0, 0])
        for text, number in self.counted.items():
            kind, kept = self.kinds[text], number - self.removed.get(text, 0)
            totals[kind.cells] += number
            totals_dc[kind.cells] += kept
            for metric in kind.metrics_with_place:
                numbers = places[metric, kind.place]
                numbers[TOTAL] += number
                numbers[TOTAL_DC] += kept
        for (place, done), number in Counter(self.sessions).items():
            uniques[done] += number
            for metric in self.cells.metrics_with_place(done):
                places[metric, place][UNIQUE] += number

        figures = defaultdict(lambda: [0, 0, 0, 0, 0])
        columns = totals, totals_dc, uniques, Counter(self.visitor_days), Counter(self.visits)
        for column, counted in enumerate(columns):
            for cell, number in self.cells.sums(counted):
                figures[cell][column] = number
        for (metric, place), (total, total_dc, unique) in places.items():
            for cell in cells_of_place(metric, place):
                numbers = figures[cell]
                numbers[TOTAL] += total
                numbers[TOTAL_DC] += total_dc
                numbers[UNIQUE] += unique
        if self.unlinked:
            figures[UNLINKED, "all", ""][: TOTAL_DC + 1] = self.unlinked, self.unlinked
        return figures


class Known(dict):
    """What is made of a text the first time it is asked for."""

    def __init__(self, make):
        self.make = make

    def __missing__(self, text):
        self[text] = made = self.make(text)
        return made


class Cells:
    """The cells (metric, dimension, value) of a day. A set of them is a number with one bit for each: quick to join."""

    def __init__(self):
        self.bits = {}
        self.metrics = {}

    def set_of(self, cells):
        return sum(1 << self.bits.setdefault(cell, len(self.bits)) for cell in set(cells))

    def sums(self, counted):
        """The cells and their sums, from the number of times that each set was counted."""
        cells, sums = list(self.bits), [0] * len(self.bits)
        for bits, number in counted.items():
            while bits:
                last = bits.bit_length() - 1
                sums[last] += number
                bits ^= 1 << last
        return [(cell, number) for cell, number in zip(cells, sums, strict=True) if number]

    def metrics_with_place(self, bits):
        if bits not in self.metrics:
            done = {metric for metric, _dimension, _value in self._cells_in(bits)}
            self.metrics[bits] = WITH_PLACE & done
        return self.metrics[bits]

    def _cells_in(self, bits):
        return [cell for cell, bit in self.bits.items() if bits >> bit & 1]


class Frame:
    """What was done and by whom, and the cells in which that counts."""

    def __init__(self, cells, text):
        action, language, surface, audience, referrer, kind = text.split(SEPARATOR)
        self.action = Action(int(action))
        # As a plain number: with flags each `&` would make a new one.
        self.excluding = int(excluding_flags(self.action))
        metrics = metrics_of(self.action)
        self.metrics_with_place = WITH_PLACE.intersection(metrics)
        of_actions = [(metric, "all", "") for metric in metrics]
        if language:
            of_actions += [(metric, "language", language) for metric in BY_LANGUAGE.intersection(metrics)]
        origins = [(metric, "audience", audience) for metric in BY_ORIGIN.intersection(metrics)]
        origins += [(metric, "referrer", referrer) for metric in BY_ORIGIN.intersection(metrics)]
        origins += [(metric, "surface", surface) for metric in BY_SURFACE.intersection(metrics)]
        if kind:
            origins += [(metric, "kind", kind) for metric in BY_KIND.intersection(metrics)]
        self.cells_of_actions = cells.set_of(of_actions)
        self.cells = cells.set_of(of_actions + origins)


class Kind:
    """All that is known of an event but who and when. Events of one kind share it."""

    __slots__ = ("cells", "cells_of_actions", "click", "is_followed", "metrics_with_place", "offer", "place", "reason")

    def __init__(self, frames, text):
        flags, frame, place = text.split(JOINT)
        frame = frames[frame]
        excluding = int(flags) & frame.excluding
        self.reason = reason_of(excluding) if excluding else None
        self.is_followed = not excluding and frame.action not in MACHINE_USE
        self.cells, self.cells_of_actions = frame.cells, frame.cells_of_actions
        self.place, self.offer = place, place.partition(SEPARATOR)[0]
        self.metrics_with_place = () if place == NOWHERE else frame.metrics_with_place
        # What a double click is about.
        self.click = self.offer, frame.action


def bursts_in(events):
    """Visitors who did too much for a person, as a robot under a browser's name does; events by visitor and time."""
    numbers = Counter(map(itemgetter(0), events))
    busy = defaultdict(list)
    for event in events:
        if numbers[event[0]] >= BURST_ACTIONS:
            busy[event[0]].append(event)
    return {visitor for visitor, of_visitor in busy.items() if is_burst(of_visitor)}


def is_burst(events):
    if median(later[1] - earlier[1] for earlier, later in pairwise(events)) < BURST_GAP:
        return True
    offers = defaultdict(set)
    for _visitor, at, text in events:
        if offer := offer_of(text):
            offers[at // HOUR].add(offer)
    return max(map(len, offers.values()), default=0) > BURST_OFFERS


def offer_of(text):
    return text.rpartition(JOINT)[2].partition(SEPARATOR)[0]


@cache
def metrics_of(action):
    return [action.metric, *(name for name, actions in JOINT_METRICS.items() if action in actions)]


def cells_of_place(metric, place):
    """The cells in which something counts by the offer or the State it was about."""
    offer, state, region, area, form = place.split(SEPARATOR)
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
