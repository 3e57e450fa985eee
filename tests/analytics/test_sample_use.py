"""The year of use that a demonstration shows: it adds up like a real one, and says that it is none."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import Count, F, Sum
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from analytics.append_only import TOO_LATE
from analytics.counting.rollup import count_day
from analytics.models import (
    Batch,
    Completeness,
    Daily,
    DailyExcluded,
    DirtyDay,
    Event,
    Feedback,
    IndicatorSnapshot,
    IndicatorTarget,
    Search,
    SearchTermDaily,
    SurveyInvitation,
    UnmetNeedTerm,
    VerdictReason,
)
from analytics.periods import Period
from analytics.recording.actions import Action
from analytics.recording.visitors import reporting_day
from analytics.samples import use as sample_use
from offers.models import Enquiry, EnquiryStep, Offer, OutgoingMail
from tests import factories

pytestmark = pytest.mark.django_db

FEW_DAYS = 12


SETTINGS = {
    "DEMO": True,
    "ANALYTICS_REBUILD_DAYS": FEW_DAYS - 4,
    "EMAIL_BACKEND": "offers.outbox.OutboxBackend",
}


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """What is told of the last days of the year, loaded once for the module.

    Before it three illustrative offers, somebody to answer and somebody to ask.
    """
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(**SETTINGS):
        norland = factories.StateFactory()
        factories.ContactPointFactory(state=norland, is_sample=True)
        factories.StateFactory(article5_status="obligations")
        for days_ago in (100, 50, 3):
            offer = factories.make_offer(state=norland, confirmed_days_ago=1)
            published = timezone.localdate() - timedelta(days=days_ago)
            Offer.objects.filter(pk=offer.pk).update(is_sample=True, first_published_on=published)
        OutgoingMail.objects.all().delete()
        lines = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sample_use, "year_until", lambda last: Period(last - timedelta(days=FEW_DAYS - 1), last))
            assert sample_use.bring(lines.append) == FEW_DAYS
        yield lines
        transaction.set_rollback(True)


def test_every_day_adds_up_and_is_marked_as_generated(told):
    actions = [action.metric for action in Action]
    events = dict(Event.objects.values_list("day").annotate(Count("pk")))
    counted = dict(
        Daily.objects.filter(dimension="all", metric__in=actions).values_list("day").annotate(Sum("total")).order_by()
    )
    excluded = dict(DailyExcluded.objects.values_list("day").annotate(Sum("n")))

    assert told == [f"Generated use: {FEW_DAYS} days added."]
    assert len(events) == FEW_DAYS
    assert events == {day: counted[day] + excluded[day] for day in counted}
    assert all(reporting_day(at / 1_000_000) == day for at, day in Event.objects.values_list("at", "day"))
    assert Completeness.objects.filter(generated=True, imported=False).count() == FEW_DAYS
    assert Batch.objects.get().lines == sum(events.values())
    assert max(events) == timezone.localdate() - timedelta(days=1)


def test_a_generated_day_that_is_counted_again_stays_complete(told):
    day = timezone.localdate() - timedelta(days=1)
    before = Completeness.objects.values().get(day=day)
    DirtyDay.mark([day], "asked")
    count_day(day)

    assert before["minutes_ingested"] >= 1100
    assert Completeness.objects.values().get(day=day) == before


def test_what_would_be_gone_by_now_is_gone_and_its_figures_stay(told, settings):
    kept_from = timezone.localdate() - timedelta(days=settings.ANALYTICS_REBUILD_DAYS - 1)
    keys = Event.objects.filter(visitor__isnull=False)

    assert keys.filter(day__gte=kept_from).exists()
    assert not keys.filter(day__lt=kept_from).exists()
    assert Search.objects.exists() and not Search.objects.filter(event__day__lt=kept_from).exists()
    assert Daily.objects.filter(day__lt=kept_from, metric="view", visits__gt=0).exists()
    assert SearchTermDaily.objects.filter(day__lt=kept_from, zero_n__gt=0).exists()


def test_nobody_opens_an_offer_before_it_was_published(told):
    newest = Offer.objects.order_by("first_published_on").last()

    days = Event.objects.filter(offer=newest.reference).values_list("day", flat=True)

    assert min(days) >= newest.first_published_on


def test_a_second_load_adds_nothing(told):
    models = (Batch, Daily, Enquiry, Event, Feedback, IndicatorSnapshot, IndicatorTarget, UnmetNeedTerm)
    before = [model.objects.count() for model in models]
    assert all(before)

    assert sample_use.bring(print) == 0
    assert [model.objects.count() for model in models] == before


def test_enquiries_have_lived_as_real_ones_do_and_nobody_got_a_letter(told):
    now = timezone.now()

    assert not OutgoingMail.objects.exists()
    assert Enquiry.objects.counted().count() == 42
    for enquiry in Enquiry.objects.prefetch_related("steps"):
        moments = [step.at for step in enquiry.steps.all()]
        assert enquiry.created_at == moments[0] and moments[-1] <= now
        assert enquiry.email.endswith("@example.org")
        enquiry.full_clean()
    assert not Enquiry.objects.filter(answered_at__lt=F("passed_on_at")).exists()
    assert EnquiryStep.objects.values("act").distinct().count() > 4


def test_targets_were_set_before_the_trial_by_a_document_that_says_it_is_made_up(told):
    for target in IndicatorTarget.objects.select_related("period", "set_by"):
        assert target.set_on < target.period.first, TOO_LATE
        assert "made up" in target.document
        assert target.set_by.email == "samples.isu@example.org" and not target.set_by.is_active
    assert VerdictReason.objects.get().reason.startswith("Illustrative")
    assert SurveyInvitation.objects.counted().exists()


def test_the_catalogue_grows_in_whole_numbers_that_add_up(told):
    rows = IndicatorSnapshot.objects.filter(indicator="S2").order_by("day")
    wholes = dict(rows.filter(dimension="all").values_list("day", "numerator"))
    parts = dict(rows.filter(dimension="area_form").values_list("day").annotate(Sum("numerator")))

    assert wholes == parts
    assert (min(wholes.values()), max(wholes.values())) == (2, 3)


@pytest.mark.parametrize("name", ["use_report", "searches", "feedback_list"])
def test_pages_say_that_the_figures_are_generated(told, client, officer, name):
    client.force_login(officer)

    page = client.get(reverse(f"analytics:{name}")).content.decode()

    assert f"generated for demonstration: {FEW_DAYS}" in page


@pytest.mark.once
def test_there_is_more_use_at_meetings_and_less_at_weekends_and_in_summer():
    lot = sample_use.Lot(Period(date(2026, 1, 1), date(2026, 12, 31)))

    def visits(month, day):
        lot.day = date(2026, month, day)
        return sum(lot._number_of_visits() for _time in range(20))

    monday, saturday = visits(11, 16), visits(11, 21)
    assert saturday < monday < visits(11, 23)
    assert visits(8, 17) < visits(6, 8) < visits(6, 16)
    assert visits(1, 12) < visits(7, 13) < visits(12, 14)


@pytest.mark.once
def test_the_same_day_gives_the_same_year(told):
    days = Period(date(2026, 3, 1), date(2026, 3, 2))

    def draw():
        lot, rows, searches = sample_use.Lot(days), [], []
        for number in range(days.days):
            lot.draw(days.first + timedelta(days=number), rows, searches)
        return rows, searches

    assert draw() == draw()
