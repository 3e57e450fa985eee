import random
import time
from datetime import date

import pytest
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st

from offers.content import FIELDSETS, answers
from offers.differences import compare_words, differences
from offers.models import OfferVersion
from offers.models.wording import Wording
from tests import factories


def joined(segments, without):
    return "".join(segment.text for segment in segments if segment.change != without)


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_segments_give_both_texts_again(before, after):
    segments = compare_words(before, after)

    assert joined(segments, without="added") == before
    assert joined(segments, without="removed") == after


def test_only_the_words_that_changed_are_marked():
    segments = compare_words("Ten places a year", "Twelve places a year")

    assert [(segment.text, segment.change) for segment in segments] == [
        ("Ten", "removed"),
        ("Twelve", "added"),
        (" places a year", ""),
    ]


def test_a_space_in_common_does_not_tear_a_change_to_pieces():
    segments = compare_words("Testing of machines", "Another wording")

    assert [(segment.text, segment.change) for segment in segments] == [
        ("Testing of machines", "removed"),
        ("Another wording", "added"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The course has ten places.\nIt is free.", "The course has twelve places.\nIt is free."),
        (
            "Le cours a dix places. " * 60,
            "Le cours a dix places. " * 30 + "Il est gratuit. " + "Le cours a dix places. " * 30,
        ),
    ],
)
def test_texts_of_ordinary_length_are_compared_to_the_word(before, after):
    changed = [segment.text for segment in compare_words(before, after) if segment.change]

    assert changed in (["ten", "twelve"], ["Il est gratuit. "])


CHANCE = random.Random(1)
PAIRS = {
    "one word over and over": ("a " * 25_000, "a " * 24_999 + "b"),
    "two words in any order": tuple(" ".join(CHANCE.choices("ab", k=25_000)) for _ in range(2)),
    "a thousand words in any order": tuple(
        " ".join(CHANCE.choices([str(i) for i in range(1_000)], k=12_000)) for _ in range(2)
    ),
    "every other word changed": tuple(" ".join(f"u{i} {mark}{i}" for i in range(4_500)) for mark in "xy"),
    "as much as is still compared by words": tuple(" ".join(f"u{i} {mark}{i}" for i in range(770)) for mark in "xy"),
    "the same words from the end": tuple(" ".join(map(str, some)) for some in (range(10_000), range(9_999, -1, -1))),
    "nothing but full stops": ("." * 50_000, "!" * 50_000),
    "sentences of one letter": ("a." * 25_000, "a. " * 16_666),
    "Chinese": ("雷" * 50_000, "雷区" * 25_000),
    "nothing before": ("", "a " * 25_000),
}


@pytest.mark.parametrize("name", PAIRS)
def test_the_worst_texts_are_compared_in_half_a_second(name):
    before, after = PAIRS[name]
    start = time.process_time()

    segments = compare_words(before, after)

    assert time.process_time() - start < 2  # a quarter of a second, on a machine that has nothing else to do
    assert joined(segments, without="added") == before
    assert joined(segments, without="removed") == after


def test_every_content_field_has_its_place_in_the_form():
    placed = {name for _code, _title, names in FIELDSETS for name in names}

    assert placed == {
        *(field.name for field in [*Wording._meta.local_fields, *Wording._meta.local_many_to_many]),
        *("partners", "links", "documents"),
    }


@pytest.mark.django_db
def test_differences_name_each_changed_field_in_the_order_of_the_form(make_offer):
    offer = make_offer(title="Ten places")
    version = offer.edit(by=offer.live_version.author)
    version.title = "Twelve places"
    version.delivery_modes = ["remote"]
    version.pays_travel = "provider"
    version.save()
    version.languages.set([factories.LanguageFactory(code="fr", name_en="French")])
    version.links.create(url="https://example.org/", title="Course")

    found = differences(offer.live_version, version)

    assert [(each.label, each.before, each.after) for each in found] == [
        ("Title", "Ten places", "Twelve places"),
        ("Mode of delivery", "At the provider's centre", "Remotely"),
        ("Languages of delivery", "", "French"),
        ("Travel", "", "Provider"),
        ("Links", "", "Course https://example.org/"),
    ]


def choose(name, value):
    return lambda version: setattr(version, name, value)


def give(relation, make):
    return lambda version: getattr(version, relation).set(make())


def french():
    return factories.LanguageFactory(code="fr", name_en="French")


def another_file(version):
    """The same name, title and size, but another file."""
    version.documents.all().delete()
    attach(version, b"%PDF-other")


def attach(version, content):
    version.documents.create(
        title="Programme",
        language=factories.LanguageFactory(),
        filename="programme.pdf",
        size=len(content),
        file=ContentFile(content, "programme.pdf"),
    )


