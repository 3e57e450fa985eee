"""An offer as plain text and on paper; both follow the rules of its page."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from offers.models import Offer
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

COPIES = ["text", "print"]
DISCLAIMER = (
    "Not a commitment or endorsement. Assistance is subject to agreement between the parties and to national law."
)


def copy(client, offer, name):
    return client.get(reverse(f"offers:{name}", args=[offer.reference]))


@pytest.fixture
def full_offer(make_offer, norland):
    office = factories.ContactPointFactory(state=norland, email="canary@example.org", telephone="+41 22 555 00 11")
    offer = make_offer(
        title="Detectors on loan", quantity="Forty sets", prerequisites="Two trained operators",
        pays_freight="provider", pays_travel="recipient", cooperation="triangular",
        funding_purpose="Travel of trainers", contact_points=[office],
    )  # fmt: skip
    offer.live_version.links.create(url="https://example.org/course", title="The course")
    return offer


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_says_what_the_page_says_and_where_to_ask(client, full_offer, norland, name):
    said = copy(client, full_offer, name).content.decode()

    for words in (
        "Detectors on loan", full_offer.reference, norland.name, factories.LONG_ENOUGH[:60], "Forty sets",
        "Two trained operators", "Freight", "Provider", "Triangular cooperation", "Travel of trainers", "The course",
        "https://example.org/course", "Confirmed by the State on", DISCLAIMER,
        f"{settings.PORTAL_URL}{full_offer.get_absolute_url()}",
        f"{settings.PORTAL_URL}{reverse('offers:contact', args=[full_offer.reference])}",
    ):  # fmt: skip
        assert words in said, words
    assert "canary@example.org" not in said
    assert "555 00 11" not in said


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_not_indexed_and_sets_no_cookie(client, full_offer, name):
    response = copy(client, full_offer, name)

    assert 'content="noindex"' in response.content.decode()
    assert not response.cookies


@pytest.mark.parametrize("name", COPIES)
def test_the_page_of_the_offer_leads_to_the_copy(client, full_offer, name):
    address = reverse(f"offers:{name}", args=[full_offer.reference])

    assert f'href="{address}"' in client.get(full_offer.get_absolute_url()).content.decode()


@pytest.mark.parametrize("name", [*COPIES, "history"])
def test_of_an_ended_offer_there_is_no_copy(client, full_offer, norlander, name):
    full_offer.withdraw(by=norlander)

    response = copy(client, full_offer, name)

    assert response.status_code == 410
    assert "Detectors on loan" not in response.content.decode()


@pytest.mark.parametrize("name", [*COPIES, "history"])
def test_of_a_suspended_offer_a_copy_says_as_little_as_its_page(client, full_offer, norland, name):
    Offer.objects.filter(pk=full_offer.pk).update(confirmed_on=timezone.localdate() - timedelta(days=400))

    response = copy(client, full_offer, name)

    said = response.content.decode()
    assert response.status_code == 200
    assert "Not available at present" in said
    assert "Detectors on loan" not in said
    assert norland.name not in said
    assert 'content="noindex"' in said


@pytest.mark.parametrize("name", COPIES)
def test_of_an_expired_offer_a_copy_says_so_and_names_no_way_to_ask(client, full_offer, name):
    Offer.objects.filter(pk=full_offer.pk).update(valid_until=timezone.localdate() - timedelta(days=1))

    said = copy(client, full_offer, name).content.decode()

    assert "This offer ended on" in said
    assert "Detectors on loan" in said
    assert "/contact/" not in said
    assert "The course" not in said


@pytest.mark.parametrize("name", [*COPIES, "history"])
@pytest.mark.parametrize("status", ["draft", "submitted", "returned", "refused"])
def test_of_an_unpublished_offer_there_is_none(client, make_offer, name, status):
    assert copy(client, make_offer(status=status), name).status_code == 404


@pytest.mark.parametrize("name", [*COPIES, "history"])
def test_of_what_is_no_offer_there_is_none(client, db, name):
    assert client.get(f"/en/offers/PFP-1999-0001/{name}/").status_code == 404


@pytest.mark.parametrize("name", [*COPIES, "history"])
def test_a_copy_is_only_read(client, full_offer, name):
    assert client.post(reverse(f"offers:{name}", args=[full_offer.reference])).status_code == 405


@pytest.mark.parametrize("name", [*COPIES, "history"])
def test_an_illustrative_record_is_labelled_on_every_copy(client, full_offer, name):
    Offer.objects.filter(pk=full_offer.pk).update(is_sample=True)

    said = copy(client, full_offer, name).content.decode()

    assert "Illustrative record drawn from public sources; not an offer made by this State" in said
    assert "Confirmed by the State" not in said


@pytest.mark.parametrize("name", COPIES)
def test_what_a_state_has_written_does_not_run_in_a_copy(client, make_offer, name):
    payload = "</textarea><script>alert(1)</script>"
    offer = make_offer(title=payload, description=payload * 8, quantity=payload, prerequisites=payload)

    assert "<script>alert(1)" not in copy(client, offer, name).content.decode()


def test_the_text_is_in_one_box_that_is_read_only_and_the_button_waits_for_its_script(client, full_offer):
    said = copy(client, full_offer, "text").content.decode()

    assert said.count("<textarea") == 1
    assert " readonly" in said.partition("<textarea")[2].partition(">")[0]
    assert '<div hidden data-copy="offer-text">' in said


def test_the_text_has_one_line_for_each_answer(client, full_offer):
    text = copy(client, full_offer, "text").context["text"]

    assert text.startswith("Detectors on loan\n")
    for line in (
        f"Reference: {full_offer.reference}", "Offered by: Norland", "Quantity or capacity: Forty sets",
        "Freight: Provider", "Travel: Recipient", "WHAT",
    ):  # fmt: skip
        assert line in text.splitlines()
    assert "None" not in text
    assert "\n\n\n" not in text
    assert "Gender provisions" not in text


@pytest.mark.parametrize("language", ["ar", "zh-hans"])
@pytest.mark.parametrize("name", [*COPIES, "history"])
def test_a_copy_is_there_in_every_language(client, full_offer, name, language):
    with translation.override(language):
        response = copy(client, full_offer, name)

    assert response.status_code == 200
    assert f'lang="{language}"' in response.content.decode()[:300]


def test_paper_bears_no_navigation_and_the_day_of_printing(client, full_offer):
    said = copy(client, full_offer, "print").content.decode()

    assert "<nav" not in said
    assert "<script" not in said
    assert f'<bdi dir="ltr">{settings.PORTAL_URL}{full_offer.get_absolute_url()}</bdi> on' in " ".join(said.split())


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("count", [1, 6])
def test_a_copy_needs_the_same_queries_however_much_is_said(
    client, make_offer, norland, name, count, django_assert_max_num_queries
):
    languages = [factories.LanguageFactory(code=f"x{number}") for number in range(count)]
    states = [factories.StateFactory() for _number in range(count)]
    offer = make_offer(recipients="selected", recipient_states=states, languages=languages)
    for number in range(count):
        offer.live_version.partners.create(organisation=f"Partner {number}", role="host")
        offer.live_version.partners.create(state=states[number], role="host", accepted_on=timezone.localdate())
        offer.live_version.links.create(url="https://example.org/", title=f"Link {number}")

    with django_assert_max_num_queries(24):
        assert copy(client, offer, name).status_code == 200
