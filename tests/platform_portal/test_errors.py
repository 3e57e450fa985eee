"""What goes wrong gets a page that helps, in the visitor's language, and tells nothing of the inside."""

import logging

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from offers.views import public

pytestmark = pytest.mark.django_db


def test_an_unknown_address_gets_a_page_that_does_not_repeat_it(client):
    response = client.get("/en/offers/<b>secret-word</b>/")

    assert response.status_code == 404
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "secret-word" not in response.content.decode()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_fault_gets_a_page_with_a_reference_that_stands_in_the_log(client, monkeypatch, caplog, language):
    def fail(*args, **kwargs):
        raise ZeroDivisionError("the inside")

    monkeypatch.setattr(public.Home, "get_context_data", fail)
    client.raise_request_exception = False

    with caplog.at_level(logging.ERROR):
        response = client.get(f"/{language}/")

    page = response.content.decode()
    reference = caplog.records[-1].args[1] if "reference" in caplog.records[-1].msg else ""
    references = [record.args[1] for record in caplog.records if "with reference" in record.msg]
    assert response.status_code == 500
    assert references and references[0] in page, reference
    assert f'lang="{language}"' in page
    assert "the inside" not in page
    assert "ZeroDivisionError" not in page


def test_a_database_that_is_down_gives_503_and_says_when_to_come_back(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("connection to server failed: secret-host")

    monkeypatch.setattr(public.Home, "get_context_data", fail)
    client.raise_request_exception = False

    response = client.get("/en/")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert len(response.content) <= 10 * 1024
    assert "secret-host" not in response.content.decode()


def test_a_wrong_method_gets_a_readable_page(client):
    response = client.delete(reverse("offers:detail", args=["PFP-2026-0001"]))

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"
    assert "<h1" in response.content.decode()


def test_a_stale_page_is_explained_when_its_token_no_longer_holds(norlander):
    client = Client(enforce_csrf_checks=True)
    client.force_login(norlander)

    response = client.post(reverse("offers:new"))

    assert response.status_code == 403
    assert "open too long" in response.content.decode()


def test_a_refusal_for_lack_of_rights_gets_a_page(client, norlander):
    client.force_login(norlander)

    response = client.get(reverse("offers:queue"))

    assert response.status_code == 403
    assert "<h1" in response.content.decode()


def test_health_tells_up_or_down_and_no_more(client, monkeypatch):
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").content == b"ok\n"
