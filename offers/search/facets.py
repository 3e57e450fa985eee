"""Facet values of offers and resources: which there are, and how many results have each.

A new facet is a function here that gives its values for an offer and one for
a resource, a field of `SearchEntry`, and a filter in `offers.filters`; then
`rebuild_search_index`.

An entry has one set of values for each facet (see `FacetSet`). A result is
therefore counted by its sets first; only the few different sets are then
taken apart into their values.
"""

from collections import Counter
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, Q, Value, When
from django.db.models.functions import Concat

from offers.models import COST_ITEMS, Cooperation, FacetValue, Freshness, FundingPartner, Recipients

# Kept in the index, in fields of SearchEntry with these names.
INDEXED = ("area", "form", "recipient", "pays", "language", "region", "delivery", "south", "state", "written")
AREA, FORM, RECIPIENT, PAYS, LANGUAGE, REGION, DELIVERY, SOUTH, STATE, WRITTEN = INDEXED
# Depends on the day, so it is reckoned each time.
FRESHNESS = "freshness"
FACETS = (*INDEXED, FRESHNESS)

# M49 code of the world: what is offered to all States says so once, instead of naming every region and State.
WORLD = "001"
FOR_ALL = {REGION, RECIPIENT}
FREE = "free"
# Kinds of cooperation, and offers that look for somebody to fund it.
SEEKING = "seeking"
PAYS_VALUES = (FREE, *(f"provider:{item}" for item in COST_ITEMS))
# A suspended offer is in no list.
FRESHNESS_VALUES = [stage.value for stage in Freshness if stage != Freshness.SUSPENDED]


def of_offer(offer, version, geography):
    """The values of an offer by facet. `geography` knows which regions States lie in."""
    regions, recipients = _recipients(version, geography)
    return {
        AREA: {code for area in version.areas for code in area.ancestor_codes},
        FORM: set(version.form.ancestor_codes),
        STATE: {offer.state.iso3},
        REGION: regions,
        RECIPIENT: recipients,
        LANGUAGE: {language.code for language in version.languages.all()},
        WRITTEN: _written(version),
        DELIVERY: set(version.delivery_modes),
        PAYS: {f"provider:{item}" for item in version.paid_by_provider} | _free(version),
        SOUTH: _south_south(version),
    }


def of_resource(resource, geography):
    """What is not known of a resource it does not have: it says nothing of costs or modes of delivery."""
    regions, states = resource.regions.all(), resource.states.all()
    return {facet: set() for facet in INDEXED} | {
        AREA: {code for area in resource.areas.all() for code in area.ancestor_codes},
        FORM: {code for form in resource.forms.all() for code in form.ancestor_codes},
        REGION: {WORLD} if resource.worldwide else geography.within(regions) | geography.of_states(states),
        RECIPIENT: {WORLD} if resource.worldwide else geography.states_within(regions) | {s.iso3 for s in states},
        LANGUAGE: {language.code for language in resource.languages.all()},
    }


def _written(version):
    """The language of the original and those of translations."""
    own = {version.original_language.code} if version.original_language else set()
    return own | {translation.language.code for translation in version.all_translations}


def _free(version):
    return {FREE} if version.is_free_to_recipient else set()


def _south_south(version):
    kinds = {version.cooperation} - {Cooperation.NONE}
    return kinds | ({SEEKING} if version.funding_partner == FundingPartner.SOUGHT else set())


def _recipients(version, geography):
    """The regions that are served, if only in part, and the States."""
    groups = version.recipient_groups.all()
    if version.recipients == Recipients.ALL or any(group.worldwide for group in groups):
        return {WORLD}, {WORLD}
    regions, states = set(version.recipient_regions.all()), set(version.recipient_states.all())
    for group in groups:
        regions.update(group.regions.all())
        states.update(group.states.all())
    return (
        geography.within(regions) | geography.of_states(states),
        geography.states_within(regions) | {state.iso3 for state in states},
    )


def narrowed(queryset, facet, values):
    """The offers or resources that have any of the values."""
    if facet == FRESHNESS:
        # Of a resource nobody says that it still stands.
        if not hasattr(queryset, "with_staleness"):
            return queryset.none()
        queryset = queryset.with_staleness()
    return queryset.filter(_has(facet, values))


def _sets(facet, values):
    values = [*values, WORLD] if facet in FOR_ALL else values
    return FacetValue.objects.filter(set__facet=facet, value__in=values).values("set")


def _stages(values):
    return [list(Freshness).index(value) for value in values]


@dataclass(frozen=True)
class ListPart:
    """A part of the list of offers: in which order, and from which to before which place."""

    order: list  # names of fields and annotations as in `order_by`
    start: int
    stop: int


