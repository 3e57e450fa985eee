"""Events of a made-up past, many of them: a week of visits, written down once and then repeated.

The days of the week differ, the weeks do not, except in their ids; what the figures cost depends on neither.
"""

import hashlib
import random
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from analytics.counting.months import sum_closed_months
from analytics.counting.rollup import count_day, dirty_days
from analytics.models import DirtyDay, Event, EventKind, Search, Surface
from analytics.recording.actions import Action
from analytics.recording.visitors import bounds_of

OFFERS, STATES, REGIONS, AREAS, FORMS = 300, 60, 15, 12, 10
LANGUAGES, LANGUAGE_WEIGHTS = ["en", "fr", "es", "ar", "ru", "zh-hans"], [60, 15, 12, 6, 5, 2]
REFERRERS, REFERRER_WEIGHTS = ["none", "internal", "convention", "united_nations", "search_engine"], [30, 50, 8, 4, 8]
WORDS = ["", "demining training", "prosthetics", "mine detection dogs", "drones", "risk education in schools"]
# What a visitor does next, and how often.
ACTIONS = {
    Action.PAGE: 14,
    Action.CATALOGUE: 16,
    Action.SEARCH: 12,
    Action.SEARCH_ZERO: 3,
    Action.OFFER_DETAIL: 28,
    Action.CONTACT_REVEALED: 8,
    Action.ATTACHMENT: 2,
    Action.LINK_OUT: 4,
    Action.STATE_PROFILE: 5,
    Action.GUIDANCE: 4,
    Action.API: 2,
    Action.EXPORT: 2,
}
KINDS = {
    Action.CONTACT_REVEALED: [EventKind.NATIONAL, EventKind.REGIONAL],
    Action.LINK_OUT: [EventKind.MONITOR, EventKind.CONVENTION, EventKind.OTHER],
}
SURFACES = {Action.API: Surface.API, Action.EXPORT: Surface.EXPORT}
ABOUT_AN_OFFER = {Action.OFFER_DETAIL, Action.CONTACT_REVEALED, Action.ATTACHMENT, Action.LINK_OUT}
ROBOT, UNLINKED = 32, 512  # flags
COLUMNS = [
    "id", "at", "day", "action", "offer", "state", "region", "area", "form", "language", "surface", "audience",
    "referrer", "visitor", "kind", "flags",
]  # fmt: skip
# An id that grows with time, as those of real events do.
NEW_ID = {
    "sqlite": "printf('%%012x', {at} / 1000) || lower(hex(randomblob(10)))",
    "postgresql": "(lpad(to_hex({at} / 1000), 12, '0') || substr(md5(random()::text), 1, 20))::uuid",
}


def fill_events(days, per_day, last=None, progress=None):
    """So many events on each of so many days up to `last` (yesterday); returns the first day."""
    last = last or timezone.localdate() - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    chance = random.Random(1997)
    week = min(7, days)
    for number in range(week):
        _make_up(first + timedelta(days=number), per_day, chance)
    for number in range(week, days):
        _repeat(first + timedelta(days=number % 7), first + timedelta(days=number))
        if progress and number % 50 == 0:
            progress(f"{number} of {days} days of events")
    DirtyDay.mark([first + timedelta(days=number) for number in range(days)], "bench")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE analytics_event")
    return first


def count_all(progress=None):
    """The figures of all days that are dirty, and of the months."""
    days = dirty_days()
    for number, day in enumerate(days):
        count_day(day)
        if progress and number % 50 == 0:
            progress(f"{number} of {len(days)} days counted")
    for _month in sum_closed_months():
        pass


def _make_up(day, number, chance):
    """Visitors come at any hour, stay for some pages and look at a few offers more often than at others."""
    midnight = int(bounds_of(day)[0].timestamp()) * 1_000_000
    events, searches = [], []
    while len(events) < number:
        visitor, at = chance.getrandbits(63), midnight + chance.randrange(23 * 3600 * 1_000_000)
        language = chance.choices(LANGUAGES, LANGUAGE_WEIGHTS)[0]
        referrer = chance.choices(REFERRERS, REFERRER_WEIGHTS)[0]
        flags = chance.choices([0, ROBOT, UNLINKED], [85, 10, 5])[0]
        for _page in range(min(number - len(events), 1 + int(chance.expovariate(0.25)))):
            action = chance.choices(list(ACTIONS), ACTIONS.values())[0]
            event = Event(
                id=UUID(int=(at // 1000 << 80) | chance.getrandbits(80)),
                at=at,
                day=day,
                action=action,
                language=language,
                surface=SURFACES.get(action, Surface.HTML),
                referrer=referrer,
                visitor=None if flags == UNLINKED else visitor,
                kind=chance.choice(KINDS.get(action, [""])),
                flags=flags,
                **_place_of(action, chance),
            )
            events.append(event)
            if action in {Action.SEARCH, Action.SEARCH_ZERO}:
                filters = f"area=area.{chance.randrange(AREAS)}" if chance.random() < 0.5 else ""
                searches.append(Search(event=event, words=chance.choice(WORDS), filters=filters))
            at += min(int(chance.expovariate(1 / 60) * 1_000_000), 5 * 60 * 1_000_000)
            referrer = "internal"
    Event.objects.bulk_create(events, batch_size=1000)
    Search.objects.bulk_create(searches, batch_size=1000)


def _place_of(action, chance):
    offer = min(int(chance.expovariate(8 / OFFERS)), OFFERS - 1)
    state = offer % STATES
    place = {"state": f"Q{state:02}", "region": f"{state % REGIONS:03}"}
    if action in ABOUT_AN_OFFER:
        area, form = f"area.{offer % AREAS}", f"form.{offer % FORMS}"
        return place | {"offer": f"PFP-2026-{offer:04}", "area": area, "form": form}
    return place if action == Action.STATE_PROFILE else {}


def _repeat(model, day):
    """The events of one day once more, on another."""
    seconds = (bounds_of(day)[0] - bounds_of(model)[0]).total_seconds()
    at = f"(at + {int(seconds) * 1_000_000})"
    # The keys of two days have nothing to do with each other.
    salt = int(hashlib.sha256(day.isoformat().encode()).hexdigest()[:12], 16)
    values = {"id": NEW_ID[connection.vendor].format(at=at), "at": at, "day": "%s", "visitor": f"visitor - {salt}"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO analytics_event ({', '.join(COLUMNS)}) "
            f"SELECT {', '.join(values.get(column, column) for column in COLUMNS)} FROM analytics_event WHERE day = %s",
            [day, model],
        )
