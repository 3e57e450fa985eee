"""What is on offer at the end of a period: S1 to S8."""

from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.indicators.supply import measures, tables
from analytics.models import Daily, IndicatorSnapshot
from analytics.periods import Period
from analytics.snapshots import at_end, months_since, take
from contacts.models import Closure, ContactPoint
from offers.models import Actor, Cooperation, FundingPartner, Offer, Payer, Timing
from tests import factories
from tests.at_once import at_once

from ..conftest import ZURICH
from .conftest import MARCH, rows_of, values_of

pytestmark = pytest.mark.django_db
UNKNOWN = (None, None)


@pytest.fixture
def office(norland):
    return factories.ContactPointFactory(state=norland)


def test_states_parties_with_an_offer_of_those_that_are_party_on_the_day(clock, make_offer, norland, sudland, africa):
    """Not of a constant number: one State joins, another leaves."""
    for state in (norland, sudland):
        state.region = africa
        state.save()
    make_offer()
    make_offer()
    factories.StateFactory(entry_into_force=date(2027, 3, 5), region=africa)
    leaving = factories.StateFactory(withdrawal_effective=date(2027, 3, 5), region=africa)
    factories.make_offer(state=leaving)
    factories.StateFactory(joined=False, entry_into_force=None)

    assert values_of(measures(MARCH))["S1"] == (2, 3)
    clock.move_to(datetime(2027, 3, 5, 10, tzinfo=ZURICH))
    assert values_of(measures(MARCH))["S1"] == (1, 3)
    # Western Africa is a part of Africa: by the finest region, single States could be told.
    assert rows_of(tables(MARCH), "regions") == {"Africa": (1, 3)}


def test_offers_by_area_and_form_are_those_that_the_public_sees(clock, make_offer):
    factories.AreaFactory(code="area.risk_education")
    finer = factories.AreaFactory(code="area.victim_assistance.rehabilitation")
    equipment = factories.FormFactory(code="form.equipment")
    make_offer()
    make_offer(primary_area=finer, form=equipment)
    make_offer(primary_area=finer, form=factories.FormFactory(code="form.equipment.detection"))
    make_offer(status="submitted")
    make_offer(confirmed_days_ago=300)
    Offer.objects.filter(pk=make_offer().pk).update(is_sample=True)

    found = values_of(measures(MARCH))
    assert found["S2"] == (3, None)
    assert found["S7"] == (2, 3)
    table = next(table for table in tables(MARCH) if table.name == "offers")
    assert [column.label for column in table.columns] == ["Equipment", "Training"]
    assert dict(table.rows) == {
        "Risk education": (0, 0), "Victim assistance": (2, 0), "Survey clearance": (0, 1),
    }  # fmt: skip


def test_illustrative_records_count_in_a_demonstration_alone(clock, make_offer, settings):
    make_offer()
    Offer.objects.update(is_sample=True)
    assert values_of(measures(MARCH))["S2"] == (0, None)

    settings.DEMO = True
    assert values_of(measures(MARCH))["S2"] == (1, None)


def test_how_fresh_offers_are(clock, make_offer):
    """On 4 March: confirmed on the day, five months and a day ago, six months ago to the day, and 13 months ago."""
    for confirmed_on in (date(2027, 3, 4), date(2026, 10, 3), date(2026, 9, 4), date(2026, 2, 4)):
        offer = make_offer(valid_until=date(2027, 12, 31))
        Offer.objects.filter(pk=offer.pk).update(confirmed_on=confirmed_on)
    # 220 days ago: overdue, and still shown.
    make_offer(confirmed_days_ago=220)

    found = values_of(measures(MARCH))
    # What is hidden stands all the same.
    assert found["S3"] == (2, 5)
    assert found["S4"] == (1, 4)
    ages = rows_of(tables(MARCH), "ages")
    assert len(ages) == 14
    assert {label for label, (number,) in ages.items() if number} == {"0", "5", "6", "7", "13"}
    more = rows_of(tables(MARCH), "supply")
    assert more["Were confirmed within twelve months, of all that stand"] == ("4 of 5",)
    assert more["Days since the last confirmation (median of all that stand)"] == (181,)


def test_no_offer_grows_old_once_nobody_can_confirm_it(clock, make_offer):
    make_offer()
    Closure.close("The trial has ended.")
    clock.shift(timedelta(days=200))

    later = Period(timezone.localdate(), timezone.localdate())
    assert values_of(measures(later))["S3"] == (1, 1)
    assert values_of(measures(later))["S5"] == (1, 1)


