"""Clearing a draft in the capital: a link that needs no account, and a copy in Word."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import writers_only
from offers.documents import send_document
from offers.models import OfferVersion, StepNotAllowed, VersionStatus
from offers.records import absolute
from offers.signed_links import LinkExpired, reached_by_signed_link, read, sign
from offers.word import as_download, copy_of

from .offers import offer_page
from .own_offers import own_offer

PURPOSE = "clearance"


@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def share(request, reference):
    """The link that shows the draft to whoever has it, and the copy in Word."""
    offer = own_offer(request, reference)
    version = offer.open_version
    if request.method == "POST":
        return _take_step(request, version, "begin_links", _("Whoever has the link below can read the draft."))
    context = {"offer": offer, "version": version or offer.live_version or offer.versions.last(), "open": version}
    if version and version.preview_key:
        token = sign(PURPOSE, [version.pk, version.preview_key])
        context["link"] = absolute(reverse("offers:shared", args=[token]))
        context["good_until"] = timezone.localdate() + timedelta(days=settings.PREVIEW_LINK_DAYS)
    return render(request, "offers/clearance.html", context)


@writers_only
@require_POST
def end_links(request, reference):
    version = own_offer(request, reference).open_version
    return _take_step(request, version, "end_links", _("All links to this draft have ended."))


def _take_step(request, version, step, done):
    try:
        if version is None:
            raise StepNotAllowed(_("Nothing changed: this offer has no draft at present."))
        getattr(version, step)()
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("offers:share", request.resolver_match.kwargs["reference"])


@writers_only
@require_safe
def word(request, reference):
    """The version that is being written, or else the published one, as a Word document."""
    offer = own_offer(request, reference)
    version = offer.open_version or offer.live_version or offer.versions.last()
    return as_download(copy_of(version), f"{offer.reference}-version-{version.number}.docx")


# Reached by the link, without an account.


@reached_by_signed_link("offers/clearance_ended.html")
@require_safe
def shared(request, token):
    """The page of the offer as it would look, for those who have to clear it."""
    version = _version_behind(token)
    if outcome := _outcome(version):
        return render(request, "offers/clearance_ended.html", outcome | {"noindex": True}, status=410)
    context = offer_page(version.offer, version, preview=True) | {
        "token": token,
        "contact_points": version.contact_points.listed().with_details().in_reading_order(),
    }
    return render(request, "offers/clearance_shared.html", context)


@reached_by_signed_link("offers/clearance_ended.html")
@require_safe
def shared_document(request, token, pk):
    version = _version_behind(token)
    if outcome := _outcome(version):
        return render(request, "offers/clearance_ended.html", outcome | {"noindex": True}, status=410)
    return send_document(get_object_or_404(version.documents, pk=pk))


def _version_behind(token):
    """The version whose link it is, or raise if the State or time has ended it."""
    pk, key = read(PURPOSE, token, days=settings.PREVIEW_LINK_DAYS)
    version = OfferVersion.objects.select_related("offer__state", "offer__live_version").filter(pk=pk).first()
    if version is None or not key or version.preview_key != key:
        raise LinkExpired
    return version


def _outcome(version):
    """What has become of a version that is no draft any more; empty while it still is one."""
    if not version.offer.state.is_party():
        # Nobody is left who could end the link.
        return {"outcome": _("The State is not a party to the Convention, so this offer is not being considered.")}
    if version.offer.has_ended:
        return {"outcome": _("The State has withdrawn this offer.")}
    if version.status in {VersionStatus.PUBLISHED, VersionStatus.SUPERSEDED}:
        return {"outcome": _("This offer has been published."), "published": version.offer}
    if version.status == VersionStatus.REFUSED:
        return {"outcome": _("This draft was not published and is no longer being considered.")}
    return {}
