"""Taking over the use of days on which the portal did not record itself, from the access logs of the web server.

Several logs of the same days belong into one run: it makes one secret for each
day, so that a visitor has the same key in all of them. A run that is killed
begins anew: what it had stored is taken back first, since its secrets are gone.
"""

import fcntl
import hashlib
import os
import re
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ..counting.retention import in_portions
from ..counting.rollup import count_day
from ..models import Batch, BatchKind, Daily, DirtyDay, Event
from .access_logs import LONGEST_LINE, SecretsOfARun, lines_of, open_log, read_line
from .ingest import LARGEST_LEAD, QUARANTINE, describe, event_from, is_closed, store
from .unloading import delete_of_day

CHUNK = 5000  # lines
MOST_REJECTED = 10_000  # lines that are kept to be looked at
POLL = 10  # seconds
# In a line that is not understood addresses of visitors may stand anywhere, after a question mark anything at all, and
# what is long may be the token of a link.
NOT_KEPT = re.compile(
    rb"\?[^\s\"]*|[\w:.=-]{40,}|\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*::[0-9A-Fa-f:]*|(?:[0-9A-Fa-f]{1,4}:){5,7}[0-9A-Fa-f]{1,4}"
)


class AlreadyLoaded(Exception):
    """The same content has been taken in before."""


class AnotherRun(Exception):
    """Logs are being taken in already."""


@contextmanager
def only_run():
    """The lock goes with the process, however it ends."""
    settings.ANALYTICS_SPOOL.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(settings.ANALYTICS_SPOOL / "import.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherRun from error
        yield


class LogImport:
    def __init__(self, *, dry_run=False, tell=lambda lines: None):
        self.dry_run, self.tell = dry_run, tell
        self.secrets = SecretsOfARun()
        self.days, self.logs = set(), []
        # Whether events of a day are taken, decided before the first one is stored.
        self._is_open = {}
        # What became of the lines: stored, known, not counted, of other days, rejected.
        self.counts = Counter()

    def read(self, path):
        """Take in a whole log, or raise AlreadyLoaded."""
        if str(path) != "-" and Batch.objects.filter(kind=BatchKind.IMPORT, sha256=_digest(path)).exists():
            raise AlreadyLoaded
        with open_log(path) as file:
            log = self._begin(path, file)
            while log and log.take_in(list(islice(log.lines, CHUNK))):
                self.tell(self.counts["lines"])

    def follow(self, path, wait=time.sleep):
        """Take in what a log holds and whatever is added, also to the one that takes its place; never ends."""
        while True:
            with path.open("rb") as file:
                log, replaced = None, False
                while not replaced:
                    # Asked first: what was added to it until then is read before the next one is begun.
                    replaced = _is_replaced(file, path)
                    log = log or self._begin(path, file, growing=True)
                    while log and log.take_in(list(islice(log.lines, CHUNK))):
                        self.tell(self.counts["lines"])
                    self.count()
                    self.secrets.forget_former_days()
                    if log:
                        log.lines = _complete_lines(file)
                    if not replaced:
                        wait(POLL)
            self.finish()

    def finish(self):
        """Count the days now, while all keys are there; only then are the logs done with."""
        days = self.count()
        if not self.dry_run:
            for log in self.logs:
                Batch.objects.filter(pk=log.batch.pk).update(sha256=log.digest.hexdigest())
        self.logs.clear()
        return days

    def count(self):
        days = sorted(self.days)
        for day in days:
            count_day(day)
        self.days.clear()
        return days

    def takes(self, day):
        """Not what the portal has recorded itself, nor of a closed day anything that would be added to its figures."""
        if day not in self._is_open:
            events = Event.objects.filter(day=day)
            if is_closed(day):
                self._is_open[day] = not (events.exists() or Daily.objects.filter(day=day).exists())
            else:
                self._is_open[day] = not events.exclude(batch__kind=BatchKind.IMPORT).exists()
        return self._is_open[day]

    def _begin(self, path, file, *, growing=False):
        lines = _complete_lines(file) if growing else lines_of(file)
        first = next(lines, None)
        if first is None:
            return None
        self.logs.append(Log(self, path, first, chain([first], lines)))
        return self.logs[-1]


class Log:
    """A log that is being read. It is known again by its first line, whatever it is called and packed in."""

    def __init__(self, run, path, first, lines):
        self.run, self.lines = run, lines
        self.name = "stdin" if str(path) == "-" else path.name
        mark = hashlib.sha256(first)
        self.namespace, self.number = UUID(bytes=mark.digest()[:16]), 0
        self.digest = hashlib.sha256()
        self._rejected = 0
        if not run.dry_run:
            # Logs of two hosts may be called the same, and begin with the same line.
            mark.update(str(path).encode())
            self.batch, _is_new = Batch.objects.get_or_create(
                file=f"{this_host()}{self.name[:60]} {mark.hexdigest()[:32]}", defaults={"kind": BatchKind.IMPORT}
            )
            self.batch.lines = self.batch.rejected = self.batch.duplicate = 0
            # Until it is read to its end.
            self.batch.sha256 = ""

    def take_in(self, lines):
        """Store the events of these lines in one transaction; whether there were any lines."""
        counts, events, rejected = Counter(lines=len(lines)), [], []
        for line in lines:
            self.number += 1
            self.digest.update(line)
            try:
                event = self._event(line)
            except (ValueError, OverflowError) as error:
                counts["rejected"] += 1
                rejected.append((self.number, line, error))
                continue
            if event is None:
                counts["not counted"] += 1
            elif not self.run.takes(event.day):
                counts["of other days"] += 1
            else:
                events.append(event)
        if self.run.dry_run:
            counts["stored"] = len(events)
        elif lines:
            counts["stored"] = self._store(events, counts)
            counts["known"] = len(events) - counts["stored"]
            self._keep(rejected)
        self.run.counts += counts
        return bool(lines)

    def _event(self, line):
        logged = read_line(line)
        if logged.at > time.time() + LARGEST_LEAD:
            raise ValueError("From the future.")
        values = logged.event(self.run.secrets)
        if values is None:
            return None
        values["id"] = uuid5(self.namespace, f"{self.number} {line}").hex
        return event_from(values)

    def _store(self, events, counts):
        describe(events)
        batch = self.batch
        with transaction.atomic():
            stored = store(events, batch)
            batch.lines += counts["lines"]
            batch.accepted += stored
            batch.duplicate += len(events) - stored
            batch.rejected += counts["rejected"]
            batch.loaded_at = timezone.now()
            if moments := [*filter(None, [batch.first_at, batch.last_at]), *(event.moment for event in events)]:
                batch.first_at, batch.last_at = min(moments), max(moments)
            batch.save()
            days = {event.day for event in events}
            DirtyDay.mark(days, "import")
        self.run.days |= days
        return stored

    def _keep(self, rejected):
        """For somebody to look at, without addresses; like damaged lines of the spool they go after some weeks."""
        room = max(0, MOST_REJECTED - self._rejected)
        if not rejected or not room:
            return
        folder = settings.ANALYTICS_SPOOL / QUARANTINE
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if self._rejected else os.O_TRUNC)
        with open(os.open(folder / f"{self.name}.rejected", flags, 0o600), "wb") as file:
            for number, line, error in rejected[:room]:
                rest = NOT_KEPT.sub(b"-", line.partition(b" ")[2].rstrip(b"\n"))
                file.write(b"%d: %s - %s\n" % (number, str(error).encode(), rest))
        self._rejected += len(rejected)


