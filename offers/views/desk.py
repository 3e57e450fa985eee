"""The desk of a focal point: the offers of the own State, from draft to end."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import focal_points_only
from offers.content import answers, label_of
from offers.differences import Difference
from offers.forms import DocumentForm, EndingForm, OfferEditor, SubmissionForm
from offers.models import Offer, OfferPartner, StaleEdit, StepNotAllowed, VersionStatus
from offers.models.choices import EDITABLE
from offers.typed import typed_text
from offers.work import work_of

from .offers import offer_page


def start(request):
    """Where a person lands after signing in."""
    if request.user.is_isu:
        return redirect("offers:queue")
    return redirect("offers:desk")


@focal_points_only
@require_safe
def desk(request):
    state = request.user.state
    return render(request, "offers/desk.html", {"state": state, "work": work_of(state)})


@focal_points_only
@require_POST
def new(request):
    offer = Offer.begin(state=request.user.state, by=request.user)
    return redirect("offers:edit", offer.reference)


def _posted(request):
    """The data for a form: an empty POST is an answer too."""
    return request.POST if request.method == "POST" else None


def _own_offer(request, reference):
    """The offer, if it is of the State the person writes for; for all others it does not exist."""
    offers = Offer.objects.of_focal_point(request.user).select_related("state", "live_version")
    return get_object_or_404(offers, reference=reference)


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, reference):
    offer = _own_offer(request, reference)
    version = offer.open_version
    if request.method != "POST":
        if version is None or not version.is_editable:
            messages.warning(request, _("This offer cannot be edited now. The desk shows what can be done with it."))
            return redirect("offers:desk")
        return _editor_page(request, offer, OfferEditor(version))
    # Submitted or ended by a colleague meanwhile: saving is then refused, with what was typed shown.
    version = version or offer.versions.last()
    editor = OfferEditor(version, request.POST)
    if not editor.is_valid():
        return _editor_page(request, offer, editor)
    try:
        editor.save()
    except StaleEdit:
        return _conflict_page(request, offer, editor)
    if request.POST.get("then") in {"preview", "documents"}:
        return redirect(f"offers:{request.POST['then']}", reference)
    if request.POST.get("then") == "submit":
        missing = version.what_is_missing()
        if not missing:
            return redirect("offers:submit", reference)
        editor = OfferEditor(version, _with(request.POST, edit_number=version.edit_number))
        editor.is_valid()
        for name, message in missing.items():
            editor.form.add_error("third_area" if name == "more_areas" else name, message)
        return _editor_page(request, offer, editor, saved=True)
    messages.success(request, _("The draft is saved."))
    return redirect("offers:edit", reference)


def _editor_page(request, offer, editor, *, status=200, **context):
    context |= {"offer": offer, "version": editor.version, "state": offer.state, "editor": editor}
    context["documents"] = editor.version.documents.all()
    return render(request, "offers/offer_form.html", context, status=status)


def _conflict_page(request, offer, editor):
    """Somebody else saved in between: show both texts, and keep what was typed in the form."""
    theirs = offer.open_version or offer.versions.last()
    conflicts = [
        Difference(name, label_of(name), before, after)
        for name, before, after in typed_text(editor, theirs)
        if before != after
    ]
    again = OfferEditor(theirs, _with(request.POST, edit_number=theirs.edit_number))
    again.is_valid()
    return _editor_page(request, offer, again, status=409, conflicts=conflicts, theirs=theirs)


def _with(data, **changes):
    """What was typed, as an answer to the version as it now is."""
    data = data.copy()
    for name, value in changes.items():
        data[name] = value
    return data


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request, reference):
    """The documents of the version being written: what there is, and one more."""
    offer = _own_offer(request, reference)
    version = get_object_or_404(offer.versions.open().filter(status__in=EDITABLE))
    form = DocumentForm(_posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _change_documents(request, offer, lambda: form.save_to(version), _("The document is attached."))
    context = {
        "offer": offer,
        "version": version,
        "documents": version.documents.select_related("language"),
        "form": form,
    }
    return render(request, "offers/offer_documents.html", context)


@focal_points_only
@require_POST
def remove_document(request, reference, pk):
    """Take a document off the version; the file stays, since other versions may show it."""
    offer = _own_offer(request, reference)
    version = get_object_or_404(offer.versions.open().filter(status__in=EDITABLE))
    document = get_object_or_404(version.documents, pk=pk)

    @transaction.atomic
    def remove():
        version.claim_edit(version.edit_number)
        document.delete()

    return _change_documents(request, offer, remove, _("The document is removed."))


def _change_documents(request, offer, step, done):
    try:
        step()
    except StaleEdit:
        messages.warning(
            request, _("Nothing changed: somebody else has saved or submitted this offer. Please try again.")
        )
    else:
        messages.success(request, done)
    return redirect("offers:documents", offer.reference)


@focal_points_only
@require_safe
def preview(request, reference):
    """The page of the offer as the public would see it."""
    offer = _own_offer(request, reference)
    version = offer.open_version or offer.live_version or offer.versions.last()
    return render(request, "offers/offer_detail.html", offer_page(offer, version, preview=True))


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, reference):
    """Check all answers, declare, and hand the version to the ISU."""
    offer = _own_offer(request, reference)
    version = offer.open_version
    if version is None or not version.is_editable:
        # The second click of two: the first has done it.
        if version is not None and version.status == VersionStatus.SUBMITTED:
            context = {"offer": offer, "version": version, "working_days": settings.ISU_REPLY_WORKING_DAYS}
            return render(request, "offers/offer_submitted.html", context)
        messages.warning(request, _("There is nothing to submit."))
        return redirect("offers:desk")
    missing = version.what_is_missing()
    form = SubmissionForm(_posted(request), initial={"note_to_isu": version.note_to_isu, "seen": version.edit_number})
    notice = ""
    if request.method == "POST" and not missing and form.is_valid():
        try:
            version.submit(by=request.user, seen=form.cleaned_data["seen"], note=form.cleaned_data["note_to_isu"])
            return HttpResponseRedirect(reverse("offers:submit", args=[reference]))
        except (StepNotAllowed, ValidationError) as refusal:
            # Somebody else has saved or submitted it meanwhile: the page shows what it says now.
            notice = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
            version.refresh_from_db()
            form.data = _with(request.POST, seen=version.edit_number)
    context = {
        "offer": offer,
        "version": version,
        "state": offer.state,
        "groups": answers(version),
        "missing": [(name, label_of(name), message) for name, message in missing.items()],
        "form": form,
        "notice": notice,
    }
    return render(request, "offers/offer_submit.html", context, status=409 if notice else 200)


# Steps: each takes one and returns to the desk.


def _take_step(request, step, done):
    try:
        step()
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("offers:desk")


@focal_points_only
@require_POST
def change(request, reference):
    """Begin a new version of a published offer; the live one stays public."""
    offer = _own_offer(request, reference)
    try:
        offer.edit(by=request.user)
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
        return redirect("offers:desk")
    return redirect("offers:edit", reference)


@focal_points_only
@require_POST
def take_back(request, reference):
    offer = _own_offer(request, reference)
    version = offer.versions.last()
    return _take_step(request, lambda: version.take_back(by=request.user), _("The offer is open for editing again."))


@focal_points_only
@require_POST
def confirm(request, reference):
    offer = _own_offer(request, reference)
    return _take_step(
        request, lambda: offer.confirm(by=request.user), _("Thank you. The offer is confirmed as of today.")
    )


@focal_points_only
@require_POST
def clone(request, reference):
    offer = _own_offer(request, reference).clone(by=request.user)
    messages.success(request, _("This is a copy. Change what is different, the form of assistance for example."))
    return redirect("offers:edit", offer.reference)


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def end(request, reference, ending):
    """Ask once, then withdraw the offer or mark it as fulfilled."""
    offer = _own_offer(request, reference)
    form = EndingForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        step = offer.withdraw if ending == "withdraw" else offer.fulfil
        return _take_step(
            request,
            lambda: step(by=request.user, reason=form.cleaned_data["reason"]),
            _("The offer is withdrawn.") if ending == "withdraw" else _("The offer is marked as fulfilled."),
        )
    return render(request, "offers/offer_end.html", {"offer": offer, "form": form, "ending": ending})


def _asked_partner(request, pk):
    """A request to the own State that still waits for its word."""
    partners = OfferPartner.objects.asked_of(request.user.state).select_related("version__offer__state")
    return get_object_or_404(partners, pk=pk)


@focal_points_only
@require_safe
def partnership(request, pk):
    """What the own State is asked to be named in."""
    partner = _asked_partner(request, pk)
    context = {"partner": partner, "version": partner.version, "groups": answers(partner.version)}
    return render(request, "offers/offer_partnership.html", context)


@focal_points_only
@require_POST
def accept_partnership(request, pk):
    """The own State agrees to be named as partner in another State's offer."""
    partner = _asked_partner(request, pk)
    return _take_step(
        request,
        lambda: partner.accept(by=request.user),
        _("Your State may now be named as partner in this offer."),
    )
