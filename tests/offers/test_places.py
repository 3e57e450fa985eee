"""Pages of States and of regional bodies, and the page on South-South cooperation."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from offers.models import Offer
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def main_of(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def state_page(client, iso3="qno"):
    return client.get(reverse("offers:state_detail", args=[iso3]))


# States


def test_what_a_delegate_needs_first_comes_first(client, make_offer, norland):
    body = factories.RegionalBodyFactory(states=[norland])
    factories.ContactPointFactory(state=None, regional_body=body)
    make_offer()

    page = main_of(state_page(client))

    heads = [
        ">Contact points<", ">Current offers<", ">Assistance for this State<", ">Regional contact points<",
        ">Regional bodies that serve this State<", ">In the Convention<", ">Names<",
    ]  # fmt: skip
    places = [page.index(head) for head in heads]
    assert places == sorted(places)


def test_a_state_without_offers_reads_neutrally_and_leads_on(client, norland, settings):
    body = factories.RegionalBodyFactory(short_name="NORTH", regions=[norland.region])
    factories.ContactPointFactory(state=None, regional_body=body, email="north@example.org")

    page = main_of(state_page(client))

    assert "Current offers" not in page
    for word in ("no offer", "not posted", "not confirmed", "0 offer", "yet"):
        assert word not in page.lower()
    assert "north@example.org" in page
    assert f'href="{reverse("offers:body_detail", args=["north"])}"' in page
    assert f'href="{reverse("offers:body_list")}"' in page
    assert settings.ISU_EMAIL in page


def test_the_page_leads_to_the_offers_the_state_could_ask_for(client, norland):
    assert f'href="{reverse("offers:catalogue")}?recipient=QNO"' in main_of(state_page(client))


def test_the_last_confirmation_is_that_of_the_states_real_offers(client, make_offer):
    make_offer(confirmed_days_ago=40)
    make_offer(confirmed_days_ago=20)
    sample = make_offer()
    Offer.objects.filter(pk=sample.pk).update(is_sample=True)

    response = state_page(client)

    assert response.context["last_confirmed"] == timezone.localdate() - timedelta(days=20)
    assert "3 offers; last confirmed by the State on" in main_of(response)


def test_a_state_with_illustrative_records_only_has_confirmed_nothing(client, make_offer):
    sample = make_offer()
    Offer.objects.filter(pk=sample.pk).update(is_sample=True)

    page = main_of(state_page(client))

    assert "1 offer" in page
    assert "confirmed" not in page.lower().replace("confirmed</dt>", "")
    assert "not an offer made by this State" in page


def test_a_state_without_offers_has_no_date_of_confirmation(client, make_offer, norlander):
    make_offer(confirmed_days_ago=300)
    make_offer().withdraw(by=norlander)

    response = state_page(client)

    assert response.context["last_confirmed"] is None
    assert "onfirmed by the State" not in main_of(response)


def test_of_many_offers_the_page_shows_some_and_leads_to_all(client, make_offer):
    for _number in range(21):
        make_offer()

    response = state_page(client)

    assert len(response.context["offers"]) == 20
    assert client.get(response.context["offers_url"]).headers["X-Total-Count"] == "21"
    assert f'href="{reverse("offers:catalogue")}?state=QNO"' in main_of(response)


def test_links_about_a_state_are_shown_with_their_kind(client, norland):
    titled = norland.links.create(kind="article_7", title="Reports of Norland", url="https://example.org/reports")
    plain = norland.links.create(kind="monitor", url="https://example.org/profile")

    page = main_of(state_page(client))

    assert f'href="{reverse("offers:out_state", args=["qno", titled.pk])}"' in page
    assert "Reports of Norland" in page
    assert f'href="{reverse("offers:out_state", args=["qno", plain.pk])}"' in page
    assert "Profile by the Landmine Monitor" in page


@pytest.mark.parametrize("iso3", ["zzz", "q", "qnoo", "%00"])
def test_no_page_for_what_is_no_state(client, norland, iso3):
    assert client.get(f"/en/states/{iso3}/").status_code == 404


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_of_a_state_needs_the_same_queries_however_much_there_is(
    client, make_offer, norland, count, django_assert_max_num_queries
):
    english = factories.LanguageFactory()
    for number in range(count):
        make_offer()
        body = factories.RegionalBodyFactory(states=[norland])
        factories.ContactPointFactory(state=None, regional_body=body).languages.add(english)
        factories.ContactPointFactory(state=norland, office=f"Office {number}").languages.add(english)
        norland.links.create(title=f"Link {number}", url=f"https://example.org/{number}")

    with django_assert_max_num_queries(13):
        state_page(client)


# Regional bodies


def body_page(client, slug):
    return client.get(reverse("offers:body_detail", args=[slug]))


def test_the_list_reads_well_without_a_body(client):
    assert "No regional body is listed at present." in main_of(client.get(reverse("offers:body_list")))


def test_the_page_of_a_body_says_what_is_known_of_it(client, norland, sudland):
    body = factories.RegionalBodyFactory(
        short_name="N/C", name_en="Northern Centre", name_fr="Centre du Nord", kind="training_centre", host_city="Nord",
        host_state=norland, role="Trains instructors.", website="https://example.org/centre", states=[norland],
        as_of="2025-06", verified=True, note="From general knowledge.",
    )  # fmt: skip
    factories.ContactPointFactory(state=None, regional_body=body, office="Secretariat of the centre")

    page = main_of(body_page(client, "n-c"))
    with translation.override("fr"):
        french = main_of(body_page(client, "n-c"))

    for words in (
        "Northern Centre", "N/C", "Training centre", "Nord", "Norland", "Trains instructors.", "2025-06",
        "https://example.org/centre", f'href="{reverse("offers:out_body", args=[body.pk])}"',
        "Secretariat of the centre",
        f'href="{reverse("offers:state_detail", args=["qno"])}"',
    ):  # fmt: skip
        assert words in page, words
    assert "Name in English" not in page
    assert "From general knowledge" not in page
    assert "Sudland" not in page
    assert "<bdi>Centre du Nord</bdi>" in french
    assert '<bdi lang="en">Northern Centre</bdi>' in french


@pytest.mark.parametrize(("verified", "shown"), [(True, True), (False, False)])
def test_a_date_is_shown_only_where_it_is_verified(client, verified, shown):
    factories.RegionalBodyFactory(short_name="NORTH", as_of="2025-06", verified=verified)

    assert ("2025-06" in main_of(body_page(client, "north"))) == shown


def test_the_page_lists_states_parties_of_today_only(client, norland, sudland):
    factories.RegionalBodyFactory(short_name="NORTH", states=[norland, sudland])
    sudland.withdrawal_effective = timezone.localdate()
    sudland.save()

    assert list(body_page(client, "north").context["states"]) == [norland]


def test_a_body_leads_to_the_offers_for_its_regions_and_to_those_for_its_group(client, make_offer, norland, sudland):
    north = factories.RegionalBodyFactory(short_name="NORTH", states=[norland], group_name_en="The North")
    named = make_offer(recipients="selected", recipient_groups=[north])
    for_norland = make_offer(recipients="selected", recipient_states=[norland])
    make_offer(recipients="selected", recipient_states=[sudland])

    response = body_page(client, "north")

    assert list(response.context["offers"]) == [named]
    assert "1 offer names this group: The North" in " ".join(main_of(response).split())
    found = client.get(response.context["offers_url"])
    assert {offer.pk for offer in found.context["offers"]} == {named.pk, for_norland.pk}


def test_a_body_for_all_regions_leads_to_the_whole_catalogue_and_to_all_states(client, make_offer):
    factories.RegionalBodyFactory(short_name="WORLD", worldwide=True)

    response = body_page(client, "world")

    assert response.context["offers_url"] == reverse("offers:catalogue")
    assert f'href="{reverse("offers:state_list")}"' in main_of(response)
    assert "All regions" in main_of(response)


def test_a_body_that_names_nobody_has_a_page_and_finds_no_offer(client, make_offer):
    make_offer()
    factories.RegionalBodyFactory(short_name="NEW")

    response = body_page(client, "new")

    assert response.status_code == 200
    assert client.get(response.context["offers_url"]).status_code == 200


def test_a_hidden_offer_for_the_group_is_not_shown(client, make_offer, norlander):
    north = factories.RegionalBodyFactory(short_name="NORTH", group_name_en="The North")
    for_group = {"recipients": "selected", "recipient_groups": [north], "title": "Canary"}
    make_offer(**for_group, confirmed_days_ago=300)
    make_offer(**for_group, status="submitted")
    make_offer(**for_group).withdraw(by=norlander)

    assert "Canary" not in main_of(body_page(client, "north"))


def test_a_body_in_capital_letters_leads_to_the_one_in_small_letters(client):
    factories.RegionalBodyFactory(short_name="NORTH")

    assert (body_page(client, "NORTH").status_code, body_page(client, "NORTH").url) == (
        301,
        reverse("offers:body_detail", args=["north"]),
    )
    assert body_page(client, "south").status_code == 404


@pytest.mark.parametrize("count", [1, 6])
def test_pages_of_bodies_need_the_same_queries_however_much_there_is(
    client, make_offer, norland, count, django_assert_max_num_queries
):
    north = factories.RegionalBodyFactory(short_name="NORTH", regions=[norland.region], group_name_en="The North")
    for number in range(count):
        state = factories.StateFactory()
        factories.RegionalBodyFactory(states=[state], regions=[state.region], host_state=state)
        north.states.add(state)
        factories.ContactPointFactory(state=None, regional_body=north, office=f"Office {number}")
        make_offer(recipients="selected", recipient_groups=[north])

    with django_assert_max_num_queries(3):
        client.get(reverse("offers:body_list"))
    with django_assert_max_num_queries(12):
        body_page(client, "north")


# South-South cooperation


def south_south(client):
    return client.get(reverse("offers:south_south"))


def test_offers_that_seek_a_funding_partner_come_first_and_say_what_for(client, make_offer):
    seeking = make_offer(
        title="Exchange of instructors",
        cooperation="triangular",
        funding_partner="sought",
        funding_purpose="Air tickets",
    )
    funded = make_offer(title="Funded exchange", cooperation="south_south", funding_partner="secured")
    make_offer(title="Neither")

    response = south_south(client)

    page = main_of(response)
    assert list(response.context["seeking"]) == [seeking]
    assert list(response.context["others"]) == [funded]
    assert page.index("Exchange of instructors") < page.index("Air tickets") < page.index("Funded exchange")
    assert "Neither" not in page


def test_the_numbers_are_those_of_the_linked_lists(client, make_offer):
    make_offer(cooperation="triangular", funding_partner="sought")
    make_offer(cooperation="none", funding_partner="sought")
    make_offer(cooperation="south_south")
    make_offer()

    context = south_south(client).context

    assert client.get(context["seeking_url"]).headers["X-Total-Count"] == str(context["seeking_count"]) == "2"
    assert client.get(context["list_url"]).headers["X-Total-Count"] == str(context["count"]) == "2"


def test_the_page_reads_well_without_offers(client):
    page = main_of(south_south(client))

    assert "No offer seeks a funding partner at present." in page
    assert f'href="{reverse("offers:catalogue")}"' in page


def test_no_hidden_offer_is_on_the_page(client, make_offer, norlander):
    south = {"title": "Canary", "cooperation": "south_south", "funding_partner": "sought", "funding_purpose": "Canary"}
    make_offer(**south, status="draft")
    make_offer(**south, confirmed_days_ago=300)
    make_offer(**south, valid_until=date(2020, 1, 1))
    make_offer(**south).withdraw(by=norlander)

    assert "Canary" not in main_of(south_south(client))


def test_an_illustrative_record_is_labelled_there_too(client, make_offer):
    offer = make_offer(cooperation="south_south", funding_partner="sought")
    Offer.objects.filter(pk=offer.pk).update(is_sample=True)

    assert "not an offer made by this State" in main_of(south_south(client))


@pytest.mark.parametrize("count", [1, 6])
def test_the_south_south_page_needs_the_same_queries_however_much_there_is(
    client, make_offer, count, django_assert_max_num_queries
):
    for _number in range(count):
        make_offer(cooperation="south_south", funding_partner="sought", funding_purpose="Travel")
        make_offer(cooperation="south_south")

    with django_assert_max_num_queries(9):
        south_south(client)


def test_what_a_state_writes_does_not_run_there(client, make_offer):
    payload = "<script>alert(1)</script>"
    make_offer(title=payload, cooperation="south_south", funding_partner="sought", funding_purpose=payload)

    assert payload not in main_of(south_south(client))


def test_the_new_pages_are_one_click_from_every_page(client, norland):
    footer = client.get(reverse("offers:about")).content.decode().partition("<footer")[2]

    for name in ("coverage", "south_south", "body_list"):
        assert f'href="{reverse(f"offers:{name}")}"' in footer
