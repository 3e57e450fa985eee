"""COUNTER's own audit cases, driven through the pages, and what follows from the rules of counting."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from analytics.models import Completeness, Daily
from tests import factories
from tests.factories import AreaFactory, FormFactory

from .conftest import FIREFOX, ZURICH, Visitor, count, total

FIGURES = ("total", "total_dc", "unique_session")


def item_figures(metric):
    """After the double-click rule, and unique."""
    return total(metric, figure="total_dc"), total(metric, figure="unique_session")


@pytest.fixture
def make_offers(clock, norland, norlander):
    return lambda number: factories.make_offers(number, state=norland, author=norlander)


def click_pairs(clock, visitor, offers, seconds):
    for offer in offers:
        visitor.get(offer.get_absolute_url())
        clock.shift(seconds)
        visitor.get(offer.get_absolute_url())
        clock.shift(31)


@pytest.mark.once
def test_pairs_of_clicks_within_thirty_seconds_count_once(clock, visitor, make_offers):
    click_pairs(clock, visitor, make_offers(15), 29)
    count()

    assert total("offer_detail") == 30
    assert item_figures("investigation") == (15, 15)


@pytest.mark.once
def test_pairs_of_clicks_further_apart_count_twice_but_are_one_offer(clock, visitor, make_offers):
    click_pairs(clock, visitor, make_offers(15), 31)
    count()

    assert item_figures("investigation") == (30, 15)


def test_thirty_pairs_half_of_them_double_clicks(clock, visitor, make_offers):
    """COUNTER audit test E.2.3. Within one clock hour, with a second browser for the second half."""
    offers = make_offers(30)
    click_pairs(clock, visitor, offers[:15], 29)
    clock.move_to(datetime(2027, 3, 4, 11, 0, tzinfo=ZURICH))
    click_pairs(clock, visitor, offers[15:], 31)
    count()

    assert total("offer_detail") == 60
    assert item_figures("investigation") == (45, 30)


@pytest.mark.once
def test_thirty_pairs_of_contact_points(clock, visitor, make_offers):
    """The same for requests, which are investigations too."""
    offers = make_offers(30)
    for offers_of_hour, seconds, hour in ((offers[:15], 29, 11), (offers[15:], 31, 12)):
        clock.move_to(datetime(2027, 3, 4, hour, 0, tzinfo=ZURICH))
        for offer in offers_of_hour:
            for _ in range(2):
                visitor.get(reverse("offers:contact", args=[offer.reference]))
                clock.shift(seconds)
            clock.shift(31)
    count()

    assert item_figures("request") == (45, 30)
    assert item_figures("investigation") == (45, 30)


CHAINS = [
    ([0] + [20] * 15, 1),  # sixteen clicks, each 20 seconds after the one before
    ([60, 29], 1),  # 10:01:00 and 10:01:29
    ([60, 29, 6], 1),  # and 10:01:35, which is within 30 seconds of the second
    ([60, 35], 2),  # 10:01:00 and 10:01:35
    ([0, 30], 1),
    ([0, 30.001], 2),
    ([0, 0], 1),
]


@pytest.mark.parametrize(("steps", "expected"), CHAINS)
def test_a_chain_of_clicks_collapses_to_its_last(clock, visitor, make_offers, steps, expected):
    [offer] = make_offers(1)
    for step in steps:
        clock.shift(step)
        visitor.get(offer.get_absolute_url())
    count()

    assert total("offer_detail") == len(steps)
    assert item_figures("investigation") == (expected, 1)


def test_a_double_click_is_of_one_visitor_one_offer_and_one_action(clock, visitor, make_offers):
    first, second = make_offers(2)
    visitor.get(first.get_absolute_url())
    visitor.get(second.get_absolute_url())
    visitor.get(reverse("offers:contact", args=[first.reference]))
    Visitor(user_agent=FIREFOX).get(first.get_absolute_url())
    count()

    assert item_figures("investigation") == (4, 3)
    assert item_figures("request") == (1, 1)


def test_an_offer_is_unique_for_each_clock_hour(clock, visitor, make_offers):
    [offer] = make_offers(1)
    for minute in (0, 55, 65):
        clock.move_to(datetime(2027, 3, 4, 10, 0, tzinfo=ZURICH) + timedelta(minutes=minute))
        visitor.get(offer.get_absolute_url())
    count()

    assert item_figures("investigation") == (3, 2)


@pytest.mark.once
def test_a_hundred_searches_are_a_hundred_searches(clock, visitor, make_offers):
    """COUNTER audit test E.4: half find something, half do not; double clicks are no matter here."""
    make_offers(21)
    for number in range(50):
        visitor.get(reverse("offers:catalogue"), QUERY_STRING="q=instructors")
        clock.shift(5)
        visitor.get(reverse("offers:catalogue"), QUERY_STRING=f"q=nosuchword{'abcdefghij'[number % 10]}")
        clock.shift(5)
        if number % 10 == 0:
            visitor.get(reverse("offers:catalogue"), QUERY_STRING="q=instructors&page=2")
            clock.shift(5)
    count()

    assert total("search_any") == total("search_any", figure="total_dc") == 100
    assert total("search") == total("search_zero") == 50
    assert total("view") == 105


@pytest.mark.once
def test_a_hundred_items_requested_are_a_hundred_in_every_metric(clock, visitor, make_offers):
    """COUNTER audit test E.6.1."""
    for offer in make_offers(100):
        visitor.get(reverse("offers:contact", args=[offer.reference]))
        clock.shift(30)
    count()

    assert item_figures("investigation") == (100, 100)
    assert item_figures("request") == (100, 100)


def test_a_visit_ends_after_half_an_hour_without_a_page(clock, visitor):
    for minutes in (0, 30, 30, 31):
        clock.shift(timedelta(minutes=minutes))
        visitor.get("/en/about/")
    Visitor(user_agent=FIREFOX).get("/en/about/")
    count()

    assert total("view") == 5
    assert total("view", figure="visits") == 3
    assert total("view", figure="visitor_days") == 2


def test_a_visit_and_a_visitor_end_at_midnight(clock, visitor):
    clock.move_to(datetime(2027, 3, 4, 23, 59, 50, tzinfo=ZURICH))
    visitor.get("/en/about/")
    clock.shift(20)
    visitor.get("/en/about/")
    count()

    assert total("view", figure="visits") == 2
    assert total("view", figure="visitor_days") == 2


def test_visits_are_told_by_what_was_done_in_them(clock, visitor, make_offers):
    """The first two steps of match-making: visits that saw an offer, and that opened its contact points."""
    offers = make_offers(2)
    other = Visitor(user_agent=FIREFOX)
    visitor.get("/en/about/")
    visitor.get(offers[0].get_absolute_url())
    visitor.get(reverse("offers:contact", args=[offers[0].reference]))
    other.get(offers[1].get_absolute_url())
    clock.shift(timedelta(hours=1))
    other.get("/en/about/")
    count()

    expected = {"view": 3, "offer_detail": 2, "contact_revealed": 1, "guidance": 2}
    assert {metric: total(metric, figure="visits") for metric in expected} == expected


def test_figures_by_area_form_state_region_offer_and_language_agree_with_the_whole(clock, visitor, sudland, make_offer):
    offers = [
        make_offer(),
        make_offer(primary_area=AreaFactory(code="area.victim_assistance.rehabilitation")),
        make_offer(form=FormFactory(code="form.equipment.detection")),
        make_offer(state=sudland, author=None),
    ]
    for offer in offers:
        for name in ("detail", "contact"):
            visitor.get(reverse(f"offers:{name}", args=[offer.reference]))
            clock.shift(40)
    visitor.get(f"/fr/offers/{offers[0].reference}/")
    count()

    assert total("investigation", "area", "area.survey_clearance") == 7
    assert total("investigation", "area", "area.victim_assistance.rehabilitation") == 2
    assert total("request", "form", "form.equipment.detection") == 1
    assert total("request", "state", "QSU") == 1
    assert total("investigation", "region", sudland.region.un_m49) == 2
    assert total("investigation", "offer", offers[0].reference) == 3
    assert total("investigation", "offer", offers[0].reference, "unique_session") == 1
    assert total("investigation", "language", "fr") == 1
    assert total("investigation", "area_form", "area.survey_clearance|form.equipment.detection") == 2
    assert total("request", "form_state", "form.training|QSU") == 1
    for metric in ("investigation", "request"):
        for dimension in ("area", "form", "state", "region", "offer", "area_form", "form_state"):
            rows = Daily.objects.filter(metric=metric, dimension=dimension)
            for figure in FIGURES:
                assert sum(rows.values_list(figure, flat=True)) == total(metric, figure=figure)


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 23), ("2027-10-31", 25)])
def test_every_hour_of_a_day_on_which_the_clocks_change_is_counted_once(clock, visitor, day, hours):
    moment = datetime.fromisoformat(day).replace(tzinfo=ZURICH).timestamp()
    for _ in range(hours):
        clock.move_to(moment + 60)
        visitor.get("/en/about/")
        moment += 3600
    count()

    assert Daily.objects.get(metric="view", dimension="all").total == hours
    assert Daily.objects.get(metric="view", dimension="all").day.isoformat() == day
    assert Completeness.objects.get().minutes_ingested == hours
