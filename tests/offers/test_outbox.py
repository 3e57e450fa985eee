import email
import os
import random
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives, mail_admins, send_mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from environ import Env

from offers import bounces, outbox
from offers.models import OutgoingMail
from tests.mail_server import DROP, HANG, delivery_to, free_port

KILL_ROUNDS = int(os.environ.get("KILL_ROUNDS", "50"))


@pytest.fixture
def mail_server_is_down(settings):
    settings.DELIVERY = delivery_to(free_port())


def write(*recipients, subject="A question", body="Do you still offer the course?"):
    send_mail(subject, body, "portal@example.org", recipients)
    return OutgoingMail.objects.latest("pk")


def send():
    """Run one sender to the end. Returns what it said, and whether it ended well."""
    said = StringIO()
    try:
        call_command("send_outgoing_mail", stdout=said)
    except CommandError:
        return said.getvalue(), False
    return said.getvalue(), True


# Writing


@pytest.mark.django_db
def test_a_mail_is_kept_with_all_that_it_will_say(mail_server_is_down):
    message = EmailMultiAlternatives(
        "Déminage : une question",
        "Здравствуйте",
        "Portal <portal@example.org>",
        ["Bureau à Genève <office@example.org>"],
        bcc=["isu@example.org"],
        reply_to=["asker@example.org"],
    )
    message.attach_alternative("<p>Здравствуйте</p>", "text/html")

    assert message.send() == 1

    mail = OutgoingMail.objects.get()
    kept = email.message_from_bytes(bytes(mail.raw), policy=email.policy.default)
    assert mail.sender == "portal@example.org"
    assert mail.recipients == ["office@example.org", "isu@example.org"]
    assert mail.subject == kept["Subject"] == "Déminage : une question"
    assert kept["To"] == "Bureau à Genève <office@example.org>"
    assert kept["Reply-To"] == "asker@example.org"
    assert kept["Bcc"] is None
    assert kept["Message-ID"].endswith("@example.org>")
    assert kept.get_body(["plain"]).get_content() == "Здравствуйте"
    assert kept.get_body(["html"]).get_content() == "<p>Здравствуйте</p>"


@pytest.mark.django_db
def test_a_mail_to_nobody_is_not_kept():
    assert EmailMessage("Nobody", "There is nobody.", to=[]).send() == 0
    mail_admins("Nobody", "There are no admins.")

    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_without_its_cause_there_is_no_mail():
    with pytest.raises(RuntimeError), transaction.atomic():
        write("office@example.org")
        raise RuntimeError("what the mail tells of did not happen")

    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "Hello\nBcc: victim@example.org"},
        {"subject": "Hello\r\nBcc: victim@example.org"},
        {"from_email": "portal@example.org\nBcc: victim@example.org"},
        {"from_email": "Portal\r\nBcc: victim@example.org <portal@example.org>"},
        {"to": ["office@example.org\nBcc: victim@example.org"]},
        {"cc": ["office@example.org\nBcc: victim@example.org"]},
        {"bcc": ["office@example.org\nvictim@example.org"]},
        {"reply_to": ["asker@example.org\nBcc: victim@example.org"]},
        {"headers": {"X-Reference": "PFP-2027-0001\nBcc: victim@example.org"}},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_line_break_cannot_smuggle_in_a_header(fields):
    message = EmailMessage(**{"subject": "Hello", "body": "Hello", "to": ["office@example.org"]} | fields)

    with pytest.raises((BadHeaderError, ValueError)):
        message.send()

    assert not OutgoingMail.objects.exists()


# Sending


@pytest.mark.django_db
def test_a_mail_arrives_as_it_was_written(postmaster):
    mail = write("office@example.org", "isu@example.org", subject="Заявка")
    raw = bytes(mail.raw)

    said, well = send()

    mail.refresh_from_db()
    assert well
    assert said == f"Mail {mail.pk}: sent\n1 sent, 0 postponed, 0 given up; 0 waiting.\n"
    assert postmaster.received == [("portal@example.org", ["office@example.org", "isu@example.org"])]
    assert postmaster.letters[0].content == raw
    assert mail.sent_at
    assert mail.attempts == 1
    assert (mail.leased_until, mail.last_error) == (None, "")


