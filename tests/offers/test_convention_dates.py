"""What the dates of the Convention do to States, their offers and their people, with the dates as they really are."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from contacts.models import State
from offers.models import Offer, StepNotAllowed
from tests import factories
from tests.reference_data import reference_data  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference_data")]

# The day on which each withdrawal takes effect, and on which the Convention enters into force for each new State.
WITHDRAWALS = {
    "EST": date(2025, 12, 27),
    "LVA": date(2025, 12, 27),
    "LTU": date(2025, 12, 27),
    "FIN": date(2026, 1, 10),
    "POL": date(2026, 2, 20),
}
ENTRIES = {"MHL": date(2025, 9, 1), "TON": date(2025, 12, 1)}


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_default_timezone())


def midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())


def main_of(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def offer_of(iso3, *, before):
    """The State's offer, published a month before that day, with an office and a focal point."""
    state = State.objects.get(iso3=iso3)
    with time_machine.travel(noon(before - timedelta(days=30)), tick=False):
        person = factories.UserFactory(email=f"focal@{iso3.lower()}.example.org", state=state)
        office = factories.ContactPointFactory(state=state, email=f"office@{iso3.lower()}.example.org")
        offer = factories.make_offer(state=state, author=person, title=f"Course of {iso3}", contact_points=[office])
    return offer, person


@pytest.mark.parametrize(("iso3", "day"), WITHDRAWALS.items())
def test_the_shipped_dates_are_those_of_the_depositary(iso3, day):
    assert State.objects.get(iso3=iso3).withdrawal_effective == day


@pytest.mark.parametrize(("iso3", "day"), ENTRIES.items())
def test_the_shipped_entries_into_force_are_those_of_the_depositary(iso3, day):
    assert State.objects.get(iso3=iso3).entry_into_force == day


@pytest.mark.parametrize(("iso3", "day"), WITHDRAWALS.items())
def test_until_the_day_before_the_withdrawal_takes_effect_all_is_public(client, iso3, day):
    offer, _person = offer_of(iso3, before=day)

    with time_machine.travel(midnight(day) - timedelta(seconds=1), tick=False):
        assert list(Offer.objects.public()) == [offer]
        assert f"Course of {iso3}" in main_of(client.get(offer.get_absolute_url()))
        assert f"office@{iso3.lower()}.example.org" in main_of(
            client.get(reverse("offers:contact", args=[offer.reference]))
        )
        assert f"Course of {iso3}" in main_of(client.get(reverse("offers:catalogue")))
        state_page = client.get(reverse("offers:state_detail", args=[iso3.lower()]))
        assert list(state_page.context["offers"]) == [offer]
        assert "State Party" in main_of(state_page)
        assert "The withdrawal takes effect on" in main_of(state_page)
        assert client.get(reverse("offers:home")).context["offer_count"] == 1
        assert [point.state.iso3 for point in client.get(reverse("contacts:directory")).context["rows"]] == [iso3]


@pytest.mark.parametrize(("iso3", "day"), WITHDRAWALS.items())
def test_from_the_day_of_withdrawal_nothing_of_the_state_is_in_the_catalogue(client, iso3, day):
    offer, _person = offer_of(iso3, before=day)
    state = offer.state
    reference = [offer.reference]

    with time_machine.travel(midnight(day), tick=False):
        assert not Offer.objects.public().exists()
        for name in ("detail", "history", "text", "print"):
            response = client.get(reverse(f"offers:{name}", args=reference))
            assert response.status_code == 200
            assert "Not available at present" in main_of(response)
            assert f"Course of {iso3}" not in response.content.decode()
            assert state.name not in main_of(response)
        contact = client.get(reverse("offers:contact", args=reference))
        assert (contact.status_code, contact.url) == (302, offer.get_absolute_url())
        catalogue = client.get(reverse("offers:catalogue"))
        assert catalogue.headers["X-Total-Count"] == "0"
        assert f"Course of {iso3}" not in main_of(catalogue)
        home = client.get(reverse("offers:home"))
        assert (home.context["offer_count"], home.context["state_count"]) == (0, 0)
        assert not client.get(reverse("contacts:directory")).context["rows"]
        assert iso3 not in client.get(reverse("contacts:directory_csv")).content.decode()
        assert client.get(reverse("offers:coverage")).context["coverage"].total.count == 0
        assert state.name not in main_of(client.get(reverse("offers:state_list")))


@pytest.mark.parametrize(("iso3", "day"), WITHDRAWALS.items())
def test_the_page_of_a_state_that_has_left_is_neutral_and_leads_to_regional_offices(client, iso3, day, settings):
    offer, _person = offer_of(iso3, before=day)

    with time_machine.travel(midnight(day), tick=False):
        response = client.get(reverse("offers:state_detail", args=[iso3.lower()]))

    page = main_of(response)
    assert "Withdrawn" in page
    assert "The withdrawal took effect on" in page
    assert not response.context["offers"]
    assert not response.context["contact_points"]
    assert f"office@{iso3.lower()}.example.org" not in page
    assert offer.reference not in page
    assert "recipient=" not in page
    assert "onfirmed" not in page
    assert settings.ISU_EMAIL in page
    assert reverse("offers:body_list") in page


