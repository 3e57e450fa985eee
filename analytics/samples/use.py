"""A year of use for demonstrations, made up and marked as such wherever its figures are shown.

Events are generated and then counted like any others, so that the figures add up. What is drawn by lot comes from one
seed: the same day gives the same year. It begins with the month a year before the present one and ends yesterday, so
that it covers the made-up trial (`sample_trial`), and days that are recorded in earnest hold nothing else.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from random import Random

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from offers.models import Offer

from ..counting.months import sum_closed_months
from ..counting.rollup import count_day
from ..models import Batch, BatchKind, Completeness, DirtyDay, Event, EventKind, Search, Surface
from ..periods import Period
from ..recording.actions import Action
from ..recording.audience import Audience, Referrer
from ..recording.exclusions import Flag
from ..recording.ingest import SURFACES
from ..recording.search_words import known_filters
from ..recording.visitors import bounds_of, reporting_zone
from . import enquiries as sample_enquiries
from . import trial as sample_trial

SEED = 20120524
FILE = "generated for demonstration"

# On a weekday at the end of the year; at its beginning there are a little more than half as many.
VISITS = 60
LANGUAGES = {"en": 52, "fr": 18, "es": 12, "ar": 8, "ru": 6, "zh-hans": 4}
REFERRERS = {
    Referrer.NONE: 34, Referrer.SEARCH_ENGINE: 31, Referrer.CONVENTION: 20, Referrer.UNITED_NATIONS: 9,
    Referrer.OTHER: 6,
}  # fmt: skip
ENTRIES = {Action.PAGE: 40, Action.CATALOGUE: 18, Action.OFFER_DETAIL: 28, Action.STATE_PROFILE: 14}
STEPS = {
    Action.OFFER_DETAIL: 38, Action.SEARCH: 16, Action.CATALOGUE: 10, Action.CONTACT_REVEALED: 11,
    Action.STATE_PROFILE: 7, Action.SEARCH_ZERO: 4, Action.LINK_OUT: 4, Action.CONTACT_DIRECTORY: 3,
    Action.COVERAGE: 2, Action.GUIDANCE: 2, Action.OFFER_PRINT: 2, Action.ENQUIRY_STARTED: 1.5,
    Action.BODY_PROFILE: 1.5, Action.ALERTS: 0.6, Action.FEEDBACK: 0.2,
}  # fmt: skip
ABOUT_AN_OFFER = {Action.OFFER_DETAIL, Action.CONTACT_REVEALED, Action.OFFER_PRINT, Action.LINK_OUT}
ASKED_OF = {EventKind.NATIONAL: 70, EventKind.REGIONAL: 24, EventKind.ISU: 6}
LEADING_TO = {
    EventKind.MONITOR: 34, EventKind.ARTICLE_7: 24, EventKind.CONVENTION: 18, EventKind.CRPD: 9, EventKind.OTHER: 15,
}  # fmt: skip
MACHINES = {Action.FEED: 6, Action.API: 5, Action.EMBED: 4, Action.EXPORT: 2}
ROBOTS = {
    Flag.CRAWLER_USER_AGENTS | Flag.CRAWLER_DETECT | Flag.COUNTER: 70,
    Flag.CRAWLER_DETECT: 8,
    Flag.SHAPE: 14,
    Flag.COUNTER: 8,
}
# How much more or less than usual: the intersessional meetings, the Meeting of the States Parties, the summer, the
# days between the years. First and last day as (month, day).
SEASONS = (
    ((6, 15), (6, 19), 1.9),
    ((8, 1), (8, 31), 0.55),
    ((11, 22), (11, 29), 2.4),
    ((12, 22), (12, 31), 0.4),
)
WEEKEND = 0.35

FOUND = {
    "en": ["instructor training", "victim assistance", "stockpile destruction", "risk education", "ied disposal"],
    "fr": ["formation", "éducation aux risques", "assistance aux victimes", "matériel de protection"],
    "es": ["desminado humanitario", "asistencia a las víctimas", "formación de instructores"],
    "ar": ["التوعية بالمخاطر", "مساعدة الضحايا"],
    "ru": ["обучение", "помощь пострадавшим"],
    "zh-hans": ["培训", "援助"],
}
# By the name of the need that the ISU sees in them.
NOT_FOUND = {
    "Workshops for prostheses": {
        "en": ["prosthesis workshop", "prosthetics equipment"],
        "fr": ["atelier de prothèses"],
        "ar": ["ورشة أطراف صناعية"],
    },
    "Survey from the air": {"en": ["drone survey", "thermal camera"], "es": ["levantamiento con drones"]},
    "Psychological support by peers": {"en": ["peer support training"], "fr": ["soutien par les pairs"]},
    "Mechanical demining": {"en": ["flail machine"], "ru": ["механическое разминирование"]},
}


def bring(tell):
    """Add the year with its trial and enquiries, unless it is there; returns the number of days that were added.

    Belongs in the transaction in which the samples are loaded.
    """
    if Batch.objects.filter(kind=BatchKind.GENERATED).exists():
        return 0
    days = add_use(year_until(timezone.localdate(timezone=reporting_zone()) - timedelta(days=1)))
    sample_enquiries.add(days, Random(SEED))
    sample_trial.add(days, Random(SEED))
    tell(f"Generated use: {days.days} days added.")
    return days.days


def year_until(last):
    return Period(last.replace(year=last.year - 1, day=1), last)


@transaction.atomic
def add_use(days):
    """Generate the events of these days, count them, and let go of what would be gone by now. Returns the days."""
    lot = Lot(days)
    rows, searches = [], []
    for number in range(days.days):
        lot.draw(days.first + timedelta(days=number), rows, searches)
    batch = Batch.objects.create(
        kind=BatchKind.GENERATED,
        file=FILE,
        sha256="",
        lines=len(rows),
        accepted=len(rows),
        first_at=bounds_of(days.first)[0],
        last_at=bounds_of(days.last)[1],
    )
    _insert(Event, (*COLUMNS, "batch_id"), [(*row, batch.pk) for row in rows])
    _insert(Search, ("event_id", "words", "filters"), searches)
    counted = [days.first + timedelta(days=number) for number in range(days.days)]
    DirtyDay.mark(counted, "generated")
    for day in counted:
        count_day(day)
    _as_if_recorded(days, lot.random)
    _as_if_pruned(days.last + timedelta(days=2 - settings.ANALYTICS_REBUILD_DAYS))
    list(sum_closed_months())
    return days


COLUMNS = (
    "id", "at", "day", "action", "offer", "state", "region", "area", "form", "language", "surface", "audience",
    "referrer", "visitor", "kind", "flags",
)  # fmt: skip


def _insert(model, columns, rows):
    """Without the model, which would take longer than all the rest."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})",
            rows,
        )


