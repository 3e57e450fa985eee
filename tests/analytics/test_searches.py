"""Searches without a result, grouped by the ISU into needs."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.indicators import unmet
from analytics.indicators.measures import Measure
from analytics.models import Daily, Indicator, SearchTermDaily, UnmetNeed
from analytics.periods import Period
from analytics.use.searches import in_words, needs_in
from offers.models import Enquiry, StaleEdit, StepNotAllowed
from tests.factories import AreaFactory, FormFactory, make_enquiry

from .conftest import ZURICH

PERIOD = Period(date(2027, 2, 1), date(2027, 3, 4))
PAGE = "analytics:searches"


def searched(words="drone", *, filters="", language="en", day=date(2027, 3, 1), n=4, zero_n=4, visitor_days=3):
    return SearchTermDaily.objects.create(
        day=day, language=language, words=words, filters=filters, key=f"{words}-{filters}"[:32], n=n, zero_n=zero_n,
        visitor_days=visitor_days,
    )  # fmt: skip


def name_of(row):
    return f"{row.language}:{row.key}"


def listed(period=PERIOD):
    return [str(search) for search in in_words(SearchTermDaily.objects.ungrouped().unfound(period))]


@pytest.fixture
def need(db, officer):
    return UnmetNeed.objects.create(name="Survey from the air", by=officer)


@pytest.fixture
def grouped(clock, need):
    row = searched()
    need.take_in([{"language": "en", "key": row.key, "words": row.words, "filters": ""}])
    return need.terms.get()


def test_what_at_least_three_daily_visitors_missed_is_listed_most_visitors_first(clock, db):
    searched("prosthesis", day=date(2027, 2, 1), visitor_days=2)
    searched("prosthesis", day=date(2027, 3, 4), visitor_days=2)
    searched("drone", visitor_days=5)
    searched("rare", visitor_days=2)
    searched("always found", zero_n=0)
    searched("before", day=date(2027, 1, 31))

    assert listed() == ["“drone”", "“prosthesis”"]
    [_drone, prosthesis] = SearchTermDaily.objects.unfound(PERIOD)
    assert (prosthesis["searches"], prosthesis["unfound"], prosthesis["visitors"]) == (8, 8, 4)


def test_filters_are_said_as_the_catalogue_names_them(clock, db):
    AreaFactory(code="area.victim_assistance")
    FormFactory(code="form.training")
    searched("", filters="area=area.victim_assistance&form=form.training&available_from=2027-03-01")
    searched("", filters="area=area.gone&available_until=2027-99-99", visitor_days=9)
    searched("", visitor_days=10)

    assert listed() == [
        "The whole catalogue",
        "area=area.gone · available_until=2027-99-99",
        "Victim assistance · Training · Available from 1 March 2027",
    ]


def test_ticked_searches_are_grouped_under_a_new_need(clock, isu, officer):
    drone, kite, _other = searched(), searched("kite", language="ar"), searched("prosthesis")
    data = {"searches": [name_of(drone), name_of(kite)], "name": "  Survey   from the air "}

    response = isu.post(reverse(PAGE) + "?from=2027-03-01", data, follow=True)

    assert response.redirect_chain == [(reverse(PAGE) + "?from=2027-03-01", 302)]
    assert "2 searches are grouped under “Survey from the air” now." in response.content.decode()
    need = UnmetNeed.objects.get()
    assert (need.name, need.by) == ("Survey from the air", officer)
    assert {(term.language, term.words) for term in need.terms.all()} == {("en", "drone"), ("ar", "kite")}
    assert listed() == ["“prosthesis”"]


def test_pressing_twice_and_a_colleague_who_was_faster_change_nothing(clock, isu, need, officer):
    drone, kite = searched(), searched("kite")
    data = {"searches": [name_of(drone)], "name": "SURVEY FROM THE AIR"}
    isu.post(reverse(PAGE), data)

    twice = isu.post(reverse(PAGE), data, follow=True)
    other = UnmetNeed.objects.create(name="Another", by=officer)
    late = isu.post(reverse(PAGE), {"searches": [name_of(drone), name_of(kite)], "need": other.pk}, follow=True)

    assert "These searches have been grouped already." in twice.content.decode()
    assert "1 search is grouped under “Another” now." in late.content.decode()
    assert [term.words for term in need.terms.all()] == ["drone"]
    assert UnmetNeed.objects.count() == 2
    # Two that have read the list at the same time: the first keeps the search.
    row = {"language": "en", "key": drone.key, "words": "drone", "filters": ""}
    assert other.take_in([row]) == 0


REFUSED = [
    ({"name": "A need"}, "Tick at least one search."),
    ({"searches": "en:drone-"}, "Choose a need, or name a new one below."),
    ({"searches": "en:drone-", "need": "0"}, "Somebody has deleted this need."),
    ({"searches": "en:drone-", "name": "x" * 101}, "Shorten it to 100"),
]


def test_what_cannot_be_grouped_is_told_and_what_is_typed_stays(clock, isu):
    searched()

    for data, message in REFUSED:
        page = isu.post(reverse(PAGE), data)
        assert page.status_code == 200
        assert message in page.content.decode()
        if "searches" in data:
            assert 'value="en:drone-" checked' in page.content.decode()
        if "name" in data:
            assert f'value="{data["name"]}"' in page.content.decode()
    assert not UnmetNeed.objects.exists()


def test_names_that_nobody_could_tick_group_nothing(clock, isu, need):
    rare = searched("rare", visitor_days=1)

    isu.post(reverse(PAGE), {"searches": [name_of(rare), "", ":", "\0", "en", "x" * 9000] * 500, "need": need.pk})

    assert not need.terms.exists()


def test_what_is_grouped_stands_below_its_need_with_its_numbers(clock, isu, grouped):
    searched(day=date(2027, 1, 1), n=100)

    [row] = needs_in(PERIOD)
    page = isu.get(reverse(PAGE)).content.decode()

    assert (row.unfound, row.visitors) == (4, 3)
    assert "Survey from the air" in page
    assert "“drone”" in page
    assert "Not grouped yet: 0 searches" in page


def test_a_search_is_taken_out_once(clock, isu, grouped, need):
    address = reverse("analytics:take_out", args=[need.pk])

    assert isu.get(address).status_code == 405
    assert isu.post(address, {"term": grouped.pk}).url == need.get_absolute_url()
    assert listed() == ["“drone”"]
    assert "had been taken out already" in isu.post(address, {"term": grouped.pk}, follow=True).content.decode()
    assert isu.post(address, {"term": "x"}).status_code == 302


def test_only_an_empty_need_is_deleted(clock, isu, grouped, need):
    address = reverse("analytics:delete_need", args=[need.pk])

    assert "Take out its searches first" in isu.post(address, follow=True).content.decode()
    grouped.delete()
    assert "The need is deleted." in isu.post(address, follow=True).content.decode()
    assert not UnmetNeed.objects.exists()
    assert isu.post(address).status_code == 404
    need.discard()  # somebody was faster
    with pytest.raises(StepNotAllowed):
        need.take_in([])


def form_of(need, **values):
    return {"name": need.name, "action": need.action, "acted_on": "", "seen": need.at.isoformat()} | values


def test_a_need_is_renamed_and_the_action_taken_is_noted_with_its_date(clock, isu, need):
    isu.post(need.get_absolute_url(), form_of(need, name="Drones", action="Asked Norland", acted_on="2027-03-01"))

    need.refresh_from_db()
    assert (need.name, need.action, need.acted_on) == ("Drones", "Asked Norland", date(2027, 3, 1))


def test_an_action_needs_a_date_that_has_come_and_a_name_is_given_once(clock, isu, need, officer):
    UnmetNeed.objects.create(name="Drones", by=officer)
    wrong = {
        "Give both the action and its date, or neither.": {"action": "Asked"},
        "Give the date when it was done: today or earlier.": {"action": "Asked", "acted_on": "2027-03-05"},
        "There is a need with this name already.": {"name": "Drones"},
        "Shorten it to 500": {"action": "x" * 501, "acted_on": "2027-03-01"},
    }

    for message, values in wrong.items():
        page = isu.post(need.get_absolute_url(), form_of(need, **values)).content.decode()
        assert message in page
        assert values.get("action", "Drones") in page
    need.refresh_from_db()
    assert (need.name, need.action) == ("Survey from the air", "")


def test_whoever_saves_last_is_told_what_a_colleague_has_saved(clock, isu, need, officer):
    seen = form_of(need, action="Mine", acted_on="2027-03-01")
    clock.shift(60)
    need.change(seen=need.at, by=officer, name="Drones", action="Theirs", acted_on=date(2027, 3, 2))

    for broken in ("", "yesterday", seen["seen"]):
        page = isu.post(need.get_absolute_url(), seen | {"seen": broken}).content.decode()
        assert "Somebody has saved this need since you opened it" in page
        assert "Theirs" in page
        assert 'value="Mine"' in page
    need.refresh_from_db()
    assert need.action == "Theirs"
    isu.post(need.get_absolute_url(), seen | {"seen": need.at.isoformat()})  # as the form now sends it
    need.refresh_from_db()
    assert need.action == "Mine"
    with pytest.raises(StaleEdit):
        need.change(seen=None, by=officer, name="x")


def test_long_lists_come_in_pages_and_with_as_many_queries(clock, isu, need):
    def rows(first, last):
        SearchTermDaily.objects.bulk_create(
            SearchTermDaily(
                day=date(2027, 3, 1), language="en", words=f"word {n}", key=str(n), n=3, zero_n=3, visitor_days=3
            )
            for n in range(first, last)
        )

    rows(0, 2)
    need.take_in([{"language": "en", "key": "0", "words": "word 0", "filters": ""}])
    address = reverse(PAGE)
    isu.get(address)
    with CaptureQueriesContext(connection) as few:
        isu.get(address)
    rows(2, 61)
    need.take_in([{"language": "en", "key": str(n), "words": f"word {n}", "filters": ""} for n in (2, 3)])
    with CaptureQueriesContext(connection) as many:
        page = isu.get(address).content.decode()

    assert len(many) == len(few)
    assert "Page 1 of 2" in page
    assert page.count('name="searches"') == 50
    assert isu.get(address, {"page": "2"}).content.decode().count('name="searches"') == 8


def test_needs_are_printed_in_the_report_with_what_was_done(grouped, need, officer):
    need.change(seen=need.at, by=officer, name=need.name, action="Asked Norland", acted_on=date(2027, 3, 1))
    UnmetNeed.objects.create(name="Nothing searched, nothing done", by=officer)

    [table] = unmet.tables(PERIOD)

    assert table.rows == (("Survey from the air", (4, 3, "Asked Norland", "1 March 2027")),)


def test_searches_without_a_result_are_a_share_of_all_searches(clock, db):
    assert unmet.measures(PERIOD)[0] == Measure(Indicator.ZERO_RESULTS, None)
    for metric, number in (("search_any", 40), ("search_zero", 6)):
        Daily.objects.create(
            day=date(2027, 2, 2), metric=metric, dimension="all", total=number, total_dc=number, unique_session=0,
            visitor_days=0, visits=0, rules_version="1",
        )  # fmt: skip

    assert unmet.measures(PERIOD)[0] == Measure(Indicator.ZERO_RESULTS, 6, 40)


def test_needs_without_an_answer_after_sixty_days_are_counted(clock, norland, make_offer):
    def passed_on(month, day, answered=None, **values):
        enquiry = make_enquiry(**values)
        moments = {"passed_on_at": datetime(2027, month, day, 9, 0, tzinfo=ZURICH), "answered_at": answered}
        Enquiry.objects.filter(pk=enquiry.pk).update(**moments)

    passed_on(1, 1)
    passed_on(1, 1, answered=datetime(2027, 3, 2, 9, 1, tzinfo=ZURICH), status="answered")
    passed_on(1, 1, answered=datetime(2027, 3, 2, 9, 0, tzinfo=ZURICH), status="answered")  # after just 60 days
    passed_on(1, 10)  # has not had 60 days yet
    passed_on(1, 1, to_state=norland)  # no need: it has an addressee

    open_needs = unmet.measures(Period(date(2027, 1, 1), date(2027, 3, 4)))[1]

    assert open_needs == Measure(Indicator.NEEDS_OPEN, 2, 3)
