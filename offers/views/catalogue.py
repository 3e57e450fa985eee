"""The catalogue: public offers by words and filters, with the resources elsewhere that answer the same question."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import InvalidPage
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import ListView

from offers import search
from offers.filters import OfferFilter
from offers.models import Offer, Resource
from offers.search import facets

RESOURCES_SHOWN = 10
# Deeper terms of the taxonomy are listed only where there is something to find.
LEVELS_ALWAYS_LISTED = 2


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int
    selected: bool
    depth: int


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    kind: str  # "checkboxes" or "select"
    options: list

    @property
    def in_use(self):
        return sum(option.selected for option in self.options)


@dataclass(frozen=True)
class AppliedFilter:
    label: str
    remove_url: str


@dataclass(frozen=True)
class Suggestion:
    label: str
    url: str
    count: int


@method_decorator(login_not_required, name="dispatch")
class Catalogue(ListView):
    template_name = "offers/offer_list.html"
    paginate_by = 20

    def get(self, request, *args, **kwargs):
        self.filter = OfferFilter(request.GET, Offer.objects.public())
        try:
            self.page = self.paginator.page(request.GET.get("page") or 1)
        except InvalidPage:
            return redirect(self.address(self.filter.parameters()))
        response = super().get(request, *args, **kwargs)
        response.headers["X-Total-Count"] = str(self.filter.counts.total)
        return response

    def get_queryset(self):
        """The keys of the offers in order: to sort whole rows, a database would have to read them all."""
        return search.ranked(self.filter.qs).values_list("pk", flat=True)

    @cached_property
    def paginator(self):
        paginator = self.get_paginator(self.get_queryset(), self.paginate_by)
        # Known from the counts of the facets: no need to ask again.
        paginator.count = self.filter.counts.total
        return paginator

    def paginate_queryset(self, queryset, page_size):
        return self.paginator, self.page, self.page.object_list, self.page.has_other_pages()

    def get_context_data(self, **kwargs):
        chosen, counts = self.filter, self.filter.counts
        resources, resource_total = self.resources()
        parameters = chosen.parameters()
        if self.page.number > 1:
            parameters["page"] = self.page.number
        only_words = self.filter.parameters()
        for facet in chosen.selection:
            del only_words[facet]
        return super().get_context_data(
            filter=chosen,
            query=chosen.words,
            facets=[self.facet(name) for name in chosen.choices],
            in_use=chosen.in_use,
            applied=[
                AppliedFilter(self.label(name, value), self.address(chosen.parameters(without=(name, value))))
                for name, values in chosen.selection.items()
                for value in values
            ],
            clear_url=self.address(only_words),
            ignored=chosen.ignored,
            total=counts.total,
            offers=self.offers(),
            resources=resources,
            resource_total=resource_total,
            suggestions=[] if counts.total else list(self.suggestions()),
            canonical_url=f"{settings.PORTAL_URL}{self.address(parameters)}",
            # Combinations are endless, and each is only a part of a list that is indexed anyway.
            noindex=chosen.in_use + bool(chosen.words) > 1,
            **kwargs,
        )

    def address(self, parameters):
        return f"{self.request.path}?{parameters.urlencode()}" if parameters else self.request.path

    def label(self, name, value):
        return next(choice.label for choice in self.filter.choices[name] if choice.value == value)

    def offers(self):
        """Those of this page, each with an excerpt around what was found."""
        cards = Offer.objects.for_cards().in_bulk(list(self.page.object_list))
        offers = [cards[key] for key in self.page.object_list]
        query = self.filter.query if self.filter.words else search.Query()
        for offer in offers:
            version = offer.live_version
            language = version.original_language.code if version.original_language else ""
            offer.excerpt = search.excerpt(version.description, query, language)
        return offers

    def resources(self):
        """The first that match, and how many there are."""
        matching = self.filter.narrow(Resource.objects.all())
        shown = list(matching.order_by(*search.tier_of(matching), "title", "pk")[: RESOURCES_SHOWN + 1])
        total = matching.count() if len(shown) > RESOURCES_SHOWN else len(shown)
        return shown[:RESOURCES_SHOWN], total

    def facet(self, name):
        counts, selected = self.filter.counts, self.filter.selection.get(name, [])
        options = [
            Option(choice.value, choice.label, counts.of(name, choice.value), choice.value in selected, choice.depth)
            for choice in self.filter.choices[name]
        ]
        # Nobody is shamed by a zero: States are listed only for the offers they have.
        always = 0 if name == facets.STATE else LEVELS_ALWAYS_LISTED
        return Facet(
            name=name,
            label=self.filter.filters[name].label,
            kind="select" if name == facets.STATE else "checkboxes",
            options=[option for option in options if option.depth < always or option.count or option.selected],
        )

    def suggestions(self):
        """Where nothing is found: what leaving out one filter, or the words, would give."""
        chosen = self.filter
        if chosen.words and (found := chosen.count_without_words()):
            yield Suggestion(
                _("leave out the words “%(words)s”") % {"words": chosen.words},
                self.address(chosen.parameters(without="q")),
                found,
            )
        for name, values in chosen.selection.items():
            if found := chosen.counts.without(name):
                labels = ", ".join(str(self.label(name, value)) for value in values)
                yield Suggestion(
                    _("leave out the filter “%(filter)s”") % {"filter": labels},
                    self.address(chosen.parameters(without=name)),
                    found,
                )
