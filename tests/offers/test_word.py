"""Copies in Word: whole, sound, and in the right direction."""

import re
import zipfile
from io import BytesIO
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.utils import translation

from contacts.models import Language, State
from offers.models import Offer, OfferVersion, PartnerRole
from offers.records import SAMPLE_LABEL
from offers.word import Paper, copy_of, runs_right_to_left
from tests import factories
from tests.reference_data import reference_data  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.once]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ARABIC = "دورة في إزالة الألغام للأغراض الإنسانية"


def words(paper):
    """All text of a document, in the order of reading."""
    return "\n".join("".join(paragraph.itertext()) for paragraph in xml(paper).iter(f"{W}p"))


def xml(paper):
    with zipfile.ZipFile(BytesIO(paper.content())) as parts:
        assert parts.testzip() is None
        return ElementTree.fromstring(parts.read("word/document.xml"))


def run_of(paper, text):
    """The properties of the run that says it, and of its paragraph."""
    for paragraph in xml(paper).iter(f"{W}p"):
        for run in paragraph.iter(f"{W}r"):
            if "".join(run.itertext()) == text:
                return run.find(f"{W}rPr"), paragraph.find(f"{W}pPr")
    raise AssertionError(f"Nothing says {text}.")


def test_a_copy_says_all_that_the_version_says_and_that_it_is_not_published(make_offer):
    offer = make_offer(status="draft", title="Course in survey", quantity="12 places", recipients="all")
    version = offer.open_version
    version.links.create(url="https://example.org/course", title="The course")
    version.note_to_isu = "Only between us"
    version.save()

    said = words(copy_of(version))

    for expected in ["Course in survey", offer.reference, "Norland", "Draft, not published", "12 places",
                     factories.LONG_ENOUGH, "All States Parties", "https://example.org/course",
                     "Not a commitment or endorsement"]:  # fmt: skip
        assert expected in said
    assert "Only between us" not in said
    assert str(SAMPLE_LABEL) not in said


def test_a_copy_of_the_published_version_is_no_draft(make_offer):
    said = words(copy_of(make_offer().live_version))

    assert "Draft, not published" not in said
    assert "Published" in said


def test_an_illustrative_record_says_so(make_offer):
    offer = make_offer(status="draft")
    offer.is_sample = True
    offer.save()

    assert str(SAMPLE_LABEL) in words(copy_of(offer.open_version))


def test_translations_follow_in_their_own_language(make_offer):
    version = make_offer(status="draft").open_version
    french = factories.LanguageFactory(code="fr", name_en="French")
    version.translations.create(language=french, title="Cours de déminage", quantity="12 places par cours")

    paper = copy_of(version)

    assert "Translation: French" in words(paper)
    properties, _paragraph = run_of(paper, "Cours de déminage")
    assert properties.find(f"{W}lang").get(f"{W}val") == "fr"


def test_arabic_text_runs_from_right_to_left_in_an_english_document(make_offer):
    arabic = factories.LanguageFactory(code="ar", name_en="Arabic")
    version = make_offer(status="draft", title=ARABIC, original_language=arabic).open_version

    paper = copy_of(version)

    properties, paragraph = run_of(paper, ARABIC)
    assert paragraph.find(f"{W}bidi") is not None
    assert properties.find(f"{W}rtl") is not None
    assert properties.find(f"{W}lang").get(f"{W}bidi") == "ar"
    _label, paragraph = run_of(paper, "Reference")
    assert paragraph is None or paragraph.find(f"{W}bidi") is None
    assert next(xml(paper).iter(f"{W}bidiVisual"), None) is None


def test_an_arabic_document_turns_its_tables_round_but_not_its_references(make_offer):
    offer = make_offer(status="draft")
    with translation.override("ar"):
        paper = copy_of(offer.open_version)

    assert next(xml(paper).iter(f"{W}bidiVisual"), None) is not None
    assert xml(paper).find(f"{W}body/{W}sectPr/{W}bidi") is not None
    properties, _paragraph = run_of(paper, offer.reference)
    assert properties.find(f"{W}rtl") is None


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff", "\u202e"])
def test_a_sign_that_xml_cannot_hold_does_not_spoil_the_document(sign):
    paper = Paper(f"A{sign} title")
    paper.facts([("Label", f"be{sign}fore\nafter 😀", None)])

    assert "fore" in words(paper)
    assert "😀" in words(paper)
    assert sign not in words(paper)


def test_an_empty_draft_gives_a_document_too(norland, norlander):
    assert "Untitled draft" in words(copy_of(Offer.begin(state=norland, by=norlander).open_version))


@pytest.mark.parametrize("text", ["a" * 1500, "ا" * 1500, "<w:p>&amp;", " " * 300, "\n\n\n"])
def test_long_and_odd_text_comes_out_as_it_went_in(make_offer, text):
    version = make_offer(status="draft").open_version
    OfferVersion.objects.filter(pk=version.pk).update(prerequisites=text)
    version.refresh_from_db()

    # A line end in a paragraph is a mark of its own and no text.
    assert text.replace("\n", "") in words(copy_of(version))


@pytest.mark.parametrize(
    ("text", "answer"),
    [("", False), ("2026", False), ("abc ا", False), ("12 ا", True), (ARABIC, True), ("עברית", True), ("中文", False)],
)
def test_the_first_letter_decides_on_the_direction(text, answer):
    assert runs_right_to_left(text) is answer


# What a language writes as English does.
SAME = {"fr": {"Description", "Contact"}}


@pytest.mark.usefixtures("reference_data")
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES if code != "en"])
def test_a_copy_is_in_the_language_in_use_but_for_what_the_state_has_written(language):
    state, partner = State.objects.get(iso3="CHE"), State.objects.get(iso3="JOR")
    offer = factories.make_offer(state=state, status="draft", title="2026", description="2027")
    version = offer.open_version
    for role in PartnerRole:
        version.partners.create(state=partner, role=role)
    version.translations.create(language=Language.objects.get(code="ru"), title="2028")
    Offer.objects.filter(pk=offer.pk).update(is_sample=True)
    version.offer.refresh_from_db()

    said = []
    for name in ("en", language):
        with translation.override(name):
            said.append({line for line in words(copy_of(version)).split("\n") if re.search("[a-z]{2}", line)})

    office = str(version.contact_points.get())
    assert said[0] & said[1] - {office} == SAME.get(language, set())
    assert len(said[0]) > 15
