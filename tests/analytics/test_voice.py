"""What visitors and national contact points say, in figures."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.indicators import voice
from analytics.models import Daily, Feedback, Indicator, SurveyRound
from analytics.periods import Period
from tests import factories

pytestmark = pytest.mark.django_db

MARCH = Period(date(2027, 3, 1), date(2027, 3, 31))


def say(found, asked_on="offer", *, at=datetime(2027, 3, 10, tzinfo=UTC), **values):
    Feedback.objects.create(found=found, asked_on=asked_on, at=at, language="en", **values)


def opened(metric, total):
    Daily.objects.create(
        day=date(2027, 3, 10), metric=metric, dimension="all", total=total, total_dc=total, unique_session=0,
        visitor_days=0, visits=0, rules_version="2",
    )  # fmt: skip


def ask(kind, at, answers):
    survey = SurveyRound.objects.create(kind=kind, opened_at=at, closes_on=at.date() + timedelta(days=30))
    for elsewhere in answers:
        survey.invitations.create(
            contact_point=factories.ContactPointFactory(), elsewhere=elsewhere, used=elsewhere,
            answered_at=at if elsewhere else None,
        )  # fmt: skip
    return survey


def measured(period=MARCH):
    return {measure.indicator: (measure.number, measure.base) for measure in voice.measures(period)}


def table(name):
    [found] = [table for table in voice.tables(MARCH) if table.name == name]
    return found


def test_v1_is_the_share_of_yes_without_robots_and_other_periods():
    for found in ("yes", "yes", "partly", "no"):
        say(found)
    say("yes", suspicious=True)
    say("yes", at=datetime(2027, 4, 10, tzinfo=UTC))

    assert measured()[Indicator.FOUND] == (2, 4)
    assert [numbers for _label, numbers in table("found").rows] == [(2, 1, 1), (0, 0, 0), (0, 0, 0), (0, 0, 0)]


def test_the_response_is_told_by_page_against_the_times_it_was_opened():
    say("no", "no_results")
    say("yes")
    opened("offer_detail", 40)
    opened("search_zero", 8)
    factories.make_enquiry(created_at=datetime(2027, 3, 10, tzinfo=UTC))

    assert table("response").rows == (
        ("Page of an offer", (40, 1, "2.5 %")),
        ("Search without a result", (8, 1, "12.5 %")),
        ("After an enquiry", (1, 0, "0.0 %")),
        ("Enquiry form, left without sending", (0, 0, "–")),
        ("All pages", (49, 2, "4.1 %")),
    )


def test_v2_is_of_the_last_survey_up_to_ninety_days_after_the_period():
    ask("before", datetime(2027, 2, 10, tzinfo=UTC), ["yes", "no", "", ""])
    assert measured()[Indicator.NOT_ELSEWHERE] == (1, 2)

    ask("after", datetime(2027, 4, 10, tzinfo=UTC), ["no", "no", "partly", ""])
    assert measured()[Indicator.NOT_ELSEWHERE] == (2, 3)
    assert measured(Period(date(2026, 11, 1), date(2026, 11, 30)))[Indicator.NOT_ELSEWHERE] == (1, 2)


def test_the_surveys_stand_side_by_side_the_first_one_first():
    ask("after", datetime(2027, 4, 10, tzinfo=UTC), ["no", "partly"])
    ask("before", datetime(2027, 2, 10, tzinfo=UTC), ["yes", "no", ""])

    assert table("survey").rows == (
        ("Before the trial (February 2027)", (3, 2, 1, 0, 1, 1, 0, 1)),
        ("After the trial (April 2027)", (2, 2, 0, 1, 1, 0, 1, 1)),
    )


def test_made_up_offices_count_in_a_demonstration_only(settings):
    survey = ask("before", datetime(2027, 2, 10, tzinfo=UTC), ["yes"])
    sample = factories.ContactPointFactory(is_sample=True)
    survey.invitations.create(contact_point=sample, elsewhere="no", used="no", answered_at=survey.opened_at)

    assert measured()[Indicator.NOT_ELSEWHERE] == (0, 1)
    settings.DEMO = True
    assert measured()[Indicator.NOT_ELSEWHERE] == (1, 1)


def test_of_nothing_nothing_is_said():
    assert measured() == {Indicator.FOUND: (0, 0), Indicator.NOT_ELSEWHERE: (None, 0)}
    assert [table.name for table in voice.tables(MARCH)] == ["found", "response", "found_by_language"]


def test_the_number_of_queries_does_not_grow():
    needed = []
    for page, month in zip(voice.AskedOn, range(1, 5), strict=True):
        say("yes", page)
        ask("before", datetime(2026, month, 10, tzinfo=UTC), ["yes", "no"])
        with CaptureQueriesContext(connection) as queries:
            voice.measures(MARCH)
            voice.tables(MARCH)
        needed.append(len(queries))

    assert len(set(needed)) == 1
