""" "Did you find what you needed?": visitors answer, the ISU reads."""

from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from contacts.access import isu_only
from offers.views.steps import posted
from offers.views.visitors import form_page

from ..forms.feedback import FeedbackForm
from ..forms.periods import PeriodForm
from ..indicators import voice
from ..models import AskedOn, Feedback
from ..use.completeness import Recording

COMMENTS_SHOWN = 25  # on a page
SUSPICIOUS_SHOWN = 50


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request, asked_on):
    """`asked_on` is the kind of page that led here; which one it was is not told."""
    if asked_on not in AskedOn:
        raise Http404
    form = FeedbackForm(posted(request))
    return form_page(
        request, form, "analytics/feedback_form.html", {},
        kind="feedback", receive=partial(_receive, form, asked_on), sent=reverse("analytics:feedback_sent"),
    )  # fmt: skip


def _receive(form, asked_on):
    return Feedback.receive(
        key=form.key,
        asked_on=asked_on,
        found=form.cleaned_data["found"],
        comment=form.cleaned_data["comment"],
        language=translation.get_language(),
        suspicious=form.is_suspicious,
    )


@login_not_required
@require_safe
def feedback_sent(request):
    return render(request, "analytics/feedback_sent.html", {"noindex": True})


@isu_only
@require_safe
def feedback_list(request):
    form = PeriodForm(request.GET)
    context = {"form": form}
    if form.is_valid():
        period = form.period
        answers = Feedback.objects.within(period)
        paginator = Paginator(answers.counted().exclude(comment=""), COMMENTS_SHOWN)
        suspicious = answers.filter(suspicious=True)
        context |= {
            "period": period,
            "warnings": Recording.of(period).warnings,
            "tables": voice.feedback_tables(period),
            "any_answer": answers.exists(),
            "paginator": paginator,
            "page_obj": paginator.get_page(request.GET.get("page")),
            "suspicious": suspicious[:SUSPICIOUS_SHOWN],
            "suspicious_count": suspicious.count(),
        }
    return render(request, "analytics/feedback_list.html", context)
