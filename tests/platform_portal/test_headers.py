"""Headers on every kind of response, and no trace left at a visitor's."""

import re

import pytest
from django.urls import reverse
from django.utils.translation import override

from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PUBLIC = [
    "offers:home",
    "offers:catalogue",
    "offers:state_list",
    "contacts:directory",
    "offers:about",
    "offers:privacy",
    "offers:accessibility",
]
OTHERS = ["/", "/healthz", "/readyz", "/en/no-such-page/", "/en/account/login/", "/en/desk/", "/en/desk/offers/new/"]


@pytest.mark.parametrize("path", [*PUBLIC, *OTHERS])
def test_every_response_carries_the_same_strict_headers(client, path):
    response = client.get(path if path.startswith("/") else reverse(path), secure=True)

    assert response.headers["Content-Security-Policy"] == POLICY
    assert response.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Server"] == "portal"
    assert "geolocation=()" in response.headers["Permissions-Policy"]


def framing(response):
    names = ("Content-Security-Policy", "X-Frame-Options", "Cross-Origin-Resource-Policy")
    return [response.headers.get(name) for name in names]


def test_nobody_may_frame_the_list_unless_a_website_is_named(client):
    assert framing(client.get(reverse("offers:embed"))) == [POLICY, "DENY", "same-origin"]


def test_the_websites_named_may_frame_the_list_and_nothing_else(client, settings):
    settings.EMBED_ORIGINS = ["https://www.example.org", "https://intranet.example.org:8443"]

    assert framing(client.get(reverse("offers:embed"))) == [
        POLICY.replace("'none'; base-uri", "https://www.example.org https://intranet.example.org:8443; base-uri"),
        None,
        "cross-origin",
    ]
    # The headers of an answer without a page replace those that the browser has kept.
    mark = client.get(reverse("offers:embed")).headers["ETag"]
    unchanged = client.get(reverse("offers:embed"), headers={"if-none-match": mark})
    assert unchanged.status_code == 304
    assert framing(unchanged)[1:] == [None, "cross-origin"]
    for path in [*map(reverse, PUBLIC), *OTHERS, "/en/embed/", "/en/embed/offers"]:
        assert framing(client.get(path)) == [POLICY, "DENY", "same-origin"]


FORGED = {"host": "localhost:1", "x-forwarded-host": "evil.example.com"}


def path_of(name):
    # The language of the last request is still in use.
    with override("en"):
        return reverse(name)


@pytest.mark.parametrize("name", PUBLIC)
def test_addresses_on_a_page_do_not_come_from_the_host_header(client, settings, name):
    settings.PORTAL_URL = "https://portal.example.org"

    page = client.get(path_of(name), headers=FORGED).content.decode()

    assert "localhost" not in page
    assert "evil" not in page
    assert f"Printed from https://portal.example.org{path_of(name)} on" in page


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_page_names_its_address_and_those_in_the_other_languages(client, settings, name):
    settings.PORTAL_URL = "https://portal.example.org"
    rest = path_of(name).removeprefix("/en")

    page = client.get(f"/zh-hans{rest}?from=newsletter").content.decode()

    assert f'<link rel="canonical" href="https://portal.example.org/zh-hans{rest}">' in page
    prefixes = {"ar": "/ar", "zh-Hans": "/zh-hans", "en": "/en", "fr": "/fr", "ru": "/ru", "es": "/es", "x-default": ""}
    assert dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page)) == {
        language: f"https://portal.example.org{prefix}{rest}" for language, prefix in prefixes.items()
    }


def test_the_addresses_in_other_languages_keep_the_filters(client, settings):
    factories.AreaFactory(code="area.survey_clearance")

    page = client.get("/fr/offers/?unknown=1&area=area.survey_clearance").content.decode()

    for prefix in ("/ar", "/en", ""):
        assert f'href="{settings.PORTAL_URL}{prefix}/offers/?area=area.survey_clearance">' in page


@pytest.mark.parametrize("path", ["/offers/?q=x", "/about/", "/"])
def test_an_address_without_language_leads_to_the_browsers(client, path):
    response = client.get(path, headers={"accept-language": "fr"})

    assert (response.status_code, response.url) == (302, f"/fr{path}")
    assert "Accept-Language" in response.headers["Vary"]


def test_a_page_for_people_who_have_signed_in_names_no_address_for_search_engines(client, norlander):
    client.force_login(norlander)

    page = client.get(reverse("offers:desk")).content.decode()

    assert 'rel="canonical"' not in page
    assert 'rel="alternate"' not in page


@pytest.mark.parametrize("path", ["/en/account/login/", "/en/desk/", "/en/isu/queue/"])
def test_a_post_without_token_gets_a_page_with_the_same_headers(path):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post(path, secure=True)

    assert response.status_code == 403
    assert response.headers["Content-Security-Policy"] == POLICY
    assert "open too long" in response.content.decode()


@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_set_no_cookie_and_do_not_vary_by_visitor(client, name):
    response = client.get(reverse(name))

    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_pages_are_compressed_for_slow_lines(client, make_offer):
    for _ in range(20):
        make_offer()

    page = client.get(reverse("offers:catalogue"), headers={"accept-encoding": "gzip"})

    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.content) <= 14 * 1024


def test_the_pages_of_an_offer_set_no_cookie(client, make_offer, norland):
    offer = make_offer()

    for path in (
        offer.get_absolute_url(),
        reverse("offers:contact", args=[offer.reference]),
        reverse("offers:state_detail", args=[norland.iso3.lower()]),
    ):
        response = client.get(path)
        assert response.status_code == 200
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("name", [*PUBLIC, "offers:desk"])
def test_nobody_keeps_a_page_made_for_somebody_who_has_signed_in(client, norlander, name):
    client.force_login(norlander)

    response = client.get(reverse(name))

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("language", ["ar", "zh-hans", "en", "fr", "ru", "es"])
def test_the_frame_is_in_the_language_of_the_address(client, language):
    page = client.get(f"/{language}/offers/?q=x&area=y").content.decode()

    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
    for other in ("ar", "zh-hans", "en", "fr", "ru", "es"):
        assert f'href="/{other}/offers/?q=x&amp;area=y"' in page


@pytest.mark.parametrize(
    ("accepts", "home"),
    [("fr", "/fr/"), ("ar", "/ar/"), ("zh-CN", "/zh-hans/"), ("de", "/en/"), ("", "/en/")],
)
def test_the_bare_address_leads_to_the_home_page_in_the_browsers_language(client, accepts, home):
    response = client.get("/", headers={"accept-language": accepts})

    assert (response.status_code, response.url) == (302, home)
