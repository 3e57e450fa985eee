"""The draft text for the report of the own State under Article 7."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.access import focal_points_only
from offers.article7 import report_of
from offers.forms.article7 import YearForm
from offers.word import as_download


@focal_points_only
@require_safe
def article_7(request):
    form = YearForm(request.GET, state=request.user.state)
    context = {"form": form, "state": request.user.state}
    if form.is_valid():
        context["report"] = report_of(request.user.state, form.cleaned_data["year"])
    return render(request, "offers/article7.html", context)


@focal_points_only
@require_safe
def article_7_word(request):
    """The same in Word; if the year cannot be understood, back to the page, which says why."""
    state = request.user.state
    form = YearForm(request.GET, state=state)
    if not form.is_valid():
        return redirect(f"{reverse('offers:article_7')}?{request.GET.urlencode()}")
    year = form.cleaned_data["year"]
    return as_download(report_of(state, year).in_word(), f"article-7-{state.iso3.lower()}-{year}.docx")
