"""What a State reads about the use of its own offers."""

import csv
import io
from datetime import date, datetime

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.counting.rollup import rules_version
from analytics.models import Daily, Event
from analytics.periods import Period
from analytics.use.state_figures import state_figures
from offers.models import Enquiry, Offer
from tests.factories import LanguageFactory, StateFactory, make_enquiry

from .conftest import ZURICH, Visitor, count, total

PERIOD = Period(date(2027, 2, 1), date(2027, 3, 4))


@pytest.fixture
def offers(clock, make_offer, sudland):
    """Two of Norland, one of another State."""
    clock.move_to(datetime(2027, 2, 10, 9, 0, tzinfo=ZURICH))
    return [make_offer(title="First"), make_offer(title="Second"), make_offer(state=sudland)]


@pytest.fixture
def use(clock, visitor, offers):
    """In February and March; whoever opens the offers is of no State."""
    first, second, foreign = offers
    link = first.live_version.links.create(url="https://example.org/")
    document = first.live_version.documents.model(
        version=first.live_version, title="Syllabus", language=LanguageFactory(), filename="syllabus.pdf", size=8
    )
    document.file.save("syllabus.pdf", ContentFile(b"%PDF-1.7"))
    visitor.get(first.get_absolute_url())
    count()
    clock.move_to(datetime(2027, 3, 4, 10, 0, tzinfo=ZURICH))
    for path in (
        first.get_absolute_url(),
        reverse("offers:print", args=[first.reference]),
        reverse("offers:contact", args=[first.reference]),
        reverse("offers:document", args=[first.reference, document.pk]),
        reverse("offers:out", args=[first.reference, link.pk]),
        second.get_absolute_url(),
        second.get_absolute_url(),  # within 30 seconds: a double click
        foreign.get_absolute_url(),
    ):
        list(visitor.get(path))  # to the end, as a browser does
        clock.shift(10)
    count()


@pytest.fixture
def desk(norlander):
    client = Client()
    client.force_login(norlander)
    return client


def rows_of(figures, name):
    """The numbers of each row of a table, without those of the period before."""
    [table] = [table for table in figures.tables if table.name == name]
    return {label: tuple(cell.now for cell in cells) for label, cells in table.rows}


def test_use_is_told_by_month_and_by_offer(use, norland, offers):
    figures = state_figures(norland, PERIOD)

    assert rows_of(figures, "months") == {"February 2027": (1, 0, 0, 0), "March 2027": (3, 1, 1, 1)}
    assert rows_of(figures, "offers") == {
        f"{offers[0].reference} First": (3, 1, 1, 1),
        f"{offers[1].reference} Second": (1, 0, 0, 0),
    }


def test_enquiries_of_the_state_are_counted_from_their_rows(use, norland, offers):
    make_enquiry(offer=offers[0], status="answered")
    make_enquiry(to_state=norland)
    make_enquiry(offer=offers[2])  # another State's
    Enquiry.objects.filter(pk=make_enquiry(to_state=norland).pk).update(may_count=False)

    enquiries = rows_of(state_figures(norland, PERIOD), "enquiries")

    assert enquiries == {"Received": (2,), "Answered": (1,), "Declined": (0,), "Match confirmed by both sides": (0,)}


def test_months_and_offers_stand_beside_those_of_a_year_before(use, norland, offers):
    Daily.objects.create(
        day=date(2026, 2, 1), metric="offer_detail", dimension="offer", value=offers[0].reference, total=40,
        total_dc=40, unique_session=0, visitor_days=0, visits=0, rules_version=rules_version(),
    )  # fmt: skip

    figures = state_figures(norland, PERIOD)

    months, by_offer, _enquiries = figures.tables
    assert months.rows[0][1][0].in_words == "40 before (−39, −98 %)"
    assert by_offer.rows[0][1][0].in_words == "40 before (−37, −92 %)"
    assert by_offer.rows[1][1][0].in_words == "0 before (+1)"


def test_the_daily_figures_keep_each_kind_of_use_by_offer_and_by_no_other_dimension_of_a_place(use, offers):
    for metric in ("offer_detail", "offer_print", "contact_revealed", "attachment", "link_out"):
        assert total(metric, "offer", offers[0].reference) == (2 if metric == "offer_detail" else 1)
        dimensions = {*Daily.objects.filter(metric=metric).values_list("dimension", flat=True)}
        assert dimensions - {"kind"} == {"all", "offer"}


