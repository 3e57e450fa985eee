"""Writing an offer: the editor, the preview, and handing it to the ISU."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts.access import writers_only
from offers.content import all_answers, label_of
from offers.differences import Difference
from offers.forms.editor import OfferEditor
from offers.forms.steps import SubmissionForm
from offers.hints import hints
from offers.models import StaleEdit, StepNotAllowed, VersionStatus
from offers.similar import offers_of_others, similar_offers
from offers.typed import differing, marks_of, meet, saved_text, take_over, typed_text

from .offers import offer_page
from .own_offers import cannot_be_edited, own_offer
from .steps import in_words, posted

# What the person has chosen where both have changed a field: to keep what is saved.
CHOICE = "choose-"
# What the form calls by another name; translations have pages of their own, so what they lack stands above the form.
ELSEWHERE = {"more_areas": "third_area", "translations": None}


@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, reference):
    offer = own_offer(request, reference)
    version = offer.open_version
    if request.method != "POST":
        if version is None or not version.is_editable:
            return cannot_be_edited(request)
        return _editor_page(request, offer, OfferEditor(version))
    # Submitted or ended by a colleague meanwhile: saving is then refused, with what was typed shown.
    version = version or offer.versions.last()
    keep = [name.removeprefix(CHOICE) for name, value in request.POST.items() if value == "saved"]
    data = take_over(request.POST, OfferEditor(version), keep) if keep else request.POST
    editor = OfferEditor(version, data)
    if not editor.is_valid():
        return _editor_page(request, offer, editor)
    return _save(request, offer, editor)


def _save(request, offer, editor, taken=()):
    """Save and lead on; `taken` are the fields in which a colleague's text stands in the form meanwhile."""
    try:
        editor.save(by=request.user)
    except StaleEdit:
        return _meet(request, offer, editor, taken)
    version, reference = editor.version, offer.reference
    if taken:
        messages.info(
            request,
            _("A colleague has saved this offer while you were writing. What they have changed is kept: %(fields)s.")
            % {"fields": ", ".join(label_of(name) for name in taken)},
        )
    if request.POST.get("then") in {"preview", "documents", "translations"}:
        return redirect(f"offers:{request.POST['then']}", reference)
    if request.POST.get("then") == "office":
        return redirect("offers:new_contact_point" if request.user.is_isu else "offers:propose_contact_point")
    if request.POST.get("then") == "submit":
        missing = version.what_is_missing()
        if not missing:
            return redirect("offers:submit", reference)
        editor = OfferEditor(version, _opened_now(editor.form.data, version))
        editor.is_valid()
        for name, message in missing.items():
            editor.form.add_error(ELSEWHERE.get(name, name), message)
        return _editor_page(request, offer, editor, saved=True)
    messages.success(request, _("The draft is saved."))
    return redirect("offers:edit", reference)


def _meet(request, offer, editor, taken):
    """Somebody else has saved in between.

    What only one of the two has changed is put together. For the rest both texts are shown, and what was typed stays
    in the form.
    """
    theirs = offer.open_version
    if theirs is None or not theirs.is_editable:
        theirs = theirs or offer.versions.last()
        names = differing(editor, OfferEditor(theirs))
        context = {"conflicts": _conflicts(names, theirs, editor), "theirs": theirs, "closed": True}
        return _editor_page(request, offer, editor, status=409, **context)
    saved = OfferEditor(theirs)
    meeting = meet(editor, saved)
    taken = [*taken, *(name for name in meeting.taken if name not in taken)]
    # Put into words before the other editor writes what was typed into the version.
    conflicts = _conflicts(meeting.both, theirs, editor)
    again = OfferEditor(theirs, _opened_now(take_over(editor.form.data, saved, meeting.taken), theirs))
    if again.is_valid() and not meeting.both:
        return _save(request, offer, again, taken)
    context = {"conflicts": conflicts, "taken": [label_of(name) for name in taken], "theirs": theirs}
    return _editor_page(request, offer, again, status=409, **context)


def _conflicts(names, theirs, editor):
    return [Difference(name, label_of(name), saved_text(theirs, name), typed_text(editor, name)) for name in names]


def _opened_now(data, version):
    """What was typed, as an answer to the version as it now is."""
    return _with(data, edit_number=version.edit_number, opened=marks_of(OfferEditor(version)))


def _with(data, **changes):
    data = data.copy()
    for name, value in changes.items():
        data[name] = value
    return data


def _editor_page(request, offer, editor, *, status=200, **context):
    version = editor.version
    context |= {"offer": offer, "version": version, "state": offer.state, "editor": editor}
    context["documents"] = version.documents.all()
    if version.edit_number > 1 and not editor.has_errors and "theirs" not in context:
        context |= _advice(version, request.user)
    return render(request, "offers/offer_form.html", context, status=status)


def _advice(version, user):
    """What could be said better, and what there is already; what a State is writing is not for the ISU."""
    return {
        "hints": [(name, label_of(name), hint) for name, hint in hints(version)],
        "similar": similar_offers(version, drafts=not user.is_isu),
        "others": offers_of_others(version),
    }


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
            version.refresh_from_db()
            if version.status == VersionStatus.SUBMITTED:
                return redirect("offers:submit", reference)
            # Somebody else has saved it meanwhile: the page shows what it says now.
            notice = in_words(refusal)
            form.data = _with(request.POST, seen=version.edit_number)
    elif form.has_error("seen"):
        # Of a form that was kept after a session what was read is not known: it is read now.
        form.data = _with(request.POST, seen=version.edit_number)
    context = {
        "offer": offer,
        "version": version,
        "state": offer.state,
        "groups": all_answers(version),
        "missing": [(name, label_of(name), message) for name, message in missing.items()],
        "form": form,
        "notice": notice,
    } | _advice(version, request.user)
    return render(request, "offers/offer_submit.html", context, status=409 if notice else 200)
