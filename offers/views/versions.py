"""All versions of an offer, all its steps, and what the public saw at a moment: for its State, and for the ISU."""

from dataclasses import dataclass

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contacts.access import focal_points_only, isu_only
from offers.content import all_answers
from offers.differences import differences
from offers.forms.versions import MomentForm
from offers.models import Offer, OfferVersion, StatusChange, Step
from offers.moderation import with_corrections
from offers.past import sight_of

from .own_offers import own_offer


@dataclass
class Row:
    """A version in the list; `is_readable` if the person may read its text now."""

    version: OfferVersion
    is_readable: bool
    submission: StatusChange | None


@focal_points_only
@require_safe
def versions(request, reference):
    """For the State: all there is."""
    offer = own_offer(request, reference)
    return _versions_page(request, offer, offer.versions.all(), offer.versions.all(), for_isu=False)


@isu_only
@require_safe
def isu_offer(request, reference):
    """For the ISU: what has been handed in or was entered here; what the State is writing, it does not read."""
    offer = offer_known_to_isu(reference)
    known, readable = offer.versions.known_to_isu(), offer.versions.readable_by_isu()
    return _versions_page(request, offer, known, readable, for_isu=True)


def offer_known_to_isu(reference):
    offers = Offer.objects.known_to_isu().select_related("state", "live_version__original_language")
    return get_object_or_404(offers, reference=reference)


def _versions_page(request, offer, known, readable, *, for_isu):
    known = list(known.select_related("author", "decided_by", "original_language").order_by("-number"))
    may_read = set(readable.values_list("pk", flat=True))
    keys = {version.pk for version in known}
    log = offer.status_changes.select_related("by", "version")
    log = [change for change in log if change.version_id is None or change.version_id in keys]
    submissions = {change.version_id: change for change in log if change.step == Step.SUBMIT}
    newest = next((version for version in known if version.pk in may_read), None)
    form = MomentForm(request.GET if "on" in request.GET else None)
    context = {
        "offer": offer,
        "state": offer.state,
        "newest": newest,
        "open_version": next((version for version in known if version.is_open and not offer.has_ended), None),
        "rows": [Row(version, version.pk in may_read, submissions.get(version.pk)) for version in known],
        "log": with_corrections(log),
        "partners": newest.partners.exclude(state=None).select_related("state") if newest else [],
        "form": form,
        "sight": sight_of(offer, form.moment, log) if form.is_valid() else None,
        "for_isu": for_isu,
        "can_take_down": for_isu and offer.can_be_taken_down,
        "can_bring_back": offer.may_be_brought_back_by(request.user),
        "noindex": True,
    }
    return render(request, "offers/versions.html", context)


@focal_points_only
@require_safe
def version(request, reference, number):
    offer = own_offer(request, reference)
    return _version_page(request, offer, offer.versions.all(), number, for_isu=False)


@isu_only
@require_safe
def isu_version(request, reference, number):
    offer = offer_known_to_isu(reference)
    return _version_page(request, offer, offer.versions.readable_by_isu(), number, for_isu=True)


def _version_page(request, offer, readable, number, *, for_isu):
    """The whole text of a version, and how it differs from the one before it."""
    version = get_object_or_404(readable.select_related("original_language", "author"), number=number)
    former = readable.filter(number__lt=number).last()
    context = {
        "offer": offer,
        "state": offer.state,
        "version": version,
        "former": former,
        "differences": differences(former, version) if former else [],
        "groups": all_answers(version),
        "for_isu": for_isu,
        "is_waiting": version.is_awaiting_review,
        "noindex": True,
    }
    return render(request, "offers/version.html", context)
