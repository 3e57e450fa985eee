"""What was searched for without a result, in words, and the needs that it is put in order by."""

from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from offers.filters import DATES, OfferFilter

from ..models import SearchTermDaily, UnmetNeed


@dataclass(frozen=True)
class FoundSearch:
    """A search as it is shown, with its sums in a period."""

    # Language and key: what it is called in a form.
    name: str
    words: str
    # As the catalogue names them.
    filters: tuple[str, ...]
    language: str
    language_code: str
    searches: int
    unfound: int
    visitors: int

    def __str__(self):
        words = (f"“{self.words}”",) if self.words else ()
        return " · ".join([*words, *self.filters]) or _("The whole catalogue")


@dataclass(frozen=True)
class NeedInPeriod:
    need: UnmetNeed
    searches: tuple[FoundSearch, ...]

    @property
    def unfound(self):
        return sum(search.unfound for search in self.searches)

    @property
    def visitors(self):
        return sum(search.visitors for search in self.searches)


def name_of(language, key):
    return f"{language}:{key}"


def in_words(rows):
    """Rows of `SearchTermDaily.objects.between` as they are shown; the names in them are read once for all."""
    say = Wording()
    return [_found(say, **row) for row in rows]


def needs_in(period):
    """All needs with their searches in the period, what most visitors looked for first."""
    say = Wording()
    sums = {(row["language"], row["key"]): row for row in SearchTermDaily.objects.grouped().between(period)}
    needs = [
        NeedInPeriod(need, tuple(_of_term(say, term, sums.get((term.language, term.key))) for term in need.terms.all()))
        for need in UnmetNeed.objects.prefetch_related("terms")
    ]
    return sorted(needs, key=lambda need: (-need.visitors, -need.unfound, need.need.name))


def searches_of(need):
    say = Wording()
    return [(term, _of_term(say, term, None)) for term in need.terms.all()]


def _of_term(say, term, row):
    nothing = {"searches": 0, "unfound": 0, "visitors": 0}
    words = {"language": term.language, "key": term.key, "words": term.words, "filters": term.filters}
    return _found(say, **nothing | (row or {}) | words)


def _found(say, *, language, key, words, filters, searches, unfound, visitors):
    said = dict(settings.LANGUAGES).get(language, language)
    return FoundSearch(name_of(language, key), words, say.filters(filters), said, language, searches, unfound, visitors)


class Wording:
    """Says filters as the catalogue does."""

    def __init__(self):
        self._catalogue = OfferFilter()
        self._known = defaultdict(set)
        for name, choices in self._catalogue.choices.items():
            self._known[name] = {choice.value for choice in choices}

    def filters(self, parameters):
        """What the catalogue does not know any more is said as it was in the address."""
        asked = QueryDict(parameters)
        return tuple(self._label(name, value) for name in asked for value in asked.getlist(name))

    def _label(self, name, value):
        if name in DATES and (day := _day(value)):
            return str(self._catalogue.label(name, day))
        if value in self._known[name]:
            return str(self._catalogue.label(name, value))
        return f"{name}={value}"


def _day(text):
    try:
        return parse_date(text)
    except ValueError:  # well formed, but there is no such day
        return None
