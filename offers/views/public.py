"""Pages for everyone; the catalogue itself is in `catalogue.py`."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Max
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from django.views.generic import ListView, TemplateView

from contacts.models import ContactPoint, RegionalBody, State
from offers.documents import send_document
from offers.models import Area, Cooperation, Offer, OfferDocument, OfferVersion, SearchFacet

NEWEST = 5
RELATED = 4


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
            newest=offers.for_cards().order_by("-first_published_on", "-pk")[:NEWEST],
            south_south_count=offers.exclude(live_version__cooperation=Cooperation.NONE).count(),
            south_south_url=f"{reverse('offers:catalogue')}?south={Cooperation.SOUTH_SOUTH}&south={Cooperation.TRIANGULAR}",
            **kwargs,
        )

    def areas(self, offers):
        """The top areas, each with the number of offers that its link leads to."""
        counts = dict(
            SearchFacet.objects.filter(facet="area", entry__offer__in=offers).values_list("value").annotate(Count("pk"))
        )
        areas = list(Area.objects.top())
        for area in areas:
            area.count = counts.get(area.code, 0)
            area.url = f"{reverse('offers:catalogue')}?area={area.code}"
        return areas


@login_not_required
@require_safe
def offer_detail(request, reference):
    offer = get_object_or_404(_offers_with_a_page(), reference=reference)
    if offer.has_ended:
        return _gone(request, offer)
    if offer.is_suspended:
        return render(request, "offers/offer_suspended.html", {"offer": offer, "noindex": True})
    return render(request, "offers/offer_detail.html", offer_page(offer, offer.live_version))


def offer_page(offer, version, *, preview=False):
    """What the page of an offer prints; the same for the public page and the preview of a version."""
    is_expired = offer.is_expired and not preview
    return {
        "offer": offer,
        "version": version,
        "state": offer.state,
        "partners": version.partners.named().select_related("state"),
        "links": [] if is_expired else version.links.all(),
        "documents": [] if is_expired else version.documents.select_related("language"),
        "related": [] if preview else related_to(offer),
        "preview": preview,
        "canonical_url": f"{settings.PORTAL_URL}{offer.get_absolute_url()}",
        "is_expired": is_expired,
        "noindex": preview or is_expired,
    }


def related_to(offer):
    """Other public offers for the same main area, those of the same form first."""
    version = offer.live_version
    same_area = Offer.objects.public().exclude(pk=offer.pk).filter(live_version__primary_area=version.primary_area_id)
    same_form = same_area.filter(live_version__form=version.form_id)
    chosen = list(same_form.for_cards().order_by("-confirmed_on", "reference")[:RELATED])
    others = same_area.exclude(live_version__form=version.form_id).for_cards().order_by("-confirmed_on", "reference")
    return chosen + list(others[: RELATED - len(chosen)])


@login_not_required
@require_safe
def offer_contact(request, reference):
    """The contact points of an offer: a page of its own, so that opening it can be counted."""
    offer = get_object_or_404(_offers_with_a_page(), reference=reference)
    if offer.has_ended:
        return _gone(request, offer)
    if offer.is_suspended or offer.is_expired:
        return redirect(offer)
    context = {
        "offer": offer,
        "version": offer.live_version,
        "contact_points": offer.live_version.contact_points.listed()
        .select_related("state", "regional_body")
        .prefetch_related("languages")
        .in_reading_order(),
        "noindex": True,
    }
    return render(request, "offers/offer_contact.html", context)


@login_not_required
@require_safe
def follow_link(request, reference, pk):
    """Lead to a link of an offer; the address comes from the row, never from the request."""
    offer = get_object_or_404(Offer.objects.public(), reference=reference)
    link = get_object_or_404(offer.live_version.links, pk=pk)
    response = redirect(link.url)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@login_not_required
@require_safe
def document(request, reference, pk):
    """A document of a public offer; drafts' documents are for the State and the ISU."""
    attached = get_object_or_404(
        OfferDocument.objects.select_related("version__offer"), pk=pk, version__offer__reference=reference
    )
    offer = attached.version.offer
    is_public = attached.version_id == offer.live_version_id and Offer.objects.public().filter(pk=offer.pk).exists()
    if not is_public and not _may_read_unpublished(request.user, attached.version):
        raise Http404
    return send_document(attached)


def _may_read_unpublished(user, version):
    if not user.is_authenticated:
        return False
    if user.is_isu:
        return OfferVersion.objects.readable_by_isu().filter(pk=version.pk).exists()
    return user.state is not None and user.state.pk == version.offer.state_id


def _offers_with_a_page():
    return Offer.objects.ever_published().select_related(
        "state",
        "live_version__primary_area",
        "live_version__form",
        "live_version__original_language",
    )


def _gone(request, offer):
    """410: says no more than that the offer is no longer available."""
    return render(request, "offers/offer_gone.html", {"similar": related_to(offer), "noindex": True}, status=410)


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
    state = get_object_or_404(State.objects.select_related("region__parent"), iso3=iso3.upper())
    if iso3 != iso3.lower():
        return redirect("offers:state_detail", iso3.lower(), permanent=True)
    if not state.joined:
        raise Http404
    bodies = RegionalBody.objects.serving(state)
    context = {
        "state": state,
        "status_label": state.convention_status().label,
        "offers": Offer.objects.public().filter(state=state).for_cards().order_by("-confirmed_on", "reference"),
        "contact_points": ContactPoint.objects.national().filter(state=state).prefetch_related("languages"),
        "regional_contact_points": ContactPoint.objects.filter(regional_body__in=bodies)
        .select_related("regional_body")
        .prefetch_related("languages"),
        "links": state.links.all(),
        "bodies": bodies.order_by("short_name"),
    }
    return render(request, "offers/state_detail.html", context)


@method_decorator(login_not_required, name="dispatch")
class Page(TemplateView):
    """A page of text: about, privacy, accessibility."""
