"""Headers on every kind of response, and no trace left at a visitor's."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

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
