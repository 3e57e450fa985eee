"""U1 to U7, and their tables in the report."""

from datetime import date

from analytics.indicators import use
from analytics.models import Daily, Indicator
from analytics.periods import Period
from offers.models import Offer
from tests.factories import FormFactory

from .printed import a_day

PERIOD = Period(date(2027, 2, 1), date(2027, 3, 4))
DAY = date(2027, 2, 10)


def measured(period=PERIOD):
    return {measure.indicator: (measure.number, measure.base) for measure in use.measures(period)}


def tables(period=PERIOD):
    return {table.name: table for table in use.tables(period)}


def two_forms(make_offer, norland):
    """Three offers of training and one of equipment, of which the contacts are opened six times and twice."""
    offers = [make_offer() for _ in range(3)] + [make_offer(form=FormFactory(code="form.equipment"))]
    training, equipment = offers[0].live_version, offers[-1].live_version
    Offer.objects.update(first_published_on=date(2027, 1, 1))
    area = training.primary_area.code
    Daily.objects.bulk_create(
        [
            a_day(DAY, number=40),
            a_day(DAY, "request", number=9),
            a_day(DAY, "link_out", number=5),
            a_day(DAY, "feed", number=3),
            a_day(DAY, "api", number=4),
            a_day(DAY, "request", number=2, dimension="area_form", value=f"{area}|{training.form.code}"),
            a_day(DAY, "request", number=6, dimension="area_form", value=f"{area}|{equipment.form.code}"),
            a_day(DAY, "request", number=6, dimension="offer", value=offers[-1].reference),
            a_day(DAY, "request", number=2, dimension="offer", value=offers[0].reference),
        ]
    )


def test_before_recording_began_nothing_is_known(clock, db):
    assert {number for number, _base in measured().values()} == {None}
    Daily.objects.bulk_create([a_day(date(2027, 3, 5))])
    assert {number for number, _base in measured().values()} == {None}


def test_each_indicator_of_use_has_its_value(clock, make_offer, norland):
    two_forms(make_offer, norland)

    assert measured() == {
        Indicator.VISITS: (40, None),
        Indicator.VIEWS: (40, None),
        Indicator.CONTACTS_OPENED: (9, None),
        Indicator.REACH: (2, 4),
        # Equipment: three quarters of what is asked for, and a quarter of what is offered.
        Indicator.BALANCE: (3, None),
        Indicator.LINKS_OUT: (5, None),
        Indicator.MACHINE_USE: (7, None),
    }


def test_an_offer_that_came_lately_is_not_missed(clock, make_offer, norland):
    two_forms(make_offer, norland)
    late = make_offer()
    Offer.objects.filter(pk=late.pk).update(first_published_on=date(2027, 2, 3))  # 29 days before the end

    assert measured()[Indicator.REACH] == (2, 4)


def test_the_tables_of_the_report(clock, make_offer, norland):
    two_forms(make_offer, norland)
    Daily.objects.bulk_create([a_day(date(2026, 2, 1), number=8)])

    found = tables()

    assert found["months"].rows == (
        ("February 2027", (40, 8, 40, 40, 0, 0)),
        ("March 2027", (0, 0, 0, 0, 0, 0)),
    )
    assert [row for _label, row in found["area_form"].rows] == [("3 / 2", "1 / 6")]
    assert found["balance"].rows == (("Training", (3, 75, 2, 25, 0.33)), ("Equipment", (1, 25, 6, 75, 3)))
    # Of four offers, one drew three quarters and two drew everything.
    assert found["reach"].rows == (("1", (75,)), ("2", (100,)), ("3", (100,)), ("4", (100,)))
    assert "Half of all contacts opened went to 1 of them." in found["reach"].note


def test_what_was_on_offer_long_ago_is_not_made_up(clock, make_offer, norland):
    two_forms(make_offer, norland)
    february = Period(date(2027, 2, 1), date(2027, 2, 28))  # of which no night was kept

    assert measured(february)[Indicator.BALANCE] == (None, None)
    assert [row for _label, row in tables(february)["area_form"].rows] == [("2", "6")]
    assert tables(february)["balance"].rows[1] == ("Equipment", (None, None, 6, 75, None))


def test_without_any_use_the_tables_are_empty_but_there(clock, db):
    assert tables()["reach"].rows == ()
    assert [row for _label, row in tables()["months"].rows] == [(0, 0, 0, 0, 0), (0, 0, 0, 0, 0)]
