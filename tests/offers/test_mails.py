"""What letters say besides their text, what the ISU sees of those that have not arrived, and the page of trials."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as portal_settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation
from environ import Env

from contacts.models import language_tag
from offers import letters, notifications, undelivered
from offers.html_part import html_of, linked
from offers.models import OutgoingMail
from tests import factories
from tests.letters import html_of as html_in
from tests.letters import letters_to, message_of, text_of
from tests.offers.test_hostile_words import PAYLOAD, Dangers

pytestmark = [pytest.mark.django_db, pytest.mark.once]

TEXT = """\
This enquiry has come for you.

From: Ana Delegate
E-mail: ana@example.org
About: PFP-2027-0042

- two instructors
- in May

نبحث عن مدربين اثنين.

To answer it, open this page:
http://localhost:8000/en/answer/token:abc/

-- 
Platform for Partnerships
isu@example.org
"""  # noqa: W291  (so does the line above a signature end)


def outgoing(**values):
    values = {"recipients": ["office@example.org"], "subject": "A question", "raw": b"The text"} | values
    return OutgoingMail.objects.create(**values)


def failed(**values):
    return outgoing(**{"failed_at": timezone.now(), "last_error": "550 5.1.1 No such user"} | values)


# HTML


def test_each_letter_says_the_same_as_text_and_as_html():
    letters.send("A question", TEXT, "office@example.org", cause="enquiry_to_answer")

    mail = OutgoingMail.objects.get()
    message, page = message_of(mail), html_in(mail)
    assert message.get_content_type() == "multipart/alternative"
    assert text_of(mail) == TEXT
    for line in TEXT.splitlines():
        assert line.strip("- ") in " ".join(re.sub("<[^>]+>", " ", page).split()) or line == "-- "
    assert '<a dir="ltr" href="http://localhost:8000/en/answer/token:abc/">' in page
    assert '<a dir="ltr" href="mailto:ana@example.org">ana@example.org</a>' in page
    assert '<span dir="ltr">PFP-2027-0042</span>' in page
    assert "<li>two instructors</li><li>in May</li>" in page
    assert '<p dir="rtl">نبحث عن مدربين اثنين.</p>' in page
    assert not re.search(r"<(img|script|link|iframe|form)|url\(|src=", page)


@pytest.mark.parametrize("code", [code for code, _name in portal_settings.LANGUAGES])
def test_a_letter_says_its_language_and_runs_in_its_direction(code):
    with translation.override(code):
        letters.send("؟", TEXT, "office@example.org", cause="digest")

    mail = OutgoingMail.objects.get()
    direction = "rtl" if code == "ar" else "ltr"
    assert message_of(mail)["Content-Language"] == language_tag(code)
    assert f'<html lang="{language_tag(code)}" dir="{direction}">' in html_in(mail)


def test_what_is_marked_up_in_a_text_stays_text():
    page = html_of(
        PAYLOAD, f'{PAYLOAD}\n\nhttps://example.org/?a="onmouseover=alert(1) javascript:alert(1)\n\n- {PAYLOAD}'
    )

    assert [danger for danger in Dangers(page).found if danger[1] != "style"] == []
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 3
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("See https://example.org/a?b=1&c=2.", ["https://example.org/a?b=1&amp;c=2"]),
        ("(https://example.org/) or http://example.org:80/x", ["https://example.org/", "http://example.org:80/x"]),
        ("ana.delegate+a@example.org, b@c.example", ["mailto:ana.delegate+a@example.org", "mailto:b@c.example"]),
        ("ftp://example.org javascript:alert(1) @example example.org", []),
        ("اكتب إلى https://example.org/؟", ["https://example.org/"]),
    ],
)
def test_only_web_addresses_and_mailboxes_become_links(text, addresses):
    assert re.findall('href="([^"]*)"', linked(text)) == addresses


def test_a_huge_text_is_no_trouble():
    for text in ("a" * 50_000, "a@" * 25_000, "https://" + "x." * 25_000, "- \n" * 12_000, "\n" * 50_000):
        begun = timezone.now()
        html_of("Long", text)
        assert timezone.now() - begun < timedelta(seconds=3)


def test_a_mail_that_is_more_than_text_stays_as_it_is():
    message = EmailMultiAlternatives("Hello", "Hello", to=["office@example.org"])
    message.attach_alternative("<p>Hello</p>", "text/html")
    message.send()

    assert html_in(OutgoingMail.objects.get()).strip() == "<p>Hello</p>"


def test_letters_of_accounts_have_it_too(client, norlander):
    client.post(reverse("account_reset_password"), {"email": norlander.email})

    (mail,) = letters_to(norlander.email)
    assert mail.cause == "account"
    assert "<p>" in html_in(mail)


# Headers


def test_a_machine_says_that_it_is_one_and_a_person_does_not(norland, settings):
    settings.MAIL_BOUNCE_ADDRESS = "Returned mail <returned@example.org>"
    norland.mission_email = "mission@norland.example.org"
    EmailMessage("Hello", "Hello", to=["office@example.org"], headers={"X-Part": "1"}).send()
    with translation.override("fr"):
        notifications.write_to_mission(norland, "Hello", "Hello")

    machine, person = OutgoingMail.objects.order_by("pk")
    assert message_of(machine)["Auto-Submitted"] == "auto-generated"
    assert message_of(person)["Auto-Submitted"] == "no"
    assert message_of(person)["Content-Language"] == "en"
    assert message_of(machine)["X-Part"] == "1"
    assert (machine.sender, message_of(machine)["From"]) == ("returned@example.org", settings.DEFAULT_FROM_EMAIL)
    assert (person.cause, person.about) == ("escalation", "QNO")


def test_every_kind_of_letter_has_a_name_for_the_isu():
    folder = Path(portal_settings.BASE_DIR, "templates/offers/email")
    events = {path.name.removesuffix("_subject.txt") for path in folder.glob("[!_]*_subject.txt")}

    assert undelivered.CAUSES.keys() == events | {"account"}
    assert max(map(len, events)) <= OutgoingMail._meta.get_field("cause").max_length


# The page of the ISU


def page_of(client):
    return client.get(reverse("offers:letters")).content.decode()


def test_the_isu_sees_whom_a_letter_was_for_what_about_and_why_it_did_not_arrive_but_not_what_it_says(
    isu, norland, make_offer
):
    offer, enquiry = make_offer(), factories.make_enquiry()
    point = factories.ContactPointFactory(state=norland, email="Office@example.org")
    OutgoingMail.objects.all().delete()
    failed(cause="published", about=offer.reference, raw=b"http://localhost:8000/secret")
    failed(cause="enquiry_to_answer", about=enquiry.reference, last_error="552 Full", recipients=["a@b.example"])
    failed(cause="digest", about="51f3c3c2-secret")

    page = page_of(isu)

    assert f'href="{reverse("offers:isu_offer", args=[offer.reference])}"' in page
    assert f'href="{reverse("offers:enquiry", args=[enquiry.reference])}"' in page
    assert f'href="{reverse("offers:isu_contact_point", args=[point.pk])}"' in page
    for words in ("Offer published", "There is no such mailbox.", "The mailbox is full.", "550 5.1.1 No such user"):
        assert words in page
    assert "secret" not in page


def test_letters_that_wait_for_more_than_an_hour_are_shown(isu):
    now = timezone.now()
    outgoing(subject="Of this minute")
    outgoing(subject="Of yesterday", created_at=now - timedelta(hours=20), last_error="450 4.2.0 Greylisted")
    outgoing(subject="Sent", created_at=now - timedelta(hours=20), sent_at=now)

    page = page_of(isu)

    assert "Of yesterday" in page
    assert "has put the letter off" in page
    assert "Of this minute" not in page
    assert undelivered.figures() == {"written": 3, "sent": 1, "waiting": 2, "given_up": 0}


def test_a_letter_is_tried_again_as_if_it_had_just_been_written(isu):
    mail = failed(attempts=15, due_at=timezone.now() - timedelta(days=2))

    for _press in range(2):
        response = isu.post(reverse("offers:send_letter_again", args=[mail.pk]))
        assert response.status_code in {302, 404}  # it is no longer given up

    mail.refresh_from_db()
    assert (mail.failed_at, mail.attempts, bytes(mail.raw)) == (None, 0, b"The text")
    assert mail in OutgoingMail.objects.waiting()


def test_what_has_no_text_any_more_or_is_seen_to_cannot_be_tried_again(isu, officer):
    erased, seen_to = failed(raw=b""), failed()
    seen_to.settle(by=officer)

    for mail in (erased, seen_to):
        page = isu.post(reverse("offers:send_letter_again", args=[mail.pk]), follow=True).content.decode()
        assert "Nothing changed" in page
        mail.refresh_from_db()
        assert mail.failed_at
    assert reverse("offers:send_letter_again", args=[erased.pk]) not in page


def test_who_has_seen_to_a_letter_is_noted_once(isu, officer, administrator):
    mail = failed(subject="To the old office")

    isu.post(reverse("offers:settle_letter", args=[mail.pk]))
    isu.force_login(administrator)
    page = isu.post(reverse("offers:settle_letter", args=[mail.pk]), follow=True).content.decode()

    mail.refresh_from_db()
    assert mail.settled_by == officer
    assert "Nothing changed" in page
    assert "No letter waits for you to see to it." in page
    assert officer.email in page


@pytest.mark.parametrize("count", [1, 4])
def test_the_page_needs_the_same_queries_however_many_letters(isu, norland, count, django_assert_max_num_queries):
    for number in range(count):
        point = factories.ContactPointFactory(state=norland)
        failed(recipients=[point.email], about=f"PFP-2027-000{number}")
        outgoing(created_at=timezone.now() - timedelta(hours=2), recipients=[point.email])

    with django_assert_max_num_queries(15):
        isu.get(reverse("offers:letters"))


def test_texts_go_after_a_month_and_rows_after_a_year():
    now = timezone.now()
    kept, waiting = failed(), outgoing(created_at=now - timedelta(days=500))
    text = failed(failed_at=now - timedelta(days=31))
    failed(failed_at=now - timedelta(days=366), raw=b"")
    outgoing(sent_at=now - timedelta(days=366), raw=b"")

    call_command("forget", verbosity=0)

    assert set(OutgoingMail.objects.all()) == {kept, waiting, text}
    assert {mail.pk: bytes(mail.raw) for mail in OutgoingMail.objects.all()} == {
        kept.pk: b"The text", waiting.pk: b"The text", text.pk: b"",
    }  # fmt: skip
    with time_machine.travel(now + timedelta(days=1)):
        assert not OutgoingMail.objects.to_forget().exists()


# The page of trials


@pytest.fixture
def trial(settings, tmp_path):
    settings.DEMO = True
    settings.DELIVERY = Env.email_url_config(f"filemail:///{tmp_path}/mail")
    return tmp_path / "mail"


def test_elsewhere_there_is_no_page_of_mails(client, isu):
    letters.send("A question", TEXT, "office@example.org", cause="digest")

    for visitor in (client, isu):
        assert visitor.get(reverse("offers:mails")).status_code == 404
        assert visitor.post(reverse("offers:send_mails")).status_code == 404
        assert visitor.get(reverse("offers:mail_html", args=["x.log", 0])).status_code == 404
    assert OutgoingMail.objects.waiting().exists()
    assert reverse("offers:mails") not in client.get(reverse("offers:home")).content.decode()


def test_whoever_tries_the_portal_reads_its_mails_and_follows_their_links(client, trial):
    assert "No mail has left yet." in client.get(reverse("offers:mails")).content.decode()
    letters.send("The first", f"{TEXT}{'-' * 79}\nstill the same", "office@example.org", cause="digest")
    letters.send("The second", PAYLOAD, "other@example.org", cause="digest")

    assert "2 mails wait" in client.get(reverse("offers:mails")).content.decode()
    assert client.post(reverse("offers:send_mails")).url == reverse("offers:mails")
    response = client.get(reverse("offers:mails"))
    page = response.content.decode()

    assert page.index("The second") < page.index("The first")
    assert "still the same" in page
    assert 'href="http://localhost:8000/en/answer/token:abc/"' in page
    assert Dangers(page).found == []
    assert "no-store" in response.headers["Cache-Control"]
    first = client.get(re.findall(r'href="(/en/mails/[^"]+/\d+/)"', page)[-1])
    assert first.headers["Content-Security-Policy"].startswith("sandbox")
    assert "script-src" not in first.headers["Content-Security-Policy"]
    assert "<li>two instructors</li>" in first.content.decode()


@pytest.mark.parametrize("file", ["..", "nothing.log", "%2e%2e%2fdb.sqlite3"])
def test_no_other_file_is_shown_there(client, trial, file):
    trial.mkdir()
    assert client.get(f"/en/mails/{file}/0/").status_code == 404


def test_where_mails_leave_through_a_server_the_page_says_so(client, trial, settings):
    settings.DELIVERY = Env.email_url_config("smtp://127.0.0.1:25")

    assert "through a mail server" in client.get(reverse("offers:mails")).content.decode()