def test_what_the_state_itself_and_the_isu_open_is_not_counted(clock, offers, norland, norlander, officer, sudlander):
    for user in (norlander, officer, sudlander):
        Visitor(user=user).get(offers[0].get_absolute_url())
    count()

    months = rows_of(state_figures(norland, PERIOD), "months")
    assert months["February 2027"][0] == 1  # the other State's focal point


def test_days_outside_the_period_do_not_count(use, norland):
    march, february = Period(date(2027, 3, 1), date(2027, 3, 4)), Period(date(2027, 2, 11), date(2027, 2, 28))

    assert [opened for opened, *_others in rows_of(state_figures(norland, march), "offers").values()] == [2, 1]
    assert state_figures(norland, february).is_empty


def test_the_page_shows_the_own_state_only(use, desk, offers):
    page = desk.get(reverse("analytics:own_figures")).content.decode()

    assert "Use of the offers of Norland" in page
    assert f"{offers[0].reference} First" in page
    assert offers[2].reference not in page
    assert page.count("<svg") == 2
    assert f">{offers[0].reference}: 3</text>" in page
    assert "Pages that focal points of the State open themselves are not counted" in page


def test_the_isu_reads_the_figures_of_any_state_and_finds_them(use, officer, offers):
    client = Client()
    client.force_login(officer)
    address = reverse("analytics:state_figures", args=["qsu"])

    assert address in client.get(reverse("analytics:use_report")).content.decode()
    assert offers[2].reference in client.get(address).content.decode()
    assert client.get(reverse("analytics:state_figures", args=["zzz"])).status_code == 404


def test_an_illustrative_record_says_so(use, norland, offers):
    Offer.objects.filter(pk=offers[0].pk).update(is_sample=True)

    assert f"{offers[0].reference} First (illustrative record)" in rows_of(state_figures(norland, PERIOD), "offers")


def test_the_file_says_the_same(use, desk, offers):
    response = desk.get(reverse("analytics:own_figures_csv"), {"from": "2027-02-01", "to": "2027-03-04"})

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response.headers["Content-Disposition"] == 'attachment; filename="use-qno-2027-02-01-to-2027-03-04.csv"'
    assert ["Use of the offers of Norland"] in rows
    assert ["March 2027", "3", "1", "1", "1"] in rows
    assert [f"{offers[0].reference} First", "3", "1", "1", "1"] in rows
    assert rows.count(["Total", "4", "1", "1", "1"]) == 2


def test_without_any_use_the_page_says_so(desk, norland):
    page = desk.get(reverse("analytics:own_figures")).content.decode()

    assert "Nobody opened an offer of the State in this period" in page
    assert "<svg" not in page


@pytest.mark.parametrize("period", [{"from": "soon"}, {"to": "9999-12-31"}, {"from": "2027-03-01", "to": "2027-02-01"}])
def test_a_period_that_cannot_be_understood_says_what_to_do(clock, desk, period):
    page = desk.get(reverse("analytics:own_figures"), period)
    file = desk.get(reverse("analytics:own_figures_csv"), period)

    assert page.status_code == 200
    assert "error-summary" in page.content.decode()
    assert file.status_code == 302
    assert file.url.startswith(reverse("analytics:own_figures"))


def test_the_page_reads_no_events_and_its_queries_do_not_grow(use, desk, make_offer):
    address = reverse("analytics:own_figures")
    with CaptureQueriesContext(connection) as few:
        desk.get(address)
    more = [make_offer() for _ in range(4)]
    Daily.objects.bulk_create(
        Daily(
            day=date(2027, month, 1), metric="offer_detail", dimension="offer", value=offer.reference, total=9,
            total_dc=9, unique_session=0, visitor_days=0, visits=0, rules_version=rules_version(),
        )
        for month in (1, 2, 3)
        for offer in more
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        desk.get(address)

    assert len(many) == len(few)
    assert not any(Event._meta.db_table in query["sql"] for query in [*few, *many])


def test_a_state_without_offers_has_figures_too(clock, db):
    figures = state_figures(StateFactory(), PERIOD)

    assert figures.is_empty
    assert rows_of(figures, "offers") == {}
