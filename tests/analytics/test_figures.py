"""What the ISU reads of use, from what was recorded to the figures of a period."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.models import Completeness, Daily, DailyExcluded, DeadEnd, Event, SearchTermDaily
from analytics.periods import Period
from analytics.use.comparison import Compared, Preceding
from analytics.use.completeness import Recording, dead_ends
from analytics.use.figures import use_figures
from analytics.use.reading import Reach
from offers.models import Enquiry
from tests.factories import AreaFactory, FormFactory, make_enquiry

from .conftest import FIREFOX, ZURICH, Visitor, count
from .printed import a_day, file_rows, page_rows

PAGE, FILE = "analytics:use_report", "analytics:use_report_csv"
PERIOD = Period(date(2027, 2, 1), date(2027, 3, 4))
DAYS = {"from": "2027-02-01", "to": "2027-03-04"}
FEBRUARY = {"from": "2027-02-01", "to": "2027-02-28"}


@pytest.fixture
def use(clock, visitor, make_offer):
    """Two visitors in February and March, one of them a robot."""
    AreaFactory(code="area.victim_assistance")
    FormFactory(code="form.equipment")
    finer = FormFactory(code="form.equipment.detection")
    offers = [make_offer(), make_offer(form=finer)]
    clock.move_to(datetime(2027, 2, 10, 9, 0, tzinfo=ZURICH))
    for offer in offers:
        visitor.get(offer.get_absolute_url())
        clock.shift(60)
    visitor.get(reverse("offers:contact", args=[offers[1].reference]))
    count()
    clock.move_to(datetime(2027, 3, 4, 10, 0, tzinfo=ZURICH))
    for _ in range(7):
        visitor.get(reverse("offers:catalogue"))
        clock.shift(10)
    visitor.get(reverse("offers:catalogue") + "?q=zzzzqqqq")
    Visitor(user_agent="curl/8.5.0 (x86_64)").get(offers[0].get_absolute_url())
    Visitor(user_agent=FIREFOX).get("/en/about/", headers={"dnt": "1"})
    count()


ACCESS = [  # anonymous, focal point, ISU officer, ISU administrator
    (PAGE, [302, 403, 200, 200]),
    (FILE, [302, 403, 200, 200]),
]


@pytest.mark.parametrize(("name", "expected"), ACCESS)
def test_only_the_isu_reads_the_figures(client, norlander, officer, administrator, name, expected):
    found = [client.get(reverse(name)).status_code]
    for person in (norlander, officer, administrator):
        client.force_login(person)
        found.append(client.get(reverse(name)).status_code)

    assert found == expected


def glance(figures):
    [table] = [table for table in figures.tables if table.name == "glance"]
    return {label: cells[0].now for label, cells in table.rows}


def rows_of(figures, name):
    """The numbers of each row of a table, without those of the period before."""
    [table] = [table for table in figures.tables if table.name == name]
    return {label: tuple(getattr(cell, "now", cell) for cell in cells) for label, cells in table.rows}


def test_the_figures_of_a_period(use):
    figures = use_figures(PERIOD)

    assert rows_of(figures, "months") == {"February 2027": (1, 1, 3, 0, 0), "March 2027": (1, 1, 9, 1, 1)}
    assert rows_of(figures, "areas") == {"Survey clearance": (3, 2, 1, 1), "Victim assistance": (0, 0, 0, 0)}
    assert rows_of(figures, "forms") == {"Training": (1, 1, 0, 0), "Equipment": (2, 1, 1, 1)}
    assert rows_of(figures, "states") == {"Norland": (3, 2, 1, 1)}
    assert list(rows_of(figures, "offers").values()) == [(2, 1, 1, 1), (1, 1, 0, 0)]
    assert rows_of(figures, "languages")["English"] == (12, 2, 3, 1)
    assert rows_of(figures, "excluded") == {"Robots on the list crawler-user-agents": (1,)}
    assert rows_of(figures, "audiences") == {"Visitors who are not signed in": (12, 2)}
    assert rows_of(figures, "machines")["Feeds"] == (0,)
    seen = glance(figures)
    assert (seen["Visits"], seen["Page views"], seen["Page views of a visit"], seen["Contacts opened"]) == (2, 12, 6, 1)
    assert figures.unlinked == 1
    # What is offered stands beside what is asked for.
    pairs = {label: tuple(map(str, cells)) for label, cells in rows_of(figures, "area_form").items()}
    assert pairs == {"Survey clearance": ("1 / 1", "1 / 0"), "Victim assistance": ("0 / 0", "0 / 0")}
    [in_rows] = [table for table in figures.tables_for_files if table.name == "area_form"]
    assert ("Survey clearance – Equipment", (1, 1)) in in_rows.rows
    # Days outside do not count.
    assert use_figures(Period(date(2027, 2, 11), date(2027, 3, 3))).is_empty
    assert glance(use_figures(Period(date(2027, 2, 10), date(2027, 2, 10))))["Page views"] == 3


def test_visits_lead_to_enquiries_and_these_to_matches(clock, db):
    Daily.objects.bulk_create(
        a_day(date(2027, 3, 1), metric, number=value)
        for metric, value in {"view": 90, "offer_detail": 40, "contact_revealed": 9, "enquiry_started": 12}.items()
    )
    make_enquiry(status="answered")
    Enquiry.objects.filter(pk=make_enquiry().pk).update(passed_on_at=datetime(2027, 1, 2, 9, 0, tzinfo=ZURICH))

    assert list(rows_of(use_figures(PERIOD), "funnel").items()) == [
        ("Visits", (90, None)),
        ("Visits with an offer opened", (40, "40 of 90")),
        ("Visits with contact points opened", (9, "9 of 40")),
        ("Visits with an enquiry form opened", (12, None)),  # also without having seen contact points
        ("Enquiries sent and passed on", (1, "1 of 12")),
        ("Enquiries answered", (1, "1 of 1")),
        ("Matches confirmed by both sides", (0, "0 of 1")),
    ]


def compared_at_a_glance(period):
    figures = use_figures(period)
    [table] = [table for table in figures.tables if table.name == "glance"]
    return figures.before, dict(table.rows)["Visits"][0]


def test_a_period_is_compared_with_the_same_days_a_year_before_if_recording_had_begun(clock, db):
    period = Period(date(2027, 2, 1), date(2027, 2, 28))
    Daily.objects.bulk_create(
        [a_day(date(2026, 2, 1)), a_day(date(2027, 1, 15), number=7), a_day(period.last, number=112)]
    )

    before, visits = compared_at_a_glance(period)

    assert before == Preceding(Period(date(2026, 2, 1), date(2026, 2, 28)), is_year_before=True)
    assert visits == Compared(112, 100)
    assert visits.in_words == "100 before (+12, +12 %)"


def test_else_it_is_compared_with_the_period_just_before(clock, db):
    Daily.objects.bulk_create([a_day(date(2027, 1, 1)), a_day(date(2027, 1, 15), number=7), a_day(date(2027, 2, 2))])

    before, visits = compared_at_a_glance(Period(date(2027, 2, 1), date(2027, 2, 28)))

    assert before == Preceding(Period(date(2027, 1, 4), date(2027, 1, 31)), is_year_before=False)
    # A base of seven is too small for a percentage.
    assert visits.in_words == "7 before (+93)"


def test_without_a_whole_period_before_nothing_is_compared(clock, db, isu):
    Daily.objects.bulk_create([a_day(date(2027, 1, 20)), a_day(date(2027, 2, 2))])

    assert compared_at_a_glance(Period(date(2027, 2, 1), date(2027, 2, 28))) == (None, Compared(100, None))
    page = isu.get(reverse(PAGE), FEBRUARY).content.decode()
    assert "Recording had not begun before" in page


def test_page_and_file_show_the_same_numbers(use, isu):
    page, file = (isu.get(reverse(name), DAYS) for name in (PAGE, FILE))

    in_file = file_rows(file)
    rows = page_rows(page)
    for row in (
        ["February 2027", "1", "1", "3", "0", "0"],
        ["Equipment", "2", "1", "1", "1"],
        ["Norland", "3", "2", "1", "1"],
    ):
        assert row in in_file
        assert row in rows
    captions = [table.caption for table in use_figures(PERIOD).tables]
    assert [row[0] for row in in_file if len(row) == 1 and row[0] in captions] == captions


def test_days_that_are_not_complete_are_named(clock, db):
    for number in (1, 2, 3, 5):
        Completeness.objects.create(day=date(2027, 2, number), minutes_ingested=1367, lost=2, torn=1, rejected=0)
    Completeness.objects.create(day=date(2027, 2, 4), minutes_ingested=1368, lost=0, torn=0, rejected=0)

    recording = Recording.of(PERIOD)

    assert recording.table.rows == (("February 2027", (5, "1–3, 5", 8, 4, 0, 0, 0, None)),)
    assert (recording.lost, recording.unreadable) == (8, 4)


def test_what_the_list_of_counter_alone_leaves_out_is_told_apart(clock, db):
    DailyExcluded.objects.create(day=date(2027, 3, 1), reason="counter", n=12)
    DailyExcluded.objects.create(day=date(2027, 3, 1), reason="shape", n=30)

    [table] = [table for table in use_figures(PERIOD).tables if table.name == "excluded"]

    assert [(label, cells[0].now) for label, cells in table.rows] == [
        ("Requests that no browser makes", 30), ("Robots on COUNTER's list only", 12),
    ]  # fmt: skip
    assert "at most 12 more would count" in table.note


def test_broken_links_to_the_portal_are_listed_most_often_followed_first(clock, db):
    for number, (path, day) in enumerate([("/a", 1), ("/b", 2), ("/b", 3), ("/old", -40)]):
        DeadEnd.objects.create(
            id=UUID(int=number), at=0, day=date(2027, 3, 1) + timedelta(days=day), path=path, referrer="united_nations"
        )

    where = "Websites of the United Nations"
    assert dead_ends().rows == (("/b", (where, 2)), ("/a", (where, 1)))


def test_half_of_all_contacts_opened_went_to_so_many_offers():
    assert Reach(10, (6, 3, 2, 1)).half == 1
    assert Reach(10, (5, 3, 2, 1)).half == 2
    assert Reach(10, ()).half == 0


ALONG = [
    {"dimension": "area", "value": "area.a"}, {"dimension": "form", "value": "form.a"},
    {"dimension": "area_form", "value": "area.a|form.a"}, {"dimension": "state", "value": "QNO"},
    {"dimension": "region", "value": "150"}, {"dimension": "offer", "value": "PFP-2027-0001"},
]  # fmt: skip


def test_the_page_reads_no_events_and_its_queries_do_not_grow(clock, isu):
    address, period = reverse(PAGE), {"from": "2024-01-01", "to": "2027-03-04"}
    Daily.objects.bulk_create([a_day(date(2023, 1, 1)), a_day(date(2024, 1, 1), "offer_detail")])
    Daily.objects.bulk_create(a_day(date(2024, 1, 1), "request", **of) for of in ALONG)
    with CaptureQueriesContext(connection) as few:
        isu.get(address, period)
    Daily.objects.bulk_create(
        [a_day(date(2024 + number // 12, number % 12 + 1, 2), number=number) for number in range(36)]
        + [a_day(date(2024, 1, 2), "request", dimension=of["dimension"], value=f"{of['value']}x") for of in ALONG]
    )
    SearchTermDaily.objects.bulk_create(
        SearchTermDaily(
            day=date(2026, 5, 1), language="en", words=f"word {key}", key=key, n=3, zero_n=3, visitor_days=3
        )
        for key in range(3)
    )
    with CaptureQueriesContext(connection) as many:
        response = isu.get(address, period)

    assert len(many) == len(few)
    assert not any(Event._meta.db_table in query["sql"] for query in [*few, *many])
    assert "“word 1”" in response.content.decode()
