"""Made-up enquiries about the sample offers, from the first letter to what came of it.

Rows are written as the steps of an enquiry would have left them, without their letters.
"""

import uuid
from collections import Counter
from datetime import datetime, time, timedelta

from django.utils import timezone

from contacts.models import ContactPoint, State
from offers.models import (
    Enquiry,
    EnquiryAct,
    EnquiryHolder,
    EnquiryLevel,
    EnquiryOutcome,
    EnquiryStatus,
    EnquiryStep,
    Offer,
    OutcomeKind,
    ReferenceCounter,
    Side,
)
from offers.working_days import working_days_after

NUMBER = 42
# Sent in the last days, so that some wait for an answer.
NEW = 4
DAYS_TO_CLOSE, DAYS_TO_QUESTION, DAYS_TO_LAST_QUESTION = 210, 60, 180

MESSAGES = {
    "en": "Our national centre would like to know whether this assistance can be had next year, and on which terms.",
    "fr": "Notre centre souhaite savoir si cette assistance est possible l'an prochain, et à quelles conditions.",
    "es": "Nuestro centro nacional desea saber si esta asistencia es posible el próximo año y en qué condiciones.",
}
ANSWER = "Thank you for your enquiry. We can offer this in the second half of next year; our office writes to you."
REFUSAL = "All places are taken until the end of next year. Please ask again then."
HELPED = [
    "A direct contact within a few days.",
    "That conditions and costs were stated.",
    "The answer in our language.",
]
MISSING = ["Who pays for travel was not clear.", "Dates came too late for our budget.", "Equipment was not included."]
# What both sides say in the end, of those that were answered, and how often.
ENDS = {
    (OutcomeKind.AGREED, OutcomeKind.AGREED): 34,
    (OutcomeKind.AGREED, OutcomeKind.TALKS): 10,
    (OutcomeKind.TALKS, OutcomeKind.TALKS): 16,
    (OutcomeKind.NOTHING, OutcomeKind.NOTHING): 16,
    (OutcomeKind.TALKS, None): 10,
    (None, None): 14,
}


def add(days, random):
    offers = list(Offer.objects.filter(is_sample=True).public().select_related("state").order_by("reference"))
    offices = {
        point.state_id: point for point in ContactPoint.objects.national().filter(is_sample=True).order_by("-pk")
    }
    offers = [offer for offer in offers if offer.state_id in offices]
    askers = list(State.objects.affected(days.last).order_by("iso3"))
    if not offers or not askers:
        return
    sent = sorted(_sent(days, random, is_new=number < NEW) for number in range(NUMBER))
    lives = [
        _Life(at, reference, random, offers, offices, askers)
        for at, reference in zip(sent, _references(sent), strict=True)
    ]
    Enquiry.objects.bulk_create(life.enquiry for life in lives)
    for model, name in ((EnquiryHolder, "holders"), (EnquiryStep, "steps"), (EnquiryOutcome, "outcomes")):
        model.objects.bulk_create(row for life in lives for row in getattr(life, name))


def _sent(days, random, *, is_new):
    """More as the year goes on; in working hours."""
    before = 2 + random.randrange(6) if is_new else int((days.days - 2) * (1 - random.random() ** 0.8))
    day = days.last - timedelta(days=before)
    day = working_days_after(day - timedelta(days=1), 1)
    return timezone.make_aware(
        datetime.combine(min(day, days.last), time(random.randrange(8, 17), random.randrange(60)))
    )


def _references(moments):
    years = Counter(timezone.localdate(at).year for at in moments)
    numbers = {}
    for year, number in years.items():
        counter, _created = ReferenceCounter.objects.get_or_create(series="ENQ", year=year)
        numbers[year] = counter.last
        counter.last += number
        counter.save()
    for at in moments:
        year = timezone.localdate(at).year
        numbers[year] += 1
        yield f"ENQ-{year}-{numbers[year]:04d}"


