"""From spool files to events: each file in one transaction, and as often as you like."""

import hashlib
import json
import os
import re
import time
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contacts.models import RelatedSource, State, StateLink
from offers.answering import sides_answering
from offers.models import Offer

from ..models import Batch, DeadEnd, DirtyDay, Event, EventKind, Search, Surface
from .actions import MACHINE_USE, SEARCHES, Action
from .audience import Audience, Referrer
from .exclusions import Flag
from .search_words import known_filters
from .spool import is_sealed, slot_of
from .visitors import reporting_day

LARGEST_LEAD = 5 * 60  # seconds by which a line may be ahead of this machine's clock
LARGEST_FLAGS = sum(Flag)
LANGUAGES = {code for code, _name in settings.LANGUAGES}
QUARANTINE = "quarantine"
# So that a flood of made-up addresses cannot fill the table; the first ones tell what is wrong as well.
MOST_DEAD_ENDS = 1000  # a file
SURFACES = {action: Surface[action.name] for action in MACHINE_USE}
# A link that was followed: the name of its address, and the row there.
WAY_OUT = re.compile(r"(out|out_\w{1,20}):(\d{1,18})", re.ASCII)
# Of these somebody has said what they lead to; of others it is not guessed.
KINDS_OF_LINKS = {"out_state": StateLink, "out_source": RelatedSource}


@dataclass
class Lines:
    """What the lines of a file say."""

    events: list = field(default_factory=list)
    dead_ends: list = field(default_factory=list)
    # Lines that no worker of ours writes.
    refused: list = field(default_factory=list)
    # How many more there were, as the worker says itself.
    lost: int = 0


@dataclass
class Tally:
    files: int = 0
    lines: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    torn: int = 0
    lost: int = 0

    def add(self, batch):
        self.files += 1
        for name in ("lines", "accepted", "duplicate", "rejected", "torn", "lost"):
            setattr(self, name, getattr(self, name) + getattr(batch, name))


def waiting_files(*, unsealed=False, now=None):
    """Oldest first; those that a worker may still write to only if asked for."""
    now = now or timezone.now()
    if not settings.ANALYTICS_SPOOL.is_dir():
        return []
    paths = [path for path in settings.ANALYTICS_SPOOL.iterdir() if slot_of(path)]
    return sorted(path for path in paths if unsealed or is_sealed(path, now))


def take_in(path, now=None):
    """Store the events of a file and remove it; returns its Batch, or None if there was nothing left to do.

    An unsealed file stays where it is, and is taken in again once it is
    sealed: what was stored the first time is then known already.
    """
    sealed = is_sealed(path, now or timezone.now())
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        # Another run was faster.
        return None
    batch = _store_file(path, content, sealed)
    if sealed:
        path.unlink(missing_ok=True)
    return batch


def _store_file(path, content, sealed):
    *lines, rest = content.split(b"\n")
    torn = rest if sealed else b""
    # Without a line in the making: once the file is sealed that is a torn one, and something new.
    digest = hashlib.sha256(b"\n".join([*lines, torn])).hexdigest()
    with transaction.atomic():
        # Two runs on the same file: the second waits here, and then finds the work done.
        batch, is_new = Batch.objects.select_for_update().get_or_create(
            file=path.name, defaults={"sha256": digest, "slot": slot_of(path)}
        )
        if not is_new and batch.sha256 == digest:
            return None
        read = _read(lines)
        if read.refused or torn:
            _put_into_quarantine(path, [*read.refused, *filter(None, [torn])])
        before = batch.accepted
        batch.sha256 = digest
        batch.lines = len(lines) + bool(torn)
        batch.accepted = before + store(read.events, batch)
        batch.duplicate = len(read.events) - batch.accepted
        _store_dead_ends(read.dead_ends, batch)
        batch.rejected = len(read.refused)
        batch.torn = bool(torn)
        batch.lost = read.lost
        batch.loaded_at = timezone.now()
        if read.events:
            batch.first_at = min(event.moment for event in read.events)
            batch.last_at = max(event.moment for event in read.events)
        batch.save()
        # Last, see DirtyDay. The file's own day too: it tells that recording was at work.
        days = {event.day for event in read.events}
        if not is_closed(own := reporting_day(batch.slot.timestamp())):
            days.add(own)
        DirtyDay.mark(days, "ingest")
    return batch


def store_at_once(line):
    """Without a spool, for trying things out: a line becomes an event in the request itself."""
    read = _read([line])
    with transaction.atomic():
        store(read.events, None)
        _store_dead_ends(read.dead_ends, None)
        DirtyDay.mark({event.day for event in read.events}, "at once")


def _read(lines):
    read, now = Lines(), time.time()
    for line in lines:
        try:
            values = json.loads(line)
            if "lost" in values:
                read.lost += _number(values["lost"], 1, 2**31)
                continue
            event, dead_end = _line(values, now)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            read.refused.append(line)
            continue
        if event:
            read.events.append(event)
        if dead_end and len(read.dead_ends) < MOST_DEAD_ENDS:
            read.dead_ends.append(dead_end)
    describe(read.events)
    return read


