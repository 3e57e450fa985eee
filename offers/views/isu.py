"""The desk of the ISU: what waits for review, and the decision on each."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.access import isu_only
from offers.content import answers
from offers.differences import differences
from offers.forms.steps import ReasonForm
from offers.models import Offer, OfferVersion, StepNotAllowed, VersionStatus

from .offers import offer_page


@isu_only
@require_safe
def queue(request):
    versions = OfferVersion.objects.awaiting_review().select_related("offer__state", "offer__live_version", "form")
    today = timezone.localdate()
    rows = [(version, (today - timezone.localdate(version.submitted_at)).days) for version in versions]
    return render(request, "offers/isu_queue.html", {"rows": rows})


def _version(pk, versions=None):
    """What a State is writing belongs to the State alone, returned versions included."""
    versions = OfferVersion.objects.readable_by_isu() if versions is None else versions
    versions = versions.select_related("offer__state", "offer__live_version", "author", "primary_area", "form")
    return get_object_or_404(versions, pk=pk)


@isu_only
@require_safe
def review(request, pk):
    return _review_page(request, _version(pk))


def _review_page(request, version, *, forms=None, notice="", status=200):
    offer, live = version.offer, version.offer.live_version
    is_change = version.status == VersionStatus.SUBMITTED and live is not None
    forms = {"send_back": ReasonForm(prefix="send_back"), "refuse": ReasonForm(prefix="refuse")} | (forms or {})
    context = {
        "version": version,
        "offer": offer,
        "is_change": is_change,
        "differences": differences(live, version) if is_change else [],
        "groups": answers(version),
        "similar": similar_offers(version),
        "warnings": warnings_about(version),
        "history": offer.status_changes.select_related("by", "version"),
        "can_decide": version.status == VersionStatus.SUBMITTED and not offer.has_ended,
        "can_publish": version.author_id != request.user.pk or bool(version.note_verbale),
        "forms": forms,
        "notice": notice,
    }
    return render(request, "offers/isu_review.html", context, status=status)


def similar_offers(version):
    """Other offers of the same State for the same main area in the same form: perhaps the same thing twice."""
    offers = Offer.objects.standing().filter(
        state=version.offer.state,
        live_version__primary_area=version.primary_area_id,
        live_version__form=version.form_id,
    )
    return offers.exclude(pk=version.offer_id).for_cards()


def warnings_about(version):
    """What a moderator should look at twice; none of it forbids publishing."""
    found = [
        _("The mailbox %(email)s belongs to a private provider.") % {"email": point.email}
        for point in version.contact_points.all()
        if point.has_private_mailbox
    ]
    today = timezone.localdate()
    if version.ends_on and version.ends_on < today:
        found.append(_("The last day is in the past."))
    if version.deadline and version.deadline < today:
        found.append(_("The last day for requests is in the past."))
    return found


@isu_only
@require_safe
def review_preview(request, pk):
    """The page of the offer as the public would see it."""
    version = _version(pk)
    return render(request, "offers/offer_detail.html", offer_page(version.offer, version, preview=True))


def _decide(request, version, step, done, forms=None):
    """Take a decision on the version as it was read, or tell the person why it could not be taken."""
    try:
        step()
    except (StepNotAllowed, ValidationError) as refusal:
        notice = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
        version.refresh_from_db()
        if version.is_editable:
            messages.warning(request, notice)
            return redirect("offers:queue")
        return _review_page(request, version, forms=forms, notice=notice, status=409)
    messages.success(request, done)
    return redirect("offers:queue")


def _once_submitted(pk):
    """For a decision: whoever comes too late is told so, and not that there is no such version."""
    return _version(pk, OfferVersion.objects.filter(submitted_at__isnull=False))


def _seen(request):
    """The edit number the person has read; without one, none can match."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1


@isu_only
@require_POST
def publish(request, pk):
    version = _once_submitted(pk)
    return _decide(
        request,
        version,
        lambda: version.publish(by=request.user, seen=_seen(request)),
        _("The offer %(reference)s is in the catalogue.") % {"reference": version.offer.reference},
    )


@isu_only
@require_POST
def send_back(request, pk):
    return _decide_with_reason(request, pk, "send_back", _("The offer is returned to the State with your reason."))


@isu_only
@require_POST
def refuse(request, pk):
    return _decide_with_reason(request, pk, "refuse", _("The offer is refused, and the State is told why."))


def _decide_with_reason(request, pk, name, done):
    version = _once_submitted(pk)
    form = ReasonForm(request.POST, prefix=name)
    if not form.is_valid() and not version.is_editable:
        return _review_page(request, version, forms={name: form})
    step = getattr(version, name)
    return _decide(
        request,
        version,
        lambda: step(by=request.user, reason=form.cleaned_data.get("reason", ""), seen=_seen(request)),
        done,
        forms={name: form},
    )
