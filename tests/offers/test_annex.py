"""States that answer on paper confirm their offers, and make new ones, on an annex to a note verbale."""

import re
from html import unescape
from io import BytesIO

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from docx import Document

from contacts.models import ContactPoint, State
from offers.annex import annex_of
from offers.content import FIELDSETS, label_of
from offers.forms.editor import NEEDED
from offers.models import Offer
from offers.records import SAMPLE_LABEL
from tests import factories
from tests.reference_data import reference_data  # noqa: F401

pytestmark = pytest.mark.once

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MARKUP = re.compile(r"<[^>]+>")


def lines_of_word(content):
    """The text of each paragraph, a line end within it being one too."""
    lines = []
    for paragraph in Document(BytesIO(content)).element.body.iter(f"{W}p"):
        parts = ["\n" if part.tag == f"{W}br" else part.text or "" for part in paragraph.iter(f"{W}t", f"{W}br")]
        lines += "".join(parts).split("\n")
    return [line.strip() for line in lines if line.strip()]


def lines_of_page(response):
    """What stands between the marks of the page's own part."""
    page = response.content.decode()
    annex = page[page.index('<div class="annex">') : page.index("</main>")]
    return [unescape(text).strip() for text in MARKUP.split(annex) if text.strip()]


@pytest.mark.django_db
def test_it_lists_each_published_offer_with_its_dates_and_boxes_to_tick(focal, make_offer):
    offer = make_offer(title="Course in survey", valid_until=timezone.localdate().replace(year=2099, month=3, day=1))
    make_offer(status="draft", title="Not yet published")

    lines = lines_of_page(focal.get(reverse("offers:annex")))
    said = lines_of_word(focal.get(reverse("offers:annex_word")).getvalue())

    for expected in (offer.reference, "Course in survey", "1 March 2099", "Still valid", "Changed as attached",
                     "Withdrawn", "Fulfilled", "Number of the note verbale", "Signature", "Stamp"):  # fmt: skip
        assert expected in lines
        assert expected in said
    assert "Not yet published" not in [*lines, *said]
    assert said.count("☐") == 4


@pytest.mark.django_db
def test_an_offer_that_can_be_renewed_is_listed_and_one_that_has_ended_is_not(make_offer, norland, norlander, sudland):
    expired, ended = make_offer(valid_until=timezone.localdate().replace(year=2020, day=1)), make_offer()
    ended.withdraw(by=norlander)
    make_offer(state=sudland)

    assert annex_of(norland).offers == [expired]


@pytest.mark.django_db
def test_an_illustrative_record_says_so_and_has_no_confirmation(focal, make_offer):
    Offer.objects.filter(pk=make_offer().pk).update(is_sample=True)

    page = focal.get(reverse("offers:annex"))
    said = lines_of_word(focal.get(reverse("offers:annex_word")).getvalue())

    assert str(SAMPLE_LABEL) in lines_of_page(page)
    assert str(SAMPLE_LABEL) in said
    assert "–" in said


@pytest.mark.django_db
def test_without_offers_the_form_for_a_new_one_is_there(focal):
    lines = lines_of_page(focal.get(reverse("offers:annex")))

    assert "The State has no offers in the catalogue at present." in lines
    assert "Form for a new or changed offer" in lines


@pytest.mark.django_db
def test_the_blank_form_asks_for_every_field_in_the_order_of_the_editor(norland):
    asked = [question for _title, questions in annex_of(norland).groups for question in questions]
    labels = [label for question in asked for label in (question.by_row or [question.label])]

    assert labels == [label_of(name) for _code, _title, names in FIELDSETS for name in names]
    assert {question.label for question in asked if question.is_needed} == {label_of(name) for name in NEEDED}
    assert all(question.choices or question.lines for question in asked)


