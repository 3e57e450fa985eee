"""The page "What we count and why", and how to be left out."""

import pytest
from django.conf import settings as project
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def page():
    return reverse("analytics:counting")


def test_it_says_how_long_everything_is_kept(client, page, settings):
    settings.ANALYTICS_REBUILD_DAYS, settings.ANALYTICS_EVENT_DAYS, settings.ANALYTICS_QUARANTINE_DAYS = 21, 333, 11
    text = client.get(page).text

    assert all(words in text for words in ("searches: 21 days.", "themselves: 333 days.", "found: 11 days."))


def test_reading_it_sets_no_cookie_and_the_button_one_that_says_nothing(client, page):
    assert not client.get(page).cookies
    answer = Client(enforce_csrf_checks=True).post(page)

    assert (answer.status_code, answer.url) == (303, f"{page}#followed")
    [(name, cookie)] = answer.cookies.items()
    assert (name, cookie.value) == (project.OPT_OUT_COOKIE_NAME, "1")
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert cookie["max-age"] == 365 * 24 * 3600


def test_it_says_how_this_browser_is_counted(client, page):
    assert "Do not follow this browser" in client.get(page).text
    for _ in range(2):
        client.post(page)
    assert "This browser is not followed." in client.get(page).text
    answer = client.post(page, {"again": "1"})
    assert answer.cookies[project.OPT_OUT_COOKIE_NAME]["max-age"] == 0
    assert "Do not follow this browser" in client.get(page).text


def test_nobody_is_shown_the_page_of_another_browser(client, page):
    answer = client.get(page)

    assert "Cookie" in answer.headers["Vary"]
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["offers:home", "offers:privacy"])
def test_other_pages_lead_to_it(client, page, name):
    assert f'href="{page}"' in client.get(reverse(name)).text


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("ANALYTICS_REBUILD_DAYS", 36, "analytics.E002"),
        ("ANALYTICS_EVENT_DAYS", 761, "analytics.E002"),
        ("ANALYTICS_QUARANTINE_DAYS", 0, "analytics.E002"),
        ("ANALYTICS_SPOOL", project.STATIC_ROOT / "spool", "analytics.E003"),
        ("ANALYTICS_SECRETS", project.MEDIA_ROOT, "analytics.E003"),
        ("ANALYTICS_TIME_ZONE", "Europe/Geneva", "analytics.E004"),
    ],
)
def test_what_the_page_promises_is_checked(settings, name, value, error):
    def errors():
        return [found.id for found in run_checks() if found.id.startswith("analytics")]

    assert errors() == []
    setattr(settings, name, value)
    assert errors() == [error]
