"""What search engines are told: every public page in its languages, and nothing else."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from offers.sitemaps import PortalSitemap
from platform_portal.sitemap import SECTIONS
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PORTAL = "https://portal.example.org"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture(autouse=True)
def _portal_url(settings):
    settings.PORTAL_URL = PORTAL


def read(client, section, page=1):
    response = client.get(f"/sitemap-{section}.xml?p={page}", headers={"host": "localhost:81"})
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def addresses(client, section, page=1):
    return [element.text for element in read(client, section, page).findall("s:url/s:loc", NAMES)]


def in_english(client, section):
    prefix = f"{PORTAL}/en/"
    return [address.removeprefix(prefix) for address in addresses(client, section) if address.startswith(prefix)]


def files(client):
    content = client.get("/sitemap.xml", headers={"host": "localhost:81"}).content
    return [element.text for element in ElementTree.fromstring(content).findall("s:sitemap/s:loc", NAMES)]


def test_the_index_names_a_file_for_each_kind_of_page(client):
    assert files(client) == [f"{PORTAL}/sitemap-{name}.xml" for name in SECTIONS]


def test_only_public_offers_are_listed(client, make_offer):
    offer = make_offer()
    make_offer(status="draft")
    make_offer(confirmed_days_ago=400)
    make_offer(valid_until=date(2020, 1, 1))
    make_offer().withdraw(by=None)

    assert in_english(client, "offers") == [f"offers/{offer.reference}/"]


def test_an_entry_names_its_other_languages_and_the_day_of_the_confirmation(client, make_offer):
    offer = make_offer(confirmed_days_ago=30)

    entries = {entry.find("s:loc", NAMES).text: entry for entry in read(client, "offers").findall("s:url", NAMES)}

    path = f"/offers/{offer.reference}/"
    prefixes = {"ar": "/ar", "zh-Hans": "/zh-hans", "en": "/en", "fr": "/fr", "ru": "/ru", "es": "/es", "x-default": ""}
    assert set(entries) == {f"{PORTAL}{prefix}{path}" for prefix in prefixes.values() if prefix}
    for entry in entries.values():
        assert entry.find("s:lastmod", NAMES).text == offer.confirmed_on.isoformat()
        links = entry.findall("x:link", NAMES)
        assert {link.get("hreflang"): link.get("href") for link in links} == {
            language: f"{PORTAL}{prefix}{path}" for language, prefix in prefixes.items()
        }


def test_areas_states_and_pages_are_listed(client, norland):
    factories.AreaFactory(code="area.survey_clearance.technical_survey")
    factories.StateFactory(joined=False, entry_into_force=None)

    assert in_english(client, "areas") == ["offers/?area=area.survey_clearance"]
    assert in_english(client, "states") == ["states/qno/"]
    assert {"", "offers/", "states/", "contacts/", "about/", "privacy/", "accessibility/"} <= set(
        in_english(client, "pages")
    )


def test_regional_bodies_are_listed(client):
    factories.RegionalBodyFactory(short_name="EU/EEAS")

    assert in_english(client, "bodies") == [reverse("offers:body_detail", args=["eu-eeas"]).removeprefix("/en/")]


def test_every_page_listed_can_be_opened_and_says_the_same_address_of_itself(client, make_offer):
    make_offer()
    factories.RegionalBodyFactory()

    for section in SECTIONS:
        for address in addresses(client, section):
            if not address.startswith((f"{PORTAL}/en/", f"{PORTAL}/zh-hans/")):
                continue
            response = client.get(address.removeprefix(PORTAL))
            page = response.content.decode()
            assert response.status_code == 200, address
            assert f'<link rel="canonical" href="{address}">' in page
            assert 'content="noindex"' not in page, address


def test_a_long_list_is_split(client, make_offer, monkeypatch):
    monkeypatch.setattr(PortalSitemap, "limit", 4)
    offer = make_offer()

    assert [file for file in files(client) if "offers" in file] == [
        f"{PORTAL}/sitemap-offers.xml",
        f"{PORTAL}/sitemap-offers.xml?p=2",
    ]
    both = addresses(client, "offers") + addresses(client, "offers", page=2)
    assert len(addresses(client, "offers")) == 4
    assert len(set(both)) == 6
    assert all(address.endswith(f"/offers/{offer.reference}/") for address in both)


@pytest.mark.parametrize("path", ["/sitemap-nonsense.xml", "/sitemap-offers.xml?p=2", "/sitemap-offers.xml?p=x"])
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_an_empty_portal_has_empty_lists(client):
    assert addresses(client, "offers") == []


def test_each_file_needs_one_query_however_long(client, make_offer, django_assert_num_queries):
    for _ in range(3):
        make_offer()

    for section, number in [("offers", 1), ("states", 1), ("areas", 1), ("bodies", 1), ("bulletins", 1), ("pages", 0)]:
        with django_assert_num_queries(number):
            addresses(client, section)
    with django_assert_num_queries(5):
        files(client)


def test_robots_are_told_where_the_list_is_and_what_is_not_for_them(client):
    response = client.get("/robots.txt", headers={"host": "localhost:81"})

    rules = response.content.decode()
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert rules.splitlines()[-1] == f"Sitemap: {PORTAL}/sitemap.xml"
    for path in ["/en/desk/", "/fr/isu/queue/", "/ar/account/login/", "/admin/", "/en/embed/offers/?q=x"]:
        assert is_disallowed(rules, path), path
    for path in ["/", "/en/", "/en/offers/?area=area.survey_clearance", "/fr/states/qno/", "/static/css/portal.css"]:
        assert not is_disallowed(rules, path), path


def is_disallowed(rules, path):
    patterns = re.findall(r"^Disallow: (\S+)$", rules, flags=re.MULTILINE)
    return any(re.match(re.escape(pattern).replace(r"\*", ".*"), path) for pattern in patterns)


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml", "/sitemap-offers.xml"])
def test_they_set_no_cookie(client, path):
    response = client.get(path)

    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
