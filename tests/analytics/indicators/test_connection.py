"""From an offer that was opened to help that was agreed: F3 to F9."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.indicators.connection import measures, tables
from analytics.models import Daily
from analytics.periods import Period
from contacts.models import Article5Status
from offers.models import Enquiry, EnquiryAct, EnquiryOutcome, EnquiryStep
from tests import factories

from ..conftest import ZURICH
from .conftest import rows_of, values_of

pytestmark = pytest.mark.django_db
YEAR = Period(date(2027, 1, 1), date(2027, 12, 31))


@pytest.fixture(autouse=True)
def _later(clock):
    """The year is over."""
    clock.move_to(datetime(2028, 3, 1, 10, tzinfo=ZURICH))


def passed_on(enquiry, day, *, answered_after=None, matched_after=None):
    """As if it had been passed on that day at noon, and answered and matched so many days later."""
    begin = datetime(day.year, day.month, day.day, 12, tzinfo=ZURICH)
    moments = {"answered_at": answered_after, "matched_at": matched_after}
    moments = {name: begin + timedelta(days=days) for name, days in moments.items() if days is not None}
    Enquiry.objects.filter(pk=enquiry.pk).update(passed_on_at=begin, **moments)
    EnquiryOutcome.objects.filter(enquiry=enquiry).update(at=begin + timedelta(days=matched_after or 1))
    EnquiryStep.objects.filter(enquiry=enquiry).update(at=begin)
    return enquiry


def agreed(*sides, **values):
    enquiry = factories.make_enquiry(status="answered", **values)
    for side in sides:
        enquiry.record_outcome(side=side, kind="agreed")
    return enquiry


def test_enquiries_of_the_period_are_those_passed_on_in_its_days(db):
    for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1)):
        passed_on(factories.make_enquiry(), day)

    assert values_of(measures(YEAR))["F3"] == (2, None)


def test_answered_in_ten_working_days_of_those_old_enough(db):
    """Ten working days after Friday, 1 January, is Friday, 15 January."""
    passed_on(factories.make_enquiry(status="answered"), date(2027, 1, 1), answered_after=14)
    passed_on(factories.make_enquiry(status="declined"), date(2027, 1, 1), answered_after=15)
    passed_on(factories.make_enquiry(), date(2027, 12, 16))
    # On 31 December its tenth working day is not over.
    passed_on(factories.make_enquiry(), date(2027, 12, 17))

    assert values_of(measures(YEAR))["F6"] == (1, 3)


def test_a_match_counts_if_both_sides_confirm_it_and_the_enquiry_is_six_months_old(db):
    passed_on(agreed("asker", "office"), date(2027, 1, 4), matched_after=30)
    passed_on(agreed("asker"), date(2027, 1, 4))
    passed_on(factories.make_enquiry(), date(2027, 6, 30))
    # Too young, although it is a match.
    passed_on(agreed("asker", "office"), date(2027, 7, 1), matched_after=30)
    # What is agreed after the period is a match of the next.
    passed_on(agreed("asker", "office"), date(2027, 6, 1), matched_after=300)

    assert values_of(measures(YEAR))["F7"] == (1, 4)
    assert values_of(measures(Period(date(2027, 1, 1), date(2027, 2, 1))))["F7"] == (0, 0)


def test_affected_states_that_asked_of_all_that_are_affected(norland, sudland):
    norland.article5_status = Article5Status.OBLIGATIONS
    norland.save()
    for values in (
        {"survivors": True},
        {"article5_status": Article5Status.COMPLETED},
        # Not a party any more.
        {"article5_status": Article5Status.OBLIGATIONS, "withdrawal_effective": date(2027, 12, 31)},
    ):
        factories.StateFactory(**values)
    for sender in (norland, norland, sudland, None):
        passed_on(factories.make_enquiry(asker_state=sender), date(2027, 3, 1))

    assert values_of(measures(YEAR))["F8"] == (1, 2)


def test_the_national_authority_is_involved_if_it_was_sent_a_copy(make_offer, norland, sudland):
    offer = make_offer()
    factories.ContactPointFactory(state=sudland)
    for values in ({}, {"copy_national": False}, {"asker_state": norland}):
        enquiry = factories.make_enquiry(**{"offer": offer, "asker_state": sudland} | values)
        passed_on(enquiry, date(2027, 3, 1))

    # Of the third, Norland's authority is the one that is asked.
    assert values_of(measures(YEAR))["F9"] == (1, 3)


def test_an_enquiry_counts_where_it_counted_when_its_sender_is_forgotten(make_offer, sudland):
    sudland.survivors = True
    sudland.save()
    factories.ContactPointFactory(state=sudland)
    enquiry = agreed("asker", "office", offer=make_offer(), asker_state=sudland)
    passed_on(enquiry, date(2027, 3, 1), answered_after=3, matched_after=30)
    before = values_of(measures(YEAR)), [table.rows for table in tables(YEAR)]
    Enquiry.objects.update(closed_at=timezone.now() - timedelta(days=366))

    assert Enquiry.objects.to_forget().forget() == 1
    assert before == (values_of(measures(YEAR)), [table.rows for table in tables(YEAR)])
    assert before[0]["F7"] == before[0]["F8"] == before[0]["F9"] == (1, 1)


def test_who_did_not_agree_to_be_counted_is_counted_nowhere(norland):
    norland.survivors = True
    norland.save()
    passed_on(factories.make_enquiry(may_count=False, asker_state=norland), date(2027, 3, 1))

    assert values_of(measures(YEAR)) == {
        "F3": (0, None), "F6": (0, 0), "F7": (0, 0), "F8": (0, 1), "F9": (0, 0),
    }  # fmt: skip


def test_the_funnel_from_visits_to_matches(db):
    Daily.objects.bulk_create(
        Daily(
            day=date(2027, 3, 2), metric=metric, dimension="all", total=900, total_dc=900, unique_session=900,
            visitor_days=900, visits=visits, rules_version="1",
        )
        for metric, visits in (("offer_detail", 100), ("contact_revealed", 40))
    )  # fmt: skip
    passed_on(agreed("asker", "office"), date(2027, 3, 1), answered_after=2, matched_after=30)
    passed_on(agreed("office"), date(2027, 3, 1), answered_after=4)
    passed_on(factories.make_enquiry(status="declined"), date(2027, 3, 1), answered_after=9)
    passed_on(factories.make_enquiry(), date(2027, 3, 1))

    assert list(rows_of(tables(YEAR), "funnel").values()) == [
        (100, None, None),
        (40, "40 of 100", None),
        (4, "4 of 40", None),
        (3, "3 of 4", 4),
        (2, "2 of 3", None),
        (1, "1 of 2", 30),
    ]


def test_each_enquiry_has_one_outcome(db):
    agreed("office")
    factories.make_enquiry(status="declined")
    for kind in ("declined", "nothing", "talks"):
        factories.make_enquiry(status="answered").record_outcome(side="asker", kind=kind)
    for act in (EnquiryAct.MOVED_ON, EnquiryAct.HANDED_OVER):
        factories.make_enquiry().steps.create(act=act)
    factories.make_enquiry(status="answered")
    for enquiry in Enquiry.objects.all():
        passed_on(enquiry, date(2027, 3, 1), answered_after=1 if enquiry.answered_at else None)

    assert rows_of(tables(YEAR), "outcomes") == {
        "Assistance was agreed, says at least one side": (1,),
        "Declined": (2,),
        "Nothing came of it": (1,),
        "Talks are going on": (1,),
        "Referred to another office, without an outcome yet": (2,),
        "No outcome yet": (1,),
    }


def test_queries_do_not_grow_with_the_enquiries(norland):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            measures(YEAR)
            tables(YEAR)
        return len(captured)

    few = queries()
    for _ in range(2):
        passed_on(agreed("asker", "office", asker_state=norland), date(2027, 3, 1))

    assert queries() == few
