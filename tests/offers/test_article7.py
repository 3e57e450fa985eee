"""What a State made available in a year, in words it can put into its report under Article 7."""

from datetime import date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from docx import Document

from offers.article7 import report_of
from offers.models import Offer, OfferVersion
from offers.records import SAMPLE_LABEL
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ZURICH = ZoneInfo("Europe/Zurich")


@pytest.fixture
def clock():
    """Stands still in November 2028 until a test moves it."""
    with time_machine.travel(datetime(2028, 11, 24, 10, 0, tzinfo=ZURICH), tick=False) as traveller:
        yield traveller


@pytest.fixture
def make_published(clock, make_offer):
    """Published on that day, to stand until the other; back to November 2028 afterwards."""

    def make(on, until, **values):
        now = datetime(2028, 11, 24, 10, 0, tzinfo=ZURICH)
        clock.move_to(datetime.combine(on, datetime.min.time(), ZURICH).replace(hour=12))
        offer = make_offer(valid_until=until, **values)
        clock.move_to(now)
        return offer

    return make


def entries(state, year):
    return [entry for _area, group in report_of(state, year).groups for entry in group]


def told(state, year):
    return [entry.version.title for entry in entries(state, year)]


def test_an_offer_belongs_to_each_year_in_which_it_stood_on_some_day(make_published, norland):
    make_published(date(2026, 12, 31), date(2028, 1, 1), title="Long")
    make_published(date(2027, 2, 1), date(2027, 3, 1), title="Short")

    assert [told(norland, year) for year in (2025, 2026, 2027, 2028)] == [[], ["Long"], ["Long", "Short"], ["Long"]]


def test_a_withdrawn_offer_belongs_to_the_years_before_its_end(make_published, clock, norland, norlander):
    offer = make_published(date(2026, 5, 1), date(2028, 12, 31), title="Withdrawn")
    clock.move_to(datetime(2027, 6, 1, 12, tzinfo=ZURICH))
    offer.withdraw(by=norlander, reason="Not for the public")
    clock.move_to(datetime(2028, 11, 24, 10, tzinfo=ZURICH))

    assert [told(norland, year) for year in (2026, 2027, 2028)] == [["Withdrawn"], ["Withdrawn"], []]
    assert entries(norland, 2026)[0].standing == "It was available at the end of 2026."
    assert entries(norland, 2027)[0].standing == "It was withdrawn on 1 June 2027."
    assert "Not for the public" not in report_of(norland, 2027).text


@pytest.mark.parametrize(
    ("until", "standing"),
    [
        (date(2028, 3, 1), "It stood until its last day, 1 March 2028."),
        (date(2028, 11, 24), "It was available on 24 November 2028."),
        (date(2029, 3, 1), "It was available on 24 November 2028."),
    ],
)
def test_of_the_present_year_it_says_how_things_stand_today(make_published, norland, until, standing):
    make_published(date(2028, 1, 10), until)

    assert entries(norland, 2028)[0].standing == standing


def test_a_fulfilled_offer_and_one_that_the_isu_has_taken_down_say_so_neutrally(
    make_published, norland, norlander, officer
):
    fulfilled, taken_down = (make_published(date(2028, 1, 10), date(2029, 1, 1)) for _ in range(2))
    fulfilled.fulfil(by=norlander)
    taken_down.take_down(by=officer, reason="A complaint")

    assert [entry.standing for entry in entries(norland, 2028)] == [
        "It was marked as fulfilled on 24 November 2028.",
        "It has no longer been shown since 24 November 2028.",
    ]
    assert "complaint" not in report_of(norland, 2028).text


def test_what_was_never_published_and_what_others_offer_is_left_out(clock, make_offer, norland, sudland, norlander):
    for status in ("draft", "submitted", "returned", "refused"):
        make_offer(status=status)
    make_offer(status="draft").withdraw(by=norlander)
    make_offer(state=sudland)

    assert entries(norland, 2028) == []


def test_it_tells_the_wording_that_was_published_last_in_that_year(make_published, clock, norland, norlander, officer):
    offer = make_published(date(2027, 3, 1), date(2029, 1, 1), title="As it was")
    version = offer.edit(by=norlander)
    OfferVersion.objects.filter(pk=version.pk).update(title="As it is")
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)
    Offer.objects.get(pk=offer.pk).edit(by=norlander)

    assert [told(norland, year) for year in (2027, 2028)] == [["As it was"], ["As it is"]]


def test_offers_are_grouped_by_the_topmost_area(make_published, norland):
    clearance = factories.AreaFactory(code="area.survey_clearance", name_en="Survey and clearance", position=1)
    finer = factories.AreaFactory(code="area.survey_clearance.marking", position=2)
    victims = factories.AreaFactory(code="area.victim_assistance", name_en="Victim assistance", position=3)
    for area in (victims, finer, clearance):
        make_published(date(2028, 1, 1), date(2029, 1, 1), primary_area=area)

    groups = report_of(norland, 2028).groups

    assert [(area, len(group)) for area, group in groups] == [("Survey and clearance", 2), ("Victim assistance", 1)]


