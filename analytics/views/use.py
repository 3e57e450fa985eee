"""What the ISU reads about the use of the portal."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.access import isu_only
from contacts.models import State
from offers.models import Offer

from ..charts import bars
from ..csv_file import as_file, head_and_tables, named
from ..forms.periods import PeriodForm, parameters_of
from ..use.comparison import numbers_of
from ..use.figures import SMALLEST_PUBLIC, use_figures

# Of the other tables, a picture would say less than the numbers.
WITH_BARS = {"months", "areas", "forms"}


@isu_only
@require_safe
def use_report(request):
    form = PeriodForm(request.GET)
    context = {"form": form}
    if form.is_valid():
        figures = use_figures(form.period)
        context |= {
            "figures": figures,
            "sections": [
                (table, bars(numbers_of(table)) if table.name in WITH_BARS else None) for table in figures.tables
            ],
            "smallest_public": SMALLEST_PUBLIC,
            "period": parameters_of(form.period),
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
    rows = head_and_tables(_("Visits and kinds of information viewed"), use_figures(form.period))
    return as_file(rows, named("use", form.period))