@pytest.mark.parametrize(
    ("day", "on", "months"),
    [
        (date(2026, 8, 31), date(2027, 2, 27), 5),
        (date(2026, 8, 31), date(2027, 2, 28), 6),
        (date(2027, 3, 4), date(2027, 3, 4), 0),
    ],
)
def test_full_months_since_a_day(day, on, months):
    assert months_since(day, on) == months


def test_a_contact_point_works_if_it_has_confirmed_or_answered_within_twelve_months(clock, make_offer, norland, office):
    old = timezone.localdate() - timedelta(days=366)
    regional = factories.ContactPointFactory(state=None, regional_body=factories.RegionalBodyFactory())
    offer = make_offer(contact_points=[office, regional])

    def working():
        label = "Name a working regional contact point"
        return values_of(measures(MARCH))["S5"], rows_of(tables(MARCH), "supply")[label]

    assert working() == ((1, 1), ("1 of 1",))
    ContactPoint.objects.update(verified_on=old)
    assert working() == ((0, 1), ("0 of 1",))
    enquiry = factories.make_enquiry(offer=offer)
    enquiry.acknowledge(actor=Actor(office=office))
    assert working()[0] == (0, 1)
    enquiry.answer(actor=Actor(office=office), text="We can send two instructors.")
    assert working() == ((1, 1), ("0 of 1",))
    clock.shift(timedelta(days=366))
    make_offer(contact_points=[office])
    later = Period(timezone.localdate(), timezone.localdate())
    assert values_of(measures(later))["S5"] == (0, 1)
    office.close(by=factories.UserFactory())
    ContactPoint.objects.update(verified_on=timezone.localdate())
    assert values_of(measures(later))["S5"] == (0, 1)


def test_an_answer_at_the_desk_shows_that_the_office_that_has_the_enquiry_works(clock, make_offer, norlander, office):
    idle = factories.ContactPointFactory(state=office.state, office="Ministry")
    enquiry = factories.make_enquiry(offer=make_offer(contact_points=[office]))
    make_offer(contact_points=[idle])
    enquiry.answer(actor=Actor(user=norlander), text="We can send two instructors.")
    ContactPoint.objects.update(verified_on=None)

    assert values_of(measures(MARCH))["S5"] == (1, 2)


def test_south_south_and_who_seeks_a_partner(clock, make_offer):
    make_offer(cooperation=Cooperation.SOUTH_SOUTH, funding_partner=FundingPartner.SOUGHT)
    make_offer(cooperation=Cooperation.TRIANGULAR)
    make_offer()

    assert values_of(measures(MARCH))["S6"] == (2, 3)
    assert rows_of(tables(MARCH), "supply")["Seek a partner to fund them"] == ("1 of 3",)


def test_an_offer_is_concrete_that_says_how_much_when_and_on_what_conditions(clock, make_offer):
    make_offer(quantity="12 places", timing=Timing.CONTINUOUS, pays_travel=Payer.RECIPIENT)
    make_offer(duration="Five weeks", starts_on=date(2027, 6, 1), prerequisites="EOD level 2")
    make_offer(quantity="12 places", timing=Timing.ON_REQUEST, pays_travel=Payer.TO_BE_AGREED)

    assert values_of(measures(MARCH))["S8"] == (2, 3)
    assert rows_of(tables(MARCH), "concreteness") == {
        "State a quantity or a duration": ("3 of 3",),
        "State when the assistance is to be had": ("2 of 3",),
        "State conditions": ("2 of 3",),
        "State all three": ("2 of 3",),
    }


def test_what_came_and_went_in_the_period(clock, make_offer, norlander, officer):
    clock.move_to(datetime(2027, 2, 28, 23, 59, tzinfo=ZURICH))
    early, withdrawn, fulfilled = (make_offer() for _ in range(3))
    clock.move_to(datetime(2027, 3, 4, 10, tzinfo=ZURICH))
    make_offer()
    withdrawn.withdraw(by=norlander, reason="The course is full.")
    fulfilled.fulfil(by=norlander)
    early.take_down(by=officer, reason="It names a person.")

    march, february = (
        list(rows_of(tables(period), "supply").values())[:4]
        for period in (MARCH, Period(date(2027, 2, 1), date(2027, 2, 28)))
    )
    assert march == [(1,), (1,), (1,), (1,)]
    assert february == [(3,), (0,), (0,), (0,)]


