"""Who and where: States, regional bodies, and how the catalogue covers regions and South-South cooperation."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Max, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from contacts.forms import RegionForm
from contacts.models import BodyKind, ContactPoint, Region, RegionalBody, State
from contacts.models.reference import SUFFIXES
from offers.coverage import coverage as coverage_of
from offers.filters import catalogue_url, south_south_url
from offers.links import kept_elsewhere
from offers.models import Offer
from offers.search import facets

# The catalogue has the rest.
OFFERS_SHOWN, OF_EACH_KIND = 20, 10


@method_decorator(login_not_required, name="dispatch")
class StateList(ListView):
    template_name = "offers/state_list.html"

    def get_queryset(self):
        return State.objects.parties().in_name_order().select_related("region")

    def get_context_data(self, **kwargs):
        regions = {}
        for state in self.object_list:
            regions.setdefault(state.region, []).append(state)
        return super().get_context_data(regions=sorted(regions.items(), key=lambda item: item[0].position), **kwargs)


@login_not_required
@require_safe
def state_detail(request, iso3):
    state = get_object_or_404(State.objects.select_related("region__parent__parent"), iso3=iso3.upper())
    if iso3 != iso3.lower():
        return redirect("offers:state_detail", iso3.lower(), permanent=True)
    if not state.joined:
        raise Http404
    bodies = RegionalBody.objects.serving(state)
    points = ContactPoint.objects.with_details().in_reading_order()
    offers = Offer.objects.public().filter(state=state)
    context = {
        "state": state,
        "status_label": state.convention_status().label,
        "is_party": state.is_party(),
        "names": [(code, name) for code, suffix in SUFFIXES.items() if (name := getattr(state, f"name_{suffix}"))],
        "offers": offers.for_cards().last_confirmed_first()[:OFFERS_SHOWN],
        # Illustrative records have been confirmed by nobody.
        **offers.aggregate(offer_count=Count("pk"), last_confirmed=Max("confirmed_on", filter=Q(is_sample=False))),
        "offers_url": catalogue_url((facets.STATE, state.iso3)),
        "feed_parameters": f"{facets.STATE}={state.iso3}",
        "recipient_url": catalogue_url((facets.RECIPIENT, state.iso3)),
        "contact_points": points.national().filter(state=state),
        "regional_contact_points": points.regional().filter(regional_body__in=bodies.values("pk")),
        "links": kept_elsewhere(state),
        "bodies": bodies.order_by("short_name"),
    }
    return render(request, "offers/state_detail.html", context)


@method_decorator(login_not_required, name="dispatch")
class BodyList(ListView):
    template_name = "offers/body_list.html"

    def get_queryset(self):
        parties = Count("states", filter=Q(states__in=State.objects.parties()))
        bodies = RegionalBody.objects.annotate(parties_listed=parties).order_by("short_name")
        return bodies.select_related("host_state").prefetch_related("regions")

    def get_context_data(self, **kwargs):
        kinds = {kind: [] for kind in BodyKind}
        for body in self.object_list:
            kinds[body.kind].append(body)
        return super().get_context_data(
            kinds=[(kind, bodies) for kind, bodies in kinds.items() if bodies],
            **kwargs,
        )


@login_not_required
@require_safe
def body_detail(request, slug):
    body = get_object_or_404(RegionalBody.objects.with_slug(slug.lower()).select_related("host_state"))
    if slug != slug.lower():
        return redirect("offers:body_detail", slug.lower(), permanent=True)
    served = State.objects.served_by(body)
    regions = Region.objects.of_states(served)
    offers = Offer.objects.public().filter(live_version__recipient_groups=body)
    context = {
        "body": body,
        "states": served.parties().in_name_order(),
        "areas": body.regions.all(),
        "contact_points": body.contact_points.open().with_details().in_reading_order(),
        "offers": offers.for_cards().last_confirmed_first()[:OFFERS_SHOWN],
        "offer_count": offers.count(),
        # All of them, if the body serves the world.
        "offers_url": catalogue_url(*((facets.REGION, region.un_m49) for region in regions if not body.worldwide)),
    }
    return render(request, "offers/body_detail.html", context)


@login_not_required
@require_safe
def coverage(request):
    form = RegionForm(request.GET)
    region = form.chosen()
    context = {
        # As it is in force: what was not understood is said once, above the numbers.
        "form": RegionForm(initial={"region": region}),
        "ignored": bool(form.errors),
        "coverage": coverage_of(region),
        "canonical_url": f"{settings.PORTAL_URL}{request.path}{f'?region={region.un_m49}' if region else ''}",
    }
    return render(request, "offers/coverage.html", context)


@login_not_required
@require_safe
def south_south(request):
    """Offers that look for a funding partner first, then the others of this kind."""
    offers = Offer.objects.public()
    seeking, of_the_kind = offers.seeking_funding_partner(), offers.south_south()
    others = of_the_kind.exclude(pk__in=seeking.values("pk"))
    context = {
        "seeking": seeking.for_cards().last_confirmed_first()[:OF_EACH_KIND],
        "seeking_count": seeking.count(),
        "seeking_url": catalogue_url((facets.SOUTH, facets.SEEKING)),
        "others": others.for_cards().last_confirmed_first()[:OF_EACH_KIND],
        "count": of_the_kind.count(),
        "list_url": south_south_url(),
        "list_parameters": urlsplit(south_south_url()).query,
    }
    return render(request, "offers/south_south.html", context)
