"""Access logs of a web server in the combined format: each line as the request that the portal would have seen."""

import gzip
import re
import secrets
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils import translation

from contacts.network import as_bytes

from .actions import action_of, was_given
from .middleware import event_of
from .visitors import SECRET_BYTES, reporting_day

LONGEST_LINE = 16 * 2**10
QUOTED = r'"((?:[^"\\]|\\.)*)"'
COMBINED = re.compile(rf"(\S+) \S+ [^\[]*\[([^\]]{{1,40}})\] {QUOTED} (\d{{3}}) \S+ {QUOTED} {QUOTED}")
# As nginx and Apache write what could end the line or the quotation.
ESCAPED = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))")


class SecretsOfARun:
    """The secrets behind visitor keys while logs are read: in memory only, and gone with it."""

    def __init__(self):
        self._secrets = {}

    def of(self, at):
        day = reporting_day(at)
        if day not in self._secrets:
            self._secrets[day] = secrets.token_bytes(SECRET_BYTES)
        return self._secrets[day]

    def forget_former_days(self):
        """For a run that goes on for days."""
        for day in [day for day in self._secrets if day < reporting_day(time.time() - 3600)]:
            del self._secrets[day]


@dataclass(frozen=True)
class LoggedRequest:
    """A request that was answered, as far as a log tells: nothing of cookies, and of no header but two."""

    at: float
    address: bytes | None
    request: HttpRequest
    response: SimpleNamespace

    @property
    def counts(self):
        """Would the portal have recorded it as a page that was shown?"""
        action = self.request.method == "GET" and action_of(self.request, self.response)
        return bool(action) and was_given(action, self.response)

    def event(self, secrets):
        """What the spool would say of it, or None."""
        return event_of(self.request, self.response, self.at, self.address, secrets) if self.counts else None


def lines_of(file):
    """The lines of a file, those beyond any sense in pieces, so that memory does not depend on what stands there."""
    while line := file.readline(LONGEST_LINE):
        yield line


def open_log(path):
    """For reading bytes; `-` is what is piped in."""
    if str(path) == "-":
        return sys.stdin.buffer
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def read_line(line):
    """A line of a log in the combined format; raises ValueError for any other."""
    match = COMBINED.match(line.decode("utf-8", "replace"))
    if not match:
        raise ValueError("Not in the combined format.")
    address, moment, asked, status, referrer, user_agent = match.groups()
    method, _space, rest = _plain(asked).partition(" ")
    target = rest.rpartition(" ")[0] or rest
    path, _mark, query = target.partition("?")
    request = HttpRequest()
    request.method, request.path = method, unquote(path)
    request.LANGUAGE_CODE, request.resolver_match = _place(request.path)
    try:
        request.GET = QueryDict(query)
    except TooManyFieldsSent as error:
        raise ValueError("Too many parameters.") from error
    # That it came from a browser cannot be told by a header that no log keeps.
    request.META = {"HTTP_ACCEPT_LANGUAGE": "", "HTTP_HOST": urlsplit(settings.PORTAL_URL).netloc}
    for name, value in {"HTTP_REFERER": _plain(referrer), "HTTP_USER_AGENT": _plain(user_agent)}.items():
        if value not in {"", "-"}:
            request.META[name] = value
    return LoggedRequest(
        at=datetime.strptime(moment, "%d/%b/%Y:%H:%M:%S %z").timestamp(),
        address=as_bytes(address),
        request=request,
        response=SimpleNamespace(status_code=int(status), headers={}),
    )


def _plain(text):
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)) if match[1] else match[2], text) if "\\" in text else text


@lru_cache(maxsize=10_000)
def _place(path):
    """Language and view of an address."""
    language = translation.get_language_from_path(path) or ""
    with translation.override(language or settings.LANGUAGE_CODE):
        try:
            return language, resolve(path)
        except Resolver404:
            return language, None
