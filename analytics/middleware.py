"""Watches every finished answer from outside; no view knows of it."""

import os
import time

from django.conf import settings
from django.http import HttpResponse

from . import ingest
from .actions import Action, action_of, was_given
from .audience import person_behind, referrer_class
from .exclusions import Flag, flags_of, is_fragment, is_prefetch
from .spool import as_line, spool
from .visitors import visitor_key

UNKEYED = Flag.UNLINKED | Flag.UNKNOWN_PERSON | Flag.STAFF


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
        event = event_of(request, response)
        if sink == "db":
            if event:
                ingest.store_at_once(as_line(event))
        elif event:
            spool.append(as_line(event))
        else:
            spool.beat()


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


def event_of(request, response):
    """What the spool says of a request, without address, browser, query or name; None if it is not recorded.

    `home`, the State of a focal point, is only for telling views of the own
    State's offers and does not reach the database.
    """
    if request.method != "GET" or is_fragment(request):
        return None
    at = time.time()
    if is_prefetch(request):
        # Refused before anything looked at the address.
        return {"id": new_id(at), "at": _microseconds(at), "action": int(Action.PAGE), "flags": int(Flag.PREFETCH)}
    action = action_of(request, response)
    if action is None:
        return None
    given = was_given(action, response)
    audience, user, home = person_behind(request)
    flags = flags_of(request, audience, given)
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
        visitor = visitor_key(request, user, at)
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
    return event


def new_id(at):
    """A UUID of version 7: 48 bits of milliseconds, the rest random, so that ids grow with time."""
    number = (int(at * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | (7 << 76)
    number = number & ~(0b11 << 62) | (0b10 << 62)
    return f"{number:032x}"


def _microseconds(at):
    return round(at * 1_000_000)
