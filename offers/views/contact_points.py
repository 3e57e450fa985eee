"""Contact points: States propose, the ISU decides and writes; an office confirms its details by a link."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import ListView

from contacts.access import focal_points_only, isu_only
from contacts.models import ContactPoint
from offers.contact_details import (
    DETAILS,
    confirm_details,
    details_of,
    differences_between,
    hold,
    mark_of,
)
from offers.forms.contact_points import (
    ClosingForm,
    ContactPointForm,
    NewContactPointForm,
    OfficeSearchForm,
    ProposalForm,
)
from offers.forms.steps import ReasonForm
from offers.models import (
    ContactProposal,
    MistakeReport,
    Offer,
    OfferContactPoint,
    ProposalKind,
    StepNotAllowed,
)
from offers.signed_links import reached_by_signed_link
from offers.verification import due, point_of

from .own_offers import posted

DECIDED_SHOWN = 10
HISTORY_SHOWN = 20
FORM_PAGE = "offers/contact_point_form.html"


# The desk of a State.


@focal_points_only
@require_safe
def contact_points(request):
    """The offices of the State: what is known of each, who sees it, and what can be done."""
    state = request.user.state
    points = ContactPoint.objects.open().filter(state=state).with_details().prefetch_related("mandate_areas")
    points = list(points.in_reading_order())
    proposals = state.contact_proposals.select_related("contact_point", "proposed_by")
    waiting = list(proposals.waiting())
    proposed = {proposal.contact_point_id: proposal for proposal in waiting if proposal.contact_point_id}
    offers, reports = offers_naming(points), reports_about(points)
    context = {
        "state": state,
        "rows": [
            {
                "point": point,
                "seen": mark_of(point),
                "offers": offers.get(point.pk, []),
                "reports": reports.get(point.pk, []),
                "proposal": proposed.get(point.pk),
            }
            for point in points
        ],
        "waiting": waiting,
        "decided": proposals.decided()[:DECIDED_SHOWN],
    }
    return render(request, "offers/contact_points.html", context)


def offers_naming(points):
    """The offers that stand and name these offices: {key of the office: [offers]}."""
    standing = Offer.objects.standing().select_related("live_version")
    offers = {offer.live_version_id: offer for offer in standing.filter(live_version__contact_points__in=points)}
    found = {}
    named = OfferContactPoint.objects.filter(version__in=offers, contact_point__in=points)
    for version, point in named.order_by("version__offer").values_list("version", "contact_point"):
        found.setdefault(point, []).append(offers[version])
    return found


def reports_about(points):
    """Open reports of mistakes about these offices: {key of the office: [reports]}.

    What a robot has perhaps sent, the ISU reads first.
    """
    found = {}
    for report in MistakeReport.objects.open().filter(contact_point__in=points, suspicious=False):
        found.setdefault(report.contact_point_id, []).append(report)
    return found


def _own_point(request, pk):
    """An office of the own State; for all others it does not exist."""
    return get_object_or_404(ContactPoint.objects.open().filter(state=request.user.state).with_details(), pk=pk)


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def propose_contact_point(request):
    proposal = ContactProposal(state=request.user.state, kind=ProposalKind.NEW)
    return _proposal_page(request, proposal)


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def propose_change(request, pk):
    point = _own_point(request, pk)
    proposal = ContactProposal(state=request.user.state, kind=ProposalKind.CHANGE, contact_point=point)
    return _proposal_page(request, proposal, point=point)


def _proposal_page(request, proposal, *, point=None):
    form = ProposalForm(posted(request), instance=proposal, point=point, initial=_initial(request, point))
    notice = ""
    if request.method == "POST" and form.is_valid():
        try:
            proposal.hand_in(by=request.user, **form.relations)
        except StepNotAllowed as refusal:
            notice = str(refusal)
        else:
            _say_handed_in(request)
            _warn_of_private_mailbox(request, proposal)
            return redirect("offers:contact_points")
    context = {"form": form, "is_shown": True, "point": point, "state": proposal.state, "notice": notice}
    return render(request, FORM_PAGE, context, status=409 if notice else 200)


def _initial(request, point):
    """As the details now are, or as the State has last proposed them, if it wants to use that again."""
    asked = request.GET.get("from", "")
    key = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    again = ContactProposal.objects.filter(state=request.user.state, contact_point=point, pk=key).first()
    source = again or point
    return {name: _value_of(source, name) for name in DETAILS} if source else {}


def _value_of(office, name):
    value = getattr(office, name)
    return value.all() if hasattr(value, "all") else value


def _say_handed_in(request):
    messages.success(
        request,
        _("Your proposal is with the ISU, which answers within %(days)d working days. Until then nothing changes.")
        % {"days": settings.ISU_REPLY_WORKING_DAYS},
    )


def _warn_of_private_mailbox(request, office):
    if office.has_private_mailbox:
        messages.warning(
            request,
            _("%(email)s belongs to a private provider. It is accepted; one of the office itself is trusted more.")
            % {"email": office.email},
        )


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def propose_closing(request, pk):
    point = _own_point(request, pk)
    form = ClosingForm(posted(request))
    notice = ""
    if request.method == "POST" and form.is_valid():
        proposal = ContactProposal(
            state=request.user.state,
            kind=ProposalKind.CLOSE,
            contact_point=point,
            note_to_isu=form.cleaned_data["note_to_isu"],
            **{name: getattr(point, name) for name in DETAILS if name not in ("languages", "mandate_areas")},
        )
        try:
            proposal.hand_in(by=request.user, languages=point.languages.all(), mandate_areas=point.mandate_areas.all())
        except StepNotAllowed as refusal:
            notice = str(refusal)
        else:
            _say_handed_in(request)
            return redirect("offers:contact_points")
    context = {"point": point, "form": form, "notice": notice, "offers": offers_naming([point]).get(point.pk, [])}
    return render(request, "offers/contact_point_close.html", context, status=409 if notice else 200)


@focal_points_only
@require_POST
def verify_contact_point(request, pk):
    point = _own_point(request, pk)
    return _take_step(
        request,
        lambda: confirm_details(point, by=request.user, seen=request.POST.get("seen", "")),
        _("Thank you. The details of %(office)s are confirmed as of today.") % {"office": point.office},
        "offers:contact_points",
    )


@focal_points_only
@require_POST
def take_back_proposal(request, pk):
    proposal = get_object_or_404(ContactProposal, state=request.user.state, pk=pk)
    return _take_step(
        request, lambda: proposal.take_back(by=request.user), _("The proposal is taken back."), "offers:contact_points"
    )


def _take_step(request, step, done, page, *arguments):
    try:
        step()
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(page, *arguments)


# The ISU: everything, for any State and for regional bodies.


@method_decorator(isu_only, name="dispatch")
class ContactPointList(ListView):
    template_name = "offers/contact_points_isu.html"
    paginate_by = 50

    def get_queryset(self):
        self.form = OfficeSearchForm(self.request.GET)
        return self.form.chosen().with_details().in_reading_order()

    def get_context_data(self, **kwargs):
        waiting = ContactProposal.objects.waiting().select_related("state")
        return super().get_context_data(form=self.form, waiting=waiting, **kwargs)


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def new_contact_point(request):
    form = NewContactPointForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            point = form.write(by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("%(office)s is in the directory.") % {"office": point.office})
            _warn_of_private_mailbox(request, point)
            return redirect("offers:isu_contact_point", point.pk)
    return render(request, FORM_PAGE, {"form": form, "is_shown": True, "for_isu": True})


def _any_point(pk):
    return get_object_or_404(ContactPoint.objects.with_details(), pk=pk)


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit_contact_point(request, pk):
    """Write the details at once, unless somebody else has changed them since the page was opened."""
    point = _any_point(pk)
    form = ContactPointForm(posted(request), instance=point)
    theirs = []
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                form.write(hold(point, seen=form.cleaned_data["seen"]), by=request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        except StepNotAllowed as refusal:
            point = _any_point(pk)
            form.data = form.data.copy()
            form.data["seen"] = mark_of(point)
            form.add_error(None, str(refusal))
            theirs = details_of(point)
        else:
            messages.success(request, _("The details are written into the directory."))
            _warn_of_private_mailbox(request, point)
            return redirect("offers:isu_contact_point", pk)
    point = _any_point(pk)  # the form has put what was typed into the other one
    context = {
        "form": form,
        # Of a closed office nothing can be saved, but nothing typed is lost either.
        "is_shown": point.is_open or form.is_bound,
        "for_isu": True,
        "point": point,
        "seen": mark_of(point),
        "theirs": theirs,
        "offers": offers_naming([point]).get(pk, []),
        "reports": MistakeReport.objects.open().filter(contact_point=point),
        "proposal": ContactProposal.objects.waiting().filter(contact_point=point).first(),
        "history": point.history[:HISTORY_SHOWN],
    }
    return render(request, FORM_PAGE, context, status=409 if theirs else 200)


@isu_only
@require_POST
def verify_for_office(request, pk):
    point = _any_point(pk)
    return _take_step(
        request,
        lambda: confirm_details(point, by=request.user, seen=request.POST.get("seen", "")),
        _("The details of %(office)s are confirmed as of today.") % {"office": point.office},
        "offers:isu_contact_point",
        pk,
    )


@isu_only
@require_POST
def close_contact_point(request, pk):
    point = _any_point(pk)

    @transaction.atomic
    def close():
        hold(point).close(by=request.user)

    done = _("%(office)s is closed, and no longer in the directory.") % {"office": point.office}
    return _take_step(request, close, done, "offers:isu_contact_point", pk)


@isu_only
@require_POST
def reopen_contact_point(request, pk):
    point = _any_point(pk)
    if not point.is_open:
        point.reopen(by=request.user)
        messages.success(request, _("%(office)s is in the directory again.") % {"office": point.office})
    return redirect("offers:isu_contact_point", pk)


@isu_only
@require_safe
def contact_proposal(request, pk):
    return _decision_page(request, _proposal(pk))


def _proposal(pk):
    proposals = ContactProposal.objects.select_related("state", "proposed_by", "decided_by")
    return get_object_or_404(proposals, pk=pk)


def _decision_page(request, proposal, *, form=None, notice="", status=200):
    point = proposal.contact_point and _any_point(proposal.contact_point_id)
    is_change = proposal.kind == ProposalKind.CHANGE and proposal.is_waiting
    is_closing = proposal.kind == ProposalKind.CLOSE and proposal.is_waiting
    differences = differences_between(point, proposal) if is_change else []
    context = {
        "proposal": proposal,
        "point": point,
        "seen": mark_of(point) if point else "",
        "is_change": is_change,
        "differences": differences,
        "details": details_of(proposal),
        "has_changed_since": bool(point) and proposal.is_waiting and point.has_changed_since(proposal.proposed_at),
        "offers": offers_naming([point]).get(point.pk, []) if is_closing else [],
        "form": form or ReasonForm(),
        "notice": notice,
    }
    return render(request, "offers/contact_proposal.html", context, status=status)


@isu_only
@require_POST
def approve_proposal(request, pk):
    proposal = _proposal(pk)
    return _decide(
        request,
        proposal,
        lambda: proposal.approve(by=request.user, seen=request.POST.get("seen", "")),
        _("The proposal is approved, and the directory says so."),
    )


@isu_only
@require_POST
def decline_proposal(request, pk):
    proposal = _proposal(pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _decision_page(request, proposal, form=form)
    return _decide(
        request,
        proposal,
        lambda: proposal.decline(by=request.user, reason=form.cleaned_data["reason"]),
        _("The proposal is declined, and the State is told why."),
        form=form,
    )


def _decide(request, proposal, step, done, *, form=None):
    try:
        step()
    except (StepNotAllowed, ValidationError) as refusal:
        notice = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
        return _decision_page(request, _proposal(proposal.pk), form=form, notice=notice, status=409)
    messages.success(request, done)
    return redirect("offers:queue")


# By a link in a letter, without an account.


@reached_by_signed_link("offers/verify_failed.html")
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request, token):
    """The office reads what the directory says of it, and says that it is correct."""
    point = point_of(token)
    notice = ""
    if request.method == "POST":
        try:
            confirm_details(point, seen=request.POST.get("seen", ""))
        except StepNotAllowed as refusal:
            notice = str(refusal)
        else:
            return redirect("offers:verify", token)
    context = {
        "point": point,
        "details": details_of(point),
        "seen": mark_of(point),
        "notice": notice,
        "is_confirmed": not due().filter(pk=point.pk).exists(),
        "noindex": True,
    }
    return render(request, "offers/verify.html", context, status=409 if notice else 200)
