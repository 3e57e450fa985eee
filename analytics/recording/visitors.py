"""Keys that tell one visitor of a day from another, and nothing else.

A key is made from a secret that lives for one day in a file outside the
database. Once the file is gone nobody can make the key again, and the keys of
two days cannot be compared.
"""

import hmac
import logging
import os
import re
import secrets
import threading
import time
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings

logger = logging.getLogger(__name__)

SECRET_BYTES = 32
DAY = re.compile(r"\d{4}-[01]\d-[0-3]\d")
# A request that came before midnight may be answered after it, perhaps by another worker.
KEPT_AFTER_MIDNIGHT = timedelta(hours=1)
RETRY_AFTER = 60  # seconds


@cache
def reporting_zone():
    return ZoneInfo(settings.ANALYTICS_TIME_ZONE)


def reporting_day(at):
    """The day to which a moment (seconds since 1970) belongs."""
    return datetime.fromtimestamp(at, reporting_zone()).date()


def bounds_of(day):
    """First moment of the day and of the next one. A day may have 23 or 25 hours."""
    midnight = datetime.min.time()
    return (
        datetime.combine(day, midnight, reporting_zone()),
        datetime.combine(day + timedelta(days=1), midnight, reporting_zone()),
    )


def visitor_key(secret, user, address, user_agent):
    """64 bits that are the same for the same visitor on the same day, or None if there is nothing to go by."""
    if secret is None:
        return None
    if user is not None:
        who = b"u:%d" % user.pk
    elif address is not None:
        who = b"a:" + address + user_agent.encode("utf-8", "replace")
    else:
        return None
    return int.from_bytes(hmac.digest(secret, who, "sha256")[:8], "big", signed=True)


class DaySecrets:
    """The secret of the day at hand, shared by all workers of a host through a file that only they can read."""

    def __init__(self):
        self._lock = threading.Lock()
        self.reset()

    def reset(self):
        self._secret, self._folder = None, None
        # The moments between which the secret holds, and at which the former ones are due to go.
        self._from = self._until = self._retry_at = 0
        self._forget_at = float("inf")

    def of(self, at):
        """The secret for that moment (seconds since 1970), or None if it can be neither read nor made."""
        if not self._from <= at < self._until or self._folder != settings.ANALYTICS_SECRETS:
            with self._lock:
                self._load(at)
        if at >= self._forget_at:
            self._forget_at = float("inf")
            forget_old_secrets(at)
        return self._secret

    def _load(self, at):
        folder = settings.ANALYTICS_SECRETS
        if self._secret is None and self._folder == folder and self._retry_at - RETRY_AFTER <= at < self._retry_at:
            return
        self._secret, self._folder, self._until = None, folder, 0
        try:
            day = reporting_day(at)
            secret = _read_or_make(folder, day)
        except OSError:
            self._retry_at = at + RETRY_AFTER
            return
        first, last = bounds_of(day)
        self._forget_at = (first + KEPT_AFTER_MIDNIGHT).timestamp()
        self._from, self._until, self._secret = first.timestamp(), last.timestamp(), secret


def _read_or_make(folder, day):
    path = folder / day.isoformat()
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f"{day.isoformat()}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_bytes(SECRET_BYTES))
        finally:
            os.close(descriptor)
        try:
            # Appears complete or not at all, and fails where another worker was faster.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
        secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise OSError(f"{path} is not a day's secret.")
    return secret


def forget_old_secrets(at=None):
    """Remove the secrets of former days, yesterday's only once its hour of grace is over."""
    try:
        for path in old_secrets(at):
            path.unlink(missing_ok=True)
    except OSError:
        # Counting goes on, but somebody has to remove what must not stay.
        logger.exception("The secrets of former days could not be removed")


def old_secrets(at=None):
    at = time.time() if at is None else at
    keep_from = reporting_day(at - KEPT_AFTER_MIDNIGHT.total_seconds())
    folder = settings.ANALYTICS_SECRETS
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return [folder / name for name in names if DAY.match(name) and date.fromisoformat(name[:10]) < keep_from]


day_secrets = DaySecrets()
