"""The desk of the ISU: what waits for an answer, and the decision on each version."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, prefetch_related_objects
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import isu_only
from offers.content import all_answers, label_of
from offers.differences import Difference, differences
from offers.forms.moderation import AcceptanceForm, RefusalForm, WordsForm
from offers.forms.steps import ReasonForm
from offers.hints import hints
from offers.history import PARTS
from offers.models import (
    Ending,
    MistakeReport,
    Offer,
    OfferPartner,
    OfferVersion,
    StepNotAllowed,
    VersionStatus,
)
from offers.moderation import (
    ENDINGS_SHOWN_DAYS,
    REPORTS_SHOWN,
    next_to_review,
    recent_endings,
    warnings_about,
    with_corrections,
)
from offers.moderation import queue as waiting_queue
from offers.similar import similar_offers

from .offers import offer_page
from .steps import in_words, posted, sent_number, take_step


@isu_only
@require_safe
def queue(request):
    context = {
        "waiting": waiting_queue(),
        "more_reports": max(0, MistakeReport.objects.open().count() - REPORTS_SHOWN),
        "endings": recent_endings(),
        "endings_days": ENDINGS_SHOWN_DAYS,
    }
    return render(request, "offers/isu_queue.html", context)


def _version(pk, versions=None):
    """What a State is writing belongs to the State alone, returned versions included."""
    versions = OfferVersion.objects.readable_by_isu() if versions is None else versions
    related = ("offer__state", "offer__live_version", "author", "primary_area", "form", "claimed_by")
    return get_object_or_404(versions.select_related(*related), pk=pk)


def _once_submitted(pk):
    """For a step: whoever comes too late is told so, and not that there is no such version."""
    return _version(pk, OfferVersion.objects.filter(submitted_at__isnull=False))


# Who is looking at it


@isu_only
@require_POST
def claim(request, pk):
    """One press leads from the queue to the differences, and tells the others that somebody is reading them."""
    version = _once_submitted(pk)
    if version.is_editable:
        return _gone_back_to_the_state(request)
    version.claim(by=request.user)
    return redirect("offers:review", pk)


@isu_only
@require_POST
def release(request, pk):
    _once_submitted(pk).release(by=request.user)
    return redirect("offers:queue")


def _gone_back_to_the_state(request):
    messages.warning(request, _("Nothing changed: this offer has already moved on."))
    return redirect("offers:queue")


# Reading


@isu_only
@require_safe
def review(request, pk):
    return _review_page(request, _version(pk))


def _review_page(request, version, *, forms=None, notice="", status=200):
    offer, live = version.offer, version.offer.live_version
    can_decide = version.is_awaiting_review
    is_change = version.status == VersionStatus.SUBMITTED and live is not None
    prefetch_related_objects([version, live] if is_change else [version], *PARTS)
    forms = {"send_back": ReasonForm(prefix="send_back"), "refuse": RefusalForm(prefix="refuse")} | (forms or {})
    context = {
        "version": version,
        "offer": offer,
        "is_change": is_change,
        "differences": differences(live, version) if is_change else [],
        "groups": all_answers(version),
        "similar": similar_offers(version) if can_decide else [],
        "warnings": warnings_about(version),
        "hints": [(label_of(name), sentence) for name, sentence in hints(version)] if can_decide else [],
        "log": with_corrections(_log_for_isu(offer)),
        "can_decide": can_decide,
        "can_publish": version.may_be_published_by(request.user),
        "is_mine": version.looked_at_by == request.user,
        "asked": _asked_partners(version, forms),
        "can_take_down": live == version and offer.can_be_taken_down,
        "can_bring_back": offer.ended_as == Ending.TAKEN_DOWN,
        "next": next_to_review(version, by=request.user) if version.submitted_at else None,
        "forms": forms,
        "has_errors": any(form.errors for form in forms.values()),
        "notice": notice,
    }
    return render(request, "offers/isu_review.html", context, status=status)


def _log_for_isu(offer):
    """Without what a State is writing and has not handed in yet."""
    known = Q(version=None) | Q(version__in=offer.versions.known_to_isu())
    return offer.status_changes.filter(known).select_related("by", "version")


def _asked_partners(version, forms):
    """The States that have not accepted to be named, each with a form for what they say on paper."""
    asked = version.partners.answerable().select_related("state").filter(state__isnull=False, accepted_on=None)
    return [(partner, forms.get(_prefix(partner)) or AcceptanceForm(prefix=_prefix(partner))) for partner in asked]


def _prefix(partner):
    return f"partner-{partner.pk}"


@isu_only
@require_safe
def review_preview(request, pk):
    """The page of the offer as the public would see it."""
    version = _version(pk)
    context = offer_page(version.offer, version, preview=True) | {"reviewed": version}
    return render(request, "offers/offer_detail.html", context)


# Deciding


def _decide(request, version, step, done, forms=None):
    """Take a decision on the version as it was read, or tell the person why it could not be taken."""
    try:
        step()
    except (StepNotAllowed, ValidationError) as refusal:
        version.refresh_from_db()
        if version.is_editable:
            messages.warning(request, in_words(refusal))
            return redirect("offers:queue")
        return _review_page(request, version, forms=forms, notice=in_words(refusal), status=409)
    messages.success(request, done)
    return _go_on(request, version)


def _go_on(request, version):
    """To the queue or, if the person has said so, straight to what waits next."""
    if request.POST.get("then") == "next" and (following := next_to_review(version, by=request.user)):
        following.claim(by=request.user)
        return redirect("offers:review", following.pk)
    return redirect("offers:queue")


def _seen(request):
    """The edit number the person has read; without one, none can match."""
    seen = sent_number(request.POST.get("seen", ""))
    return -1 if seen is None else seen


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
    return _decide_with_reason(
        request,
        pk,
        "send_back",
        ReasonForm,
        _("The offer %(reference)s is returned to the State with your reason."),
    )


@isu_only
@require_POST
def refuse(request, pk):
    return _decide_with_reason(
        request, pk, "refuse", RefusalForm, _("The offer %(reference)s is refused, and the State is told why.")
    )


def _decide_with_reason(request, pk, name, form_class, done):
    version = _once_submitted(pk)
    form = form_class(request.POST, prefix=name)
    if not form.is_valid():
        if version.is_editable:
            return _gone_back_to_the_state(request)
        return _review_page(request, version, forms={name: form})
    step = getattr(version, name)
    return _decide(
        request,
        version,
        lambda: step(by=request.user, seen=_seen(request), **form.cleaned_data),
        done % {"reference": version.offer.reference},
        forms={name: form},
    )


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request, pk):
    """Small things in the words of a version that waits: the State is told before and after, letter by letter."""
    version = _once_submitted(pk)
    is_waiting = version.is_awaiting_review
    if request.method != "POST":
        return _correction_page(request, version) if is_waiting else _gone_back_to_the_state(request)
    forms = _words_forms(version, request.POST)
    if not all(form.is_valid() for form in forms):
        return _correction_page(request, version, forms, seen=_seen(request))
    changes = {place: text for form in forms for place, text in form.typed.items()}
    try:
        version.correct(by=request.user, seen=_seen(request), changes=changes)
    except ValidationError as missing:
        version.refresh_from_db()
        for name, problems in missing.message_dict.items():
            forms[0].add_error(name if name in forms[0].fields else None, problems)
        return _correction_page(request, version, forms, seen=_seen(request))
    except StepNotAllowed as refusal:
        version = _once_submitted(pk)
        return _correction_page(request, version, forms, notice=str(refusal), status=409)
    messages.success(request, _("The words are corrected, and the State is told what has changed."))
    return redirect("offers:review", pk)


def _words_forms(version, data=None):
    translations = [WordsForm(version, data, translation=translation) for translation in version.all_translations]
    return [WordsForm(version, data), *translations]


def _correction_page(request, version, forms=None, *, notice="", seen=None, status=200):
    """What was typed stays, whatever has happened; words that the State is writing again are not shown beside it."""
    is_waiting = version.is_awaiting_review
    forms = _words_forms(version) if forms is None else forms
    context = {
        "version": version,
        "offer": version.offer,
        "forms": forms,
        "has_errors": any(form.errors for form in forms),
        "conflicts": _typed_against_saved(version, forms) if is_waiting and notice else [],
        "seen": version.edit_number if seen is None else seen,
        "can_save": is_waiting,
        "notice": notice,
    }
    return render(request, "offers/isu_correct.html", context, status=status)


def _typed_against_saved(version, forms):
    """Where the words that were typed differ from those that somebody else has saved meanwhile."""
    saved = {form.language: form.initial for form in _words_forms(version)}
    pairs = (
        Difference(name, field.label, saved.get(form.language, {}).get(name, ""), form.cleaned_data[name])
        for form in forms
        for name, field in form.fields.items()
    )
    return [pair for pair in pairs if pair.before != pair.after]


# Partners


@isu_only
@require_POST
def accept_partner(request, pk):
    """Record that a State has accepted on paper to be named as partner."""
    partner = get_object_or_404(
        OfferPartner.objects.filter(state__isnull=False, version__in=OfferVersion.objects.readable_by_isu()), pk=pk
    )
    version = _version(partner.version_id)
    form = AcceptanceForm(request.POST, prefix=_prefix(partner))
    if not form.is_valid():
        return _review_page(request, version, forms={form.prefix: form})
    try:
        partner.accept(by=request.user, reference=form.cleaned_data["reference"])
    except StepNotAllowed as refusal:
        return _review_page(request, version, forms={form.prefix: form}, notice=str(refusal), status=409)
    messages.success(request, _("It is recorded that %(state)s accepts to be named.") % {"state": partner.state})
    return redirect("offers:review", version.pk)


# Taking down


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def take_down(request, reference):
    """Take an offer out of the catalogue at once, against or without the State's word."""
    offer = _published_offer(reference)
    form = ReasonForm(posted(request))
    notice = ""
    if request.method == "POST" and form.is_valid():
        try:
            offer.take_down(by=request.user, reason=form.cleaned_data["reason"])
        except StepNotAllowed as refusal:
            notice = str(refusal)
        else:
            messages.success(request, _("The offer is taken down, and the State is told why."))
            return redirect("offers:review", offer.live_version_id)
    context = {"offer": offer, "version": offer.live_version, "form": form, "notice": notice}
    return render(request, "offers/isu_take_down.html", context, status=409 if notice else 200)


@isu_only
@require_POST
def bring_back(request, reference):
    offer = _published_offer(reference)
    return take_step(
        request,
        lambda: offer.bring_back(by=request.user),
        _("The offer is in the catalogue again, and everything is as it was."),
        "offers:review",
        offer.live_version_id,
    )


def _published_offer(reference):
    offers = Offer.objects.ever_published().select_related("state", "live_version")
    return get_object_or_404(offers, reference=reference)