class Counts:
    """How many offers a selection gives, and what each other choice would give; with the keys of a part of the list."""

    def __init__(self, rows):
        """`rows` of facet, value and number; without a facet the value is what is missed, if anything."""
        self._numbers, places = Counter(), {}
        for facet, value, number in rows:
            if facet == _LISTED:
                places[number] = int(value)
            else:
                self._numbers[facet, value] += number
        self.keys = [places[number] for number in sorted(places)]

    @property
    def total(self):
        return self._numbers["", ""]

    def of(self, facet, value):
        """With this value, and what is selected in the other facets."""
        for_all = self._numbers[facet, WORLD] if facet in FOR_ALL else 0
        return self._numbers[facet, value] + for_all

    def without(self, facet):
        """If nothing were selected in that facet."""
        return self.total + self._numbers["", facet]


def count(offers, selection, part=None):
    """Counts for the offers before any facet is applied, under a selection of values by facet; one query.

    With a `part`, the keys of its offers as well: what the words find is looked up once for both.

    Each offer is given the names of the facets whose selection it misses, one
    after another. One that misses none counts in every facet, one that misses
    a single facet in that facet only, so that a facet's own selection does not
    narrow its own counts; two names together are no facet's.
    """
    selection = {facet: values for facet, values in selection.items() if values}
    missed = [
        Case(When(_has(facet, values), then=Value("")), default=Value(facet), output_field=CharField())
        for facet, values in selection.items()
    ]
    hits = offers.with_staleness().annotate(
        missed=Concat(*missed, Value("")) if missed else Value("", output_field=CharField())
    )
    columns, counting = [*INDEXED, "staleness", "missed"], _COUNT
    if part:
        names = [name.removeprefix("-") for name in part.order]
        columns += ["id", *(name for name in names if name not in columns)]
        order = ", ".join(
            f"{name} DESC" if name != asked else name for name, asked in zip(names, part.order, strict=True)
        )
        counting += _LIST.format(order=order, number=part.stop - part.start, start=part.start)
    return Counts(_counted(hits, columns, counting))


def cross(offers, one, other):
    """How many offers have both a value of the one facet and a value of the other, by the pair of values."""
    rows = _counted(offers, [one, other], _CROSS.format(one=one, other=other))
    return {(value, second): number for value, second, number in rows}


def _has(facet, values):
    """The condition that an offer with its staleness has any of the values."""
    if facet == FRESHNESS:
        return Q(staleness__in=_stages(values))
    return Q(**{f"search_entry__{facet}__in": _sets(facet, values)})


def _counted(offers, columns, counting):
    """Rows of two texts and a number, counted by that SQL over the `hits` of the offers with those columns."""
    hits = offers.order_by().filter(search_entry__isnull=False)
    names = [f"search_entry__{column}" if column in INDEXED else column for column in columns]
    try:
        sql, params = hits.values_list(*names).query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"WITH hits ({', '.join(columns)}) AS MATERIALIZED ({sql}){counting}", params)
        return [(one, other, int(number)) for one, other, number in cursor.fetchall()]


# First by set; what is missed in another facet is not counted here.
_SETS = " UNION ALL ".join(
    f"SELECT '{facet}', {facet}, COUNT(*) FROM hits WHERE missed IN ('', '{facet}') GROUP BY {facet}"
    for facet in INDEXED
)
_STAGES = " ".join(f"WHEN {number} THEN '{value}'" for number, value in enumerate(FRESHNESS_VALUES))
_COUNT = f""", sets (facet, key, number) AS ({_SETS})
    SELECT '', missed, COUNT(*) FROM hits GROUP BY missed
    UNION ALL
    SELECT '{FRESHNESS}', CASE staleness {_STAGES} END, COUNT(*) FROM hits
    WHERE missed IN ('', '{FRESHNESS}') GROUP BY staleness
    UNION ALL
    SELECT facet, value, SUM(number) FROM sets JOIN offers_facetvalue ON set_id = key GROUP BY facet, value
"""
_LISTED = "#"
_LIST = f"""
    UNION ALL
    SELECT '{_LISTED}', CAST(id AS text), ROW_NUMBER() OVER (ORDER BY {{order}}) FROM (
        SELECT * FROM hits WHERE missed = '' ORDER BY {{order}} LIMIT {{number}} OFFSET {{start}}
    ) AS listed
"""
_CROSS = """, pairs (one, other, number) AS (SELECT {one}, {other}, COUNT(*) FROM hits GROUP BY {one}, {other})
    SELECT first.value, second.value, SUM(number) FROM pairs
    JOIN offers_facetvalue AS first ON first.set_id = one
    JOIN offers_facetvalue AS second ON second.set_id = other
    GROUP BY first.value, second.value
"""