def this_host():
    return f"{os.uname().nodename[:40]}:"


def take_back_unfinished():
    """Remove what a run on this host has left that was killed; returns the number of its events.

    Unlike what `unload` takes back, all of it is taken in again from the beginning.
    """
    removed, days = 0, set()
    for batch in Batch.objects.filter(kind=BatchKind.IMPORT, sha256="", file__startswith=this_host()):
        for day in batch.events.order_by("day").values_list("day", flat=True).distinct():
            removed += sum(in_portions(batch.events.filter(day=day), partial(delete_of_day, day)))
            days.add(day)
        batch.delete()
    for day in sorted(days):
        count_day(day)
    return removed


def _digest(path):
    """Of the content, however it is packed."""
    digest = hashlib.sha256()
    with open_log(path) as file:
        while part := file.read(2**20):
            digest.update(part)
    return digest.hexdigest()


def _is_replaced(file, path):
    """Is there another log at that path by now, or has this one been emptied?"""
    try:
        now = path.stat()
    except FileNotFoundError:
        return False
    return now.st_ino != os.fstat(file.fileno()).st_ino or now.st_size < file.tell()


def _complete_lines(file):
    """Up to the last line that is written to its end; the next time goes on from there."""
    while line := file.readline(LONGEST_LINE):
        if not line.endswith(b"\n") and len(line) < LONGEST_LINE:
            file.seek(-len(line), os.SEEK_CUR)
            return
        yield line
