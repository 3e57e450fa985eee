"""Where the portal leads to other websites, and which of these links are broken."""

from collections import defaultdict
from typing import NamedTuple

from django.urls import reverse

from contacts.models import ABOUT_STATES, LinkKind, RegionalBody, RelatedSource, StateLink

from .models import LinkCheck, Offer, OfferLink, Resource

VICTIM_ASSISTANCE = "area.victim_assistance"


class Use(NamedTuple):
    """One place of the portal from which an address is linked."""

    name: str
    page: str


def _of_states():
    for link in StateLink.objects.select_related("state").order_by("state__iso3", "pk"):
        yield link.url, Use(link.state.name, reverse("offers:state_detail", args=[link.state.iso3.lower()]))


def _of_sources():
    for source in RelatedSource.objects.all():
        yield source.url, Use(source.name, reverse("offers:sources"))


def _of_offers():
    links = OfferLink.objects.filter(version__in=Offer.objects.public().values("live_version"))
    for link in links.select_related("version__offer").order_by("pk"):
        offer = link.version.offer
        yield link.url, Use(offer.reference, offer.get_absolute_url())


def _of_resources():
    for resource in Resource.objects.all():
        yield resource.url, Use(resource.title, reverse("offers:catalogue"))


def _of_bodies():
    for body in RegionalBody.objects.exclude(website="").order_by("short_name"):
        yield body.website, Use(body.short_name, reverse("offers:body_detail", args=[body.slug]))


PLACES = {
    "states": _of_states,
    "sources": _of_sources,
    "offers": _of_offers,
    "resources": _of_resources,
    "bodies": _of_bodies,
}


def uses(only=()):
    """Each address that the public can follow, with the places that lead to it."""
    found = defaultdict(list)
    for name, place in PLACES.items():
        if not only or name in only:
            for url, use in place():
                found[url].append(use)
    return found


def with_uses(checks):
    """Checks of addresses that are still linked, each with the places that lead there."""
    checks = list(checks)
    found = uses() if checks else {}
    return [(check, found[check.url]) for check in checks if check.url in found]


def broken_links_of(version):
    """The links of a version of which the portal knows that they do not answer."""
    urls = LinkCheck.objects.broken().filter(url__in=version.links.values("url")).values("url")
    return version.links.filter(url__in=urls)


def broken_links_in_offers_of(state):
    """Those of its public offers; only the State can correct them."""
    offers = Offer.objects.public().filter(state=state)
    links = OfferLink.objects.filter(
        version__in=offers.values("live_version"), url__in=LinkCheck.objects.broken().values("url")
    )
    return links.select_related("version__offer").order_by("version__offer__reference", "pk")


class Elsewhere(NamedTuple):
    """What is kept about a State by others: of one kind, at one address."""

    label: str
    address: str
    languages: list
    checked_on: object
    about_all: bool = False


def kept_elsewhere(state, kinds=tuple(LinkKind)):
    """The links of a State, kind by kind; where it has none of its own, the source that covers all States."""
    own = defaultdict(list)
    for link in state.links.filter(kind__in=kinds).select_related("language"):
        own[link.kind].append(link)
    sources = RelatedSource.objects.of_all_states(set(kinds).intersection(ABOUT_STATES) - own.keys())
    found = []
    for kind in kinds:
        for link in own[kind]:
            address = reverse("offers:out_state", args=[state.iso3.lower(), link.pk])
            languages = [link.language] if link.language else []
            found.append(Elsewhere(str(link), address, languages, link.checked_on))
        if source := sources.get(kind):
            address = reverse("offers:out_source", args=[source.pk])
            found.append(Elsewhere(source.name, address, source.languages.all(), source.checked_on, about_all=True))
    return found


def about_the_offering_state(offer, version):
    """What a reader of an offer may want to look up about the State; on disability rights where it assists victims."""
    kinds = [LinkKind.ARTICLE_7, LinkKind.MONITOR]
    area = version.primary_area
    if area is not None and area.is_within(VICTIM_ASSISTANCE):
        kinds.append(LinkKind.CRPD)
    return kept_elsewhere(offer.state, kinds)