@pytest.mark.django_db
def test_a_sent_mail_is_sent_once_and_its_text_not_kept(postmaster):
    mail = write("office@example.org", body="Choose a password: https://portal.example.org/secret-link")

    send()
    said, well = send()

    mail.refresh_from_db()
    assert (said, well) == ("0 sent, 0 postponed, 0 given up; 0 waiting.\n", True)
    assert len(postmaster.letters) == 1
    assert bytes(mail.raw) == b""


@pytest.mark.django_db
def test_a_dry_run_sends_nothing(postmaster):
    mail = write("office@example.org")
    said = StringIO()

    call_command("send_outgoing_mail", dry_run=True, stdout=said)

    assert said.getvalue().startswith(f"Mail {mail.pk}: due since ")
    assert said.getvalue().endswith("attempt 1.\n1 due, none sent.\n")
    assert postmaster.letters == []
    assert OutgoingMail.objects.get(attempts=0, sent_at=None, leased_until=None) == mail


@pytest.mark.django_db
def test_mails_go_into_files_where_there_is_no_mail_server(settings, tmp_path):
    settings.DELIVERY = Env.email_url_config(f"filemail:///{tmp_path}/mail")
    mail = write("office@example.org", subject="Заявка", body="Первая строка\nвторая")
    raw = bytes(mail.raw)

    send()

    [file] = (tmp_path / "mail").iterdir()
    assert file.read_bytes() == raw.replace(b"\r\n", b"\n") + b"\n" + b"-" * 79 + b"\n"


@pytest.mark.django_db
def test_a_server_that_is_down_is_tried_again_ever_more_rarely_for_48_hours(mail_server_is_down):
    begun = timezone.now().replace(microsecond=0)
    with time_machine.travel(begun, tick=False):
        mail = write("office@example.org")
    waits = []

    while not mail.failed_at:
        with time_machine.travel(mail.due_at - timedelta(seconds=1), tick=False):
            assert send()[0].startswith("0 sent, 0 postponed, 0 given up; 1 waiting.")
        with time_machine.travel(mail.due_at, tick=False):
            tried_at = mail.due_at
            said, well = send()
            mail.refresh_from_db()
        assert well == (mail.failed_at is None)
        if not mail.failed_at:
            waits.append(mail.due_at - tried_at)

    assert waits[0] == timedelta(minutes=1)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)
    assert mail.failed_at - begun == timedelta(hours=48)
    assert mail.attempts == len(waits) + 1
    assert "could not be reached" in mail.last_error
    assert bytes(mail.raw)
    assert send() == ("0 sent, 0 postponed, 0 given up; 0 waiting.\n", True)


@pytest.mark.django_db
def test_a_server_that_is_down_is_asked_once_in_a_run(mail_server_is_down):
    first, second = write("one@example.org"), write("two@example.org")

    send()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.attempts, second.attempts) == (1, 0)


@pytest.mark.django_db
def test_a_server_that_says_later_is_asked_again_later(postmaster):
    postmaster.to_recipient["office@example.org"] = "450 4.2.0 Greylisted, office@example.org"
    mail = write("office@example.org")

    said, well = send()

    mail.refresh_from_db()
    assert well
    assert "450 4.2.0 Greylisted, …" in said
    assert "office@example.org" not in said
    assert mail.last_error == "450 4.2.0 Greylisted, office@example.org"
    assert mail.due_at > timezone.now() + timedelta(seconds=50)

    postmaster.to_recipient.clear()
    with time_machine.travel(mail.due_at):
        send()

    mail.refresh_from_db()
    assert mail.sent_at
    assert postmaster.received == [("portal@example.org", ["office@example.org"])]


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["to_recipient", "to_letter"])
def test_a_server_that_says_no_is_not_asked_again(postmaster, place):
    getattr(postmaster, place)["office@example.org"] = "550 5.7.1 Not wanted here"
    mail = write("office@example.org")

    said, well = send()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        send()

    mail.refresh_from_db()
    assert not well
    assert "given up after attempt 1: 550 5.7.1 Not wanted here" in said
    assert mail.failed_at
    assert mail.attempts == 1