class _Life:
    """One enquiry with all that hangs on it."""

    def __init__(self, at, reference, random, offers, offices, askers):
        self.random, self.now = random, timezone.now()
        self.offer = random.choice(offers)
        self.office = offices[self.offer.state_id]
        self.steps, self.holders, self.outcomes = [], [], []
        language = random.choice(list(MESSAGES))
        self.enquiry = Enquiry(
            key=uuid.UUID(int=random.getrandbits(128)),
            reference=reference,
            offer=self.offer,
            is_sample=True,
            name="Illustrative sender",
            organisation="National mine action authority (illustrative)",
            email=f"sender.{reference.lower()}@example.org",
            asker_state=random.choice([state for state in askers if state != self.offer.state]),
            language=language,
            message=MESSAGES[language],
            copy_national=random.random() < 0.7,
            status=EnquiryStatus.OPEN,
            level=EnquiryLevel.NATIONAL,
            created_at=at,
        )
        self.enquiry.country = self.enquiry.asker_state
        self._pass_on()
        if self._answer():
            self._find_out()
        if self._has_passed(DAYS_TO_CLOSE):
            self.enquiry.closed_at = self._after(DAYS_TO_CLOSE)
            self._note(EnquiryAct.CLOSED, self.enquiry.closed_at)

    def _pass_on(self):
        enquiry = self.enquiry
        passed_on = min(enquiry.created_at + timedelta(minutes=self.random.randrange(3, 2000)), self.now)
        enquiry.confirmed_at = enquiry.passed_on_at = passed_on
        enquiry.due_on = timezone.localdate(passed_on) + timedelta(weeks=self.office.weeks_to_answer)
        self.holders.append(
            EnquiryHolder(enquiry=enquiry, level=enquiry.level, contact_point=self.office, since=passed_on)
        )
        self._note(EnquiryAct.SENT, enquiry.created_at)
        self._note(EnquiryAct.CONFIRMED, passed_on)
        self._note(EnquiryAct.PASSED_ON, passed_on, to_level=enquiry.level, to_offices=str(self.office))
        if enquiry.copy_national:
            self._note(EnquiryAct.COPIED, passed_on)

    def _answer(self):
        """Most in ten working days, nobody after the promised day; returns whether more than a refusal was answered."""
        enquiry = self.enquiry
        days = self.random.choice([1, 2, 3, 4, 5, 6, 8, 9, 11, 13]) if self.random.random() < 0.8 else 18
        at = self._after(min(days, 7 * self.office.weeks_to_answer))
        if at > self.now:
            return False
        if days > 5:
            enquiry.acknowledged_at = self._after(2)
            self._note(EnquiryAct.ACKNOWLEDGED, enquiry.acknowledged_at, **self._by_office)
        enquiry.answered_at = at
        if self.random.random() < 0.15:
            enquiry.status, enquiry.closed_at = EnquiryStatus.DECLINED, at
            self._note(EnquiryAct.DECLINED, at, reason=REFUSAL, **self._by_office)
            return False
        enquiry.status = EnquiryStatus.ANSWERED
        self._note(EnquiryAct.ANSWERED, at, reason=ANSWER, **self._by_office)
        return True

    def _find_out(self):
        """Both sides are asked after two months; some say it then, some later, some never."""
        if not self._has_passed(DAYS_TO_QUESTION + 5):
            return
        self._note(EnquiryAct.ASKED_FIRST, self._after(DAYS_TO_QUESTION))
        [said] = self.random.choices(list(ENDS), list(ENDS.values()))
        for side, kind, days in zip((Side.ASKER, Side.OFFICE), said, (2, 4), strict=True):
            if kind:
                self._say(side, kind, self._after(DAYS_TO_QUESTION + days))
        if said == (OutcomeKind.AGREED, OutcomeKind.AGREED):
            self.enquiry.matched_at = self._after(DAYS_TO_QUESTION + 4)
            self._note(EnquiryAct.MATCHED, self.enquiry.matched_at)
        if self._has_passed(DAYS_TO_LAST_QUESTION):
            self._note(EnquiryAct.ASKED_AGAIN, self._after(DAYS_TO_LAST_QUESTION))

    def _say(self, side, kind, at):
        is_good = kind == OutcomeKind.AGREED
        self.outcomes.append(
            EnquiryOutcome(
                enquiry=self.enquiry,
                side=side,
                kind=kind,
                at=at,
                helped=self.random.choice(HELPED) if is_good else "",
                missing="" if is_good else self.random.choice(MISSING),
            )
        )
        self._note(EnquiryAct.OUTCOME, at, side=side, outcome=kind)

    @property
    def _by_office(self):
        return {"contact_point": self.office, "office": str(self.office)}

    def _after(self, days):
        return self.enquiry.passed_on_at + timedelta(days=days)

    def _has_passed(self, days):
        return self.enquiry.closed_at is None and self._after(days) < self.now

    def _note(self, act, at, **values):
        self.steps.append(EnquiryStep(enquiry=self.enquiry, act=act, at=at, **values))
