"""A form that arrives after the session has ended: kept for its writer, and for nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts import kept_posts
from contacts.models import KeptPost

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(make_offer):
    return make_offer(status="draft")


@pytest.fixture
def address(offer):
    return reverse("offers:edit", args=[offer.reference])


def sign_in(client, user):
    """And look at a page, as everybody does after signing in."""
    client.force_login(user)
    client.get(reverse("contacts:directory"))


def end_session(client):
    """What remains is what the browser sends along: the cookies."""
    Session.objects.all().delete()


def form_of(offer, **changes):
    rows = {f"{rows}-{name}": "0" for rows in ("partners", "links") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {
        "edit_number": offer.open_version.edit_number, "title": "Places on a course", "recipients": "all",
        "cooperation": "none", **rows,
    } | changes  # fmt: skip


def test_what_was_typed_is_there_after_the_next_sign_in_and_can_be_sent(client, norlander, offer, address):
    sign_in(client, norlander)
    end_session(client)

    refused = client.post(address, form_of(offer, description="Twelve places in each course.\r\nTwice a year."))

    kept = KeptPost.objects.get()
    page = reverse("contacts:kept", args=[kept.pk])
    assert refused.status_code == 302
    assert refused.url == f"{reverse('account_login')}?next={page}"
    client.force_login(norlander)
    shown = client.get(page)
    assert "Twelve places in each course.<br>Twice a year." in shown.content.decode()
    assert f'action="{address}"' in shown.content.decode()

    sent = client.post(address, {**kept.data["fields"], "kept": kept.pk})

    assert sent.status_code == 302
    assert offer.open_version.description == "Twelve places in each course.\nTwice a year."
    assert not KeptPost.objects.exists()


def test_a_kept_form_that_meets_a_conflict_stays_kept(client, norlander, offer, address):
    sign_in(client, norlander)
    end_session(client)
    client.post(address, form_of(offer))
    kept = KeptPost.objects.get()
    client.force_login(norlander)
    client.post(address, form_of(offer, title="What a colleague wrote"))

    response = client.post(address, {**kept.data["fields"], "kept": kept.pk})

    assert response.status_code == 409
    assert KeptPost.objects.filter(pk=kept.pk).exists()


def test_nobody_else_can_read_send_or_discard_it(client, norlander, sudlander, officer, offer, address):
    sign_in(client, norlander)
    end_session(client)
    client.post(address, form_of(offer))
    kept = KeptPost.objects.get()

    for stranger in (sudlander, officer):
        client.force_login(stranger)
        assert client.get(reverse("contacts:kept", args=[kept.pk])).status_code == 404
        assert client.post(reverse("contacts:discard_kept", args=[kept.pk])).status_code == 404
        client.post(address, {"kept": kept.pk})
    assert KeptPost.objects.filter(pk=kept.pk, user=norlander).exists()


def test_its_writer_can_discard_it(client, norlander, offer, address):
    sign_in(client, norlander)
    end_session(client)
    client.post(address, form_of(offer))
    client.force_login(norlander)

    discard = reverse("contacts:discard_kept", args=[KeptPost.objects.get().pk])
    assert client.get(discard).status_code == 405
    assert client.post(discard).status_code == 302

    assert not KeptPost.objects.exists()


def test_nothing_is_kept_of_somebody_who_was_never_signed_in_or_has_signed_out(client, norlander, offer, address):
    assert client.post(address, form_of(offer)).status_code == 302
    sign_in(client, norlander)
    assert settings.WRITER_COOKIE_NAME in client.cookies

    client.post(reverse("account_logout"))
    client.post(address, form_of(offer))

    assert not client.cookies[settings.WRITER_COOKIE_NAME].value
    assert not KeptPost.objects.exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("account_change_password", {"oldpassword": "correct horse", "password1": "another secret"}),
        ("offers:new", {"csrfmiddlewaretoken": "x"}),
    ],
)
def test_passwords_and_empty_forms_are_not_kept(client, norlander, name, data):
    sign_in(client, norlander)
    end_session(client)

    client.post(reverse(name), data)

    assert not KeptPost.objects.exists()


def test_a_forged_or_outdated_cookie_keeps_nothing(client, norlander, offer, address):
    sign_in(client, norlander)
    end_session(client)
    genuine = client.cookies[settings.WRITER_COOKIE_NAME].value

    client.cookies[settings.WRITER_COOKIE_NAME] = f"{norlander.pk}:{genuine.partition(':')[2]}x"
    client.post(address, form_of(offer))
    client.cookies[settings.WRITER_COOKIE_NAME] = genuine
    with time_machine.travel(timezone.now() + kept_posts.COOKIE_AGE + timedelta(minutes=1)):
        client.post(address, form_of(offer))

    assert not KeptPost.objects.exists()


def test_a_deactivated_person_leaves_nothing(client, norlander, offer, address):
    sign_in(client, norlander)
    norlander.is_active = False
    norlander.save()

    client.post(address, form_of(offer))

    assert not KeptPost.objects.exists()


def test_a_form_without_its_token_is_refused_before_anything_is_kept(norlander, offer, address):
    client = Client(enforce_csrf_checks=True)
    sign_in(client, norlander)
    end_session(client)

    assert client.post(address, form_of(offer)).status_code == 403

    assert not KeptPost.objects.exists()


def test_only_so_many_and_so_long_forms_are_kept(client, norlander, offer, address, monkeypatch):
    monkeypatch.setattr(kept_posts, "MOST", 2)
    sign_in(client, norlander)
    end_session(client)

    for title in ("first", "second", "third"):
        client.post(address, form_of(offer, title=title))
    client.post(address, form_of(offer, description="x" * kept_posts.LONGEST))

    assert [kept.data["fields"]["title"] for kept in KeptPost.objects.all()] == [["third"], ["second"]]


def test_a_file_is_not_kept_and_the_page_says_so(client, norlander, offer):
    sign_in(client, norlander)
    end_session(client)
    upload = SimpleUploadedFile("programme.pdf", b"%PDF-1.4")

    client.post(reverse("offers:documents", args=[offer.reference]), {"title": "Programme", "file": upload})

    client.force_login(norlander)
    page = client.get(reverse("contacts:kept", args=[KeptPost.objects.get().pk])).content.decode()
    assert "Files cannot be kept" in page


def test_the_cookie_is_for_this_portal_only_and_no_script_can_read_it(client, norlander):
    sign_in(client, norlander)
    cookie = client.cookies[settings.WRITER_COOKIE_NAME]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == kept_posts.COOKIE_AGE.total_seconds()
    client.get(reverse("contacts:directory"))
    assert client.cookies[settings.WRITER_COOKIE_NAME].value == cookie.value


def test_a_form_that_nobody_asks_for_is_erased_after_a_week(norlander):
    with time_machine.travel(timezone.now() - timedelta(days=settings.KEPT_POST_DAYS, minutes=1)):
        KeptPost.objects.create(user=norlander, path="/en/desk/old/", data={"fields": {}, "files": []})
    recent = KeptPost.objects.create(user=norlander, path="/en/desk/", data={"fields": {}, "files": []})

    assert KeptPost.objects.to_forget().forget() == 1

    assert KeptPost.objects.get() == recent


def test_what_no_database_takes_is_left_out_and_the_rest_is_kept(client, norlander, offer, address):
    sign_in(client, norlander)
    end_session(client)

    assert client.post(address, {"title": "Places\x00 on a course", "\x00": "x"}).status_code == 302

    assert KeptPost.objects.get().data["fields"] == {"title": ["Places on a course"], "": ["x"]}


def test_an_address_that_leads_nowhere_keeps_nothing(client, norlander):
    sign_in(client, norlander)
    end_session(client)

    response = client.post(reverse("offers:edit", args=["A" * 600]), {"title": "Places on a course"})

    assert response.status_code == 302
    assert not KeptPost.objects.exists()


def test_a_field_of_any_name_is_shown_again(client, norlander):
    data = {"fields": {"items": ["one", "two"], "fields": ["three"]}, "files": []}
    kept = KeptPost.objects.create(user=norlander, path="/en/desk/offers/", data=data)
    client.force_login(norlander)

    page = client.get(reverse("contacts:kept", args=[kept.pk])).content.decode()

    for name, value in (("items", "one"), ("items", "two"), ("fields", "three")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
