"""What a visitor may read, and what stays inside."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.models import Offer
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def page_of(client, offer, name="detail"):
    return client.get(reverse(f"offers:{name}", args=[offer.reference]))


def test_the_page_of_an_offer_says_everything_the_state_has_said(client, make_offer, norland):
    offer = make_offer(
        title="Detectors on loan",
        form=factories.FormFactory(code="form.equipment.detection"),
        quantity="Forty sets",
        standards="IMAS 09.30",
        institutions="National authorities",
        prerequisites="Two trained operators",
        accessibility="Step-free rooms",
        cooperation="triangular",
        funding_partner="sought",
        funding_purpose="Travel of trainers",
        lead_time_weeks=6,
        pays_freight="third_party_sought",
        transfer_terms="loan",
        spare_parts="included",
    )

    page = page_of(client, offer).content.decode()

    for words in (
        "Detectors on loan", offer.reference, norland.name, factories.LONG_ENOUGH[:60], "Forty sets", "IMAS 09.30",
        "National authorities", "Two trained operators", "Step-free rooms", "Triangular cooperation",
        "Funding partner being sought", "Travel of trainers", "Freight", "Third party sought", "Loan", "Included",
    ):  # fmt: skip
        assert words in page, words


def test_fields_without_an_answer_are_not_printed(client, make_offer):
    page = page_of(client, make_offer(form=factories.FormFactory(code="form.equipment"))).content.decode()

    for label in ("Accessibility", "Prerequisites", "Standards met", "The equipment", "Spare parts", "Who pays what"):
        assert label not in page.partition("<main")[2].partition("</main>")[0], label


@pytest.mark.parametrize(
    ("description", "beginning"),
    [
        ("short" * 40, "short" * 40),
        ("course " * 40, ("course " * 28).strip() + " …"),
        ("排" * 250, "排" * 200 + " …"),
    ],
)
def test_a_list_shows_the_first_words_of_a_description(make_offer, description, beginning):
    assert make_offer(description=description).live_version.words["description"].beginning == beginning


def test_days_are_written_as_the_united_nations_writes_them(client, make_offer):
    page = page_of(client, make_offer(valid_until=date(2099, 5, 3))).content.decode()

    assert "3 May 2099" in page


def test_contact_points_are_one_click_away(client, make_offer, norland):
    office = factories.ContactPointFactory(state=norland, email="cooperation@norland.example.org")
    offer = make_offer(contact_points=[office])

    assert office.email not in page_of(client, offer).content.decode()
    assert office.email in page_of(client, offer, "contact").content.decode()


@pytest.mark.parametrize(("public", "shown"), [(True, True), (False, False)])
def test_a_contact_detail_is_shown_only_if_it_is_public(client, make_offer, norland, public, shown):
    office = factories.ContactPointFactory(
        state=norland,
        email="canary@norland.example.org",
        email_public=public,
        telephone="+41 22 555 55 55",
        telephone_public=public,
    )
    offer = make_offer(contact_points=[office])

    for address in (
        reverse("offers:contact", args=[offer.reference]),
        reverse("contacts:directory"),
        reverse("offers:state_detail", args=[norland.iso3.lower()]),
    ):
        page = client.get(address).content.decode()
        assert office.office in page
        assert ("canary@norland.example.org" in page) == shown, address
        assert ("555 55 55" in page) == shown, address


def test_a_suspended_offer_keeps_a_neutral_page_without_contact(client, make_offer, norland):
    offer = make_offer(title="Detectors", confirmed_days_ago=300)

    response = page_of(client, offer)

    page = response.content.decode()
    assert response.status_code == 200
    assert 'content="noindex' in page
    assert "Detectors" not in page
    assert norland.name not in page
    assert page_of(client, offer, "contact").status_code == 302


def test_the_offers_of_a_state_that_leaves_are_suspended_on_that_day(client, make_offer, norland):
    offer = make_offer()
    norland.withdrawal_effective = timezone.localdate() + timedelta(days=1)
    norland.save()
    assert offer in Offer.objects.public()

    norland.withdrawal_effective = timezone.localdate()
    norland.save()

    assert offer not in Offer.objects.public()
    assert offer.reference not in client.get(reverse("offers:catalogue")).content.decode()
    assert page_of(client, offer, "contact").status_code == 302


def test_an_expired_offer_keeps_its_page_with_a_banner_and_without_contact(client, make_offer):
    offer = make_offer(title="Detectors", valid_until=timezone.localdate() - timedelta(days=1))

    page = page_of(client, offer).content.decode()

    assert "Detectors" in page
    assert 'content="noindex' in page
    assert reverse("offers:contact", args=[offer.reference]) not in page
    assert page_of(client, offer, "contact").status_code == 302


def test_what_was_hidden_stays_hidden_after_its_last_day(client, make_offer):
    today = timezone.localdate()
    offer = make_offer(title="Detectors", confirmed_days_ago=300, valid_until=today - timedelta(days=1))

    page = page_of(client, offer).content.decode()

    assert "Detectors" not in page


def test_an_expired_page_prints_no_link_that_leads_nowhere(client, make_offer):
    offer = make_offer(valid_until=timezone.localdate() - timedelta(days=1))
    offer.live_version.links.create(url="https://example.org/", title="The course")

    assert "/out/" not in page_of(client, offer).content.decode()


def test_contact_points_stand_in_one_order_on_every_database(client, make_offer, norland):
    body = factories.RegionalBodyFactory(regions=[norland.region])
    regional = factories.ContactPointFactory(state=None, regional_body=body, office="A regional office")
    national = factories.ContactPointFactory(state=norland, office="The national office")
    offer = make_offer(contact_points=[regional, national])

    assert list(page_of(client, offer, "contact").context["contact_points"]) == [national, regional]
    assert list(client.get(reverse("contacts:directory")).context["rows"]) == [national, regional]


def test_an_unpublished_offer_does_not_exist_for_the_public(client, make_offer):
    for status in ("draft", "submitted", "returned", "refused"):
        offer = make_offer(status=status)
        assert page_of(client, offer).status_code == 404
        assert page_of(client, offer, "contact").status_code == 404


def test_no_unpublished_word_reaches_a_public_page(client, make_offer, norland, norlander):
    for status in ("draft", "submitted", "returned", "refused"):
        make_offer(status=status, title=f"Canary {status}", providing_body="Canary body")
    make_offer(title="Canary withdrawn").withdraw(by=norlander)
    make_offer(title="Canary suspended", confirmed_days_ago=400)
    changed = make_offer(title="In the catalogue")
    version = changed.edit(by=norlander)
    version.title = "Canary rewording"
    version.save()

    for address in (
        reverse("offers:home"),
        reverse("offers:catalogue"),
        reverse("offers:catalogue") + "?q=canary",
        changed.get_absolute_url(),
        reverse("offers:state_detail", args=[norland.iso3.lower()]),
        reverse("contacts:directory"),
    ):
        page = client.get(address).content.decode().replace("?q=canary", "").replace('value="canary"', "")
        assert "Canary" not in page, address


def test_a_partner_state_is_not_named_before_it_has_accepted(client, make_offer, sudland, sudlander):
    offer = make_offer()
    partner = offer.live_version.partners.create(state=sudland, role="host")
    offer.live_version.partners.create(organisation="A training centre", role="co_provider")

    assert sudland.name not in page_of(client, offer).content.decode()
    assert "A training centre" in page_of(client, offer).content.decode()

    partner.accept(by=sudlander)
    assert sudland.name in page_of(client, offer).content.decode()


def test_links_lead_out_through_an_address_of_the_portal(client, make_offer):
    offer = make_offer()
    link = offer.live_version.links.create(url="https://example.org/course?a=1&b=2", title="The course")
    out = reverse("offers:out", args=[offer.reference, link.pk])

    page = page_of(client, offer).content.decode()
    response = client.get(out)

    assert f'href="{out}"' in page
    assert (response.status_code, response.url) == (302, "https://example.org/course?a=1&b=2")


def test_a_link_of_another_offer_or_version_leads_nowhere(client, make_offer, norlander):
    offer, other = make_offer(), make_offer()
    link = other.live_version.links.create(url="https://example.org/")
    draft_link = offer.edit(by=norlander).links.create(url="https://example.org/draft")

    assert client.get(reverse("offers:out", args=[offer.reference, link.pk])).status_code == 404
    assert client.get(reverse("offers:out", args=[offer.reference, draft_link.pk])).status_code == 404


def test_a_text_in_another_language_says_so(client, make_offer):
    french = factories.LanguageFactory(code="fr", name_en="French", name_fr="français")
    offer = make_offer(title="Cours de déminage", original_language=french)

    page = page_of(client, offer).content.decode()

    assert "French" in page
    assert 'lang="fr"' in page


def test_every_illustrative_record_is_labelled(client, make_offer):
    offer = make_offer(title="A sample")
    Offer.objects.filter(pk=offer.pk).update(is_sample=True)
    label = "Illustrative record drawn from public sources; not an offer made by this State"

    for address in (
        offer.get_absolute_url(),
        reverse("offers:catalogue"),
        reverse("offers:contact", args=[offer.reference]),
    ):
        assert label in client.get(address).content.decode(), address


def test_the_figures_of_the_home_page_equal_those_of_the_linked_lists(client, make_offer, sudland):
    factories.AreaFactory(code="area.victim_assistance")
    make_offer(primary_area=factories.AreaFactory(code="area.victim_assistance.rehabilitation"))
    risk_education = factories.AreaFactory(code="area.risk_education")
    factories.make_offer(state=sudland, primary_area=risk_education, cooperation="triangular")
    factories.AreaFactory(code="area.stockpile_destruction")

    response = client.get(reverse("offers:home"))

    assert (response.context["offer_count"], response.context["state_count"]) == (2, 2)
    for area in response.context["areas"]:
        assert int(client.get(area.url).headers["X-Total-Count"]) == area.count, area.code
    south = client.get(response.context["south_south_url"])
    assert int(south.headers["X-Total-Count"]) == response.context["south_south_count"] == 1


def test_the_home_page_reads_well_without_offers(client):
    assert client.get(reverse("offers:home")).status_code == 200


def test_a_state_without_offers_leads_to_those_who_serve_it(client, norland):
    body = factories.RegionalBodyFactory(short_name="NORTH", regions=[norland.region])
    factories.ContactPointFactory(state=None, regional_body=body, email="north@example.org")

    page = client.get(reverse("offers:state_detail", args=["qno"])).content.decode()

    assert "north@example.org" in page


@pytest.mark.parametrize(
    ("verified", "shown"),
    [(True, True), (False, False)],
)
def test_status_under_article_5_is_shown_only_where_it_is_verified(client, norland, verified, shown):
    norland.article5_status, norland.article5_as_of, norland.article5_verified = "obligations", "2025-12", verified
    norland.survivors, norland.survivors_verified = True, verified
    norland.save()

    page = client.get(reverse("offers:state_detail", args=["qno"])).content.decode()

    assert ("obligations under Article 5" in page) == shown
    assert ("survivors" in page.partition("<main")[2].partition("</main>")[0]) == shown


def test_the_list_of_states_shows_parties_of_today_only(client, norland):
    factories.StateFactory(name_en="Gone", withdrawal_effective=date(2020, 1, 1))
    factories.StateFactory(name_en="Never", joined=False, entry_into_force=None)

    page = client.get(reverse("offers:state_list")).content.decode()

    assert norland.name in page
    assert "Gone" not in page
    assert "Never" not in page


def test_a_state_page_in_capital_letters_leads_to_the_one_in_small_letters(client, norland):
    response = client.get("/en/states/QNO/")

    assert (response.status_code, response.url) == (301, "/en/states/qno/")


def test_the_directory_tells_who_serves_a_state(client, norland, sudland):
    north = factories.RegionalBodyFactory(short_name="NORTH", states=[norland])
    points = [
        factories.ContactPointFactory(state=norland, office="Norland office"),
        factories.ContactPointFactory(state=None, regional_body=north, office="North office"),
        factories.ContactPointFactory(state=sudland, office="Sudland office"),
    ]
    address = reverse("contacts:directory")

    def rows(**query):
        return {point.office for point in client.get(address, query).context["rows"]}

    assert rows() == {point.office for point in points}
    assert rows(serves="QNO") == {"Norland office", "North office"}
    assert rows(serves="QNO", kind="regional") == {"North office"}
    assert rows(kind="national") == {"Norland office", "Sudland office"}
    assert rows(serves="nonsense", kind="<script>") == {point.office for point in points}


def test_a_contact_point_not_confirmed_for_a_year_says_so(client, norland):
    factories.ContactPointFactory(state=norland, verified_on=date(2024, 1, 15))

    page = client.get(reverse("contacts:directory")).content.decode()

    assert "Not confirmed since" in page or "not confirmed since" in page


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize(("name", "most"), [("offers:home", 12), ("contacts:directory", 5)])
def test_pages_need_the_same_queries_however_much_there_is(
    client, make_offer, norland, name, most, count, django_assert_max_num_queries
):
    for number in range(count):
        make_offer()
        factories.ContactPointFactory(state=norland, office=f"Office {number}")

    with django_assert_max_num_queries(most):
        client.get(reverse(name))


PAYLOAD = "<script>alert(1)</script>"


def test_nothing_a_state_writes_runs_in_a_visitors_browser(client, make_offer, norland):
    office = factories.ContactPointFactory(state=norland, office=PAYLOAD, function=PAYLOAD, permanent_mission=PAYLOAD)
    offer = make_offer(
        title=PAYLOAD, description=PAYLOAD * 8, quantity=PAYLOAD, standards=PAYLOAD, providing_body=PAYLOAD,
        institutions=PAYLOAD, prerequisites=PAYLOAD, accessibility=PAYLOAD, gender=PAYLOAD, contact_points=[office],
    )  # fmt: skip
    offer.live_version.partners.create(organisation=PAYLOAD, role="host")
    offer.live_version.links.create(url="https://example.org/", title=PAYLOAD)

    for address in (
        offer.get_absolute_url(),
        reverse("offers:contact", args=[offer.reference]),
        reverse("offers:catalogue") + "?q=alert",
        reverse("offers:home"),
        reverse("contacts:directory"),
        reverse("offers:state_detail", args=[norland.iso3.lower()]),
    ):
        assert PAYLOAD not in client.get(address).content.decode(), address