def _as_if_recorded(days, random):
    """No worker has written these minutes; on one day of them it was down for a while."""
    down = days.first + timedelta(days=random.randrange(days.days))
    rows = list(Completeness.objects.filter(generated=True))
    for row in rows:
        first, last = bounds_of(row.day)
        row.minutes_ingested = (last - first) // timedelta(minutes=1)
        if row.day == down:
            row.minutes_ingested, row.lost = 1100, 12
    Completeness.objects.bulk_update(rows, ["minutes_ingested", "lost"], batch_size=200)


def _as_if_pruned(first):
    """Visitor keys, and what searches asked for, are kept from that day on only."""
    Search.objects.filter(event__day__lt=first).delete()
    Event.objects.filter(day__lt=first).update(visitor=None)


def weighted(random, weights):
    [drawn] = random.choices(list(weights), list(weights.values()))
    return drawn


@dataclass(frozen=True)
class Shown:
    """What an event says of an offer."""

    place: tuple
    since: object
    weight: float


class Lot:
    """Draws what visitors do."""

    def __init__(self, days):
        self.days = days
        self.random = Random(SEED)

    @cached_property
    def offers(self):
        """Some are opened far more often than others."""
        facts = Offer.objects.filter(is_sample=True).public().order_by("reference")
        rows = list(
            facts.values_list(
                "reference",
                "state__iso3",
                "state__region__un_m49",
                "live_version__primary_area__code",
                "live_version__form__code",
                "first_published_on",
            )
        )
        self.random.shuffle(rows)
        return [Shown(tuple(place), since, 1 / rank**0.8) for rank, (*place, since) in enumerate(rows, start=1)]

    @cached_property
    def filters(self):
        """Those that find something, and those that do not."""
        pairs = sorted({shown.place[3:] for shown in self.offers})
        areas, forms = ({pair[position] for pair in pairs} for position in (0, 1))
        empty = sorted({(area, form) for area in areas for form in forms} - set(pairs))
        self.random.shuffle(empty)
        found = [known_filters(f"area={area}") for area in sorted(areas)]
        found += [known_filters(f"form={form}") for form in sorted(forms)]
        return found, [known_filters(f"area={area}&form={form}") for area, form in empty[:8]]

    def draw(self, day, rows, searches):
        """Add the events of a day and what its searches asked for."""
        self.day, self.rows, self.searches = day, rows, searches
        self.midnight = bounds_of(day)[0].timestamp()
        published = [shown for shown in self.offers if shown.since <= day]
        # On the first days there may be none yet.
        self.published = published or self.offers
        self.weights = [shown.weight for shown in self.published]
        for _visit in range(self._number_of_visits()):
            self._visit()
        self._others()

    def _number_of_visits(self):
        passed = (self.day - self.days.first) / timedelta(days=self.days.days)
        number = VISITS * (0.55 + 0.45 * passed) * self.random.uniform(0.8, 1.2)
        for first, last, factor in SEASONS:
            if first <= (self.day.month, self.day.day) <= last:
                number *= factor
        return round(number * (WEEKEND if self.day.weekday() >= 5 else 1))

    def _visit(self):
        random = self.random
        language = weighted(random, LANGUAGES)
        audience = Audience.FOCAL_POINT if random.random() < 0.05 else Audience.ANONYMOUS
        flags, visitor = (Flag.UNLINKED, None) if random.random() < 0.07 else (0, random.getrandbits(62))
        at = self.midnight + 3600 * min(21, max(0, random.gauss(12.5, 3.5)))
        action, referrer, shown = weighted(random, ENTRIES), weighted(random, REFERRERS), None
        for _step in range(min(14, 1 + int(random.expovariate(1 / 3.4)))):
            if action == Action.OFFER_DETAIL or (action in ABOUT_AN_OFFER and shown is None):
                [shown] = random.choices(self.published, self.weights)
                # Nobody opens contact points of an offer they have not seen.
                action = Action.OFFER_DETAIL
            self._event(
                at, action, shown, language=language, audience=audience, referrer=referrer, visitor=visitor, flags=flags
            )
            referrer = Referrer.INTERNAL
            at += random.uniform(4, 20) + random.expovariate(1 / 50)
            action = weighted(random, STEPS)

    def _event(self, at, action, shown=None, **values):
        random = self.random
        place, kind = ("",) * 5, ""
        if shown and action in ABOUT_AN_OFFER:
            place = shown.place
        elif action == Action.STATE_PROFILE:
            [other] = random.choices(self.published, self.weights)
            place = ("", *other.place[1:3], "", "")
        if action == Action.CONTACT_REVEALED:
            kind = weighted(random, ASKED_OF)
        elif action == Action.LINK_OUT:
            kind = weighted(random, LEADING_TO)
        key = f"{int(at * 1000):012x}7{random.getrandbits(12):03x}{0b10 << 62 | random.getrandbits(62):016x}"
        values = {"audience": Audience.ANONYMOUS, "referrer": Referrer.NONE, "visitor": None, "flags": 0} | values
        self.rows.append(
            (
                key, round(at * 1_000_000), self.day, int(action), *place, values.get("language", "en"),
                SURFACES.get(action, Surface.HTML).value, values["audience"].value, values["referrer"].value,
                values["visitor"], str(kind), int(values["flags"]),
            )
        )  # fmt: skip
        if action in (Action.SEARCH, Action.SEARCH_ZERO):
            self.searches.append((key, *self._asked_for(action, values["language"])))

    def _asked_for(self, action, language):
        random = self.random
        found, empty = self.filters
        if action == Action.SEARCH:
            if random.random() < 0.5:
                return "", random.choice(found)
            return random.choice(FOUND[language]), ""
        words = [term for need in NOT_FOUND.values() for term in need.get(language, [])]
        if empty and (not words or random.random() < 0.3):
            return "", random.choice(empty)
        return random.choice(words or ["mine"]), ""

    def _others(self):
        """Programs, robots, the ISU, pages that were not shown or fetched ahead; and now and then somebody too fast."""
        random = self.random

        def times(number):
            for _time in range(round(number * random.uniform(0.5, 1.5))):
                yield self.midnight + random.uniform(0, 22 * 3600)

        for action, number in MACHINES.items():
            for at in times(number):
                self._event(at, action)
        for at in times(30):
            [shown] = random.choices(self.published)
            action = random.choice([Action.OFFER_DETAIL, Action.CATALOGUE, Action.STATE_PROFILE])
            self._event(at, action, shown, flags=weighted(random, ROBOTS), visitor=random.getrandbits(62))
        if self.day.weekday() < 5:
            for at in times(8):
                self._event(at, Action.CATALOGUE, flags=Flag.STAFF, audience=Audience.ISU)
            for at in times(1.5):
                [shown] = random.choices(self.published)
                self._event(at, Action.OFFER_DETAIL, shown, flags=Flag.OWN_STATE, audience=Audience.FOCAL_POINT)
        for at in times(3):
            self._event(at, Action.GUIDANCE, flags=Flag.NOT_SHOWN)
        for at in times(2):
            self._event(at, Action.PAGE, flags=Flag.PREFETCH)
        if random.random() < 0.05:
            start, visitor = self.midnight + random.uniform(0, 20 * 3600), random.getrandbits(62)
            for number in range(40):
                [shown] = random.choices(self.published)
                self._event(start + number * 0.4, Action.OFFER_DETAIL, shown, visitor=visitor)
