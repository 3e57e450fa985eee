"""The list of offers on other websites, such as the Convention's: a small page for a frame."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from offers import records
from offers.filters import OfferFilter
from offers.models import Offer

USUAL, MOST = 10, 50  # offers in a frame


@login_not_required
@require_safe
def embed(request):
    """The first offers of a list, narrowed as in the catalogue, where all of them are."""
    chosen = OfferFilter(request.GET)
    catalogue_url = records.with_query(reverse("offers:catalogue"), chosen.parameters())
    context = {
        "total": chosen.counts.total,
        "offers": first_offers(chosen, wanted(request.GET.get("limit", ""))),
        "ignored": chosen.ignored,
        "catalogue_url": catalogue_url,
        "canonical_url": records.absolute(catalogue_url),
    }
    return render(request, "offers/embed.html", context)


# For the middleware that writes the headers: the websites in EMBED_ORIGINS may show this page and no other.
embed.may_be_framed = True


def wanted(limit):
    """How many offers are asked for; what cannot be a number is answered as if nothing had been asked."""
    if not (limit.isascii() and limit.isdigit()) or not int(limit[:4]):
        return USUAL
    return min(int(limit[:4]), MOST)


def first_offers(chosen, number):
    # The keys first: to sort whole rows, a database would have to read them all.
    keys = list(chosen.ranked().values_list("pk", flat=True)[:number])
    cards = Offer.objects.for_cards().in_bulk(keys)
    return [cards[key] for key in keys]
