import pytest
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
