"""What the catalogue can be narrowed by: the same for the page, its counts and every other form of the list."""

from dataclasses import dataclass
from functools import cached_property

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from contacts.models import Region, State, name_suffix
from offers import search
from offers.models import COST_ITEMS, Area, Cooperation, Form, FundingPartner, Offer
from offers.search import facets


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    depth: int = 0


def _named(rows, value, level=None):
    """Choices from reference data, in the order of the rows and in the language now in use."""
    fields = [value, f"name_{name_suffix()}", "name_en", *([level] if level else [])]
    for code, name, english, *depth in rows.values_list(*fields):
        yield Choice(code, name or english, depth[0] - 1 if depth else 0)


def _pays():
    yield Choice(facets.FREE, _("Free to the recipient"))
    for item, label in COST_ITEMS.items():
        yield Choice(f"provider:{item}", _("Paid by the provider: %(item)s") % {"item": label})


def _south_south():
    yield Choice(Cooperation.SOUTH_SOUTH.value, Cooperation.SOUTH_SOUTH.label)
    yield Choice(Cooperation.TRIANGULAR.value, Cooperation.TRIANGULAR.label)
    yield Choice(facets.SEEKING, FundingPartner.SOUGHT.label)


# All values of each facet in the order in which they are listed.
CHOICES = {
    facets.AREA: lambda: _named(Area.objects.selectable(), "code", "level"),
    facets.FORM: lambda: _named(Form.objects.selectable(), "code", "level"),
    facets.STATE: lambda: _named(State.objects.in_name_order(), "iso3"),
    facets.REGION: lambda: _named(Region.objects.for_filters(), "un_m49"),
    facets.PAYS: _pays,
    facets.SOUTH: _south_south,
}


class FacetFilter(django_filters.MultipleChoiceFilter):
    """Keeps what has any of the values, which are looked up in the index; nothing chosen, nothing narrowed."""

    def filter(self, queryset, values):
        return facets.narrowed(queryset, self.field_name, values) if values else queryset


class OfferFilter(django_filters.FilterSet):
    """Narrows offers, or resources, by words and facets.

    What is not understood is left out of `selection`, and `ignored` tells that
    there was some: an old or mistyped address still shows a list.
    """

    q = django_filters.CharFilter(label=_("Search"), method="search")
    area = FacetFilter(label=_("Area of implementation"), widget=forms.CheckboxSelectMultiple)
    form = FacetFilter(label=_("Form of assistance"), widget=forms.CheckboxSelectMultiple)
    state = FacetFilter(label=_("Offered by"))
    region = FacetFilter(label=_("Region served"), widget=forms.CheckboxSelectMultiple)
    pays = FacetFilter(label=_("Who pays"), widget=forms.CheckboxSelectMultiple)
    south = FacetFilter(label=_("South-South cooperation"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Offer
        fields = []

    def __init__(self, data=None, queryset=None, **kwargs):
        data = data if data is not None else QueryDict()
        self.choices = {facet: list(choices()) for facet, choices in CHOICES.items()}
        self.words = search.clean(data.get("q", ""))
        self.selection, self.ignored = {}, False
        for facet, choices in self.choices.items():
            asked = set(data.getlist(facet)) - {""}
            known = [choice.value for choice in choices if choice.value in asked]
            self.ignored = self.ignored or len(known) < len(asked)
            if known:
                self.selection[facet] = known
        super().__init__(self.parameters(), Offer.objects.public() if queryset is None else queryset, **kwargs)
        for facet, choices in self.choices.items():
            self.filters[facet].extra["choices"] = [(choice.value, choice.label) for choice in choices]

    def parameters(self, *, without=None):
        """What is asked for, in an order that does not depend on the visitor's.

        `without` a whole parameter, given by its name, or one value, given by a pair of name and value.
        """
        parameters = QueryDict(mutable=True)
        if self.words and without != "q":
            parameters["q"] = self.words
        for facet, values in self.selection.items():
            if kept := [value for value in values if without not in (facet, (facet, value))]:
                parameters.setlist(facet, kept)
        return parameters

    @property
    def in_use(self):
        """The number of values chosen in all facets together."""
        return sum(map(len, self.selection.values()))

    @cached_property
    def query(self):
        return search.understood(self.words)

    def search(self, queryset, name, value):
        return search.matching(queryset, self.query)

    def narrow(self, queryset):
        """Another queryset, of offers or of resources, by the same words and facets."""
        self.is_valid()
        return self.filter_queryset(queryset)

    def count_without_words(self):
        """How many offers have the values chosen, whatever the words."""
        offers = self.queryset
        for facet, values in self.selection.items():
            offers = facets.narrowed(offers, facet, values)
        return offers.count()

    @cached_property
    def counts(self):
        offers = self.search(self.queryset, "q", self.words) if self.words else self.queryset
        return facets.count(offers, self.selection)
