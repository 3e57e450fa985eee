"""The page and the file of the figures of use."""

import re
from datetime import date

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import escape

from analytics.forms.periods import PeriodForm
from analytics.models import Completeness, Daily, TrialPeriod
from analytics.periods import Period
from analytics.use.figures import use_figures
from offers.models import Area
from tests.factories import AreaFactory, FormFactory

from .printed import a_day, file_rows, page_rows
from .test_figures import DAYS, FEBRUARY, FILE, PAGE, PERIOD

pytestmark = pytest.mark.once


@pytest.fixture
def use(clock, db):
    """Three offers opened on a day in February, and one of them with its contact points."""
    AreaFactory(code="area.survey_clearance")
    FormFactory(code="form.equipment")
    FormFactory(code="form.training")
    day = date(2027, 2, 10)
    Daily.objects.bulk_create(
        [
            a_day(day, number=9),
            a_day(day, "offer_detail", number=3),
            a_day(day, "investigation", number=3, dimension="area", value="area.survey_clearance"),
            a_day(day, "request", number=1, dimension="area", value="area.survey_clearance"),
            a_day(day, "investigation", number=2, dimension="form", value="form.equipment"),
            a_day(day, "investigation", number=1, dimension="form", value="form.training"),
        ]
    )


def test_the_file_has_columns_of_its_own_for_what_was_before(clock, db, isu):
    Daily.objects.bulk_create([a_day(date(2026, 2, 1)), a_day(date(2027, 2, 2), number=130)])

    rows = file_rows(isu.get(reverse(FILE), FEBRUARY))

    assert ["Compared with, from", "2026-02-01"] in rows
    [visits] = [row for row in rows if row and row[0] == "Visits" and row[1].isdigit()][:1]
    assert visits[:5] == ["Visits", "130", "100", "30", "30"]


def test_definitions_stand_on_the_page_and_in_the_file(use, isu):
    page = isu.get(reverse(PAGE), DAYS).content.decode()
    file = file_rows(isu.get(reverse(FILE), DAYS))

    for table in use_figures(PERIOD).tables:
        assert f'href="#{table.name}"' in page
        for column in table.definitions if table.rows else ():
            assert escape(str(column.definition)) in page
            assert [str(column.label), str(column.definition)] in file
    assert "Europe/Zurich" in page
    assert any("Europe/Zurich" in row[0] for row in file if row)


def test_the_file_opens_in_a_spreadsheet(use, isu):
    response = isu.get(reverse(FILE), DAYS)

    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    name = 'attachment; filename="use-2027-02-01-to-2027-03-04.csv"'
    assert response.headers["Content-Disposition"] == name


def test_words_that_look_like_a_formula_are_marked_as_words(use, isu):
    for name in ("=1+1", "\t=1"):
        Area.objects.filter(code="area.survey_clearance").update(name_en=name)

        assert [f"'{name}", "3", "3", "1", "1"] in file_rows(isu.get(reverse(FILE), DAYS))


def test_this_month_and_the_eleven_before_are_shown_unless_others_are_asked_for(use, isu):
    page = isu.get(reverse(PAGE))
    months = [row[0] for row in page_rows(page) if row[0].endswith((" 2026", " 2027"))]

    assert (months[0], months[11]) == ("April 2026", "March 2027")
    assert 'value="2026-04-01"' in page.content.decode()


def test_often_asked_for_periods_and_those_of_the_trial_can_be_chosen(clock, officer):
    trial = TrialPeriod.objects.create(name="Trial", first=date(2027, 2, 1), last=date(2028, 1, 31), made_by=officer)
    TrialPeriod.objects.create(name="Later", first=date(2027, 4, 1), last=date(2028, 3, 31), made_by=officer)

    choices = {choice.label: choice for choice in PeriodForm(QueryDict("from=2027-02-01&to=2027-02-28")).quick_choices}

    assert choices.pop(trial.name).period == Period(date(2027, 2, 1), date(2027, 3, 4))  # so far
    assert {label: (choice.period.first, choice.period.last) for label, choice in choices.items()} == {
        "This month": (date(2027, 3, 1), date(2027, 3, 4)),
        "Last month": (date(2027, 2, 1), date(2027, 2, 28)),
        "Last 3 months": (date(2027, 1, 1), date(2027, 3, 4)),
        "Last 12 months": (date(2026, 4, 1), date(2027, 3, 4)),
    }
    assert [label for label, choice in choices.items() if choice.is_chosen] == ["Last month"]


WRONG_PERIODS = [
    {"from": "2027-13-01"}, {"from": "x" * 5000}, {"to": "2031-01-01"}, {"from": "0001-01-01"}, {"from": "2027-02-30"},
    {"from": "2027-03-01", "to": "2027-02-01"}, {"from": "\0"},
]  # fmt: skip


def test_days_that_no_browser_offers_give_a_message_and_no_figures(clock, isu):
    for period in WRONG_PERIODS:
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
    assert any(row[:2] == ["Visits", "0"] for row in file_rows(isu.get(reverse(FILE))))


def test_small_numbers_are_marked(use, isu):
    cells = re.sub(r"\s+", "", isu.get(reverse(PAGE), DAYS).content.decode())

    assert '<tdclass="num">3<spanclass="muted">*</span></td>' in cells
    assert '<tdclass="num">9</td>' in cells


def test_generated_and_imported_days_are_said_before_any_number(use, isu):
    Completeness.objects.create(
        day=date(2027, 2, 10), minutes_ingested=9, lost=0, torn=0, rejected=0, generated=True, imported=True
    )

    page = isu.get(reverse(PAGE), DAYS).content.decode()
    assert page.index("generated for demonstration: 1. These figures are no real use.") < page.index("<table")
    assert "Days taken over from an access log: 1." in page
    assert "no real use" not in isu.get(reverse(PAGE), {"from": "2027-03-01"}).content.decode()


def test_bars_are_named_and_as_long_as_their_numbers(use, isu):
    page = isu.get(reverse(PAGE), DAYS).content.decode()

    assert "Information viewed, by form of assistance. Offers opened: the highest number is 2 (Equipment)." in page
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) == 3
    assert all('role="img"' in chart and "<title" in chart for chart in charts)
    assert re.findall(r"<text[^>]*>([^<:]+):", charts[2]) == ["Equipment", "Training"]
    assert re.findall(r'width="([\d.]+)%" height="12"', charts[2]) == ["100.00", "50.00"]


def test_bars_begin_where_the_language_begins(use, isu):
    address = reverse(PAGE)  # once: a page in another language changes the language of what is reversed next
    for language in ("fr", "ar"):
        page = isu.get(address.replace("/en/", f"/{language}/"), DAYS).content.decode()

        assert 'width="50.00%"' in page
        assert ('x="50.00%"' in page) == (language == "ar")


def test_the_page_has_neither_inline_style_nor_script(use, isu):
    page = isu.get(reverse(PAGE), DAYS).content.decode()

    assert "style=" not in page
    assert "<script>" not in page
    for table in page.split("<table")[1:]:
        assert "<caption>" in table
        assert 'scope="col"' in table
        assert 'scope="row"' in table
