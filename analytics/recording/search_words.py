"""What a search asked for, as it may be written down: in one spelling, and without what could belong to a person."""

import re
import unicodedata
from urllib.parse import urlencode

from django.http import QueryDict

from offers.filters import OfferFilter
from offers.search import clean

from .actions import search_parameters

LONGEST_WORDS, LONGEST_FILTERS = 200, 500  # characters
LONGEST_PATH = 200
MOST_VALUES = 50
# E-mail addresses, web addresses, telephone numbers, and numbers as they stand in papers.
PERSONAL = re.compile(
    r"\S*\s?(?:@|%40)\s?\S*"
    r"|(?:\w+://|www\.)\S*"
    r"|\S+\.\w{2,}/\S*"
    r"|\+?\(?\d(?:[\s().\-/]{0,2}\d){6,}"
    r"|\w*\d{6,}\w*"
)
PERSONAL_IN_PATH = re.compile(r"[^/]*(?:@|%40)[^/]*|[^/]*\d{6,}[^/]*|[\w:.-]{40,}")
# What a value of a filter looks like: a code, a region, a day. A name is no code either, and goes when it is taken in.
CODE = re.compile(r"[A-Za-z][\w.:-]{0,79}|\d{3}|\d{4}-\d\d-\d\d", re.ASCII)


def words_of(parameters):
    """The words of a search, to be written to the spool."""
    return scrubbed(unicodedata.normalize("NFKC", clean(parameters.get("q", ""))).lower())[:LONGEST_WORDS].strip()


def scrubbed(text):
    text = PERSONAL.sub(" ", text)
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def scrubbed_path(path):
    """A path that somebody asked for, short and without what could be an e-mail address, a number or a key."""
    path = PERSONAL_IN_PATH.sub("…", path[: 5 * LONGEST_PATH])
    return "".join(mark for mark in path if mark.isprintable())[:LONGEST_PATH]


def filters_of(parameters):
    """The filters of a search, to be written to the spool: without values that cannot be any of the catalogue's."""
    names = sorted(search_parameters() - {"q"})
    pairs = [(name, value) for name in names for value in parameters.getlist(name) if CODE.fullmatch(value)]
    return urlencode(pairs[:MOST_VALUES])


def known_filters(text):
    """Those that the catalogue has, in its own order; what is too long ends with a whole parameter."""
    pairs = [(name, str(value)) for name, value in OfferFilter(QueryDict(text)).applied]
    while len(urlencode(pairs)) > LONGEST_FILTERS:
        pairs.pop()
    return urlencode(pairs)
