"""Writing an offer: the editor, its documents, the preview, and handing it to the ISU."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import writers_only
from offers.content import answers, label_of
from offers.differences import Difference
from offers.forms.editor import DocumentForm, OfferEditor
from offers.forms.steps import SubmissionForm
from offers.models import StaleEdit, StepNotAllowed, VersionStatus
from offers.models.choices import EDITABLE
from offers.typed import typed_text

from .offers import offer_page
from .own_offers import own_offer, posted


@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, reference):
    offer = own_offer(request, reference)
    version = offer.open_version
    if request.method != "POST":
        if version is None or not version.is_editable:
            messages.warning(request, _("This offer cannot be edited now. The desk shows what can be done with it."))
            return redirect("offers:start")
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


@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request, reference):
    """The documents of the version being written: what there is, and one more."""
    offer = own_offer(request, reference)
    version = get_object_or_404(offer.versions.open().filter(status__in=EDITABLE))
    form = DocumentForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _change_documents(request, offer, lambda: form.save_to(version), _("The document is attached."))
    context = {
        "offer": offer,
        "version": version,
        "documents": version.documents.select_related("language"),
        "form": form,
    }
    return render(request, "offers/offer_documents.html", context)


@writers_only
@require_POST
def remove_document(request, reference, pk):
    """Take a document off the version; the file stays, since other versions may show it."""
    offer = own_offer(request, reference)
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


@writers_only
@require_safe
def preview(request, reference):
    """The page of the offer as the public would see it."""
    offer = own_offer(request, reference)
    version = offer.open_version or offer.live_version or offer.versions.last()
    return render(request, "offers/offer_detail.html", offer_page(offer, version, preview=True))


@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, reference):
    """Check all answers, declare, and hand the version to the ISU."""
    offer = own_offer(request, reference)
    version = offer.open_version
    if version is None or not version.is_editable:
        # The second click of two: the first has done it.
        if version is not None and version.status == VersionStatus.SUBMITTED:
            context = {"offer": offer, "version": version, "working_days": settings.ISU_REPLY_WORKING_DAYS}
            return render(request, "offers/offer_submitted.html", context)
        messages.warning(request, _("There is nothing to submit."))
        return redirect("offers:start")
    missing = version.what_is_missing()
    form = SubmissionForm(posted(request), initial={"note_to_isu": version.note_to_isu, "seen": version.edit_number})
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
