"""What visitors looked for and did not find: the ISU puts it in order by need, and says what it has done."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from contacts.access import isu_only
from offers.models import StaleEdit, StepNotAllowed
from offers.views.steps import posted, sent_number, take_step

from ..forms.needs import GroupForm, NeedForm
from ..forms.periods import PeriodForm
from ..models import SearchTermDaily, UnmetNeed
from ..models.figures import FEWEST_VISITORS, SEARCHES_SHOWN
from ..use.completeness import Recording
from ..use.searches import in_words, needs_in, searches_of


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def searches(request):
    period_form = PeriodForm(request.GET)
    context = {"period_form": period_form, "fewest": FEWEST_VISITORS}
    if period_form.is_valid():
        period = period_form.period
        unfound = SearchTermDaily.objects.ungrouped().unfound(period)
        form = GroupForm(posted(request))
        if form.is_valid():
            _group(request, form, unfound)
            return redirect(f"{reverse('analytics:searches')}?{request.GET.urlencode()}")
        paginator = Paginator(unfound, SEARCHES_SHOWN)
        page = paginator.get_page(request.GET.get("page"))
        context |= {
            "form": form,
            "period": period,
            "warnings": Recording.of(period).warnings,
            "needs": needs_in(period),
            "paginator": paginator,
            "page_obj": page,
            "found": in_words(page),
        }
    return render(request, "analytics/searches.html", context)


def _group(request, form, unfound):
    """Put what is ticked under the need, and say how many; a colleague, or a second press, may have been faster."""
    chosen, need, name = form.chosen_of(unfound), form.cleaned_data["need"], form.cleaned_data["name"]
    if not chosen:
        messages.info(request, _("These searches have been grouped already."))
        return
    try:
        if need:
            number = need.take_in(chosen)
        else:
            need, number = UnmetNeed.take_in_under(name, chosen, by=request.user)
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
        return
    done = ngettext(
        "%(number)d search is grouped under “%(need)s” now.",
        "%(number)d searches are grouped under “%(need)s” now.",
        number,
    )
    messages.success(request, done % {"number": number, "need": need.name})


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def need(request, pk):
    need = get_object_or_404(UnmetNeed, pk=pk)
    form = NeedForm(posted(request), instance=need)
    theirs = None
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("name", "action", "acted_on")}
        try:
            need.change(seen=form.cleaned_data["seen"], by=request.user, **values)
        except StepNotAllowed as refusal:
            form.add_error("name", str(refusal))
        except StaleEdit:
            theirs = get_object_or_404(UnmetNeed, pk=pk)
            # What is typed stays in the form; saving it once more replaces what is saved now.
            form.data = form.data.copy()
            form.data["seen"] = theirs.at.isoformat()
        else:
            messages.success(request, _("The need is saved."))
            return redirect("analytics:searches")
    # Validation has written into `need` what is typed.
    saved = get_object_or_404(UnmetNeed, pk=pk)
    context = {"need": saved, "form": form, "theirs": theirs, "searches": searches_of(saved)}
    return render(request, "analytics/need.html", context)


@isu_only
@require_POST
def delete_need(request, pk):
    need = get_object_or_404(UnmetNeed, pk=pk)
    return take_step(request, need.discard, _("The need is deleted."), "analytics:searches")


@isu_only
@require_POST
def take_out(request, pk):
    """A second press finds nothing left to do."""
    need = get_object_or_404(UnmetNeed, pk=pk)
    term = need.terms.filter(pk=sent_number(request.POST.get("term", ""))).first()
    if term is None:
        messages.info(request, _("This search had been taken out already."))
    else:
        term.delete()
        messages.success(request, _("The search is taken out. It is among those that are not grouped again."))
    return redirect(need)
