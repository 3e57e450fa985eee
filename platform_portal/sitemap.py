"""For search engines: which pages there are, and which are not for them."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import views
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe

from analytics.recording.actions import ACTIONS, Action
from offers import sitemaps

# Kinds of pages of which each is listed that needs no more to be opened than its address.
PAGES = {Action.PAGE, Action.CATALOGUE, Action.CONTACT_DIRECTORY, Action.GUIDANCE, Action.COVERAGE}

ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /*/account/
Disallow: /*/desk/
Disallow: /*/isu/
Disallow: /*/start/
Disallow: /*/embed/
Disallow: /*/out/
Disallow: /*/report/
Disallow: /*/offline/
Disallow: /*.csv
Disallow: /*.xlsx
Disallow: /*.json

Sitemap: {sitemap}
"""


class Pages(sitemaps.PortalSitemap):
    """Home, catalogue, directory and pages of text, by the names of their addresses."""

    @cached_property
    def rows(self):
        return [name for name, action in ACTIONS.items() if action in PAGES and _needs_no_argument(name)]

    def location(self, name):
        return reverse(name)


def _needs_no_argument(name):
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False


SECTIONS = {
    "pages": Pages,
    "areas": sitemaps.Areas,
    "offers": sitemaps.Offers,
    "states": sitemaps.States,
    "bodies": sitemaps.Bodies,
    "bulletins": sitemaps.Bulletins,
}


@login_not_required
@require_safe
def index(request):
    """The files in which the addresses are listed. Django's own would believe the Host header."""
    files = []
    for name, section in SECTIONS.items():
        section = section()
        address = f"{settings.PORTAL_URL}{reverse('sitemap_section', args=[name])}"
        changed = section.get_latest_lastmod()
        for number in section.paginator.page_range:
            location = address if number == 1 else f"{address}?p={number}"
            files.append({"location": location, "last_mod": changed})
    return render(request, "sitemap_index.xml", {"sitemaps": files}, content_type="application/xml")


@login_not_required
@require_safe
def section(request, section):
    return views.sitemap(request, SECTIONS, section=section)


@login_not_required
@require_safe
def robots(request):
    rules = ROBOTS.format(sitemap=f"{settings.PORTAL_URL}{reverse('sitemap')}")
    return HttpResponse(rules, content_type="text/plain; charset=utf-8")
