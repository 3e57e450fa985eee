"""The index of the catalogue: one entry for each offer with a live version and for each resource.

The words of an entry are kept by the engine of the database in use (see
`offers.search.engines`), its facet values in rows of their own, so that all
facet counts of a result are one query.
"""

from django.db import models
from django.db.models import Q

from .offers import Offer
from .resources import Resource


class SearchEntry(models.Model):
    offer = models.OneToOneField(Offer, on_delete=models.CASCADE, null=True, related_name="search_entry")
    resource = models.OneToOneField(Resource, on_delete=models.CASCADE, null=True, related_name="search_entry")
    # Of the tokens and facet values written, so that a check can tell an entry that has fallen behind.
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="search_entry_of_one_offer_or_resource",
                condition=Q(offer__isnull=False, resource__isnull=True) | Q(offer__isnull=True, resource__isnull=False),
            )
        ]

    def __str__(self):
        return str(self.offer or self.resource)


class SearchFacet(models.Model):
    """One value of one facet of an entry, such as area = area.victim_assistance."""

    entry = models.ForeignKey(SearchEntry, on_delete=models.CASCADE, related_name="facets")
    facet = models.CharField(max_length=20)
    value = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["facet", "value", "entry"], name="search_facet_once")]

    def __str__(self):
        return f"{self.facet}={self.value}"
