"""What visitors and national contact points say: V1 and V2.

Every answer counts that was given in the period, by the reporting time zone, and that no robot seems to have sent.
Of a survey counts how it stood at the end: the last one that was opened by ninety days after the period, since
those who are asked after a trial are asked after its last day.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from offers.models import Enquiry

from ..counting.sums import NOTHING, sums
from ..models import AskedOn, Feedback, Found, Indicator, SurveyInvitation, SurveyRound
from ..recording.actions import Action
from ..recording.visitors import bounds_of
from ..tables import Table, figure
from .measures import Measure

AFTERWARDS = timedelta(days=90)

# The pages that ask, by what is counted of them; the page after an enquiry is known by the enquiry itself.
ASKING = {
    AskedOn.OFFER: Action.OFFER_DETAIL.metric,
    AskedOn.NO_RESULTS: Action.SEARCH_ZERO.metric,
    AskedOn.ENQUIRY_LEFT: Action.ENQUIRY_STARTED.metric,
}


@dataclass(frozen=True)
class Answers:
    yes: int = figure(Found.YES.label, gettext_lazy("Answers that what was needed was found."))
    partly: int = figure(Found.PARTLY.label, gettext_lazy("Answers that a part of it was found."))
    no: int = figure(Found.NO.label, gettext_lazy("Answers that it was not found."))


@dataclass(frozen=True)
class Response:
    asked: int = figure(
        gettext_lazy("Times the page was opened"),
        gettext_lazy(
            "Openings of the pages that ask; after an enquiry, the enquiries themselves. Most visitors pass by."
        ),
    )
    answered: int = figure(gettext_lazy("Answers"), gettext_lazy("All answers to the question."))
    rate: str = figure(
        gettext_lazy("Response"),
        gettext_lazy("Answers for each hundred openings. The fewer answer, the less they stand for all."),
    )


@dataclass(frozen=True)
class SurveyAnswers:
    asked: int = figure(
        gettext_lazy("Offices asked"), gettext_lazy("National contact points to which a letter was written.")
    )
    answered: int = figure(gettext_lazy("Answered"), gettext_lazy("Those that have answered."))
    elsewhere_yes: int = figure(
        gettext_lazy("Elsewhere: yes"),
        gettext_lazy("“Yes” to “Could you have found this information elsewhere?”"),
    )
    elsewhere_partly: int = figure(gettext_lazy("Elsewhere: partly"), gettext_lazy("“Partly” to the same question."))
    elsewhere_no: int = figure(gettext_lazy("Elsewhere: no"), gettext_lazy("“No” to the same question."))
    used_yes: int = figure(gettext_lazy("Used: yes"), gettext_lazy("“Yes” to “Have you used the portal?”"))
    used_partly: int = figure(gettext_lazy("Used: a little"), gettext_lazy("“A little” to the same question."))
    used_no: int = figure(gettext_lazy("Used: no"), gettext_lazy("“No” to the same question."))


def measures(period):
    found = Counter(dict(_counted(period).values_list("found").annotate(Count("pk")).order_by()))
    survey = _rounds().filter(opened_at__lt=bounds_of(period.last + AFTERWARDS)[1]).first()
    return [
        Measure(Indicator.FOUND, found[Found.YES], found.total()),
        Measure(Indicator.NOT_ELSEWHERE, survey.elsewhere_no, survey.answered)
        if survey
        else Measure(Indicator.NOT_ELSEWHERE, None, 0),
    ]


def tables(period):
    return [*feedback_tables(period), *filter(None, [survey_table()])]


def feedback_tables(period):
    rows = _counted(period).values_list("asked_on", "language", "found").annotate(Count("pk")).order_by()
    by_page, by_language = Counter(), Counter()
    for asked_on, language, found, number in rows:
        by_page[asked_on, found] += number
        by_language[language, found] += number
    pages = [(page, str(page.label)) for page in AskedOn]
    languages = [(code, get_language_info(code)["name_translated"]) for code, _name in settings.LANGUAGES]
    return [
        _answers("found", _("Did you find what you needed? By page"), _("Page"), pages, by_page),
        _responses(period, pages, by_page),
        _answers("found_by_language", _("The same, by language"), _("Language of the page"), languages, by_language),
    ]


def survey_table():
    """The surveys side by side, the first one first; None if there was none."""
    rounds = list(_rounds().reverse())
    if not rounds:
        return None
    return Table.of(
        "survey",
        _("Survey of national contact points"),
        _("Survey"),
        SurveyAnswers,
        [(_name(survey), SurveyAnswers(*(getattr(survey, name) for name in COUNTS))) for survey in rounds],
        adds_up=False,
        note=_("“Elsewhere”: could you have found this information elsewhere? “Used”: have you used the portal?"),
    )


def _counted(period):
    return Feedback.objects.within(period).counted()


def _answers(name, caption, subject, labels, numbers):
    rows = [(label, Answers(*(numbers[key, found] for found in Found))) for key, label in labels]
    return Table.of(name, caption, subject, Answers, rows)


def _responses(period, pages, numbers):
    opened = sums(period, ASKING.values())
    asked = {page: opened.get((metric, ""), NOTHING).total for page, metric in ASKING.items()}
    asked[AskedOn.ENQUIRY_SENT] = Enquiry.objects.filter(
        is_sample=settings.DEMO,
        created_at__gte=bounds_of(period.first)[0],
        created_at__lt=bounds_of(period.last)[1],
    ).count()
    answered = {page: sum(numbers[page, found] for found in Found) for page in AskedOn}
    rows = [(label, _response(asked[page], answered[page])) for page, label in pages]
    rows.append((_("All pages"), _response(sum(asked.values()), sum(answered.values()))))
    return Table.of("response", _("How many answered"), _("Page"), Response, rows, adds_up=False)


def _response(asked, answered):
    rate = _("%(number).1f %%") % {"number": 100 * answered / asked} if asked else "–"
    return Response(asked, answered, rate)


def _name(survey):
    return f"{survey.get_kind_display()} ({date_format(survey.opened_at, 'YEAR_MONTH_FORMAT')})"


COUNTS = {
    "asked": Q(),
    "answered": Q(invitations__answered_at__isnull=False),
    **{
        f"{question}_{answer}": Q(**{f"invitations__{question}": answer})
        for question in ("elsewhere", "used")
        for answer in Found.values
    },
}


def _rounds():
    """The newest first, each with its counts."""
    counted = Q(invitations__in=SurveyInvitation.objects.counted().values("pk"))
    counts = {name: Count("invitations", filter=counted & condition) for name, condition in COUNTS.items()}
    return SurveyRound.objects.annotate(**counts).order_by("-opened_at", "-pk")
