"""The log opens no page."""

import io
import logging

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import State
from offers import freshness
from offers.signed_links import sign


@pytest.fixture
def log(monkeypatch):
    """What is written by the settings as they are."""
    written = io.StringIO()
    (console,) = [handler for handler in logging.getLogger().handlers if handler.name == "console"]
    monkeypatch.setattr(console, "stream", written)
    return written.getvalue


def test_a_token_that_is_still_good_does_not_stand_in_the_log(db, log, norland):
    token = sign(freshness.PURPOSE, [State.objects.get().pk, []])
    address = reverse("offers:confirm_by_link", args=[token])

    refused = Client().put(address)

    assert refused.status_code == 405
    written = log()
    assert "Method Not Allowed" in written
    assert "/en/confirm/…/" in written
    assert token not in written


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/en/shared/WzEs:1x:ab_-c/documents/9/", "/en/shared/…/documents/9/"),
        ("/ar/verify/WzEs:1x:ab/", "/ar/verify/…/"),
        ("/en/account/password/reset/key/2-cx9abc/", "/en/account/password/reset/key/…/"),
        ("/en/alerts/manage/WzEs:1x:ab/", "/en/alerts/manage/…/"),
        ("/enquiry/WzEs:1x:ab/", "/enquiry/…/"),
        ("/fr/survey/WzEs:1x:ab/", "/fr/survey/…/"),
        ("/en//answer//WzEs:1x:ab", "/en//answer//…"),
        ("/en/desk/confirm/", "/en/desk/confirm/"),
        ("/en/desk/offers/PFP-2026-0001/confirm/", "/en/desk/offers/PFP-2026-0001/confirm/"),
    ],
)
def test_of_an_address_only_the_token_is_left_out(log, address, kept):
    logging.getLogger("django.request").warning("Not Found: %s", address)

    assert f"Not Found: {kept}" in log()
