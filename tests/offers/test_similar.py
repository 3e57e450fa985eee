"""What resembles the offer being written: of the own State, and of others."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.models import Offer
from offers.similar import offers_of_others, similar_offers
from tests import factories

from .test_desk import edit_url, typed

pytestmark = pytest.mark.django_db

QUERIES = 34


def other_area():
    return factories.AreaFactory(code="area.risk_education")


@pytest.fixture
def version(make_offer):
    return make_offer(status="draft", title="Detector course for instructors").open_version


def test_the_same_area_and_form_is_similar_whatever_the_title(version, make_offer):
    same = make_offer(title="Something else")
    make_offer(title="Something else", primary_area=other_area())
    make_offer(title="Something else", form=factories.FormFactory(code="form.equipment"))

    assert similar_offers(version) == [same]


@pytest.mark.parametrize(
    ("title", "is_similar"),
    [
        ("Courses for instructors on detectors", True),
        ("Detector course for teams", True),
        ("Detector loan", False),
        ("Course", False),
        ("", False),
    ],
)
def test_a_title_of_mostly_the_same_words_is_similar_whatever_the_area(version, make_offer, title, is_similar):
    offer = make_offer(status="draft", title=title, primary_area=other_area())

    assert similar_offers(version, drafts=True) == ([offer] if is_similar else [])


def test_titles_of_other_scripts_are_compared_too(make_offer):
    version = make_offer(status="draft", title="排雷教官培训课程", primary_area=other_area()).open_version
    same = make_offer(title="排雷教官培训")
    make_offer(title="假肢康复服务")

    assert similar_offers(version) == [same]


def test_what_the_state_is_writing_is_similar_for_the_state_alone(version, make_offer):
    standing = make_offer()
    draft, waiting = make_offer(status="draft"), make_offer(status="submitted")
    make_offer().withdraw(by=version.author)
    make_offer(valid_until=timezone.localdate() - timedelta(days=1))

    assert similar_offers(version) == [standing]
    found = similar_offers(version, drafts=True)
    assert [(offer, offer.shown) for offer in found] == [
        (standing, standing.live_version),
        (draft, draft.open_version),
        (waiting, waiting.open_version),
    ]


def test_an_offer_that_is_being_changed_comes_once(version, make_offer, norlander):
    offer = make_offer()
    offer.edit(by=norlander)

    assert similar_offers(version, drafts=True) == [offer]


def test_offers_of_other_states_are_the_public_ones_at_most_five(version, make_offer):
    make_offer()
    for days in range(6):
        factories.make_offer(confirmed_days_ago=days)
    factories.make_offer(status="draft")
    factories.make_offer(primary_area=other_area())

    found = list(offers_of_others(version))

    assert len(found) == 5
    assert [offer.confirmed_on for offer in found] == [timezone.localdate() - timedelta(days=days) for days in range(5)]


def test_without_area_or_form_there_is_nothing_to_compare(version, make_offer):
    factories.make_offer()
    version.form = None

    assert list(offers_of_others(version)) == []


def test_the_editor_and_the_check_of_the_answers_show_both(client, version, norlander, make_offer):
    make_offer(title="Ours, published")
    make_offer(status="draft", title="Ours, being written")
    theirs = factories.make_offer(title="Theirs")
    type(theirs).objects.filter(pk=theirs.pk).update(is_sample=True)
    client.force_login(norlander)
    client.post(edit_url(version.offer), typed(version))

    for address in (edit_url(version.offer), reverse("offers:submit", args=[version.offer.reference])):
        page = client.get(address).content.decode()
        for words in ("Ours, published", "Ours, being written", "Theirs", "Illustrative record"):
            assert words in page


@pytest.mark.parametrize("count", [1, 4])
def test_the_check_of_the_answers_needs_the_same_queries_however_many(
    client, version, norlander, make_offer, count, django_assert_max_num_queries
):
    for _number in range(count):
        make_offer()
        make_offer(status="draft")
        factories.make_offer()
    client.force_login(norlander)

    with django_assert_max_num_queries(QUERIES):
        client.get(reverse("offers:submit", args=[version.offer.reference]))


def test_the_isu_does_not_see_what_the_state_is_writing(client, norland, officer, make_offer):
    make_offer(title="Ours, published")
    make_offer(status="draft", title="Ours, being written")
    entered = Offer.begin(state=norland, by=officer, note_verbale="NV 1/2026", note_verbale_date=timezone.localdate())
    version = factories.make_version_complete(entered.open_version)
    client.force_login(officer)
    client.post(edit_url(entered), typed(version))

    for address in (edit_url(entered), reverse("offers:submit", args=[entered.reference])):
        page = client.get(address).content.decode()
        assert "Ours, published" in page
        assert "Ours, being written" not in page
