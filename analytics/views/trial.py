"""The ISU's side of the trial: what it is judged against, what it costs, and why something was not reached."""

from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import administrators_only, isu_only
from offers.models import StaleEdit, StepNotAllowed
from offers.views.steps import posted

from ..forms.trial import CostForm, MilestoneForm, ReasonForm, TargetForm, TrialPeriodForm
from ..indicators.definitions import HEADLINE, TARGETABLE
from ..models import Indicator, Milestone, MonthCost, TrialPeriod
from ..periods import months_between
from ..trial import line_of, lines_of, reasons_to_give, targets_to_set
from ..use.comparison import first_day

FORM = ["GET", "HEAD", "POST"]


@isu_only
@require_safe
def trial(request):
    return _overview(request, MilestoneForm())


@isu_only
@require_POST
def add_milestone(request):
    form = MilestoneForm(request.POST)
    if form.is_valid() and form.save_once():
        messages.success(request, _("The day is marked in the charts of the report."))
        return redirect("analytics:trial")
    return _overview(request, form)


@isu_only
@require_POST
def remove_milestone(request, pk):
    get_object_or_404(Milestone, pk=pk).delete()
    messages.success(request, _("The day is removed."))
    return redirect("analytics:trial")


def _overview(request, form):
    periods = TrialPeriod.objects.with_targets(HEADLINE)
    costs = {cost.month: cost for cost in MonthCost.objects.select_related("by")}
    context = {
        "form": form,
        "periods": [(trial, targets_to_set(trial, len(HEADLINE) - trial.target_count)) for trial in periods],
        "milestones": Milestone.objects.all(),
        "months": [(month, costs.get(month)) for month in reversed(_months(costs))],
    }
    return render(request, "analytics/trial.html", context)


def _months(costs):
    """From the first with figures or costs to the present one."""
    today = timezone.localdate()
    return months_between(min([first_day() or today, today, *costs]), today)


# Periods and targets


@administrators_only
@require_http_methods(FORM)
def new_period(request):
    return _period_form(request, TrialPeriod())


@administrators_only
@require_http_methods(FORM)
def change_period(request, pk):
    return _period_form(request, get_object_or_404(TrialPeriod, pk=pk))


def _period_form(request, trial):
    is_new = trial.pk is None
    form = TrialPeriodForm(posted(request), instance=trial)
    if form.is_valid() and (saved := form.save_by(request.user)):
        messages.success(request, _("The period is saved."))
        return redirect(saved)
    return render(request, "analytics/trial_period_form.html", {"form": form, "is_new": is_new})


@isu_only
@require_safe
def trial_period(request, pk):
    trial = get_object_or_404(TrialPeriod.objects.select_related("made_by"), pk=pk)
    lines = lines_of(trial)
    missing = sum(line.is_headline and not line.targets for line in lines)
    to_do = targets_to_set(trial, missing) or reasons_to_give(lines)
    return render(request, "analytics/trial_period.html", {"trial": trial, "lines": lines, "to_do": to_do})


@administrators_only
@require_http_methods(FORM)
def target(request, pk, code):
    trial, indicator = get_object_or_404(TrialPeriod, pk=pk), _indicator(code)
    form = TargetForm(indicator, posted(request))
    if form.is_valid():
        try:
            trial.set_target(indicator, by=request.user, **form.values)
        except StepNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The target is set."))
            return redirect(trial)
    context = {"trial": trial, "line": line_of(trial, indicator), "form": form}
    return render(request, "analytics/trial_target.html", context)


@isu_only
@require_http_methods(FORM)
def reason(request, pk, code):
    """Why a target was not met, and what is proposed."""
    trial, indicator = get_object_or_404(TrialPeriod, pk=pk), _indicator(code)
    line = line_of(trial, indicator)
    last = line.reasons[-1] if line.reasons else None
    form = ReasonForm(posted(request), initial=last and {"reason": last.reason, "action": last.action})
    if form.is_valid():
        if line.is_not_met:
            trial.give_reason(indicator, by=request.user, **form.cleaned_data)
            messages.success(request, _("The reason is saved; the next report prints it."))
            return redirect(trial)
        form.add_error(None, _("Nothing was saved: by the figures of today this target is not missed."))
    return render(request, "analytics/trial_reason.html", {"trial": trial, "line": line, "form": form})


def _indicator(code):
    if code not in TARGETABLE:
        raise Http404
    return Indicator(code)


# Costs


@isu_only
@require_http_methods(FORM)
def cost(request, month):
    month = _month(month)
    form = CostForm(month, _cost_of(month), posted(request))
    if form.is_valid():
        try:
            MonthCost.enter(month, by=request.user, seen=form.cleaned_data["seen"], **form.values)
        except StaleEdit:
            theirs, typed = _cost_of(month), request.POST.copy()
            typed["seen"] = theirs.mark if theirs else ""
            again = CostForm(month, _cost_of(month), typed)
            again.is_valid()
            return _cost_page(request, month, again, theirs=theirs, status=409)
        messages.success(
            request, _("The costs of %(month)s are saved.") % {"month": date_format(month, "YEAR_MONTH_FORMAT")}
        )
        return redirect("analytics:trial")
    return _cost_page(request, month, form, saved=_cost_of(month))


def _cost_of(month):
    return MonthCost.objects.select_related("by").filter(month=month).first()


def _cost_page(request, month, form, *, status=200, **context):
    return render(request, "analytics/trial_cost.html", {"month": month, "form": form, **context}, status=status)


def _month(text):
    """The first day of a month that has begun."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error
    if month > timezone.localdate():
        raise Http404
    return month