# What is done to a copy, and the differences that must show then.
KINDS = {
    "text": (choose("title", "Course for nurses"), [("Title", "Demining course", "Course for nurses")]),
    "text taken out": (choose("quantity", ""), [("Quantity or capacity", "Twelve places", "")]),
    "number": (choose("lead_time_weeks", 6), [("Lead time in weeks", "", "6")]),
    "choice": (choose("transfer_terms", "loan"), [("Donation or loan", "", "Loan")]),
    "choice with a default": (
        choose("recipients", "selected"),
        [("For whom", "All States Parties", "Only the regions, groups or States named below")],
    ),
    "several choices": (
        choose("delivery_modes", ["provider_centre", "remote"]),
        [("Mode of delivery", "At the provider's centre", "At the provider's centre\nRemotely")],
    ),
    "who pays": (choose("pays_travel", "recipient"), [("Travel", "Provider", "Recipient")]),
    "who pays, no longer said": (choose("pays_travel", ""), [("Travel", "Provider", "")]),
    "date": (choose("deadline", date(2030, 5, 3)), [("Requests until", "", "3 May 2030")]),
    "term": (
        lambda version: choose("primary_area", factories.AreaFactory(code="area.risk_education"))(version),
        [("Main area of implementation", "Survey clearance", "Risk education")],
    ),
    "several rows": (
        give("recipient_states", lambda: [factories.StateFactory(name_en="Ostland")]),
        [("States", "", "Ostland")],
    ),
    "groups of States": (
        give("recipient_groups", lambda: [factories.RegionalBodyFactory(group_name_en="Member States of ASEAN")]),
        [("Groups of States", "", "Member States of ASEAN")],
    ),
    "languages of delivery": (
        give("languages", lambda: [french(), factories.LanguageFactory()]),
        [("Languages of delivery", "English", "English\nFrench")],
    ),
    "language of the text": (
        lambda version: choose("original_language", french())(version),
        [("Language of this text", "English", "French")],
    ),
    "contact point": (
        lambda version: version.contact_points.add(
            factories.ContactPointFactory(state=version.offer.state, office="Ministry of Health")
        ),
        [("Contact points", "National mine action authority", "National mine action authority\nMinistry of Health")],
    ),
    "partner": (
        lambda version: version.partners.update(role="host"),
        [("Partners", "Red Cross – Funds it", "Red Cross – Hosts it")],
    ),
    "link": (
        lambda version: version.links.update(url="https://example.org/b"),
        [("Links", "Course https://example.org/a", "Course https://example.org/b")],
    ),
    "document": (lambda version: version.documents.all().delete(), [("Documents", "Programme (programme.pdf, ", "")]),
    "another file": (another_file, [("Documents", "Programme (programme.pdf, ", "Programme (programme.pdf, ")]),
    "translation": (
        lambda version: version.translations.update(title="Cours"),
        [("Title (French)", "Cours de déminage", "Cours")],
    ),
    "translation removed": (
        lambda version: version.translations.all().delete(),
        [("Title (French)", "Cours de déminage", ""), ("Description (French)", "Cinq semaines", "")],
    ),
    "nothing": (lambda version: None, []),
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_every_kind_of_field_shows_in_words(make_offer, kind):
    change, expected = KINDS[kind]
    offer = make_offer(
        title="Demining course",
        quantity="Twelve places",
        pays_travel="provider",
        languages=[factories.LanguageFactory()],
    )
    live = offer.live_version
    live.partners.create(organisation="Red Cross", role="funding_partner")
    live.links.create(url="https://example.org/a", title="Course")
    attach(live, b"%PDF-first")
    live.translations.create(language=french(), title="Cours de déminage", description="Cinq semaines")
    version = offer.edit(by=live.author)

    change(version)
    version.save()
    found = differences(live, OfferVersion.objects.get(pk=version.pk))

    assert [each.label for each in found] == [label for label, _before, _after in expected]
    for each, (_label, before, after) in zip(found, expected, strict=True):
        assert each.before != each.after
        if each.name == "documents":  # with size, language and a mark of the file
            assert each.before.startswith(before)
            assert each.after.startswith(after)
        elif each.name == "contact_points":  # with the State
            assert all(office in each.after for office in after.splitlines())
            assert before in each.before
            assert "Ministry of Health" not in each.before
        else:
            assert (each.before, each.after) == (before, after)
        assert joined(each.segments, without="added") == each.before
        assert joined(each.segments, without="removed") == each.after


@pytest.mark.django_db
def test_a_copy_does_not_differ(make_offer):
    offer = make_offer()

    assert differences(offer.live_version, offer.edit(by=offer.live_version.author)) == []


@pytest.mark.django_db
def test_answers_show_every_field_in_words(make_offer):
    version = OfferVersion.objects.get(offer=make_offer(lead_time_weeks=6))

    texts = {answer.name: answer.text for _title, group in answers(version) for answer in group}

    assert texts["lead_time_weeks"] == "6"
    assert texts["recipients"] == "All States Parties"
    assert texts["delivery_modes"] == "At the provider's centre"
    assert texts["starts_on"] == ""
