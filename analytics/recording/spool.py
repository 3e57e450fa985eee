"""The file to which each worker process appends one line for each page.

One `os.write` a line, so that a killed process loses nothing it has written.
A file belongs to one process and one minute. When its minute is two minutes
past nobody writes to it any more: it is sealed, and `analytics_ingest` takes it.
"""

import json
import logging
import os
import re
import secrets
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

logger = logging.getLogger(__name__)

SEALED_AFTER = timedelta(minutes=2)
FILE_NAME = re.compile(r"(\d{8}T\d{4})-[\w-]+\.ndjson")


def slot_of(path):
    """The minute a spool file belongs to, or None for other files."""
    match = FILE_NAME.fullmatch(path.name)
    return datetime.strptime(match[1], "%Y%m%dT%H%M").replace(tzinfo=UTC) if match else None


def is_sealed(path, now):
    return slot_of(path) + SEALED_AFTER <= now


class Spool:
    def __init__(self):
        self.reset()
        # The file and perhaps a held lock are the parent's.
        os.register_at_fork(after_in_child=self.reset)

    def reset(self):
        self._lock = threading.Lock()
        self._descriptor = self._slot = self._folder = None
        self._synced_at = 0
        self._lost = 0

    def append(self, line):
        """Write the line (bytes without line end), or count it as lost; raises nothing."""
        with self._lock:
            notice = b'{"lost":%d}\n' % self._lost if self._lost else b""
            try:
                descriptor = self._file()
                data = notice + line + b"\n"
                written = os.write(descriptor, data)
                if written >= len(notice):
                    self._lost = 0
                if written < len(data):
                    # The next line must not follow the torn one in the same file.
                    self._close()
                    raise OSError("The disk took only part of a line.")
                self._sync()
            except OSError as error:
                self._count_loss(error)

    def note_loss(self, error):
        """A line that could not even be made."""
        with self._lock:
            self._count_loss(error)

    def beat(self):
        """Leave a file for this minute even if nothing is counted in it: recording was at work."""
        try:
            with self._lock:
                self._file()
        except OSError:
            pass

    def close(self):
        with self._lock:
            self._close()

    def _file(self):
        slot = int(time.time() // 60)
        if slot != self._slot or self._folder != settings.ANALYTICS_SPOOL:
            self._close()
            self._open(slot)
        return self._descriptor

    def _open(self, slot):
        folder = settings.ANALYTICS_SPOOL
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if bytes_in(folder) >= settings.ANALYTICS_SPOOL_BYTES:
            raise OSError("The spool has reached its size limit; is analytics_ingest running?")
        minute = datetime.fromtimestamp(slot * 60, UTC)
        host = re.sub(r"\W", "_", socket.gethostname(), flags=re.ASCII)[:60]
        name = f"{minute:%Y%m%dT%H%M}-{host}-{os.getpid()}-{secrets.token_hex(4)}.ndjson"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(folder / name, flags, 0o600)
        self._slot, self._folder = slot, folder

    def _close(self):
        if self._descriptor is not None:
            try:
                if settings.ANALYTICS_FSYNC:
                    os.fsync(self._descriptor)
            finally:
                os.close(self._descriptor)
                self._descriptor = self._slot = None

    def _sync(self):
        if settings.ANALYTICS_FSYNC and not 0 <= time.time() - self._synced_at < 1:
            self._synced_at = time.time()
            os.fsync(self._descriptor)

    def _count_loss(self, error):
        # Told once; how many followed stands in the spool when it can be written again.
        if not self._lost:
            logger.error("A page view could not be recorded: %s", error)
        self._lost += 1


def bytes_in(folder):
    total = 0
    for entry in os.scandir(folder):
        try:
            total += entry.stat().st_size
        except FileNotFoundError:
            # Taken in by analytics_ingest at this moment.
            continue
    return total


def as_line(event):
    return json.dumps(event, separators=(",", ":")).encode()


spool = Spool()
