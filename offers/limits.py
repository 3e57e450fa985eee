"""How many messages visitors may send: counted in the shared cache, for each network or e-mail address and in all.

The window is fixed: at its end everybody begins anew. The address itself is kept
nowhere; its key is a hash that nobody can make without the secret key. Where the
cache does not count in one step (files do not), a few more may slip through when
many come at the same moment.
"""

import logging
import math
import time

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from contacts.network import trusted_address

logger = logging.getLogger(__name__)


class LimitReached(Exception):
    """Too many messages; `wait` is the number of seconds until the next one is taken."""

    def __init__(self, wait):
        super().__init__(f"The next message is taken in {wait} seconds.")
        self.wait = wait


def count_message(kind, request, email=""):
    """Count one more message of that kind, or raise LimitReached.

    Without a cache nothing is counted: a message matters more than a limit.
    """
    counted = {"network": trusted_address(request.META), "email": email.strip().lower() or None, "all": "all"}
    # What one address sends too much is not counted for all, who stand last, or it could shut everybody out.
    for whose, most, seconds in settings.VISITOR_LIMITS[kind]:
        if counted[whose] is not None:
            _count(f"{kind}:{whose}:{seconds}:{_scrambled(counted[whose])}", most, seconds)


def _scrambled(text):
    return salted_hmac("offers.limits", text, algorithm="sha256").hexdigest()


def _count(name, most, window):
    now = time.time()
    number = int(now // window)
    wait = math.ceil((number + 1) * window - now)
    key = f"limit:{name}:{number}"
    try:
        cache.add(key, 0, timeout=wait)
        count = cache.incr(key)
        # Some caches forget with each count when the key was to go.
        cache.touch(key, timeout=wait)
    except Exception:
        logger.exception("Messages of visitors are not counted: the cache does not work")
        return
    if count > most:
        raise LimitReached(wait)
