"""A made-up trial: its targets and what it cost, how the catalogue grew, and what people said of it."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from contacts.models import ContactPoint, Role
from offers.models import Offer
from offers.samples import account

from ..counting.months import last_day_of
from ..models import (
    AskedOn,
    Feedback,
    Found,
    Indicator,
    IndicatorSnapshot,
    IndicatorTarget,
    Milestone,
    MonthCost,
    SearchTermDaily,
    SurveyInvitation,
    SurveyKind,
    SurveyRound,
    TrialPeriod,
    UnmetNeed,
    VerdictReason,
)
from ..periods import Period
from ..recording.visitors import bounds_of
from ..snapshots import THEMES
from . import use as sample_use

DOCUMENT = "APLC/DEMO/1 (made up for the demonstration)"
# Met at, partly met at, and the fewest cases.
TARGETS = {
    Indicator.COVERAGE: (20, 12, 0),
    Indicator.FRESHNESS: (80, 60, 30),
    Indicator.VISITS: (10000, 6000, 0),
    Indicator.CONTACTS_OPENED: (6000, 4000, 0),
    Indicator.ANSWERED_IN_TIME: (80, 50, 30),
    Indicator.MATCHES: (20, 5, 30),
}
WEEK = 7
ANSWERS = 190
COMMENTS = {
    "en": [
        "Dates are missing on most offers.",
        "I was looking for prosthesis workshops.",
        "Who pays is not always said.",
    ],
    "fr": ["Trop peu d'offres en français.", "Je cherchais un atelier de prothèses."],
    "es": ["Faltan ofertas para la región andina."],
    "ar": ["نحتاج إلى مزيد من العروض باللغة العربية."],
    "ru": ["Мало предложений на русском языке."],
    "zh-hans": ["希望有更多培训机会。"],
}
SURVEY_COMMENTS = [
    "We have used bilateral channels so far.",
    "The reports are there, but nobody can search them.",
    "",
    "",
]
ACTIONS = {
    "Workshops for prostheses": "Asked two States that have such workshops whether they would offer places.",
    "Survey from the air": "Raised in the meeting with the Committee on the Enhancement of Cooperation and Assistance.",
    "Psychological support by peers": "",
    "Mechanical demining": "",
}


def add(days, random):
    isu = account("isu", role=Role.ISU_OFFICER)
    trial = Period(days.first, days.first.replace(year=days.first.year + 1) - timedelta(days=1))
    _add_trial(trial, isu)
    _add_milestones(days, trial)
    _add_costs(days, isu, random)
    _add_snapshots(days)
    _add_feedback(days, random)
    _add_survey(trial, isu, random)
    _add_needs(days, isu)


def _add_trial(trial, isu):
    set_on = trial.first - timedelta(days=30)
    made = TrialPeriod.objects.create(
        name="Illustrative trial year", first=trial.first, last=trial.last, made_by=isu, made_at=bounds_of(set_on)[0]
    )
    IndicatorTarget.objects.bulk_create(
        IndicatorTarget(
            period=made, indicator=indicator, met_at=met_at, partly_at=partly_at, min_n=min_n, document=DOCUMENT,
            set_by=isu, set_on=set_on,
        )
        for indicator, (met_at, partly_at, min_n) in TARGETS.items()
    )  # fmt: skip
    VerdictReason.objects.create(
        period=made,
        indicator=Indicator.CONTACTS_OPENED,
        reason="Illustrative: most visitors read an offer without opening its contact points.",
        action="Illustrative: say beside each offer what happens after an enquiry, and ask visitors what keeps them.",
        by=isu,
    )


def _add_milestones(days, trial):
    rows = [(trial.first, "Launch of the trial (illustrative)")]
    for year in {days.first.year, days.last.year}:
        rows.append((days.first.replace(year=year, month=6, day=17), "Intersessional meetings (illustrative)"))
        rows.append((days.first.replace(year=year, month=11, day=25), "Meeting of the States Parties (illustrative)"))
    Milestone.objects.bulk_create(
        [Milestone(day=day, name=name) for day, name in rows if days.first <= day <= days.last], ignore_conflicts=True
    )


def _add_costs(days, isu, random):
    MonthCost.objects.bulk_create(
        [
            MonthCost(
                month=month,
                hours=Decimal(random.randrange(24, 60)) / 2,
                hosting=Decimal("85.00"),
                note="Illustrative" if number else "Illustrative; with the preparation of the launch",
                by=isu,
                at=bounds_of(last_day_of(month))[0],
            )
            for number, month in enumerate(days.months)
            if last_day_of(month) <= days.last
        ],
        ignore_conflicts=True,
    )


def _add_snapshots(days):
    """Week by week, and at the end of each month: the present catalogue as far as it had been published by then."""
    present = {key: pair for of_theme in THEMES.values() for key, pair in of_theme(days.last).items()}
    published = list(Offer.objects.filter(is_sample=True).public().values_list("first_published_on", flat=True))
    kept = {days.first + timedelta(days=number) for number in range(0, days.days, WEEK)}
    kept |= {min(last_day_of(month), days.last) for month in days.months} | {days.last}
    rows = []
    for day in sorted(kept):
        share = sum(since <= day for since in published) / len(published) if published else 1
        for (name, dimension, value), pair in _grown(present, share).items():
            rows.append(
                IndicatorSnapshot(
                    day=day, indicator=name, dimension=dimension, value=value, numerator=pair[0], denominator=pair[1]
                )
            )
    IndicatorSnapshot.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


# Not made of offers: how old the confirmations are, and what is linked elsewhere.
CONSTANT = ("S3.days", "D2")
# Figures with parts that add up to the whole.
PARTS = (("S1", "region"), ("S2", "area_form"), ("S3", "months"))


def _grown(present, share):
    """What stands for offers grows with them; the number of States does not."""
    grown = {}
    for (name, dimension, value), (number, of) in present.items():
        if name.startswith(CONSTANT):
            grown[name, dimension, value] = (number, of)
        elif name == "S1":
            grown[name, dimension, value] = (round(number * share), of)
        else:
            grown[name, dimension, value] = (round(number * share), of and round(of * share))
    for name, dimension in PARTS:
        parts = {key: number for key, (number, _of) in present.items() if key[:2] == (name, dimension)}
        for key, number in _apportioned(parts, round(sum(parts.values()) * share)).items():
            grown[key] = (number, grown[key][1])
    return grown


def _apportioned(parts, total):
    """Whole numbers in the same proportions that make up the total; what is left goes to the largest remainders."""
    whole = sum(parts.values()) or 1
    exact = {key: number * total / whole for key, number in parts.items()}
    found = {key: int(number) for key, number in exact.items()}
    by_remainder = sorted(exact, key=lambda key: found[key] - exact[key])
    for key in by_remainder[: total - sum(found.values())]:
        found[key] += 1
    return found


def _add_feedback(days, random):
    rows = []
    for _answer in range(ANSWERS):
        at = bounds_of(days.first)[0] + timedelta(
            days=int(days.days * random.random() ** 0.7), hours=random.uniform(8, 18)
        )
        asked_on = random.choices(list(AskedOn), [50, 28, 6, 16])[0]
        weights = {AskedOn.NO_RESULTS: [4, 26, 70], AskedOn.ENQUIRY_LEFT: [20, 35, 45]}.get(asked_on, [58, 27, 15])
        found = random.choices(list(Found), weights)[0]
        language = sample_use.weighted(random, sample_use.LANGUAGES)
        has_comment = found != Found.YES and random.random() < 0.45
        rows.append(
            Feedback(
                key=uuid.UUID(int=random.getrandbits(128)),
                at=at,
                asked_on=asked_on,
                found=found,
                comment=random.choice(COMMENTS[language]) if has_comment else "",
                language=language,
                suspicious=random.random() < 0.05,
            )
        )
    Feedback.objects.bulk_create(rows)


def _add_survey(trial, isu, random):
    """The one before the trial: three quarters have answered."""
    opened_at = bounds_of(trial.first - timedelta(days=25))[0] + timedelta(hours=9)
    survey = SurveyRound.objects.create(
        kind=SurveyKind.BEFORE, opened_at=opened_at, closes_on=trial.first + timedelta(days=5), opened_by=isu
    )
    rows = []
    for point in ContactPoint.objects.national().filter(is_sample=True).order_by("pk"):
        invitation = SurveyInvitation(round=survey, contact_point=point, sent_at=opened_at)
        if random.random() < 0.75:
            invitation.answered_at = opened_at + timedelta(days=random.uniform(0.1, 28))
            invitation.elsewhere = random.choices(list(Found), [22, 43, 35])[0]
            invitation.used = random.choices(list(Found), [0, 15, 85])[0]
            invitation.comment = random.choice(SURVEY_COMMENTS)
        rows.append(invitation)
    SurveyInvitation.objects.bulk_create(rows)


def _add_needs(days, isu):
    """With the searches that ask for them, and what was done about some."""
    searched = SearchTermDaily.objects.filter(zero_n__gt=0).values_list("language", "words", "filters", "key")
    found = {(language, words): (filters, key) for language, words, filters, key in searched.distinct()}
    for name, terms in sample_use.NOT_FOUND.items():
        action = ACTIONS[name]
        if UnmetNeed.objects.filter(name=name).exists():
            continue
        need = UnmetNeed.objects.create(
            name=name, action=action, acted_on=days.last - timedelta(days=40) if action else None, by=isu,
            at=timezone.now(),
        )  # fmt: skip
        need.take_in(
            [
                {
                    "language": language,
                    "words": words,
                    "filters": found[language, words][0],
                    "key": found[language, words][1],
                }
                for language, all_words in terms.items()
                for words in all_words
                if (language, words) in found
            ]
        )
