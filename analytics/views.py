"""What the ISU reads about the use of the portal."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.access import isu_only
from contacts.spreadsheet import BYTE_ORDER_MARK, csv_text

from .charts import bars
from .figures import SMALLEST_PUBLIC, use_figures
from .forms import PeriodForm


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
    name = f"use-{figures.first:%Y-%m}-to-{figures.last:%Y-%m}.csv"
    return HttpResponse(
        BYTE_ORDER_MARK + csv_text(_csv_rows(figures)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _csv_rows(figures):
    yield [_("Visits and kinds of information viewed")]
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
    yield []
    yield [_("Not counted")]
    yield [_("Reason"), _("Requests")]
    yield from figures.excluded
    yield [_("Total"), figures.excluded_total]