@pytest.mark.usefixtures("reference_data")
def test_short_lists_of_choices_are_printed_and_long_ones_left_to_write(db):
    questions = {
        question.label: question for _t, group in annex_of(State.objects.get(iso3="CHE")).groups for question in group
    }

    assert questions["Mode of delivery"].choices[0] == "At the provider's centre"
    assert "Survey and clearance" in " ".join(questions["Main area of implementation"].choices)
    assert questions["Main area of implementation"].lines == 1
    assert len(questions["Regions"].choices) > 10
    assert questions["States"].choices == questions["Languages of delivery"].choices == ()
    assert questions["Who pays what"].by_row[0] == "Fees"


# What a language writes as English does.
SAME = {
    "fr": {"Date", "Signature", "Description", "Contact", "Documents", "Note verbale", "Services"},
    "es": {"Melanesia", "Micronesia"},
}


def printed(client, language):
    """All lines of the page and of the Word document, without boxes and marks."""
    page, document = (client.get(f"/{language}/desk/{address}") for address in ("annex/", "annex.docx"))
    with translation.override(language):
        frame = [str(settings.PORTAL_NAME), gettext("Printed from %(address)s on %(today)s.")]
    lines = [*lines_of_page(page), *lines_of_word(document.getvalue()), *frame]
    return {line.replace("\u00a0", " ").strip("☐ *") for part in lines for line in re.split(" {3,}☐", part)}


@pytest.mark.usefixtures("reference_data")
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES if code != "en"])
def test_everything_that_is_printed_is_in_the_language_of_the_page(client, db, language):
    state = State.objects.get(iso3="CHE")
    client.force_login(factories.UserFactory(state=state))
    before = {name: printed(client, name) for name in ("en", language)}
    Offer.objects.filter(pk=factories.make_offer(state=state, title="2026").pk).update(is_sample=True)
    english, here = (before[name] | printed(client, name) for name in ("en", language))

    same = {line for line in english & here if re.search("[a-z]{2}", line)}
    assert same == SAME.get(language, set())
    assert len(here) > 150


@pytest.mark.usefixtures("reference_data")
def test_an_arabic_annex_runs_from_right_to_left(client, db):
    client.force_login(factories.UserFactory(state=State.objects.get(iso3="JOR")))

    page = client.get("/ar/desk/annex/").content.decode()
    body = Document(BytesIO(client.get("/ar/desk/annex.docx").getvalue())).element.body

    assert '<html lang="ar" dir="rtl">' in page
    assert body.find(f"{W}tbl/{W}tblPr/{W}bidiVisual") is not None


@pytest.mark.django_db
def test_the_isu_finds_the_annex_of_each_state_party(client, officer, make_offer, norland, sudland):
    make_offer(title="Course in survey")
    left = factories.StateFactory(withdrawal_effective="2020-01-01")
    client.force_login(officer)
    address = reverse("offers:isu_annex", args=["qno"])

    listed = client.get(reverse("offers:isu_annexes")).content.decode()

    assert address in listed
    assert reverse("offers:isu_annex", args=["qsu"]) in listed
    assert left.iso3.lower() not in re.findall(r"annex/(\w+)/", listed)
    assert "Course in survey" in lines_of_page(client.get(address))
    assert "Course in survey" in lines_of_word(client.get(reverse("offers:isu_annex_word", args=["qno"])).getvalue())
    assert client.get(reverse("offers:isu_annex", args=["zzz"])).status_code == 404
    assert client.get(reverse("offers:isu_annex", args=[left.iso3.lower()])).status_code == 404


@pytest.mark.django_db
def test_the_document_has_a_name_that_says_what_it_is(focal):
    response = focal.get(reverse("offers:annex_word"))

    assert response.headers["Content-Disposition"] == 'attachment; filename="annex-qno.docx"'


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 4])
def test_it_needs_as_many_queries_however_many_offers(norland, make_offer, django_assert_max_num_queries, focal, count):
    for _ in range(count):
        make_offer()
    ContactPoint.objects.update(office="One")

    with django_assert_max_num_queries(13):
        focal.get(reverse("offers:annex"))
