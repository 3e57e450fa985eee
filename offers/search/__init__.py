"""The search of the catalogue.

    query = search.understood("mine detection dog")
    offers = search.ranked(search.matching(Offer.objects.public(), query))

`matching` keeps the offers or resources in which the words are found and says
in `tier` where: 1 in the title, 2 in the title and the labels, 3 anywhere.
The databases differ in how they store and look up (`engines`), not in what
they find: both are given the same tokens (`analyser`).
"""

from django.db.models import Case, F, IntegerField, When

from . import analyser, spelling
from .analyser import Query, clean, excerpt, parse
from .engines import FIELDS, LABELS, TITLE, Found
from .labels import names_today

__all__ = [
    "Query", "clean", "excerpt", "make_ready", "matching", "order_of", "parse", "ranked", "suggestion", "tier_of",
    "understood",
]  # fmt: skip


def make_ready():
    """Read the synonyms now, so that the first visitor who searches need not wait for it."""
    analyser.read_synonyms()


def matching(queryset, query):
    """The rows, offers or resources, in which all the words are found; each with its `tier`."""
    if not query:
        return queryset.none()
    entry = F("search_entry")
    # The first condition makes an inner join, which lets the database begin with what the words find.
    return (
        queryset.filter(search_entry__isnull=False)
        .filter(Found(entry, query, FIELDS))
        .annotate(
            tier=Case(
                When(Found(entry, query, [TITLE]), then=1),
                When(Found(entry, query, [TITLE, LABELS]), then=2),
                default=3,
                output_field=IntegerField(),
            )
        )
    )


def ranked(offers, on=None):
    return offers.with_staleness(on).order_by(*order_of(offers))


def order_of(offers):
    """Best tier first (if they were searched), then those confirmed recently before due and overdue ones."""
    return [*tier_of(offers), "staleness", "reference"]


def tier_of(queryset):
    """What to order by first: the tier, if the rows were searched."""
    return ["tier"] if "tier" in queryset.query.annotations else []


def understood(text):
    """The query meant by the words: if no offer or resource has them all, the last may be unfinished."""
    query = parse(text)
    if not query:
        return query
    names = names_today()
    query, unfinished = names.answering(query), names.answering(parse(text, unfinished=True))
    return query if query == unfinished or _finds_anything(query) else unfinished


def suggestion(text):
    """The text of a query that finds nothing, spelt so that it finds an offer or resource; None if there is none.

    Words that are found on their own stay as they are.
    """
    return spelling.suggestion(text, names_today(), _finds_anything)


def _finds_anything(query):
    from offers.models import Offer, Resource

    offers = matching(Offer.objects.public(), query).order_by().values("pk")
    resources = matching(Resource.objects.all(), query).order_by().values("pk")
    return offers.union(resources, all=True).exists()
