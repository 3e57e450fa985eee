"""Contact points as the ISU keeps them, of any State and of regional bodies; and its word on what States propose."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import ListView

from contacts.access import isu_only
from contacts.models import ContactPoint
from offers.bounces import with_returned
from offers.contact_details import confirm_details, details_of, differences_between, hold, mark_of
from offers.forms.contact_points import ContactPointForm, NewContactPointForm, OfficeSearchForm
from offers.forms.steps import ReasonForm
from offers.models import ContactProposal, MistakeReport, ProposalKind, StepNotAllowed
from offers.offices import offers_naming

from .contact_points import warn_of_private_mailbox
from .steps import in_words, posted, take_step

HISTORY_SHOWN = 20
FORM_PAGE = "offers/contact_point_form.html"


@method_decorator([isu_only, require_safe], name="dispatch")
class ContactPointList(ListView):
    template_name = "offers/contact_points_isu.html"
    paginate_by = 50

    def get_queryset(self):
        self.form = OfficeSearchForm(self.request.GET)
        return with_returned(self.form.chosen()).with_details().in_reading_order()

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
            warn_of_private_mailbox(request, point)
            return redirect("offers:isu_contact_point", point.pk)
    return render(request, FORM_PAGE, {"form": form, "is_shown": True, "for_isu": True})


def _any_point(pk):
    return get_object_or_404(with_returned(ContactPoint.objects.with_details()), pk=pk)


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
            warn_of_private_mailbox(request, point)
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
    return take_step(
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
    return take_step(request, close, done, "offers:isu_contact_point", pk)


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
        return _decision_page(request, _proposal(proposal.pk), form=form, notice=in_words(refusal), status=409)
    messages.success(request, done)
    return redirect("offers:queue")