def _line(values, now):
    """Event and dead end, one of which may be missing; raises for a line that no worker of ours writes."""
    at = _number(values["at"], 0, 2**62) / 1_000_000
    if at > now + LARGEST_LEAD or is_closed(reporting_day(at)):
        raise ValueError("From the future, or of a day that is closed.")
    dead_end = None
    if "dead_end" in values:
        dead_end = DeadEnd(
            id=UUID(values["id"]),
            at=values["at"],
            day=reporting_day(at),
            path=_text(values["dead_end"], 200),
            referrer=Referrer(values["referrer"]),
        )
        if "action" not in values:
            return None, dead_end
    return event_from(values), dead_end


def is_closed(day):
    """Its visitor keys are gone, so that counting it again would lose its visits."""
    return (reporting_day(time.time()) - day).days >= settings.ANALYTICS_REBUILD_DAYS


def event_from(values):
    """An event without what the catalogue knows of it; raises for values that are none of ours."""
    at = _number(values["at"], 0, 2**62)
    action = Action(values["action"])
    language = values.get("language", "")
    event = Event(
        id=UUID(values["id"]),
        at=at,
        day=reporting_day(at / 1_000_000),
        action=action,
        offer=_text(values.get("offer", ""), 20),
        state=_text(values.get("state", ""), 3),
        language=language if language in LANGUAGES else "",
        surface=SURFACES.get(action, Surface.HTML),
        audience=Audience(values.get("audience", Audience.ANONYMOUS)),
        referrer=Referrer(values.get("referrer", Referrer.NONE)),
        visitor=_number(values["visitor"], -(2**63), 2**63) if "visitor" in values else None,
        flags=_number(values.get("flags", 0), 0, LARGEST_FLAGS + 1),
    )
    # Only for `describe`; the event itself does not keep them.
    event.home = values.get("home", "")
    event.out = _way_out(values["out"]) if action == Action.LINK_OUT and "out" in values else None
    words, filters = _text(values.get("words", ""), 200), _text(values.get("filters", ""), 10_000)
    event.asked = (words, filters) if action in SEARCHES else ("", "")
    return event


def _number(value, lowest, limit):
    if type(value) is not int or not lowest <= value < limit:
        raise ValueError("Not a number in range.")
    return value


def _text(value, length):
    if type(value) is not str or len(value) > length or not value.isprintable():
        raise ValueError("Not a short text.")
    return value


def _way_out(text):
    match = WAY_OUT.fullmatch(text)
    if not match:
        raise ValueError("Not a link of ours.")
    return match[1], int(match[2])


def describe(events):
    """Copy from the catalogue as it now is what the events do not say themselves."""
    _copy_places([event for event in events if event.offer or event.state])
    _tell_where_links_led([event for event in events if event.out])
    _tell_who_answers([event for event in events if event.action == Action.CONTACT_REVEALED and event.offer])
    meaning = {}
    for event in events:
        words, filters = event.asked
        if filters and filters not in meaning:
            meaning[filters] = known_filters(filters)
        event.asked = words, meaning.get(filters, "")


def _tell_where_links_led(events):
    kinds = {
        name: dict(rows.objects.filter(pk__in={event.out[1] for event in events}).values_list("pk", "kind"))
        for name, rows in KINDS_OF_LINKS.items()
        if events
    }
    for event in events:
        name, pk = event.out
        event.kind = kinds.get(name, {}).get(pk, EventKind.OTHER)


def _tell_who_answers(events):
    sides = sides_answering({event.offer for event in events}) if events else {}
    for event in events:
        event.kind = sides.get(event.offer, "")


def _copy_places(events):
    """Area, form, State and region; and tell views of the own State's pages."""
    known = Offer.objects.filter(reference__in={event.offer for event in events if event.offer})
    offers = {
        reference: facts
        for reference, *facts in known.values_list(
            "reference",
            "state__iso3",
            "state__region__un_m49",
            "live_version__primary_area__code",
            "live_version__form__code",
        )
    }
    states = State.objects.filter(iso3__in={event.state for event in events if event.state})
    regions = dict(states.values_list("iso3", "region__un_m49"))
    for event in events:
        if event.offer in offers:
            event.state, event.region, area, form = offers[event.offer]
            event.area, event.form = area or "", form or ""
        else:
            event.region = regions.get(event.state, "")
        if event.home and event.home == event.state:
            event.flags |= Flag.OWN_STATE


def store(events, batch):
    """Store those whose id is not known yet, searches with what they asked for; returns their number."""
    unique = {event.id: event for event in events}
    known = set()
    ids = list(unique)
    for start in range(0, len(ids), 500):
        known.update(Event.objects.filter(pk__in=ids[start : start + 500]).values_list("pk", flat=True))
    new = [event for event in unique.values() if event.id not in known]
    for event in new:
        event.batch = batch
    Event.objects.bulk_create(new, ignore_conflicts=True, batch_size=1000)
    Search.objects.bulk_create(
        (
            Search(event_id=event.id, words=words, filters=filters)
            for event in new
            for words, filters in [event.asked]
            if words or filters
        ),
        ignore_conflicts=True,
    )
    return len(new)


def _store_dead_ends(dead_ends, batch):
    for dead_end in dead_ends:
        dead_end.batch = batch
    DeadEnd.objects.bulk_create(dead_ends, ignore_conflicts=True)


def _put_into_quarantine(path, lines):
    """Keep lines that are not understood, for somebody to look at; written anew if the file is taken in again."""
    folder = path.parent / QUARANTINE
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / path.name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(b"\n".join(lines) + b"\n")
