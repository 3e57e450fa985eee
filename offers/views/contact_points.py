"""Contact points as their State sees them: it proposes, the ISU decides. An office confirms its details by a link."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import focal_points_only
from contacts.models import ContactPoint
from offers.bounces import with_returned
from offers.contact_details import DETAILS, RELATIONS, confirm_details, details_of, mark_of
from offers.forms.contact_points import ClosingForm, ProposalForm
from offers.models import ContactProposal, ProposalKind, StepNotAllowed
from offers.offices import offers_naming, reports_about
from offers.signed_links import reached_by_signed_link
from offers.verification import due, point_of

from .steps import posted, sent_number, take_step

DECIDED_SHOWN = 10


@focal_points_only
@require_safe
def contact_points(request):
    """The offices of the State: what is known of each, who sees it, and what can be done."""
    state = request.user.state
    points = with_returned(ContactPoint.objects.open().filter(state=state))
    points = points.with_details().prefetch_related("mandate_areas")
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
            warn_of_private_mailbox(request, proposal)
            return redirect("offers:contact_points")
    context = {"form": form, "is_shown": True, "point": point, "state": proposal.state, "notice": notice}
    return render(request, "offers/contact_point_form.html", context, status=409 if notice else 200)


def _initial(request, point):
    """As the details now are, or as the State has last proposed them, if it wants to use that again."""
    key = sent_number(request.GET.get("from", ""))
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


def warn_of_private_mailbox(request, office):
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
            **{name: getattr(point, name) for name in DETAILS if name not in RELATIONS},
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
    return take_step(
        request,
        lambda: confirm_details(point, by=request.user, seen=request.POST.get("seen", "")),
        _("Thank you. The details of %(office)s are confirmed as of today.") % {"office": point.office},
        "offers:contact_points",
    )


@focal_points_only
@require_POST
def take_back_proposal(request, pk):
    proposal = get_object_or_404(ContactProposal, state=request.user.state, pk=pk)
    return take_step(
        request, lambda: proposal.take_back(by=request.user), _("The proposal is taken back."), "offers:contact_points"
    )


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
