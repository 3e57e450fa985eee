"""Watches every finished answer from outside; no view knows of it."""

import os
import time
from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse

from contacts.network import trusted_address

from . import ingest
from .actions import ACTIONS, SEARCHES, Action, action_of, was_given
from .audience import Referrer, person_behind, referrer_class
from .exclusions import Flag, flags_of, is_fragment, is_prefetch
from .search_words import filters_of, scrubbed_path, words_of
from .spool import as_line, spool
from .visitors import day_secrets, visitor_key

UNKEYED = Flag.UNLINKED | Flag.UNKNOWN_PERSON | Flag.STAFF
NOT_THERE = {404, 410}
FROM_OUTSIDE = set(Referrer) - {Referrer.NONE, Referrer.INTERNAL}
COOKIE_AGE = timedelta(days=365)


class RecordUse:
    """Leave one line in the spool for each page a visitor was given; never touch the response or the database."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        try:
            self.record(request, response)
        except Exception as error:
            # Whatever it was, the visitor gets the page.
            spool.note_loss(error)
        return response

    def record(self, request, response):
        sink = settings.ANALYTICS_SINK
        if sink == "null":
            return
        values = values_of(request, response)
        if sink == "db":
            if values:
                ingest.store_at_once(as_line(values))
        elif values:
            spool.append(as_line(values))
        else:
            spool.beat()


class MarkTheIsu:
    """Leave a cookie in the browser in which somebody of the ISU signs in: what it opens later is no use either."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "is_isu_signing_in", False):
            set_mark(response, settings.ISU_COOKIE_NAME)
        return response


def set_mark(response, name):
    """See `is_marked`."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, "1", max_age=COOKIE_AGE, secure=secure, httponly=True, samesite="Lax")


class RefusePrefetch:
    """Answer 503 to a browser that fetches ahead.

    A page that was fetched ahead and is opened later sends no second request,
    so that its view would never be counted.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if is_prefetch(request):
            return HttpResponse(status=503, headers={"Cache-Control": "no-store"})
        return self.get_response(request)


def values_of(request, response):
    """What the spool says of a request, or None if nothing is recorded."""
    if request.method != "GET" or is_fragment(request):
        return None
    at, address = time.time(), trusted_address(request.META)
    if is_prefetch(request):
        # Refused before anything looked at the address.
        return {"id": new_id(at), "at": _microseconds(at), "action": int(Action.PAGE), "flags": int(Flag.PREFETCH)}
    values = event_of(request, response, at, address)
    if response.status_code in NOT_THERE and (path := dead_end_of(request, address)):
        values = (values or {"id": new_id(at), "at": _microseconds(at)}) | {
            "dead_end": path,
            "referrer": referrer_class(request).value,
        }
    return values


def event_of(request, response, at, address, secrets=day_secrets):
    """One use of the portal, without address, browser or name; None if it is not counted.

    `home`, the State of a focal point, is only for telling views of the own
    State's offers and does not reach the database.
    """
    action = action_of(request, response)
    if action is None:
        return None
    given = was_given(action, response)
    audience, user, home = person_behind(request)
    flags = flags_of(request, address, audience, given)
    event = {
        "id": new_id(at),
        "at": _microseconds(at),
        "action": int(action),
        "language": getattr(request, "LANGUAGE_CODE", ""),
        "audience": audience.value,
        "referrer": referrer_class(request).value,
    }
    if flags:
        event["flags"] = int(flags)
    if not flags & UNKEYED:
        visitor = visitor_key(secrets.of(at), user, address, request.META.get("HTTP_USER_AGENT", ""))
        if visitor is not None:
            event["visitor"] = visitor
    if home:
        event["home"] = home
    if given:
        # Only of an address that led to a page: in others a stranger could write anything.
        arguments = request.resolver_match.kwargs
        if "reference" in arguments:
            event["offer"] = arguments["reference"]
        if "iso3" in arguments:
            event["state"] = arguments["iso3"].upper()
        if action == Action.LINK_OUT:
            event["out"] = f"{request.resolver_match.url_name}:{arguments['pk']}"
    if action in SEARCHES and not flags:
        # Neither of robots, nor of the ISU, nor of anybody who does not want to be followed.
        if words := words_of(request.GET):
            event["words"] = words
        if filters := filters_of(request.GET):
            event["filters"] = filters
    return event


def dead_end_of(request, address):
    """The path, if a person came from another website to an address that is not there, or no more.

    Not that of a link from a letter, which is nobody else's business.
    """
    match = request.resolver_match
    if (match and match.view_name not in ACTIONS) or referrer_class(request) not in FROM_OUTSIDE:
        return ""
    audience, _user, _home = person_behind(request)
    return "" if flags_of(request, address, audience, given=True) & ~Flag.UNLINKED else scrubbed_path(request.path)


def new_id(at):
    """A UUID of version 7: 48 bits of milliseconds, the rest random, so that ids grow with time."""
    number = (int(at * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | (7 << 76)
    number = number & ~(0b11 << 62) | (0b10 << 62)
    return f"{number:032x}"


def _microseconds(at):
    return round(at * 1_000_000)
