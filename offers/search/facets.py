"""Facet values of offers and resources: which there are, and how many results have each.

A new facet is a function here that gives its values for an offer and one for
a resource, and a filter in `offers.filters`; then `rebuild_search_index`.
"""

from collections import Counter

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, Exists, F, OuterRef, Value, When
from django.db.models.functions import Concat

from offers.models import COST_ITEMS, Cooperation, FundingPartner, Recipients, SearchFacet

AREA, FORM, STATE, REGION, PAYS, SOUTH = FACETS = ("area", "form", "state", "region", "pays", "south")

# M49 code of the world: what is offered to all States says so once, instead of naming every region.
WORLD = "001"
FREE = "free"
# Kinds of cooperation, and offers that look for somebody to fund it.
SEEKING = "seeking"
PAYS_VALUES = (FREE, *(f"provider:{item}" for item in COST_ITEMS))


def of_offer(offer, version, geography):
    """The values of an offer by facet. `geography` knows which regions States lie in."""
    return {
        AREA: {code for area in version.areas for code in area.ancestor_codes},
        FORM: set(version.form.ancestor_codes),
        STATE: {offer.state.iso3},
        REGION: _regions_served(version, geography),
        PAYS: {f"provider:{item}" for item in version.paid_by_provider} | _free(version),
        SOUTH: _south_south(version),
    }


def of_resource(resource, geography):
    return {
        AREA: {code for area in resource.areas.all() for code in area.ancestor_codes},
        FORM: {code for form in resource.forms.all() for code in form.ancestor_codes},
        REGION: {WORLD}
        if resource.worldwide
        else geography.within(resource.regions.all()) | geography.of_states(resource.states.all()),
    }


def _free(version):
    return {FREE} if version.is_free_to_recipient else set()


def _south_south(version):
    kinds = {version.cooperation} - {Cooperation.NONE}
    return kinds | ({SEEKING} if version.funding_partner == FundingPartner.SOUGHT else set())


def _regions_served(version, geography):
    if version.recipients == Recipients.ALL:
        return {WORLD}
    groups = version.recipient_groups.all()
    if any(group.worldwide for group in groups):
        return {WORLD}
    found = geography.within(version.recipient_regions.all()) | geography.of_states(version.recipient_states.all())
    for group in groups:
        found |= geography.within(group.regions.all()) | geography.of_states(group.states.all())
    return found


def narrowed(queryset, facet, values):
    """The offers or resources that have any of the values."""
    return queryset.filter(search_entry__in=_rows(facet, values).values("entry"))


def _rows(facet, values):
    values = [*values, WORLD] if facet == REGION else values
    return SearchFacet.objects.filter(facet=facet, value__in=values)


class Counts:
    """How many offers a selection gives, and what each other choice would give."""

    def __init__(self, rows):
        """`rows` of facet, value and number; without a facet the value is what is missed, if anything."""
        self._numbers = Counter()
        for facet, value, number in rows:
            self._numbers[facet, value] += number

    @property
    def total(self):
        return self._numbers["", ""]

    def of(self, facet, value):
        """With this value, and what is selected in the other facets."""
        worldwide = self._numbers[REGION, WORLD] if facet == REGION else 0
        return self._numbers[facet, value] + worldwide

    def without(self, facet):
        """If nothing were selected in that facet."""
        return self.total + self._numbers["", facet]


def count(offers, selection):
    """Counts for the offers before any facet is applied, under a selection of values by facet; one query.

    Each offer is given the names of the facets whose selection it misses, one
    after another. One that misses none counts in every facet, one that misses
    a single facet in that facet only, so that a facet's own selection does not
    narrow its own counts; two names together are no facet's.
    """
    selection = {facet: values for facet, values in selection.items() if values}
    missed = [
        Case(
            When(Exists(_rows(facet, values).filter(entry=OuterRef("search_entry"))), then=Value("")),
            default=Value(facet),
            output_field=CharField(),
        )
        for facet, values in selection.items()
    ]
    missed = Concat(*missed, Value("")) if missed else Value("", output_field=CharField())
    hits = offers.order_by().filter(search_entry__isnull=False)
    hits = hits.annotate(entry=F("search_entry"), missed=missed).values_list("entry", "missed")
    try:
        sql, params = hits.query.sql_with_params()
    except EmptyResultSet:
        return Counts([])
    if selection:
        parts = [TOTALS, f"{VALUES} WHERE missed = '' {BY_VALUE}", f"{VALUES} AND facet = missed {BY_VALUE}"]
    else:
        # Without the condition, which nothing would fail, PostgreSQL sees how many rows there are to join.
        parts = [TOTALS, f"{VALUES} {BY_VALUE}"]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH hits (entry, missed) AS MATERIALIZED ({sql}) {' UNION ALL '.join(parts)}", params)
        return Counts(cursor.fetchall())


TOTALS = "SELECT '', missed, COUNT(*) FROM hits GROUP BY missed"
VALUES = "SELECT facet, value, COUNT(*) FROM hits JOIN offers_searchfacet ON entry_id = entry"
BY_VALUE = "GROUP BY facet, value"
