"""The end of the trial: everything can be read, nothing is written, and no clock runs on."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from contacts import closing
from contacts.models import Closure, KeptPost
from contacts.models.closure import AlreadyDone
from offers import past
from offers.models import CatalogueRevision, Enquiry, Freshness, Offer, OutgoingMail
from tests.at_once import at_once

pytestmark = pytest.mark.django_db

REASON = "Decided by the Fifteenth Meeting of the States Parties"


def close():
    call_command("close_portal", reason=REASON, verbosity=0)


def test_every_page_says_that_it_can_only_be_read(client, focal, make_offer, django_assert_num_queries):
    offer = make_offer()
    visitor = Client()
    pages = [reverse("offers:home"), offer.get_absolute_url(), reverse("offers:accessibility")]
    assert not any(REASON in visitor.get(page).content.decode() for page in pages)
    before = CatalogueRevision.current()

    close()

    assert CatalogueRevision.current() != before
    for browser, page in [*((visitor, page) for page in pages), (focal, reverse("offers:desk"))]:
        response = browser.get(page)
        assert response.status_code == 200
        assert REASON in response.content.decode(), page
    # It is known by now.
    with django_assert_num_queries(0):
        assert closing.closure().reason == REASON


def test_what_would_write_is_refused_and_what_was_typed_is_given_back(client, focal, make_offer, norlander):
    offer = make_offer(status="draft")
    close()

    response = focal.post(
        reverse("offers:edit", args=[offer.reference]), {"title": "A title that took <b>long</b>", "edit_number": "1"}
    )
    asked = Client().post(reverse("offers:need"), {"message": "We look for two instructors.", "ticket": "a" * 30})

    assert (response.status_code, asked.status_code) == (503, 503)
    assert "A title that took &lt;b&gt;long&lt;/b&gt;" in response.content.decode()
    assert REASON in response.content.decode()
    assert "We look for two instructors." in asked.content.decode()
    assert "a" * 30 not in asked.content.decode()
    assert offer.versions.get().title != "A title that took <b>long</b>"
    assert not Enquiry.objects.exists()


def test_nobody_types_into_a_form_that_is_closed(client, make_offer):
    offer = make_offer()
    close()

    for name in sorted(closing.FORMS):
        argument = {"offers:enquire_state": ["qno"], "offers:enquire_contact": [1], "offers:report_contact": [1]}
        argument["analytics:feedback"] = ["offer"]
        args = argument.get(name, [offer.reference] if name in {"offers:enquire", "offers:report"} else [])
        response = client.get(reverse(name, args=args))

        assert response.status_code == 503, name
        assert "<form" not in response.content.decode().partition("<main")[2], name
        assert not response.cookies


def test_people_still_sign_in_and_out_and_are_forgotten(client, norlander):
    norlander.set_password("a passphrase that is long enough")
    norlander.save()
    norlander.emailaddress_set.create(email=norlander.email, verified=True, primary=True)
    close()

    response = client.post(
        reverse("account_login"), {"login": norlander.email, "password": "a passphrase that is long enough"}
    )
    assert response.status_code == 302
    assert client.get(reverse("offers:desk")).status_code == 200
    kept = KeptPost.objects.create(user=norlander, path="/en/", data={"fields": {}, "files": []})
    assert client.post(reverse("contacts:discard_kept", args=[kept.pk])).status_code == 302
    refused = client.post(reverse("account_email"), {"email": "another.address@example.org"})
    assert refused.status_code == 503
    # Nothing typed on pages of accounts is shown.
    assert "another.address" not in refused.content.decode()
    assert client.post(reverse("account_logout")).status_code == 302


@pytest.mark.once
def test_the_exceptions_are_addresses_of_the_portal():
    names = set()

    def collect(resolver, namespace=""):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                collect(pattern, f"{pattern.namespace}:" if pattern.namespace else namespace)
            else:
                names.add(f"{namespace}{pattern.name}")

    collect(get_resolver())

    assert set(closing.STILL_TAKEN) | closing.FORMS <= names


def test_offers_stay_as_fresh_as_they_were_when_nobody_could_confirm_any_more(make_offer, norlander):
    fresh = make_offer()
    ending = make_offer(valid_until=None)
    Offer.objects.filter(pk=ending.pk).update(valid_until=timezone.localdate() + timedelta(days=100))
    ending.live_version.valid_until = timezone.localdate() + timedelta(days=100)
    ending.live_version.save()
    hidden = make_offer(confirmed_days_ago=300)
    close()

    with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
        closing.remember(Closure.objects.current(), float("inf"))
        fresh = Offer.objects.get(pk=fresh.pk)
        assert (fresh.freshness, fresh.is_suspended, fresh.is_expired) == (Freshness.FRESH, False, False)
        assert list(Offer.objects.public()) == list(Offer.objects.by_freshness(Freshness.FRESH)) == [fresh]
        # The State itself had said until when it stands.
        assert Offer.objects.get(pk=ending.pk).is_expired
        assert Offer.objects.get(pk=hidden.pk).is_suspended
        assert past.sight_of(fresh, timezone.now(), list(fresh.status_changes.order_by("pk"))).is_public

        call_command("close_portal", reopen=True, verbosity=0)
        assert not Offer.objects.public().exists()
        assert Offer.objects.get(pk=fresh.pk).is_suspended


def test_commands_that_write_to_people_do_nothing(make_offer, capsys):
    make_offer(confirmed_days_ago=200)
    close()
    written = OutgoingMail.objects.count()

    for command in ("send_reminders", "follow_enquiries", "send_news"):
        capsys.readouterr()
        call_command(command)
        assert "nothing was done" in capsys.readouterr().out

    assert OutgoingMail.objects.count() == written


def test_it_is_closed_and_opened_with_a_reason_and_once(client, capsys):
    for reason in ("", "  ", "x" * 301):
        with pytest.raises(CommandError, match="Say why"):
            call_command("close_portal", reason=reason)
    call_command("close_portal", reason=REASON, dry_run=True)
    call_command("close_portal", reopen=True)
    assert not Closure.objects.exists()

    close()
    call_command("close_portal", reason="Another reason")
    assert "Nothing was changed" in capsys.readouterr().out
    assert Closure.objects.get().reason == REASON
    call_command("close_portal", reopen=True, dry_run=True)
    assert closing.closure() is not None

    call_command("close_portal", reopen=True)
    assert closing.closure() is None
    assert client.get(reverse("offers:need")).status_code == 200
    close()
    assert Closure.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_is_told_that_it_is_done():
    def close_once():
        try:
            return Closure.close(REASON).pk
        except AlreadyDone:
            return None

    answers = at_once(close_once, close_once)

    assert sorted(map(bool, answers)) == [False, True]
    assert Closure.objects.count() == 1