@pytest.mark.parametrize(("iso3", "day"), WITHDRAWALS.items())
def test_the_desk_of_the_focal_point_closes_on_that_day(client, iso3, day):
    offer, person = offer_of(iso3, before=day)

    with time_machine.travel(midnight(day) - timedelta(hours=1), tick=False):
        client.force_login(person)
        assert client.get(reverse("offers:desk")).status_code == 200
        assert client.get(reverse("offers:preview", args=[offer.reference])).status_code == 200

    with time_machine.travel(midnight(day), tick=False):
        client.force_login(person)
        assert client.get(reverse("offers:desk")).status_code == 403
        assert client.get(reverse("offers:preview", args=[offer.reference])).status_code == 403
        assert client.post(reverse("offers:new")).status_code == 403
        assert client.post(reverse("offers:confirm", args=[offer.reference])).status_code == 403
    assert Offer.objects.get() == offer


def test_a_state_that_has_left_confirms_nothing_and_publishes_nothing():
    day = WITHDRAWALS["FIN"]
    offer, person = offer_of("FIN", before=day)
    officer = factories.UserFactory(role="isu_officer")
    with time_machine.travel(noon(day - timedelta(days=2)), tick=False):
        version = offer.edit(by=person)
        version.submit(by=person)

    with time_machine.travel(midnight(day), tick=False):
        with pytest.raises(StepNotAllowed):
            offer.confirm(by=person)
        with pytest.raises(StepNotAllowed):
            version.publish(by=officer, seen=version.edit_number)

    assert Offer.objects.get().live_version != version


def test_one_state_leaving_changes_nothing_for_the_others(client):
    finland, _person = offer_of("FIN", before=WITHDRAWALS["FIN"])
    poland, _person = offer_of("POL", before=WITHDRAWALS["FIN"])

    with time_machine.travel(midnight(WITHDRAWALS["FIN"]), tick=False):
        assert list(Offer.objects.public()) == [poland]
        assert client.get(reverse("offers:home")).context["offer_count"] == 1


@pytest.mark.parametrize(("iso3", "day"), ENTRIES.items())
def test_before_its_entry_into_force_an_acceding_state_posts_nothing(client, iso3, day):
    state = State.objects.get(iso3=iso3)
    person = factories.UserFactory(email=f"focal@{iso3.lower()}.example.org", state=state)
    factories.ContactPointFactory(state=state)

    with time_machine.travel(midnight(day) - timedelta(seconds=1), tick=False):
        client.force_login(person)
        assert client.get(reverse("offers:desk")).status_code == 403
        assert client.post(reverse("offers:new")).status_code == 403
        client.logout()
        page = client.get(reverse("offers:state_detail", args=[iso3.lower()]))
        assert "Acceded, not yet in force" in main_of(page)
        assert not page.context["contact_points"]
        assert not client.get(reverse("contacts:directory")).context["rows"]
        assert state.name not in main_of(client.get(reverse("offers:state_list")))
    assert not Offer.objects.exists()


@pytest.mark.parametrize(("iso3", "day"), ENTRIES.items())
def test_on_the_day_of_its_entry_into_force_posting_opens(client, iso3, day):
    state = State.objects.get(iso3=iso3)
    person = factories.UserFactory(email=f"focal@{iso3.lower()}.example.org", state=state)

    with time_machine.travel(midnight(day), tick=False):
        client.force_login(person)
        assert client.get(reverse("offers:desk")).status_code == 200
        response = client.post(reverse("offers:new"))
        offer = Offer.objects.get(state=state)
        assert response.url == reverse("offers:edit", args=[offer.reference])
        client.logout()
        page = main_of(client.get(reverse("offers:state_detail", args=[iso3.lower()])))
        assert "State Party" in page
        assert f"recipient={iso3}" in page
        assert state.name in main_of(client.get(reverse("offers:state_list")))


@pytest.mark.parametrize(("iso3", "day"), ENTRIES.items())
def test_nobody_publishes_for_a_state_before_its_entry_into_force(iso3, day):
    state = State.objects.get(iso3=iso3)
    officer = factories.UserFactory(role="isu_officer")

    with time_machine.travel(midnight(day) - timedelta(seconds=1), tick=False):
        offer = factories.make_offer(state=state, status="submitted")
        version = offer.open_version
        with pytest.raises(StepNotAllowed):
            version.publish(by=officer, seen=version.edit_number)

    with time_machine.travel(midnight(day), tick=False):
        version.publish(by=officer, seen=version.edit_number)
        assert list(Offer.objects.public()) == [offer]
