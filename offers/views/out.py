"""The ways out: to what others keep. The address comes from the row, never from the request."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contacts.access import isu_only
from contacts.models import RegionalBody, RelatedSource, State
from offers.links import with_uses
from offers.models import LinkCheck, Offer, Resource


def _lead_to(url):
    """A detour of our own, so that it can be counted that somebody went there."""
    return HttpResponseRedirect(url, headers={"X-Robots-Tag": "noindex, nofollow"})


@login_not_required
@require_safe
def out_of_offer(request, reference, pk):
    offer = get_object_or_404(Offer.objects.public(), reference=reference)
    return _lead_to(get_object_or_404(offer.live_version.links, pk=pk).url)


@login_not_required
@require_safe
def out_of_state(request, iso3, pk):
    state = get_object_or_404(State, iso3=iso3.upper(), joined=True)
    return _lead_to(get_object_or_404(state.links, pk=pk).url)


@login_not_required
@require_safe
def out_to_source(request, pk):
    return _lead_to(get_object_or_404(RelatedSource, pk=pk).url)


@login_not_required
@require_safe
def out_to_resource(request, pk):
    return _lead_to(get_object_or_404(Resource, pk=pk).url)


@login_not_required
@require_safe
def out_to_body(request, pk):
    return _lead_to(get_object_or_404(RegionalBody.objects.exclude(website=""), pk=pk).website)


@login_not_required
@require_safe
def sources(request):
    found = RelatedSource.objects.prefetch_related("languages")
    return render(request, "offers/related_sources.html", {"sources": found})


@isu_only
@require_safe
def isu_links(request):
    """Which addresses do not answer, and which pages lead there."""
    context = {
        "broken": with_uses(LinkCheck.objects.broken()),
        "undecided": with_uses(LinkCheck.objects.undecided()),
        "last": LinkCheck.objects.order_by("-checked_at").first(),
    }
    return render(request, "offers/isu_links.html", context)