def test_the_text_says_what_was_made_available_for_whom_and_how_much(make_published, norland, sudland):
    offer = make_published(
        date(2028, 1, 1), date(2029, 1, 1), title="Course", quantity="12 places", duration="five weeks",
        recipients="selected", recipient_states=[sudland],
    )  # fmt: skip

    text = report_of(norland, 2028).text

    for line in ["Course", f"Reference: {offer.reference}", "Form of assistance: Training", "For whom: Sudland",
                 "Quantity or capacity: 12 places", "Duration: five weeks"]:  # fmt: skip
        assert line in text.splitlines()
    assert "made the following non-financial assistance available through the Platform for Partnerships" in text
    assert "(1 offer)" in text
    assert str(SAMPLE_LABEL) not in text


def test_an_illustrative_record_says_so_in_text_and_in_word(make_published, norland):
    Offer.objects.filter(pk=make_published(date(2028, 1, 1), date(2029, 1, 1)).pk).update(is_sample=True)
    report = report_of(norland, 2028)

    assert str(SAMPLE_LABEL) in report.text
    assert str(SAMPLE_LABEL) in words(report.in_word().content())


def words(content):
    body = Document(BytesIO(content)).element.body
    return "\n".join("".join(text.text or "" for text in paragraph.iter(f"{W}t")) for paragraph in body.iter(f"{W}p"))


def test_page_and_word_document_say_the_same(client, make_published, norlander):
    make_published(date(2028, 1, 1), date(2029, 1, 1), title="Course in survey", quantity="12 places")
    client.force_login(norlander)

    page = client.get(reverse("offers:article_7"), {"year": 2028})
    document = client.get(reverse("offers:article_7_word"), {"year": 2028})

    said = words(document.getvalue())
    for line in ("Course in survey", "12 places", "It was available on 24 November 2028."):
        assert line in page.content.decode()
        assert line in said
    assert document.headers["Content-Disposition"] == 'attachment; filename="article-7-qno-2028.docx"'


@pytest.mark.parametrize(("month", "year"), [(1, 2027), (4, 2027), (5, 2028), (12, 2028)])
def test_until_the_report_is_due_the_last_year_is_shown(client, clock, norlander, month, year):
    clock.move_to(datetime(2028, month, 15, 12, tzinfo=ZURICH))
    client.force_login(norlander)

    assert client.get(reverse("offers:article_7")).context["report"].year == year


def test_without_offers_it_says_so_kindly(client, clock, norlander):
    client.force_login(norlander)

    page = client.get(reverse("offers:article_7")).content.decode()

    assert "Nothing to report from this portal for 2028" in page
    assert "<textarea" not in page
    assert client.get(reverse("offers:article_7_word")).status_code == 200


@pytest.mark.parametrize("year", ["", "soon", "1990", "99999999999999999999", "٢٠٢٨", "2028'"])
def test_a_year_that_is_not_on_the_list_says_what_to_do(client, clock, norlander, year):
    client.force_login(norlander)

    page = client.get(reverse("offers:article_7"), {"year": year})

    assert page.status_code == 200
    assert "Choose a year from the list." in page.content.decode()
    assert client.get(reverse("offers:article_7_word"), {"year": year}).status_code == 302


@pytest.mark.parametrize("count", [1, 4])
def test_it_needs_as_many_queries_however_many_offers(make_published, norland, django_assert_num_queries, count):
    for _ in range(count):
        make_published(date(2028, 1, 1), date(2029, 1, 1))

    with django_assert_num_queries(6):
        assert report_of(norland, 2028).text


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES if code != "en"])
def test_the_text_is_in_the_language_in_use(make_published, norland, norlander, officer, language):
    """But for names, which the test has in English only."""
    offers = [make_published(date(2027, 1, 1), date(2029, 1, 1)) for _ in range(4)]
    make_published(date(2027, 1, 1), date(2028, 1, 1))
    offers[0].withdraw(by=norlander)
    offers[1].fulfil(by=norlander)
    offers[2].take_down(by=officer, reason="A complaint")

    said = []
    for name in ("en", language):
        with translation.override(name):
            for year in (2027, 2028):
                report = report_of(norland, year)
                standing = {entry.standing for _area, group in report.groups for entry in group}
                labels = {label for _area, group in report.groups for entry in group for label, _a in entry.facts}
                said.append({report.title, report.introduction, report.remark, *standing, *labels})

    assert len(said[1]) == 11
    assert (said[0] | said[1]) & (said[2] | said[3]) == set()
