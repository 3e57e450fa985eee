"""From spool files to events: each file in one transaction, and as often as you like."""

import hashlib
import json
import os
import time
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contacts.models import State
from offers.models import Offer

from .actions import Action
from .audience import Audience, Referrer
from .exclusions import Flag
from .models import Batch, DirtyDay, Event
from .spool import is_sealed, slot_of
from .visitors import reporting_day

LARGEST_LEAD = 5 * 60  # seconds by which a line may be ahead of this machine's clock
LARGEST_FLAGS = sum(Flag)
LANGUAGES = {code for code, _name in settings.LANGUAGES}
QUARANTINE = "quarantine"


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
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        # Two runs on the same file: the second waits here, and then finds the work done.
        batch, is_new = Batch.objects.select_for_update().get_or_create(
            file=path.name, defaults={"sha256": digest, "slot": slot_of(path)}
        )
        if not is_new and batch.sha256 == digest:
            return None
        *lines, rest = content.split(b"\n")
        torn = rest if sealed else b""
        events, refused, lost = _read(lines)
        if refused or torn:
            _put_into_quarantine(path, [*refused, *filter(None, [torn])])
        before = batch.accepted
        batch.sha256 = digest
        batch.lines = len(lines) + bool(torn)
        batch.accepted = before + _add(events, batch)
        batch.duplicate = len(events) - batch.accepted
        batch.rejected = len(refused)
        batch.torn = bool(torn)
        batch.lost = lost
        batch.loaded_at = timezone.now()
        if events:
            batch.first_at = min(event.moment for event in events)
            batch.last_at = max(event.moment for event in events)
        batch.save()
        # Last, see DirtyDay. The file's own day too: it tells that recording was at work.
        DirtyDay.mark({event.day for event in events} | {reporting_day(batch.slot.timestamp())}, "ingest")
    return batch


def store_at_once(line):
    """Without a spool, for trying things out: a line becomes an event in the request itself."""
    events, _refused, _lost = _read([line])
    with transaction.atomic():
        _add(events, None)
        DirtyDay.mark({event.day for event in events}, "at once")


def _read(lines):
    """Events, lines that are none, and the number of lines the worker says it lost."""
    events, refused, lost = [], [], 0
    now = time.time()
    for line in lines:
        try:
            values = json.loads(line)
            if "lost" in values:
                lost += _number(values["lost"], 1, 2**31)
            else:
                events.append(_event(values, now))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            refused.append(line)
    _describe([event for event in events if event.offer or event.state])
    return events, refused, lost


def _event(values, now):
    """An event without what the catalogue knows of it; raises for a line that no worker of ours writes."""
    at = _number(values["at"], 0, 2**62)
    day = reporting_day(at / 1_000_000)
    if at / 1_000_000 > now + LARGEST_LEAD or (reporting_day(now) - day).days >= settings.ANALYTICS_REBUILD_DAYS:
        raise ValueError("From the future, or of a day that is closed.")
    language = values.get("language", "")
    event = Event(
        id=UUID(values["id"]),
        at=at,
        day=day,
        action=Action(values["action"]),
        offer=_text(values.get("offer", ""), 20),
        state=_text(values.get("state", ""), 3),
        language=language if language in LANGUAGES else "",
        audience=Audience(values.get("audience", Audience.ANONYMOUS)),
        referrer=Referrer(values.get("referrer", Referrer.NONE)),
        visitor=_number(values["visitor"], -(2**63), 2**63) if "visitor" in values else None,
        flags=_number(values.get("flags", 0), 0, LARGEST_FLAGS + 1),
    )
    # Only for the comparison in `_describe`; the event does not keep it.
    event.home = values.get("home", "")
    return event


def _number(value, lowest, limit):
    if type(value) is not int or not lowest <= value < limit:
        raise ValueError("Not a number in range.")
    return value


def _text(value, length):
    if type(value) is not str or len(value) > length or not value.isprintable():
        raise ValueError("Not a short text.")
    return value


def _describe(events):
    """Copy area, form, State and region from the catalogue as it now is, and tell views of the own State's pages."""
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


def _add(events, batch):
    """Store those whose id is not known yet; returns their number."""
    unique = {event.id: event for event in events}
    known = set()
    ids = list(unique)
    for start in range(0, len(ids), 500):
        known.update(Event.objects.filter(pk__in=ids[start : start + 500]).values_list("pk", flat=True))
    new = [event for event in unique.values() if event.id not in known]
    for event in new:
        event.batch = batch
    Event.objects.bulk_create(new, ignore_conflicts=True, batch_size=1000)
    return len(new)


def _put_into_quarantine(path, lines):
    """Keep lines that are not understood, for somebody to look at; written anew if the file is taken in again."""
    folder = path.parent / QUARANTINE
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / path.name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(b"\n".join(lines) + b"\n")
