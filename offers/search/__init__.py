"""The search of the catalogue.

    query = search.understood("mine detection dog")
    offers = search.ranked(search.matching(Offer.objects.public(), query))

`matching` keeps the offers or resources in which the words are found and says
in `tier` where: 1 in the title, 2 in the title and the labels, 3 anywhere.
The databases differ in how they store and look up (`engines`), not in what
they find: both are given the same tokens (`analyser`).
"""

from django.db.models import Case, F, IntegerField, When

from .analyser import Query, clean, excerpt, parse
from .engines import FIELDS, LABELS, TITLE, Found
from .labels import with_labels

__all__ = ["Query", "clean", "excerpt", "matching", "parse", "ranked", "tier_of", "understood"]


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
    """Best tier first (if they were searched), then those confirmed recently before due and overdue ones."""
    return offers.with_staleness(on).order_by(*tier_of(offers), "staleness", "reference")


def tier_of(queryset):
    """What to order by first: the tier, if the rows were searched."""
    return ["tier"] if "tier" in queryset.query.annotations else []


def understood(text):
    """The query meant by the words: if no offer or resource has them all, the last may be unfinished."""
    from offers.models import Offer, Resource

    query = parse(text)
    if not query:
        return query
    query, unfinished = with_labels(query, parse(text, unfinished=True))
    if query == unfinished:
        return query
    offers = matching(Offer.objects.public(), query).order_by().values("pk")
    resources = matching(Resource.objects.all(), query).order_by().values("pk")
    return query if offers.union(resources, all=True).exists() else unfinished
