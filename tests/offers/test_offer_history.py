"""What the public learns of an offer's past: dates and published words, never persons, reasons or drafts."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from offers.models import Offer
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def reword(norlander, officer):
    """Publish a newer version of the offer with these fields changed, so many days from now."""

    def reword(offer, *, after_days=0, **content):
        with time_machine.travel(timezone.now() + timedelta(days=after_days), tick=False):
            version = offer.edit(by=norlander)
            for name, value in content.items():
                if version._meta.get_field(name).many_to_many:
                    getattr(version, name).set(value)
                else:
                    setattr(version, name, value)
            version.save()
            version.submit(by=norlander, note="Canary note")
            version.publish(by=officer, seen=version.edit_number)
        offer.refresh_from_db()

    return reword


def main_of(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def page(client, offer, name="history"):
    return client.get(reverse(f"offers:{name}", args=[offer.reference]))


def words(response):
    return " ".join(main_of(response).split())


def test_the_page_of_an_offer_says_when_it_was_published_changed_and_confirmed(client, make_offer, reword):
    with time_machine.travel("2027-02-02T10:00Z", tick=False):
        offer = make_offer()
    with time_machine.travel("2027-02-02T10:00Z", tick=False):
        reword(offer, after_days=90, quantity="Twenty places", standards="IMAS 09.30")
    with time_machine.travel("2027-05-10T10:00Z", tick=False):
        said = words(page(client, offer, "detail")).partition('id="history"')[2]

    places = [
        said.index(line)
        for line in (
            "Confirmed by the State on 3 May 2027",
            "Changed on 3 May 2027: Quantity or capacity, Standards met",
            "Published on 2 February 2027",
        )
    ]
    assert places == sorted(places)
    assert reverse("offers:history", args=[offer.reference]) in said


def test_an_offer_that_was_never_changed_has_dates_and_no_link(client, make_offer):
    offer = make_offer()

    assert "Published on" in main_of(page(client, offer, "detail"))
    assert reverse("offers:history", args=[offer.reference]) not in main_of(page(client, offer, "detail"))
    assert "The text has not changed since it was published." in main_of(page(client, offer))


def test_the_history_shows_field_by_field_what_was_published(client, make_offer, reword):
    french = factories.LanguageFactory(code="fr", name_en="French")
    offer = make_offer(quantity="Twelve places")
    reword(offer, quantity="Twenty places", languages=[french])
    reword(offer, quantity="Thirty places")

    response = page(client, offer)

    newer, older = response.context["changes"]
    assert [(found.name, found.before, found.after) for found in newer.differences] == [
        ("quantity", "Twenty places", "Thirty places")
    ]
    assert [found.name for found in older.differences] == ["quantity", "languages"]
    assert "<del>" in main_of(response)
    assert "Thirty" in main_of(response)
    assert 'content="noindex"' in response.content.decode()


def test_neither_persons_nor_reasons_nor_drafts_are_in_it(client, make_offer, reword, norlander, officer):
    offer = make_offer(quantity="Twelve places")
    version = offer.edit(by=norlander)
    version.quantity = "Canary refused"
    version.save()
    version.submit(by=norlander, note="Canary note")
    version.refuse(by=officer, reason="Canary reason", seen=version.edit_number)
    reword(offer, quantity="Twenty places")
    version = offer.edit(by=norlander)
    version.quantity = "Canary draft"
    version.save()

    for name in ("history", "detail", "text", "print"):
        said = page(client, offer, name).content.decode()
        assert "Canary" not in said, name
        assert norlander.email not in said
        assert officer.email not in said
    assert "Twenty" in main_of(page(client, offer))


def test_a_partner_that_has_not_accepted_is_never_named(client, make_offer, reword, sudland, sudlander):
    offer = make_offer(quantity="Twelve places")
    offer.live_version.partners.create(state=sudland, role="host")
    reword(offer, quantity="Twenty places")
    offer.live_version.partners.create(state=sudland, role="facilitator")
    offer.live_version.partners.create(organisation="A training centre", role="co_provider")

    for name in ("history", "detail", "text", "print"):
        assert sudland.name not in page(client, offer, name).content.decode(), name
    assert "A training centre" in main_of(page(client, offer))
    assert "A training centre" in main_of(page(client, offer, "text"))

    offer.live_version.partners.get(role="host").accept(by=sudlander)
    assert sudland.name in main_of(page(client, offer, "text"))


def test_a_change_of_hidden_parts_only_is_no_change(client, make_offer, reword, sudland):
    offer = make_offer()
    reword(offer)
    offer.live_version.partners.create(state=sudland, role="host")

    assert page(client, offer).context["changes"] == []
    assert "Changed on" not in main_of(page(client, offer, "detail"))


def test_after_the_last_day_neither_offices_nor_links_are_told(client, make_offer, reword, norland):
    offer = make_offer(quantity="Twelve places")
    offer.live_version.links.create(url="https://example.org/old", title="Old link")
    office = factories.ContactPointFactory(state=norland, office="A new office")
    reword(offer, quantity="Twenty places", contact_points=[office])
    offer.live_version.links.all().delete()
    assert "A new office" in main_of(page(client, offer))

    Offer.objects.filter(pk=offer.pk).update(valid_until=timezone.localdate() - timedelta(days=1))
    said = main_of(page(client, offer))

    assert "Twenty" in said
    assert "A new office" not in said
    assert "Old link" not in said


def test_only_the_last_changes_are_shown(client, make_offer, reword, settings):
    offer = make_offer()
    for number in range(21):
        reword(offer, quantity=f"{number + 10} places")

    response = page(client, offer)

    assert len(response.context["changes"]) == 20
    assert "The last 20 changes are shown." in main_of(response)
    assert len(page(client, offer, "detail").context["changes"]) == 3


def test_what_a_state_has_written_does_not_run_there(client, make_offer, reword):
    payload = "<script>alert(1)</script>"
    offer = make_offer(quantity="Twelve places")
    reword(offer, quantity=payload)

    assert payload not in page(client, offer).content.decode()


def test_labels_follow_the_language_and_words_keep_their_direction(client, make_offer, reword):
    offer = make_offer(quantity="Twelve places")
    reword(offer, quantity="عشرون مقعدا")
    with translation.override("ar"):
        said = page(client, offer)

    assert 'dir="rtl"' in said.content.decode()[:400]
    assert '<dd dir="auto">' in main_of(said)


@pytest.mark.parametrize("count", [2, 6])
@pytest.mark.parametrize(("name", "most"), [("history", 20), ("detail", 34)])
def test_the_history_needs_the_same_queries_however_often_an_offer_was_changed(
    client, make_offer, reword, norland, count, name, most, django_assert_max_num_queries
):
    english = factories.LanguageFactory()
    offer = make_offer(recipients="selected", recipient_states=[norland], languages=[english])
    for number in range(count):
        reword(offer, quantity=f"{number + 10} places", title=f"Title {number}")
        offer.live_version.partners.create(organisation=f"Partner {number}", role="host")
        offer.live_version.links.create(url="https://example.org/", title=f"Link {number}")

    with django_assert_max_num_queries(most):
        assert page(client, offer, name).status_code == 200
