"""The home page and the pages of text; the catalogue, single offers and States have modules of their own."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Max
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from contacts.models import RelatedSource
from offers import structured_data
from offers.filters import catalogue_url, south_south_url
from offers.models import Area, Offer
from offers.search import facets

NEWEST, SOURCES = 5, 4


@method_decorator(login_not_required, name="dispatch")
class Home(TemplateView):
    template_name = "offers/home.html"

    def get_context_data(self, **kwargs):
        offers = Offer.objects.public()
        figures = offers.aggregate(
            offer_count=Count("pk"), state_count=Count("state", distinct=True), last_confirmed=Max("confirmed_on")
        )
        return super().get_context_data(
            **figures,
            areas=self.areas(offers),
            sources=RelatedSource.objects.all()[:SOURCES],
            newest=offers.for_cards().order_by("-first_published_on", "-pk")[:NEWEST],
            south_south_count=offers.south_south().count(),
            south_south_url=south_south_url(),
            structured_data=structured_data.as_json(structured_data.portal()),
            **kwargs,
        )

    def areas(self, offers):
        """The top areas, each with the number of offers that its link leads to."""
        counts = facets.count(offers, {})
        areas = list(Area.objects.top())
        for area in areas:
            area.count = counts.of(facets.AREA, area.code)
            area.url = catalogue_url((facets.AREA, area.code))
        return areas


@method_decorator(login_not_required, name="dispatch")
class Page(TemplateView):
    """A page of text."""


class Privacy(Page):
    template_name = "offers/privacy.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(controller=settings.PRIVACY_CONTROLLER, **kwargs)
