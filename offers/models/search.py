"""The index of the catalogue: one entry for each offer with a live version and for each resource.

The words of an entry are kept by the engine of the database in use (see
`offers.search.engines`), its facet values as one set for each facet, so that
all facet counts of a result are one query.
"""

from django.db import models
from django.db.models import Q

from .offers import Offer
from .resources import Resource


class FacetSet(models.Model):
    """The values that some entries have of one facet, kept once for all of them and never changed.

    Many entries share a set, so that counting the values of a result is counting its sets, of which there
    are few, and only then their values.
    """

    id = models.AutoField(primary_key=True)
    facet = models.CharField(max_length=20)
    # Of the values, which may be too many to be a key themselves.
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "facet"], name="facet_set_once")]

    def __str__(self):
        return f"{self.facet}: {', '.join(sorted(row.value for row in self.values.all()))}"


class FacetValue(models.Model):
    """One value of a set, such as area.victim_assistance."""

    set = models.ForeignKey(FacetSet, on_delete=models.CASCADE, related_name="values", db_index=False)
    value = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["set", "value"], name="facet_value_once")]
        indexes = [models.Index(fields=["value", "set"], name="facet_value_sets")]

    def __str__(self):
        return self.value


def _set_of_facet():
    return models.ForeignKey(FacetSet, on_delete=models.PROTECT, related_name="+", db_index=False)


class SearchEntry(models.Model):
    """An offer or a resource in the index, with its set of values of each facet.

    A narrow row, for all of them are read from end to end; the words are kept beside it.
    """

    offer = models.OneToOneField(Offer, on_delete=models.CASCADE, null=True, related_name="search_entry")
    resource = models.OneToOneField(Resource, on_delete=models.CASCADE, null=True, related_name="search_entry")
    # Of the tokens and facet values written, so that a check can tell an entry that has fallen behind.
    digest = models.CharField(max_length=64)

    area = _set_of_facet()
    form = _set_of_facet()
    state = _set_of_facet()
    region = _set_of_facet()
    recipient = _set_of_facet()
    language = _set_of_facet()
    written = _set_of_facet()
    delivery = _set_of_facet()
    pays = _set_of_facet()
    south = _set_of_facet()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="search_entry_of_one_offer_or_resource",
                condition=Q(offer__isnull=False, resource__isnull=True) | Q(offer__isnull=True, resource__isnull=False),
            )
        ]

    def __str__(self):
        return str(self.offer or self.resource)


class SearchWord(models.Model):
    """A word of entries, for suggestions of another spelling: as it is compared, and as it is shown."""

    word = models.CharField(max_length=64, unique=True)
    shown = models.CharField(max_length=64)

    def __str__(self):
        return self.shown
