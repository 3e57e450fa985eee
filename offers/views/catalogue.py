"""The catalogue: public offers by words and filters, with the resources elsewhere that answer the same question."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import InvalidPage, Paginator
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from offers import search
from offers.filters import DATES, OfferFilter
from offers.models import Offer, Resource
from offers.search import facets

RESOURCES_SHOWN = 10
# No list has more pages, and larger numbers are no numbers to a database.
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
# Deeper terms of the taxonomy are listed only where there is something to find.
LEVELS_ALWAYS_LISTED = 2
# Listed only where there is something to find: nobody is shamed by a zero, and there are many languages.
LISTED_IF_FOUND = {facets.STATE, facets.LANGUAGE, facets.WRITTEN}
ONE_OF_MANY = {facets.STATE, facets.RECIPIENT}


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

    @property
    def branches(self):
        """The topmost options, each with those below it and whether one of these is chosen."""
        branches = []
        for option in self.options:
            if option.depth == 0:
                branches.append((option, []))
            elif branches:
                branches[-1][1].append(option)
        return [(option, parts, any(part.selected for part in parts)) for option, parts in branches]


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
class Catalogue(TemplateView):
    template_name = "offers/offer_list.html"
    page_size = 20

    def get(self, request, *args, **kwargs):
        self.filter = OfferFilter(request.GET, Offer.objects.public())
        number = request.GET.get("page") or "1"
        if not PAGE_NUMBER.fullmatch(number):
            return redirect(self.address(self.filter.parameters()))
        start = (int(number) - 1) * self.page_size
        # To sort whole rows, a database would have to read them all.
        self.keys = self.filter.look(start, start + self.page_size)
        try:
            self.page = Paginator(range(self.filter.counts.total), self.page_size).page(number)
        except InvalidPage:
            return redirect(self.address(self.filter.parameters()))
        response = super().get(request, *args, **kwargs)
        response.headers["X-Total-Count"] = str(self.filter.counts.total)
        return response

    def get_context_data(self, **kwargs):
        chosen, counts = self.filter, self.filter.counts
        resources, resource_total = self.resources()
        parameters = chosen.parameters()
        if self.page.number > 1:
            parameters["page"] = self.page.number
        return super().get_context_data(
            page_obj=self.page,
            paginator=self.page.paginator,
            query=chosen.words,
            facets=[self.facet(name) for name in chosen.choices],
            in_use=chosen.in_use,
            days=[(name, chosen.filters[name].label, chosen.days.get(name)) for name in DATES],
            applied=[
                AppliedFilter(chosen.label(name, value), self.address(chosen.parameters(without=(name, value))))
                for name, value in chosen.applied
            ],
            clear_url=self.address(chosen.only_words()),
            sort=chosen.sort,
            sorts=list(self.sorts()),
            need_url=self.need_url(),
            list_parameters=chosen.parameters().urlencode(),
            ignored=[chosen.filters[name].label if name in chosen.filters else name for name in chosen.ignored],
            total=counts.total,
            offers=self.offers(),
            resources=resources,
            resource_total=resource_total,
            suggestions=[] if counts.total else list(self.suggestions()),
            correction=None if counts.total else self.correction(),
            canonical_url=f"{settings.PORTAL_URL}{self.address(parameters)}",
            # Combinations are endless, and each is only a part of a list that is indexed anyway.
            noindex=chosen.in_use + bool(chosen.words) > 1,
            **kwargs,
        )

    def address(self, parameters):
        return f"{self.request.path}?{parameters.urlencode()}" if parameters else self.request.path

    def sorts(self):
        """Ways to order the list: name, address, and whether it is the one in use."""
        for code, label in self.filter.SORTS.items():
            yield label, self.address(self.filter.parameters(sort=code)), code == self.filter.sort

    def offers(self):
        """Those of this page, each with an excerpt around what was found."""
        cards = Offer.objects.for_cards().in_bulk(self.keys)
        offers = [cards[key] for key in self.keys]
        query = self.filter.query if self.filter.words else search.Query()
        for offer in offers:
            words = offer.live_version.words
            offer.title_marked = search.excerpt(words["title"].text, query, words["title"].lang)
            offer.excerpt = search.excerpt(words["description"].text, query, words["description"].lang)
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
        always = 0 if name in LISTED_IF_FOUND else LEVELS_ALWAYS_LISTED
        return Facet(
            name=name,
            label=self.filter.filters[name].label,
            kind="select" if name in ONE_OF_MANY else "checkboxes",
            options=[option for option in options if option.depth < always or option.count or option.selected],
        )

    def suggestions(self):
        """Where nothing is found: what leaving out one filter, or the words, would give."""
        chosen = self.filter
        for name in chosen.parameters():
            if found := chosen.count_without(name):
                if name == "q":
                    label = _("leave out the words “%(words)s”") % {"words": chosen.words}
                else:
                    values = [chosen.label(name, value) for applied, value in chosen.applied if applied == name]
                    label = _("leave out the filter “%(filter)s”") % {"filter": ", ".join(map(str, values))}
                yield Suggestion(label, self.address(chosen.parameters(without=name)), found)

    def need_url(self):
        """The form to tell the ISU what was looked for."""
        parameters = self.filter.parameters(sort="")
        return f"{reverse('offers:need')}?{parameters.urlencode()}" if parameters else reverse("offers:need")

    def correction(self):
        """Where the words are found nowhere: what may have been meant."""
        words = search.suggestion(self.filter.words)
        if not words:
            return None
        meant = OfferFilter(self.filter.parameters(words=words))
        return Suggestion(words, self.address(meant.parameters()), meant.counts.total)
