"""What the ISU reads about the use of the portal, and a State about the use of its own offers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.access import focal_points_only, isu_only
from contacts.models import State
from contacts.spreadsheet import BYTE_ORDER_MARK, csv_text
from offers.models import Offer

from .charts import bars
from .figures import SMALLEST_PUBLIC, use_figures
from .forms import PeriodForm
from .state_figures import state_figures


@isu_only
@require_safe
def use_report(request):
    form = PeriodForm(request.GET)
    context = {"form": form}
    if form.is_valid():
        figures = use_figures(*form.days)
        context |= {
            "figures": figures,
            "sections": [(table, bars(table)) for table in figures.tables],
            "smallest_public": SMALLEST_PUBLIC,
            "period": urlencode(form.cleaned_data),
            "states": State.objects.filter(pk__in=Offer.objects.ever_published().values("state")).in_name_order(),
        }
    return render(request, "analytics/use_report.html", context)


@isu_only
@require_safe
def use_report_csv(request):
    """The page as a file; if the period cannot be understood, back to the page, which says why."""
    form = PeriodForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('analytics:use_report')}?{request.GET.urlencode()}")
    figures = use_figures(*form.days)
    return _as_file(_csv_rows(figures), f"use-{figures.first:%Y-%m}-to-{figures.last:%Y-%m}.csv")


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
        figures = state_figures(state, *form.days)
        context |= {
            "figures": figures,
            "sections": zip(figures.tables, figures.charts, strict=True),
            "file": f"{file}?{urlencode(form.cleaned_data)}",
        }
    return render(request, "analytics/state_figures.html", context)


def _state_file(request, state, *, page):
    form = PeriodForm(request.GET)
    if not form.is_valid():
        return redirect(f"{page}?{request.GET.urlencode()}")
    figures = state_figures(state, *form.days)
    name = f"use-{state.iso3.lower()}-{figures.first:%Y-%m}-to-{figures.last:%Y-%m}.csv"
    return _as_file(_csv_head_and_tables(_use_of_offers(state), figures), name)


def _use_of_offers(state):
    return _("Use of the offers of %(state)s") % {"state": state.name}


def _as_file(rows, name):
    return HttpResponse(
        BYTE_ORDER_MARK + csv_text(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _csv_rows(figures):
    yield from _csv_head_and_tables(_("Visits and kinds of information viewed"), figures)
    yield []
    yield [_("Not counted")]
    yield [_("Reason"), _("Requests")]
    yield from figures.excluded
    yield [_("Total"), figures.excluded_total]


def _csv_head_and_tables(title, figures):
    yield [title]
    yield [_("From"), figures.first.isoformat()]
    yield [_("To"), figures.last.isoformat()]
    for remark in figures.remarks:
        yield [remark]
    for table in figures.tables:
        yield []
        yield [table.caption]
        for column in table.columns:
            yield [column["label"], column["definition"]]
        if table.note:
            yield [table.note]
        yield [table.subject, *(column["label"] for column in table.columns)]
        for label, numbers in table.lines:
            yield [label, *numbers]
        if table.adds_up:
            yield [_("Total"), *table.totals]
