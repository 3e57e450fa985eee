"""What the ISU reads of it, as a page and as a file."""

import csv
import io
import re
from datetime import date, datetime
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.actions import Action
from analytics.figures import use_figures
from analytics.models import Daily, Event
from tests.factories import AreaFactory, FormFactory

from .conftest import FIREFOX, ZURICH, Visitor, count

PAGE, FILE = "analytics:use_report", "analytics:use_report_csv"


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


class Cells(HTMLParser):
    """The rows of all tables of a page."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.inside = [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in {"th", "td"}:
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        if tag in {"th", "td"}:
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data.strip().rstrip("*")


def page_rows(response):
    return Cells(response.content.decode()).rows


def file_rows(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


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


def test_the_figures_of_a_period(use):
    figures = use_figures(date(2027, 2, 1), date(2027, 3, 4))

    months = dict(figures.by_month)
    assert list(months) == ["February 2027", "March 2027"]
    february, march = months.values()
    assert (february.visits, february.visitor_days, february.views, february.searches) == (1, 1, 3, 0)
    assert (march.visits, march.visitor_days, march.views) == (1, 1, 9)
    assert (march.searches, march.searches_zero) == (1, 1)
    areas = {label: (row.opened, row.different, row.contacts) for label, row in figures.by_area}
    assert areas == {"Survey clearance": (3, 2, 1), "Victim assistance": (0, 0, 0)}
    forms = {label: (row.opened, row.different, row.contacts) for label, row in figures.by_form}
    assert forms == {"Training": (1, 1, 0), "Equipment": (2, 1, 1)}
    assert dict(figures.excluded) == {"Robots on the list crawler-user-agents": 1}
    assert figures.unlinked == 1


def test_days_outside_the_period_do_not_count(use):
    assert use_figures(date(2027, 2, 11), date(2027, 3, 3)).is_empty
    assert use_figures(date(2027, 2, 10), date(2027, 2, 10)).by_month[0][1].views == 3


def test_page_and_file_show_the_same_numbers(use, isu):
    period = {"from": "2027-02", "to": "2027-03"}
    page, file = (isu.get(reverse(name), period) for name in (PAGE, FILE))

    in_file = file_rows(file)
    rows = page_rows(page)
    assert len(rows) == 4 + 4 + 4 + (1 + len(Action)) + 3
    for row in rows:
        assert row in in_file
    assert ["February 2027", "1", "1", "3", "0", "0"] in rows
    assert ["Equipment", "2", "1", "1", "1"] in rows


def test_definitions_stand_on_the_page_and_in_the_file(use, isu):
    page = isu.get(reverse(PAGE)).content.decode()
    file = file_rows(isu.get(reverse(FILE)))

    for table in use_figures(date(2027, 2, 1), date(2027, 3, 4)).tables:
        for column in table.columns:
            assert str(column.definition) in page
            assert [str(column.label), str(column.definition)] in file
    assert "Europe/Zurich" in page
    assert any("Europe/Zurich" in row[0] for row in file if row)


def test_the_file_opens_in_a_spreadsheet(use, isu):
    response = isu.get(reverse(FILE), {"from": "2027-02", "to": "2027-03"})

    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="use-2027-02-to-2027-03.csv"'


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_words_that_look_like_a_formula_are_marked_as_words(use, isu, name):
    area = AreaFactory(code="area.survey_clearance")
    area.name_en = name
    area.save()

    rows = file_rows(isu.get(reverse(FILE)))
    assert [f"'{name}", "3", "2", "1", "1"] in rows


def test_the_last_twelve_months_are_shown_unless_others_are_asked_for(use, isu):
    months = [row[0] for row in page_rows(isu.get(reverse(PAGE)))[1:13]]

    assert (months[0], months[-1]) == ("April 2026", "March 2027")


def test_a_month_that_no_browser_offers_gives_a_message_and_no_figures(use, isu):
    for period in ({"from": "2027-13"}, {"from": "x"}, {"to": "2031-01"}, {"from": "2027-03", "to": "2027-02"}):
        page = isu.get(reverse(PAGE), period)
        assert page.status_code == 200
        assert "There is a problem" in page.content.decode()
        assert page_rows(page) == []
        file = isu.get(reverse(FILE), period)
        assert file.status_code == 302
        assert file.url.startswith(reverse(PAGE) + "?")


def test_a_period_without_anything_says_so(clock, isu):
    page = isu.get(reverse(PAGE))

    assert "Nothing was recorded in this period." in page.content.decode()
    assert page_rows(page) == []
    assert ["Total", "0"] in file_rows(isu.get(reverse(FILE)))


def test_small_numbers_are_marked(use, isu):
    page = isu.get(reverse(PAGE)).content.decode()

    assert '<td class="num">3<span class="muted">*</span></td>' in page
    assert '<td class="num">9</td>' in page


def test_bars_are_named_and_as_long_as_their_numbers(use, isu):
    page = isu.get(reverse(PAGE), {"from": "2027-02", "to": "2027-03"}).content.decode()

    assert "Information viewed, by form of assistance. Offers opened: the most are 2 (Equipment)." in page
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) == 4
    assert all('role="img"' in chart and "<title" in chart for chart in charts)
    assert re.findall(r"<text[^>]*>([^<:]+):", charts[2]) == ["Equipment", "Training"]
    assert re.findall(r'width="([\d.]+)%" height="12"', charts[2]) == ["100.00", "50.00"]


@pytest.mark.parametrize("language", ["fr", "ar", "zh-hans"])
def test_bars_are_drawn_in_every_language(use, isu, language):
    page = isu.get(reverse(PAGE).replace("/en/", f"/{language}/")).content.decode()

    assert 'width="50.00%"' in page
    assert ('x="50.00%"' in page) == (language == "ar")


def test_the_page_has_neither_inline_style_nor_script(use, isu):
    page = isu.get(reverse(PAGE)).content.decode()

    assert "style=" not in page
    assert "<script>" not in page
    for table in page.split("<table")[1:]:
        assert "<caption>" in table
        assert 'scope="col"' in table
        assert 'scope="row"' in table


def test_the_page_reads_no_events_and_its_queries_do_not_grow(use, isu):
    address = reverse(PAGE)
    with CaptureQueriesContext(connection) as few:
        isu.get(address)
    Daily.objects.bulk_create(
        Daily(
            day=date(2024 + number // 12, number % 12 + 1, 1), metric="view", dimension="all", total=9, total_dc=9,
            unique_session=0, visitor_days=3, visits=4, rules_version="1",
        )
        for number in range(36)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        response = isu.get(address, {"from": "2024-01", "to": "2027-03"})

    assert len(many) == len(few)
    assert not any(Event._meta.db_table in query["sql"] for query in [*few, *many])
    assert ["December 2026", "4", "3", "9", "0", "0"] in page_rows(response)
