"""Mailboxes that do not take letters: when that is believed, what follows from it, and when it ends."""

import io
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.models import ContactPoint
from offers import bounces
from offers.models import Bounce, OutgoingMail, Subscriber
from tests import factories

from .test_outbox import send, write

pytestmark = pytest.mark.django_db

REPORT = """\
From: MAILER-DAEMON@mail.example.org
To: portal@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your letter could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <{address}>: Recipient address
    rejected: User unknown
{more}
--b
Content-Type: message/rfc822

Subject: A question

Do you still offer the course?
--b--
"""


def report(address="office@example.org", *, action="failed", status="5.1.1", more=""):
    return REPORT.format(address=address, action=action, status=status, more=more).encode()


def read(raw, monkeypatch):
    """Pipe a message to the command. Returns what it said."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    call_command("record_bounce", stdout=said)
    return said.getvalue()


def sent_to(*addresses, days_ago=1, cause="verify"):
    at = timezone.now() - timedelta(days=days_ago)
    return OutgoingMail.objects.create(
        recipients=addresses, subject="Is this correct?", cause=cause, raw=b"", created_at=at, sent_at=at
    )


# Said at once


@pytest.mark.parametrize(
    ("answer", "is_dead"),
    [
        ("550 5.1.1 No such user", True),
        ("550 No such user", True),
        ("551 User not local", True),
        ("550 5.4.4 Domain not found", True),
        ("550 5.7.1 Not wanted here", False),
        ("553 5.1.8 The address of the sender is not known", False),
        ("552 Mailbox full", False),
        ("550 5.2.2 Mailbox full", False),
        ("554 Transaction failed", False),
        ("450 4.1.1 Not known yet", False),
    ],
)
def test_only_what_is_said_of_the_mailbox_and_for_good_counts(answer, is_dead):
    assert bounces.is_dead(answer) == is_dead


def test_a_mailbox_that_is_refused_is_noted_with_the_letter(postmaster):
    postmaster.to_recipient["Gone@example.org"] = "550 5.1.1 No such user"
    write("Gone@example.org", "good@example.org")

    send()

    bounce = Bounce.objects.get()
    assert (bounce.email, bounce.code, bounce.cause) == ("gone@example.org", "5.1.1", "account")
    assert bounce.reason == "550 5.1.1 No such user"
    assert OutgoingMail.objects.get(failed_at__isnull=False).recipients == ["Gone@example.org"]


@pytest.mark.parametrize("place", ["to_letter", "to_recipient"])
def test_a_letter_that_is_refused_says_nothing_of_the_mailbox(postmaster, place):
    getattr(postmaster, place)["office@example.org"] = "550 No" if place == "to_letter" else "550 5.7.1 No"
    write("office@example.org")

    send()

    assert OutgoingMail.objects.unsettled().exists()
    assert not Bounce.objects.exists()


def test_a_letter_that_gets_through_ends_it(postmaster):
    Bounce.objects.create(email="office@example.org")
    other = Bounce.objects.create(email="other@example.org")
    write("Office@example.org")

    send()

    assert list(Bounce.objects.all()) == [other]


# Reports that come back


def test_a_report_marks_the_last_letter_to_that_address(monkeypatch):
    first, last = sent_to("office@example.org", days_ago=9), sent_to("Office@example.org", "good@example.org")

    said = read(report(), monkeypatch)
    again = read(report(), monkeypatch)

    failed = OutgoingMail.objects.get(failed_at__isnull=False)
    assert said == again == f"Mail {failed.pk} has come back: 5.1.1\n"
    assert failed.recipients == ["office@example.org"]
    assert "User unknown" in failed.last_error
    last.refresh_from_db()
    first.refresh_from_db()
    assert (last.recipients, last.failed_at, first.failed_at) == (["good@example.org"], None, None)
    assert [(bounce.email, bounce.code, bounce.cause) for bounce in Bounce.objects.all()] == [
        ("office@example.org", "5.1.1", "verify")
    ]


def test_a_letter_that_was_passed_on_and_came_back_is_known_by_the_address_it_was_sent_to(monkeypatch):
    sent_to("office@example.org")

    read(report("somebody@elsewhere.example.org", more="Original-Recipient: rfc822;office@example.org"), monkeypatch)

    assert Bounce.objects.get().email == "office@example.org"


def test_what_comes_back_for_another_reason_is_shown_to_the_isu_and_no_dead_mailbox(monkeypatch):
    mail = sent_to("office@example.org")

    read(report(status="5.7.1"), monkeypatch)

    assert list(OutgoingMail.objects.unsettled()) == [mail]
    assert not Bounce.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        report("stranger@example.org"),
        report("late@example.org"),
        report(action="delayed"),
        report(action="delivered", status="2.0.0"),
        report(status="4.4.1"),
        report(status="nonsense"),
        report().replace(b"multipart/report", b"multipart/mixed"),
        report().replace(b"message/delivery-status", b"text/plain"),
        report().replace(b'boundary="b"', b""),
        b"Subject: Out of office\n\nI am away. office@example.org 5.1.1 failed",
        b"",
        b"\xff\xfe\x00" * 1000,
        # Parts in parts in parts.
        "\n".join(f"Content-Type: multipart/report; boundary=b{n}\n\n--b{n}" for n in range(4000)).encode(),
    ],
)
def test_anything_else_is_ignored_with_a_word(raw, monkeypatch):
    sent_to("office@example.org")
    sent_to("late@example.org", days_ago=61)

    assert "ignored" in read(raw, monkeypatch)
    assert not OutgoingMail.objects.filter(failed_at__isnull=False).exists()
    assert not Bounce.objects.exists()


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(report()) - 1), junk=st.binary(max_size=30))
def test_no_message_breaks_it(at, junk):
    raw = report()

    for _said in bounces.read_report(raw[:at] + junk + raw[at + len(junk) :]):
        pass


def test_many_addresses_in_one_report_are_not_all_looked_at(monkeypatch):
    sent_to("office@example.org")
    block = "\nFinal-Recipient: rfc822; stranger@example.org\nAction: failed\nStatus: 5.1.1\n"

    said = read(report(more=block * 500), monkeypatch)

    assert len(said.splitlines()) == bounces.ADDRESSES_IN_REPORT


# What follows


def test_a_subscriber_gets_nothing_more_and_the_isu_has_nothing_to_do(monkeypatch):
    subscriber = Subscriber.objects.create(
        email="Reader@example.org", language="en", next_digest_on=timezone.localdate()
    )
    sent_to("Reader@example.org", cause="digest")

    read(report("reader@example.org"), monkeypatch)

    subscriber.refresh_from_db()
    assert subscriber.bounced_at
    assert not OutgoingMail.objects.unsettled().exists()


def test_the_isu_and_the_state_see_which_office_it_is_until_its_mailbox_is_changed(client, officer, norlander, norland):
    point = factories.ContactPointFactory(state=norland, office="Demining school", email="School@example.org")
    factories.ContactPointFactory(state=norland)
    Bounce.objects.create(email="school@example.org", code="5.1.1")

    def seen():
        pages = []
        for person, names in [(officer, ["letters", "isu_contact_points"]), (norlander, ["desk", "contact_points"])]:
            client.force_login(person)
            pages += [client.get(reverse(f"offers:{name}")).content.decode() for name in names]
        client.force_login(officer)
        pages.append(client.get(reverse("offers:isu_contact_point", args=[point.pk])).content.decode())
        words = [
            "Offices whose mailbox does not take letters",
            "Does not take letters",
            "The mailbox of 1 office does not take letters",
            "Letters of the portal to this mailbox come back.",
            "The mailbox of this office does not take letters.",
        ]
        return [word in page for word, page in zip(words, pages, strict=True)]

    assert seen() == [True] * 5
    ContactPoint.objects.filter(pk=point.pk).update(email="new@example.org")
    assert seen() == [False] * 5


def test_nobody_else_reads_that_a_mailbox_takes_no_letters(client, norland, make_offer):
    point = factories.ContactPointFactory(state=norland, email="school@example.org")
    offer = make_offer(contact_points=[point])
    addresses = [
        reverse("contacts:directory"),
        reverse("offers:contact", args=[offer.reference]),
        reverse("offers:state_detail", args=[norland.iso3.lower()]),
    ]
    before = [client.get(address).content for address in addresses]

    Bounce.objects.create(email="school@example.org", code="5.1.1")

    assert [client.get(address).content for address in addresses] == before


def test_illustrative_offices_are_nobodys_to_mend(norland):
    point = factories.ContactPointFactory(state=norland, is_sample=True)
    Bounce.objects.create(email=point.email)

    assert not bounces.dead_offices().exists()


def test_reports_are_forgotten_after_a_year():
    Bounce.objects.create(email="office@example.org")

    with time_machine.travel(timezone.now() + timedelta(days=364)):
        assert not Bounce.objects.to_forget().exists()
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert Bounce.objects.to_forget().forget() == 1
