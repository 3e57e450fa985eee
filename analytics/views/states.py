"""What a State reads about the use of its own offers, and the ISU with it."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.access import focal_points_only, isu_only
from contacts.models import State

from ..csv_file import as_file, head_and_tables, named
from ..forms.periods import PeriodForm, parameters_of
from ..use.state_figures import state_figures


@focal_points_only
@require_safe
def own_figures(request):
    return _state_page(request, request.user.state, file=reverse("analytics:own_figures_csv"))


@focal_points_only
@require_safe
def own_figures_csv(request):
    return _state_file(request, request.user.state, page=reverse("analytics:own_figures"))


@isu_only
@require_safe
def state_figures_page(request, iso3):
    state = get_object_or_404(State, iso3=iso3.upper())
    return _state_page(request, state, file=reverse("analytics:state_figures_csv", args=[iso3]))


@isu_only
@require_safe
def state_figures_csv(request, iso3):
    state = get_object_or_404(State, iso3=iso3.upper())
    return _state_file(request, state, page=reverse("analytics:state_figures", args=[iso3]))


def _state_page(request, state, *, file):
    form = PeriodForm(request.GET)
    context = {"form": form, "state": state}
    if form.is_valid():
        figures = state_figures(state, form.period)
        context |= {
            "figures": figures,
            "sections": zip(figures.tables, figures.charts, strict=True),
            "file": f"{file}?{parameters_of(form.period)}",
        }
    return render(request, "analytics/state_figures.html", context)


def _state_file(request, state, *, page):
    form = PeriodForm(request.GET)
    if not form.is_valid():
        return redirect(f"{page}?{request.GET.urlencode()}")
    title = _("Use of the offers of %(state)s") % {"state": state.name}
    rows = head_and_tables(title, state_figures(state, form.period))
    return as_file(rows, named(f"use-{state.iso3.lower()}", form.period))
