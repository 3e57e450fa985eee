"""Links that let somebody without an account do one thing."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from offers.signed_links import LinkExpired, LinkInvalid, reached_by_signed_link, read, sign


def test_what_was_signed_is_read_again():
    data = [7, list(range(500)), "État"]

    assert read("one thing", sign("one thing", data), days=1) == data


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: token[1:],
        lambda token: token + "A",
        lambda token: token.replace(":", ""),
        lambda token: "",
        lambda token: "\x00",
        lambda token: "ä" * 5000,
    ],
)
def test_a_token_that_is_not_whole_is_refused(change):
    with pytest.raises(LinkInvalid):
        read("one thing", change(sign("one thing", [7])), days=1)


def test_a_token_for_one_thing_opens_nothing_else():
    with pytest.raises(LinkInvalid):
        read("another thing", sign("one thing", [7]), days=1)


def test_a_token_signed_over_what_is_no_data_is_refused():
    token = signing.TimestampSigner(salt="offers.signed_links:one thing").sign("bm8ganNvbg")

    with pytest.raises(LinkInvalid):
        read("one thing", token, days=1)


def test_a_link_is_good_until_its_last_day_and_no_longer():
    token = sign("one thing", [7])

    with time_machine.travel(timezone.now() + timedelta(days=13, hours=23), tick=False):
        assert read("one thing", token, days=14) == [7]
    with time_machine.travel(timezone.now() + timedelta(days=14, minutes=1), tick=False), pytest.raises(LinkExpired):
        read("one thing", token, days=14)


def opened(view):
    request = RequestFactory().get("/en/anything/")
    request.resolver_match = None
    return reached_by_signed_link("offers/confirm_failed.html")(view)(request)


def ended(request):
    raise LinkExpired


def made_up(request):
    raise LinkInvalid


@pytest.mark.parametrize(
    ("view", "status"), [(lambda request: HttpResponse("shown"), 200), (ended, 410), (made_up, 404)]
)
def test_pages_by_link_are_kept_by_nobody_and_tell_no_other_website_their_address(db, view, status):
    response = opened(view)

    assert response.status_code == status
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_whoever_has_signed_in_is_nobody_on_a_page_by_link():
    assert opened(lambda request: HttpResponse(str(request.user.is_authenticated))).content == b"False"
