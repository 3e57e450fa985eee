"""What search engines may list of the catalogue, in each language and with the day of the last change."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from contacts.models import RegionalBody, State, language_tag
from offers.filters import catalogue_url
from offers.models import Area, Bulletin, Offer
from offers.search import facets


class PortalSitemap(Sitemap):
    """Entries in the six languages, each naming the others.

    Whole addresses begin with PORTAL_URL, never with what a request says of
    the host. `rows` are read once, however many languages there are.
    """

    i18n = alternates = x_default = True
    # The protocol allows 50,000, but with all their alternates those would take ten seconds to make.
    limit = 2_000

    def get_protocol(self, protocol=None):
        return urlsplit(settings.PORTAL_URL).scheme

    def get_domain(self, site=None):
        return urlsplit(settings.PORTAL_URL).netloc

    def items(self):
        return self.rows

    def get_urls(self, *args, **kwargs):
        urls = super().get_urls(*args, **kwargs)
        for alternate in (alternate for url in urls for alternate in url["alternates"]):
            if alternate["lang_code"] != "x-default":
                alternate["lang_code"] = language_tag(alternate["lang_code"])
        return urls


class Offers(PortalSitemap):
    @cached_property
    def rows(self):
        return list(Offer.objects.public().order_by("reference").values_list("reference", "confirmed_on"))

    def location(self, row):
        return reverse("offers:detail", args=[row[0]])

    def lastmod(self, row):
        # A new wording is a confirmation too.
        return row[1]


class Areas(PortalSitemap):
    """The catalogue, narrowed to one of the main areas."""

    @cached_property
    def rows(self):
        return list(Area.objects.top().values_list("code", flat=True))

    def location(self, code):
        return catalogue_url((facets.AREA, code))


class Bulletins(PortalSitemap):
    @cached_property
    def rows(self):
        return list(Bulletin.objects.sent().values_list("number", "sent_at"))

    def location(self, row):
        return reverse("offers:bulletin", args=[row[0]])

    def lastmod(self, row):
        return timezone.localdate(row[1])


class States(PortalSitemap):
    @cached_property
    def rows(self):
        return list(State.objects.filter(joined=True).order_by("iso3").values_list("iso3", flat=True))

    def location(self, iso3):
        return reverse("offers:state_detail", args=[iso3.lower()])


class Bodies(PortalSitemap):
    """Regional bodies."""

    @cached_property
    def rows(self):
        return [body.slug for body in RegionalBody.objects.only("short_name")]

    def location(self, slug):
        return reverse("offers:body_detail", args=[slug])