def test_the_share_of_victim_assistance_in_what_is_offered_and_what_is_opened(clock, make_offer):
    make_offer(primary_area=factories.AreaFactory(code="area.victim_assistance.rehabilitation"))
    for _ in range(3):
        make_offer()
    numbers = {"all": {"": 40}, "area": {"area.victim_assistance.rehabilitation": 20, "area.survey_clearance": 20}}
    Daily.objects.bulk_create(
        Daily(
            day=date(2027, 3, 2), metric="investigation", dimension=dimension, value=value, total=99, total_dc=number,
            unique_session=0, visitor_days=0, visits=0, rules_version="1",
        )
        for dimension, values in numbers.items() for value, number in values.items()
    )  # fmt: skip

    opened, gap = list(rows_of(tables(MARCH), "supply").values())[-2:]
    assert opened == ("20 of 40",)
    # 50 % of what is opened, 25 % of what is offered.
    assert gap == (25.0,)


# How the catalogue stood


def test_a_period_that_is_over_says_how_the_catalogue_stood_on_its_last_kept_night(clock, make_offer):
    make_offer()
    call_command("analytics_snapshot", verbosity=0)
    clock.move_to(datetime(2027, 3, 30, 23, 50, tzinfo=ZURICH))
    offer = make_offer()
    live = {table.name: table.rows for table in tables(MARCH)}, values_of(measures(MARCH))
    call_command("analytics_snapshot", verbosity=0)
    clock.move_to(datetime(2027, 4, 9, 10, tzinfo=ZURICH))
    Offer.objects.filter(pk=offer.pk).update(ended_as="withdrawn", ended_at=timezone.now())

    assert values_of(measures(MARCH))["S2"] == (2, None)
    # What was kept says the same as the catalogue itself did.
    assert ({table.name: table.rows for table in tables(MARCH)}, values_of(measures(MARCH))) == live
    assert tables(MARCH)[0].note == "As the catalogue stood on 30 March 2027."
    assert values_of(measures(Period(date(2027, 3, 1), date(2027, 3, 29))))["S2"] == (1, None)


def test_what_was_not_kept_is_not_known_and_is_never_taken_from_the_catalogue_of_today(clock, make_offer):
    make_offer()
    february, april = Period(date(2027, 2, 1), date(2027, 2, 28)), Period(date(2027, 4, 1), date(2027, 4, 30))

    for period in (february, april):
        assert set(values_of(measures(period)).values()) == {UNKNOWN}
        found = tables(period)
        assert found[0].note == "How the catalogue stood at the end of the period is not known."
        assert rows_of(found, "concreteness")["State all three"] == (None,)
    # Of yesterday it is not too late.
    assert values_of(measures(Period(date(2027, 2, 1), date(2027, 3, 3))))["S2"] == (1, None)


def test_only_today_can_be_kept(clock, make_offer):
    with pytest.raises(CommandError, match="Only today, 2027-03-04"):
        call_command("analytics_snapshot", "--day", "2027-03-03")
    assert not IndicatorSnapshot.objects.exists()

    call_command("analytics_snapshot", "--day", "2027-03-04", verbosity=0)
    assert IndicatorSnapshot.objects.exists()


def test_keeping_a_day_again_replaces_it_as_a_whole_and_leaves_the_others(clock, make_offer):
    offer = make_offer()
    take()
    clock.move_to(datetime(2027, 3, 5, 10, tzinfo=ZURICH))
    take()
    kept = set(IndicatorSnapshot.objects.values_list("day", "indicator", "dimension", "value", "numerator"))
    take()
    assert set(IndicatorSnapshot.objects.values_list("day", "indicator", "dimension", "value", "numerator")) == kept

    Offer.objects.filter(pk=offer.pk).update(ended_as="withdrawn", ended_at=timezone.now())
    take()
    pairs = IndicatorSnapshot.objects.filter(dimension="area_form")
    assert [(row.day, row.numerator) for row in pairs] == [(date(2027, 3, 4), 1)]


@pytest.mark.django_db(transaction=True)
def test_who_keeps_a_day_at_the_same_time_does_no_harm(make_offer):
    make_offer()
    take()
    kept = IndicatorSnapshot.objects.count()

    assert at_once(take, take, take) == [(timezone.localdate(), kept)] * 3
    assert IndicatorSnapshot.objects.count() == kept


def test_an_empty_portal_has_figures_too(db):
    today = timezone.localdate()
    take()

    found = values_of(measures(Period(today, today)))
    assert found["S1"] == (0, 0)
    assert found["S3"] == (0, 0)
    assert rows_of(tables(Period(today, today)), "regions") == {}
    assert at_end(Period(today, today), "S").of("S3.days") == UNKNOWN


def test_queries_do_not_grow_with_the_catalogue(clock, make_offer):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            take()
            measures(MARCH)
            tables(MARCH)
        return len(captured)

    make_offer()
    take()
    few = queries()
    for _ in range(2):
        factories.make_offer(primary_area=factories.AreaFactory(code="area.risk_education"))

    assert queries() == few