@pytest.mark.django_db
def test_each_recipient_has_an_outcome_of_its_own(postmaster):
    postmaster.to_recipient = {
        "later@example.org": "451 4.3.0 Later",
        "unknown@example.org": "550 5.1.1 No such user",
    }
    write("later@example.org", "good@example.org", "unknown@example.org", "fine@example.org")

    said, well = send()

    assert said.endswith("1 sent, 1 postponed, 1 given up; 1 waiting.\n")
    assert postmaster.received == [("portal@example.org", ["good@example.org", "fine@example.org"])]
    assert OutgoingMail.objects.get(sent_at__isnull=False).recipients == ["good@example.org", "fine@example.org"]
    assert OutgoingMail.objects.get(failed_at__isnull=False).recipients == ["unknown@example.org"]

    postmaster.to_recipient.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        send()

    assert postmaster.received[1:] == [("portal@example.org", ["later@example.org"])]
    assert len(set(postmaster.message_ids)) == 1


@pytest.mark.django_db
def test_what_a_server_answers_may_be_anything():
    answer = outbox._in_words(smtplib.SMTPResponseException(550, b"No\x00\xff such user\r\n" + b"x" * 5000))

    assert answer.startswith("550 No\ufffd such user\nxxx")
    assert len(answer) == bounces.ANSWER_KEPT


@pytest.mark.django_db
def test_a_server_that_leaves_in_the_middle_has_taken_nothing(postmaster):
    postmaster.to_recipient["two@example.org"] = "421 4.3.2 Closing"
    mail = write("one@example.org", "two@example.org", "three@example.org")

    send()

    mail.refresh_from_db()
    assert postmaster.letters == []
    assert mail.recipients == ["one@example.org", "two@example.org", "three@example.org"]
    assert not mail.sent_at
    assert not mail.failed_at


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", [HANG, DROP, "451 4.3.0 Later", "554 5.6.0 Not like this", "421 4.3.2 Closing"])
def test_one_bad_mail_keeps_no_other_from_leaving(postmaster, trouble):
    postmaster.to_letter["bad@example.org"] = trouble
    bad, good = write("bad@example.org"), write("good@example.org")

    send()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert not bad.sent_at
    assert bad.last_error
    assert bad.leased_until is None
    assert good.sent_at


@pytest.mark.django_db
def test_a_mail_that_cannot_even_be_tried_keeps_no_other_from_leaving(postmaster, caplog):
    broken, good = write("broken@example.org"), write("good@example.org")
    OutgoingMail.objects.filter(pk=broken.pk).update(recipients=["no-ascii-é@example.org"])

    send()

    broken.refresh_from_db()
    good.refresh_from_db()
    assert not broken.sent_at
    assert broken.last_error.startswith("UnicodeEncodeError")
    assert good.sent_at


@pytest.mark.django_db
def test_a_server_that_breaks_off_is_left_alone_after_three_mails(postmaster):
    for number in range(5):
        address = f"office{number}@example.org"
        postmaster.to_letter[address] = DROP
        write(address)

    send()

    assert OutgoingMail.objects.filter(attempts=1).count() == 3
    assert OutgoingMail.objects.filter(attempts=0).count() == 2


