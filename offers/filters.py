"""What the catalogue can be narrowed by: the same for the page, its counts and every other form of the list."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

import django_filters
from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from contacts.models import Language, Region, State, name_suffix
from offers import revision, search
from offers.models import COST_ITEMS, Area, Cooperation, DeliveryMode, Form, Freshness, FundingPartner, Offer
from offers.search import facets


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    depth: int = 0


def catalogue_url(*parameters):
    """The catalogue narrowed by pairs of name and value."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{reverse('offers:catalogue')}{query}"


def south_south_url():
    """The catalogue narrowed to what `OfferQuerySet.south_south` gives."""
    return catalogue_url((facets.SOUTH, Cooperation.SOUTH_SOUTH), (facets.SOUTH, Cooperation.TRIANGULAR))


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


def _freshness():
    """In the words of a reader: what is due is the State's business."""
    yield Choice(Freshness.FRESH.value, _("Within the last six months"))
    yield Choice(Freshness.DUE.value, _("Six to seven months ago"))
    yield Choice(Freshness.OVERDUE.value, _("Longer ago"))


def all_choices():
    """All values of each facet in the order in which they are listed. The order of the facets is that of the page."""
    languages = list(_named(Language.objects.in_name_order(), "code"))
    found = {
        facets.AREA: _named(Area.objects.selectable(), "code", "level"),
        facets.FORM: _named(Form.objects.selectable(), "code", "level"),
        facets.RECIPIENT: _named(State.objects.parties().in_name_order(), "iso3"),
        facets.PAYS: _pays(),
        facets.LANGUAGE: languages,
        facets.REGION: _named(Region.objects.for_filters(), "un_m49"),
        facets.DELIVERY: (Choice(mode.value, mode.label) for mode in DeliveryMode),
        facets.SOUTH: _south_south(),
        facets.STATE: _named(State.objects.in_name_order(), "iso3"),
        facets.WRITTEN: languages,
        facets.FRESHNESS: _freshness(),
    }
    return {facet: tuple(choices) for facet, choices in found.items()}


DATES = ("available_from", "available_until")
# A value alone would not tell what it is about.
IN_WORDS = {
    facets.RECIPIENT: _("For %(value)s"),
    facets.LANGUAGE: _("Given in %(value)s"),
    facets.REGION: _("Serves %(value)s"),
    facets.STATE: _("Offered by %(value)s"),
    facets.WRITTEN: _("Described in %(value)s"),
    facets.FRESHNESS: _("Confirmed: %(value)s"),
    "available_from": _("Available from %(value)s"),
    "available_until": _("Available until %(value)s"),
}


class FacetFilter(django_filters.MultipleChoiceFilter):
    """Keeps what has any of the values, which are looked up in the index; nothing chosen, nothing narrowed."""

    def filter(self, queryset, values):
        return facets.narrowed(queryset, self.field_name, values) if values else queryset


class AvailableFilter(django_filters.DateFilter):
    """A calendar of the browser, which sends a day as 2027-03-31 in whatever language it shows it."""

    def __init__(self, **kwargs):
        super().__init__(method="available", widget=forms.DateInput(attrs={"type": "date"}), **kwargs)


