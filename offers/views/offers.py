"""The pages of one offer, for everyone."""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from offers import structured_data
from offers.answering import answering_for
from offers.content import answers_in_original, translation_notice
from offers.documents import send_document
from offers.history import changes_of
from offers.links import about_the_offering_state
from offers.models import Offer, OfferDocument, OfferVersion
from offers.plain_text import plain_text
from offers.records import absolute

RELATED = 4
CHANGES_ON_PAGE, CHANGES_ON_HISTORY = 3, 20


def _about_offer(view):
    """A public page about an offer; of one that has ended or is suspended, all such pages say the same."""

    @wraps(view)
    def guarded(request, reference):
        offer = get_object_or_404(offers_with_a_page(), reference=reference)
        if offer.has_ended:
            return gone(request, offer)
        if offer.is_suspended:
            return render(request, "offers/offer_suspended.html", {"offer": offer, "noindex": True})
        return view(request, offer)

    return login_not_required(require_safe(guarded))


@_about_offer
def offer_detail(request, offer):
    context = offer_page(offer, offer.live_version) | {"changes": changes_of(offer, CHANGES_ON_PAGE)}
    if not offer.is_expired:
        context["about_state"] = about_the_offering_state(offer, offer.live_version)
        context["structured_data"] = structured_data.as_json(structured_data.page_of(offer))
    return render(request, "offers/offer_detail.html", context)


@_about_offer
def history(request, offer):
    """How the published wording has changed, field by field."""
    context = {
        "offer": offer,
        "version": offer.live_version,
        "changes": changes_of(offer, CHANGES_ON_HISTORY),
        "most": CHANGES_ON_HISTORY,
        "noindex": True,
    }
    return render(request, "offers/offer_history.html", context)


@_about_offer
def as_text(request, offer):
    """The whole offer as plain text, to copy."""
    text = plain_text(
        offer,
        address=absolute(offer.get_absolute_url()),
        contact_address=absolute(reverse("offers:contact", args=[offer.reference])),
    )
    context = {"offer": offer, "version": offer.live_version, "text": text, "noindex": True}
    return render(request, "offers/offer_text.html", context)


@_about_offer
def as_print(request, offer):
    """The page of the offer laid out for paper."""
    context = offer_page(offer, offer.live_version) | {
        "contact_url": absolute(reverse("offers:contact", args=[offer.reference])),
        "printed_on": timezone.localdate(),
        "noindex": True,
    }
    return render(request, "offers/offer_print.html", context)


def offer_page(offer, version, *, preview=False):
    """What the page of an offer prints; the same for the public page and the preview of a version."""
    is_expired = offer.is_expired and not preview
    return {
        "offer": offer,
        "version": version,
        "state": offer.state,
        "words": version.words,
        "translation_notice": translation_notice(offer, version),
        "original": answers_in_original(version),
        "partners": version.partners.named().select_related("state"),
        "links": [] if is_expired else version.links.all(),
        "documents": [] if is_expired else version.documents.select_related("language"),
        "related": [] if preview else related_to(offer),
        "preview": preview,
        "canonical_url": absolute(offer.get_absolute_url()),
        "is_expired": is_expired,
        "noindex": preview or is_expired,
    }


def related_to(offer):
    """Other public offers for the same main area, those of the same form first."""
    version = offer.live_version
    same_area = Offer.objects.public().exclude(pk=offer.pk).filter(live_version__primary_area=version.primary_area_id)
    same_form = same_area.filter(live_version__form=version.form_id)
    chosen = list(same_form.for_cards().last_confirmed_first()[:RELATED])
    others = same_area.exclude(live_version__form=version.form_id).for_cards().last_confirmed_first()
    return chosen + list(others[: RELATED - len(chosen)])


@login_not_required
@require_safe
def offer_contact(request, reference):
    """The contact points of an offer: a page of its own, so that opening it can be counted."""
    offer = get_object_or_404(offers_with_a_page(), reference=reference)
    if offer.has_ended:
        return gone(request, offer)
    if offer.is_suspended or offer.is_expired:
        return redirect(offer)
    answering = answering_for(offer)
    context = {
        "offer": offer,
        "version": offer.live_version,
        "contact_points": answering.points,
        "why_these": answering.why,
        "noindex": True,
    }
    return render(request, "offers/offer_contact.html", context)


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


def offers_with_a_page():
    return Offer.objects.ever_published().select_related(
        "state",
        "live_version__primary_area",
        "live_version__form",
        "live_version__original_language",
    )


def gone(request, offer):
    """410: says no more than that the offer is no longer available."""
    return render(request, "offers/offer_gone.html", {"similar": related_to(offer), "noindex": True}, status=410)
