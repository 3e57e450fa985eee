"""What the ISU reads about the use of the portal."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.access import isu_only
from contacts.models import State
from offers.models import Offer

from ..charts import bars
from ..csv_file import as_file, head_and_tables
from ..figures import SMALLEST_PUBLIC, use_figures
from ..forms.periods import PeriodForm


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
    return as_file(_csv_rows(figures), f"use-{figures.first:%Y-%m}-to-{figures.last:%Y-%m}.csv")


def _csv_rows(figures):
    yield from head_and_tables(_("Visits and kinds of information viewed"), figures)
    yield []
    yield [_("Not counted")]
    yield [_("Reason"), _("Requests")]
    yield from figures.excluded
    yield [_("Total"), figures.excluded_total]
