"""What is recorded but kept out of the figures, and why.

Nothing is dropped silently: an excluded event is stored with its flags, and
each day says how many were left out for which reason.
"""

import re
from enum import IntFlag
from functools import cache, lru_cache
from importlib.resources import files
from ipaddress import ip_network

from crawlerdetect import CrawlerDetect
from crawleruseragents import is_crawler
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .actions import MACHINE_USE
from .audience import Audience


class Flag(IntFlag):
    """Stored as one number, so the values never change."""

    PREFETCH = 1
    NOT_SHOWN = 2
    STAFF = 4
    OWN_STATE = 8
    UNKNOWN_PERSON = 16
    CRAWLER_USER_AGENTS = 32
    CRAWLER_DETECT = 64
    SHAPE = 128
    COUNTER = 256
    # Counted, but without a visitor key, because the visitor asked not to be followed.
    UNLINKED = 512


class Reason(models.TextChoices):
    """Why an event is left out. Each is counted once, under the first reason that holds.

    The list of COUNTER comes last but one, so that its number tells what the
    figures would be without it.
    """

    PREFETCH = "prefetch", _("Pages that a browser fetched ahead, and was refused")
    NOT_SHOWN = "not_shown", _("Pages that were not shown: error or redirect")
    STAFF = "staff", _("Pages opened by the ISU")
    OWN_STATE = "own_state", _("Focal points looking at their own State's offers")
    UNKNOWN_PERSON = "unknown_person", _("Signed in, but not known as whom")
    CRAWLER_USER_AGENTS = "crawler_user_agents", _("Robots on the list crawler-user-agents")
    CRAWLER_DETECT = "crawler_detect", _("Robots on the list CrawlerDetect")
    SHAPE = "shape", _("Requests that no browser makes")
    COUNTER = "counter", _("Robots on COUNTER's list only")
    BURST = "burst", _("Bursts: too many pages too fast for a person")


# In the order of Reason. A burst shows only in the whole day and is found when the day is counted.
EXCLUDING = {Flag[reason.name]: reason for reason in Reason if reason != Reason.BURST}
EXCLUDED = int(sum(EXCLUDING))
# Files, feeds and answers to programs are asked for by programs, whatever these are called.
EXCLUDED_OF_MACHINES = int(EXCLUDED & ~sum([Flag.CRAWLER_USER_AGENTS, Flag.CRAWLER_DETECT, Flag.SHAPE, Flag.COUNTER]))


def excluding_flags(action):
    """The flags that keep this action out of the figures."""
    return EXCLUDED_OF_MACHINES if action in MACHINE_USE else EXCLUDED


def reason_of(flags):
    """The first reason that holds; `flags` are those that exclude the action."""
    return next(reason for flag, reason in EXCLUDING.items() if flags & flag)


PREFETCH_HEADERS = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
SHORTEST_USER_AGENT = 12  # characters


def is_prefetch(request):
    """A browser fetches ahead (or makes a thumbnail) what nobody has asked to see yet."""
    purposes = [request.META[name] for name in PREFETCH_HEADERS if name in request.META]
    return any("prefetch" in purpose or purpose == "preview" for purpose in purposes)


def is_fragment(request):
    """A script asked for a part of a page that is open already."""
    return "HTTP_HX_REQUEST" in request.META or "HTTP_X_REQUESTED_WITH" in request.META


def asked_not_to_be_followed(request):
    return (
        request.META.get("HTTP_SEC_GPC") == "1"
        or request.META.get("HTTP_DNT") == "1"
        or is_marked(request, settings.OPT_OUT_COOKIE_NAME)
    )


def is_of_the_isu(request, address, audience):
    """Signed in, in a browser in which somebody of the ISU was, or in one of its offices."""
    return audience == Audience.ISU or is_marked(request, settings.ISU_COOKIE_NAME) or is_office(address)


def is_marked(request, name):
    """By a cookie that says one thing and not who."""
    return request.COOKIES.get(name) == "1"


def is_office(address):
    """Does the address, as `trusted_address` gives it, lie in a network of the ISU's offices?"""
    return address is not None and any(
        len(address) == size and int.from_bytes(address) >> shift == prefix
        for size, shift, prefix in _office_networks(tuple(settings.ANALYTICS_OFFICE_NETWORKS))
    )


@cache
def _office_networks(networks):
    """Of each its length in bytes, how many bits of an address tell nothing, and what the others are."""
    found = []
    for network in map(ip_network, networks):
        # Of the longer addresses half is looked at, see `trusted_address`.
        size = 4 if network.version == 4 else 8
        prefix = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
        found.append((size, 8 * size - network.prefixlen, prefix))
    return found


def flags_of(request, address, audience, given):
    flags = robot_flags(request.META.get("HTTP_USER_AGENT", "")[:500])
    if "HTTP_ACCEPT_LANGUAGE" not in request.META:
        flags |= Flag.SHAPE
    if not given:
        flags |= Flag.NOT_SHOWN
    if is_of_the_isu(request, address, audience):
        flags |= Flag.STAFF
    elif audience == Audience.UNKNOWN:
        flags |= Flag.UNKNOWN_PERSON
    if asked_not_to_be_followed(request):
        flags |= Flag.UNLINKED
    return flags


@lru_cache(maxsize=5000)
def robot_flags(user_agent):
    """What the name of a program tells. Looking through three lists takes a millisecond, so answers are kept."""
    flags = 0
    if is_crawler(user_agent):
        flags |= Flag.CRAWLER_USER_AGENTS
    if _crawler_detect().is_crawler(user_agent):
        flags |= Flag.CRAWLER_DETECT
    if _counter_list().search(user_agent):
        flags |= Flag.COUNTER
    if len(user_agent) < SHORTEST_USER_AGENT or "HeadlessChrome" in user_agent:
        flags |= Flag.SHAPE
    return int(flags)


@cache
def _crawler_detect():
    return CrawlerDetect()


@cache
def _counter_list():
    """COUNTER's list of robots and machines. Case does not matter there; the package itself heeds it."""
    folder = files("counter_robots") / "data"
    lines = [line for name in ("robot.txt", "machine.txt") for line in (folder / name).read_text("utf-8").splitlines()]
    return re.compile("|".join(filter(None, lines)), re.IGNORECASE)
