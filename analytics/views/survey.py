"""The survey of national contact points: the ISU opens it and reads the answers, offices answer by a link."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.access import isu_only
from offers.models import StepNotAllowed
from offers.signed_links import reached_by_signed_link
from offers.views.steps import posted, sent_number

from ..forms.survey import SurveyAnswerForm, SurveyRoundForm
from ..indicators import voice
from ..models import SurveyRound
from ..survey import invitation_of, points


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request):
    form = SurveyRoundForm(posted(request))
    if form.is_valid():
        try:
            SurveyRound.begin(by=request.user, **form.cleaned_data)
        except StepNotAllowed as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The survey is open. The letters leave within the hour."))
        return redirect("analytics:survey")
    rounds = SurveyRound.objects.annotate(
        asked=Count("invitations"), answered=Count("invitations", filter=Q(invitations__answered_at__isnull=False))
    ).order_by("-opened_at", "-pk")
    number = sent_number(request.GET.get("round", ""))
    shown = get_object_or_404(rounds, pk=number) if number else rounds.first()
    context = {
        "form": form,
        "rounds": rounds,
        "open_round": SurveyRound.objects.open().first(),
        "reachable": points().count(),
        "shown": shown,
    }
    if shown:
        answers = shown.invitations.answered().select_related("contact_point__state")
        context |= {
            "table": voice.survey_table(),
            "answers": sorted(answers, key=lambda answer: str(answer.contact_point.state)),
            "silent": shown.asked - shown.answered,
        }
    return render(request, "analytics/survey.html", context)


@reached_by_signed_link("analytics/survey_failed.html")
@require_http_methods(["GET", "HEAD", "POST"])
def survey_answer(request, token):
    invitation = invitation_of(token)
    present = {name: getattr(invitation, name) for name in ("elsewhere", "used", "comment")}
    form = SurveyAnswerForm(posted(request), initial=present | {"seen": invitation.mark})
    notice = ""
    if form.is_valid():
        try:
            invitation.answer(**form.cleaned_data)
        except StepNotAllowed as refusal:
            notice = str(refusal)
            invitation = invitation_of(token)
            # The next press is of somebody who has read this.
            form.data = form.data.copy()
            form.data["seen"] = invitation.mark
        else:
            return redirect("analytics:survey_answer", token)
    context = {"invitation": invitation, "form": form, "notice": notice, "noindex": True}
    return render(request, "analytics/survey_answer.html", context, status=409 if notice else 200)