class OfferFilter(django_filters.FilterSet):
    """Narrows offers, or resources, by words, facets and days.

    What is not understood is left out, and its names stand in `ignored`: an old
    or mistyped address still shows a list.
    """

    q = django_filters.CharFilter(label=_("Search"), method="search")
    area = FacetFilter(label=_("Area of implementation"), widget=forms.CheckboxSelectMultiple)
    form = FacetFilter(label=_("Form of assistance"), widget=forms.CheckboxSelectMultiple)
    recipient = FacetFilter(label=_("Who can help my State?"))
    pays = FacetFilter(label=_("Who pays"), widget=forms.CheckboxSelectMultiple)
    language = FacetFilter(label=_("Given in the language"), widget=forms.CheckboxSelectMultiple)
    region = FacetFilter(label=_("Region served"), widget=forms.CheckboxSelectMultiple)
    delivery = FacetFilter(label=_("How it is given"), widget=forms.CheckboxSelectMultiple)
    south = FacetFilter(label=_("South-South cooperation"), widget=forms.CheckboxSelectMultiple)
    state = FacetFilter(label=_("Offered by"))
    written = FacetFilter(label=_("Described in the language"), widget=forms.CheckboxSelectMultiple)
    freshness = FacetFilter(label=_("Confirmed by the State"), widget=forms.CheckboxSelectMultiple)
    available_from = AvailableFilter(label=_("Available from"))
    available_until = AvailableFilter(label=_("Available until"))

    SORTS = {"": _("Best match first"), "newest": _("Newest first")}

    class Meta:
        model = Offer
        fields = []

    def __init__(self, data=None, queryset=None, **kwargs):
        data = data if data is not None else QueryDict()
        self.choices = revision.kept("choices of the catalogue", all_choices)
        self.words = search.clean(data.get("q", ""))
        self.selection, self.days, self.ignored = {}, {}, []
        for facet, choices in self.choices.items():
            asked = set(data.getlist(facet)) - {""}
            known = [choice.value for choice in choices if choice.value in asked]
            if len(known) < len(asked):
                self.ignored.append(facet)
            if known:
                self.selection[facet] = known
        for name in DATES:
            if text := data.get(name, "").strip():
                if (day := _day(text)) and day >= self.days.get("available_from", day):
                    self.days[name] = day
                else:
                    self.ignored.append(name)
        self.sort = data.get("sort", "")
        if self.sort not in self.SORTS:
            self.sort = ""
            self.ignored.append("sort")
        super().__init__(self.parameters(), Offer.objects.public() if queryset is None else queryset, **kwargs)
        for facet, choices in self.choices.items():
            self.filters[facet].extra["choices"] = [(choice.value, choice.label) for choice in choices]

    def parameters(self, *, without=None, words=None, sort=None):
        """What is asked for, in an order that does not depend on the visitor's.

        `without` a whole parameter, given by its name, or one value, given by a pair of name and value;
        with other `words` or another `sort` if they are given.
        """
        words = self.words if words is None else words
        sort = self.sort if sort is None else sort
        parameters = QueryDict(mutable=True)
        if words and without != "q":
            parameters["q"] = words
        for name, value in self.applied:
            if without not in (name, (name, value)):
                parameters.appendlist(name, str(value))  # a day in its ISO form
        if sort:
            parameters["sort"] = sort
        return parameters

    def only_words(self):
        """The same without any filter."""
        parameters = self.parameters()
        for name, _value in self.applied:
            parameters.pop(name, None)
        return parameters

    @property
    def applied(self):
        """Pairs of name and value: what is chosen in the facets, and days."""
        chosen = [(name, value) for name, values in self.selection.items() for value in values]
        return [*chosen, *self.days.items()]

    @property
    def in_use(self):
        return len(self.applied)

    def label(self, name, value):
        """The value of a parameter in words that also tell what it is about."""
        if name in DATES:
            words = date_format(value)
        else:
            words = next(choice.label for choice in self.choices[name] if choice.value == value)
        return IN_WORDS[name] % {"value": words} if name in IN_WORDS else words

    @property
    def in_words(self):
        """What is asked for: the words, and the label of each filter; empty for the whole catalogue."""
        words = [f"“{self.words}”"] if self.words else []
        return words + [str(self.label(name, value)) for name, value in self.applied]

    @cached_property
    def query(self):
        return search.understood(self.words)

    def search(self, queryset, name, value):
        return search.matching(queryset, self.query)

    def available(self, queryset, name, value):
        """Narrowed once for both days, when the first of them is applied."""
        if name != next(iter(self.days)):
            return queryset
        # Of a resource nobody says when it is to be had.
        if not hasattr(queryset, "available"):
            return queryset.none()
        return queryset.available(*(self.days.get(name) for name in DATES))

    def narrow(self, queryset):
        """Another queryset, of offers or of resources, by the same words and facets."""
        self.is_valid()
        return self.filter_queryset(queryset)

    def ranked(self):
        """The offers found, in the order asked for."""
        return self.qs.with_staleness().order_by(*self.order_of(self.qs))

    def order_of(self, offers):
        return ["-first_published_on", "-reference"] if self.sort == "newest" else search.order_of(offers)

    @cached_property
    def counts(self):
        return facets.count(self._before_facets(), self.selection)

    def look(self, start, stop):
        """The keys of the offers from one place in the list to before another, in order; `counts` come with them."""
        offers = self._before_facets()
        self.counts = facets.count(offers, self.selection, facets.ListPart(self.order_of(offers), start, stop))
        return self.counts.keys

    def _before_facets(self):
        """The offers that have the words and are available on the days."""
        offers = self.search(self.queryset, "q", self.words) if self.words else self.queryset
        return offers.available(*(self.days.get(name) for name in DATES)) if self.days else offers

    def count_without(self, name):
        """How many offers there would be without that parameter, all others kept."""
        if name in self.selection:
            return self.counts.without(name)
        return type(self)(self.parameters(without=name)).qs.count()


def _day(text):
    try:
        return parse_date(text)
    except ValueError:  # well formed, but there is no such day
        return None