@pytest.mark.django_db
def test_a_letter_that_was_taken_without_a_receipt_comes_again_as_the_same_letter(postmaster):
    postmaster.to_letter["office@example.org"] = DROP
    mail = write("office@example.org")
    send()

    postmaster.to_letter.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        send()

    mail.refresh_from_db()
    assert mail.sent_at
    assert len(postmaster.letters) == 2
    assert len(set(postmaster.message_ids)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_mail_once(postmaster):
    addresses = [f"office{number}@example.org" for number in range(12)]
    for address in addresses:
        write(address)
    together = threading.Barrier(2, timeout=20)
    sent_by = [[], []]

    def run(mine):
        try:
            together.wait()
            mine.extend(mail.pk for mail in outbox.send_due_mails())
        finally:
            connection.close()

    senders = [threading.Thread(target=run, args=[mine]) for mine in sent_by]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(timeout=60)

    assert sorted(recipients for _, [recipients] in postmaster.received) == sorted(addresses)
    assert sorted(sent_by[0] + sent_by[1]) == sorted(OutgoingMail.objects.values_list("pk", flat=True))
    assert not OutgoingMail.objects.filter(sent_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_sender_held_is_sent_again_as_the_same_letter(postmaster, settings):
    postmaster.to_letter["office@example.org"] = HANG
    mail = write("office@example.org")
    sender = process("manage.py", settings, "send_outgoing_mail", stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: postmaster.letters)
        sender.send_signal(signal.SIGKILL)
    finally:
        sender.kill()
        sender.wait()
    postmaster.to_letter.clear()

    assert send()[0] == "0 sent, 0 postponed, 0 given up; 1 waiting.\n"
    with time_machine.travel(timezone.now() + outbox.LEASE + timedelta(seconds=1)):
        assert send()[0] == f"Mail {mail.pk}: sent\n1 sent, 0 postponed, 0 given up; 0 waiting.\n"

    mail.refresh_from_db()
    assert mail.attempts == 2
    assert len(postmaster.letters) == 2
    assert len(set(postmaster.message_ids)) == 1


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_whenever_a_sender_is_killed_every_mail_arrives_and_at_most_one_comes_twice(postmaster, settings):
    chance = random.Random(20270301)
    letters = [write(f"office{number}@example.org") for number in range(3)]
    sender = process(
        "tests/offers/mortal_sender.py", settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    kills = 0
    with sender:
        assert sender.stdout.readline() == "ready\n"  # and has sent what there was
        for number in range(KILL_ROUNDS):
            letters += [write(f"round{number}-{each}@example.org") for each in range(3)]
            sender.stdin.write(f"{chance.uniform(0, 0.1)}\n")
            sender.stdin.flush()
            kills += sender.stdout.readline() == "killed\n"
            # As if the leases of the killed one had ended meanwhile.
            OutgoingMail.objects.waiting().update(leased_until=None, due_at=timezone.now())
        sender.stdin.close()
    send()

    taken = Counter(postmaster.message_ids)
    assert not OutgoingMail.objects.filter(sent_at=None).exists()
    assert len(taken) == len(letters)
    assert {recipients[0] for _, recipients in postmaster.received} == {mail.recipients[0] for mail in letters}
    assert sum(taken.values()) - len(taken) <= kills
    assert kills > KILL_ROUNDS / 3  # or there was little to see


@pytest.mark.django_db
def test_a_mail_that_ends_every_sender_is_given_up_without_another_try(postmaster):
    mail = write("office@example.org")
    OutgoingMail.objects.filter(pk=mail.pk).update(attempts=len(outbox.DELAYS) + 1)

    said, well = send()

    mail.refresh_from_db()
    assert not well
    assert mail.failed_at
    assert postmaster.letters == []


@pytest.mark.django_db
def test_a_refusal_after_the_lease_has_passed_to_another_changes_nothing(postmaster):
    postmaster.to_letter["office@example.org"] = "550 5.7.1 Not wanted here"
    mail = write("office@example.org")
    others_lease = timezone.now() + outbox.LEASE
    answer = outbox._deliver

    def slowly(connection, mail):
        try:
            return answer(connection, mail)
        finally:
            OutgoingMail.objects.filter(pk=mail.pk).update(leased_until=others_lease)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "_deliver", slowly)
        send()

    mail.refresh_from_db()
    assert mail.leased_until == others_lease
    assert not mail.failed_at


@pytest.mark.django_db
def test_a_letter_that_is_erased_while_it_leaves_keeps_no_other_from_leaving(postmaster):
    first = write("reader@example.org")
    write("office@example.org")
    answer = outbox._deliver

    def meanwhile(connection, mail):
        OutgoingMail.objects.filter(pk=first.pk).delete()
        return answer(connection, mail)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "_deliver", meanwhile)
        send()

    assert len(postmaster.letters) == 2
    assert [mail.recipients for mail in OutgoingMail.objects.exclude(sent_at=None)] == [["office@example.org"]]


def process(script, settings, *arguments, **pipes):
    """Another process, on the database and the mail server of this test."""
    return subprocess.Popen(
        [sys.executable, script, *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "platform_portal.settings",
            "DATABASE_URL": database_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{settings.DELIVERY['EMAIL_PORT']}?timeout=60",
            "PYTHONPATH": str(settings.BASE_DIR),
        },
        **pipes,
    )


def database_url():
    """How another process reaches the database of this test."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def wait_until(condition):
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("This took longer than 30 seconds.")
