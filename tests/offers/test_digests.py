"""What is new in a list is told once to whoever has asked: in one letter, and never in an empty one."""

import os
import signal
import subprocess
import sys
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as portal
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from offers import alerts
from offers.models import OutgoingMail, Subscriber, ToldOffer
from tests import factories
from tests.at_once import at_once
from tests.letters import html_of, letters_to, message_of, text_of
from tests.offers.test_outbox import database_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscribe(clock):
    """Somebody who has asked for lists a minute ago, and whose day is today unless the test says another."""

    def make(*lists, **values):
        subscriber = factories.SubscriberFactory(lists=lists, **values)
        clock.shift(timedelta(minutes=1))
        return subscriber

    return make


def send_news(**options):
    out, errors = StringIO(), StringIO()
    call_command("send_news", stdout=out, stderr=errors, **options)
    return out.getvalue()


def digests(subscriber):
    return [mail for mail in letters_to(subscriber.email) if mail.cause == "digest"]


def titles_told(subscriber):
    return sorted(subscriber.told_offers.values_list("offer__live_version__title", flat=True))


# What is new


def test_a_new_offer_of_the_list_is_told_once(clock, subscribe, make_offer, sudland):
    make_offer(title="There before")
    reader = subscribe("state=QNO")
    offer = make_offer(title="New in the list")
    make_offer(title="In another list", state=sudland, author=None)

    assert "digest: 1 written." in send_news()

    (mail,) = digests(reader)
    assert "New in the list" in text_of(mail)
    assert f"{portal.PORTAL_URL}/en/offers/{offer.reference}/" in text_of(mail)
    assert "There before" not in text_of(mail)
    assert "In another list" not in text_of(mail)
    assert titles_told(reader) == ["New in the list"]
    for _day in range(14):
        clock.shift(timedelta(days=1))
        send_news()
    assert len(digests(reader)) == 1


def test_an_offer_that_was_changed_into_the_list_is_told_and_one_told_before_is_not(
    clock, subscribe, make_offer, norlander, officer
):
    language = factories.LanguageFactory(code="fr", name_en="French")
    offer = make_offer(title="Course")
    clock.shift(timedelta(days=1))
    reader = subscribe("language=fr")
    for _change in range(2):
        version = offer.edit(by=norlander)
        version.languages.add(language)
        version.submit(by=norlander)
        version.publish(by=officer, seen=version.edit_number)
        offer.refresh_from_db()
        clock.shift(timedelta(days=7))
        send_news()

    (mail,) = digests(reader)
    assert mail.subject == "1 new or changed offer: Training, Survey clearance"
    assert "Published on 4 March 2027, changed on 5 March 2027" in text_of(mail)


def test_two_lists_are_one_letter_in_which_each_offer_stands_once(subscribe, make_offer):
    factories.FormFactory(code="form.equipment")
    reader = subscribe("state=QNO", "form=form.training", "form=form.equipment")
    make_offer(title="Course for instructors")
    make_offer(title="Detectors", form=factories.FormFactory(code="form.equipment"))

    send_news()

    (mail,) = digests(reader)
    text = text_of(mail)
    assert mail.subject == "2 new offers: Equipment, Survey clearance, Training"
    assert text.count("Course for instructors") == text.count("Detectors") == 1
    assert "In the list: Offered by Norland" in text
    assert "form=form.training" not in text
    assert ToldOffer.objects.count() == 2


def test_nothing_new_is_no_letter_and_the_next_day_comes(clock, subscribe):
    subscribe("")

    assert "digest: 0 written." in send_news()

    assert not OutgoingMail.objects.exists()
    assert Subscriber.objects.get().next_digest_on == date(2027, 3, 11)


def test_what_is_not_public_is_not_told(subscribe, make_offer, norlander, officer):
    reader = subscribe("")
    make_offer(status="draft")
    make_offer(status="submitted")
    withdrawn = make_offer(title="Withdrawn and brought back")
    withdrawn.withdraw(by=norlander)

    send_news()
    assert not digests(reader)

    withdrawn.bring_back(by=norlander)
    with time_machine.travel(timezone.now() + timedelta(days=7)):
        send_news()
    assert titles_told(reader) == ["Withdrawn and brought back"]


def test_of_many_offers_thirty_are_listed_and_all_are_told(subscribe, make_offer, monkeypatch):
    monkeypatch.setattr(alerts, "OFFERS_LISTED", 2)
    reader = subscribe("form=form.training")
    for number in range(4):
        make_offer(title=f"Course {number}")

    send_news()

    text = text_of(digests(reader)[0])
    assert text.count("/en/offers/PFP-") == 2
    assert "And 2 more offers." in text
    assert f"{portal.PORTAL_URL}/en/offers/?form=form.training&sort=newest" in text
    assert ToldOffer.objects.count() == 4


def test_a_parameter_that_is_no_longer_understood_is_left_out_and_breaks_nothing(subscribe, make_offer):
    narrower = subscribe("form=form.training&state=QZZ")
    nothing_left = subscribe("area=area.no_longer_there")
    nonsense = subscribe("%FF&q=%00&available_from=2027-13-45")
    make_offer()

    send_news()

    assert [len(digests(reader)) for reader in (narrower, nothing_left, nonsense)] == [1, 0, 0]


# The letter


def test_the_letter_can_be_stopped_and_changed_and_loads_nothing(client, subscribe, make_offer):
    reader = subscribe("")
    make_offer()
    send_news()

    (mail,) = digests(reader)
    message = message_of(mail)
    address = message["List-Unsubscribe"].strip(" <>")
    assert address.startswith(f"{portal.PORTAL_URL}/en/alerts/unsubscribe/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.get(address.removeprefix(portal.PORTAL_URL)).status_code == 200
    assert alerts.manage_url(reader) in text_of(mail)
    assert "<img" not in html_of(mail)
    assert (mail.about, mail.recipients) == (str(reader.key), [reader.email])


def test_each_reads_in_the_own_language_and_other_languages_are_named(subscribe, make_offer, norlander, officer):
    readers = {code: subscribe("", language=code) for code, _name in portal.LANGUAGES}
    arabic = factories.LanguageFactory(code="ar", name_en="Arabic", name_ar="العربية", endonym="العربية")
    offer = make_offer(status="draft", title="Demining <b>course</b>")
    version = offer.open_version
    version.translations.create(language=arabic, title="دورة تدريبية", description="وصف " * 40)
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)

    send_news()

    texts = {code: text_of(digests(reader)[0]) for code, reader in readers.items()}
    assert "دورة تدريبية\n" in texts["ar"]
    assert "Demining <b>course</b>\n" in texts["en"]
    assert "Demining <b>course</b> (English)" in texts["fr"]
    for code, reader in readers.items():
        assert f"/{code}/offers/{offer.reference}/" in texts[code]
        assert f'dir="{"rtl" if code == "ar" else "ltr"}"' in html_of(digests(reader)[0])
    assert "<b>" not in html_of(digests(readers["en"])[0])


def test_an_offer_of_which_nobody_has_said_the_language_is_told_as_it_is(subscribe, make_offer):
    reader = subscribe("")
    make_offer(title="Demining course", original_language=None)

    send_news()

    assert "Demining course\n" in text_of(digests(reader)[0])


def test_an_illustrative_record_keeps_its_label(subscribe, make_offer):
    reader = subscribe("")
    offer = make_offer()
    type(offer).objects.update(is_sample=True)

    send_news()

    assert "Illustrative record drawn from public sources" in text_of(digests(reader)[0])


# When


@pytest.mark.parametrize(
    ("frequency", "days"),
    [("daily", ["01-31", "02-01", "02-02"]), ("weekly", ["01-31", "02-07"]), ("monthly", ["01-31", "02-28", "03-31"])],
)
def test_letters_come_as_often_as_was_asked_for(make_offer, frequency, days):
    moment = datetime(2027, 1, 31, 6, 0, tzinfo=ZoneInfo("Europe/Zurich"))
    with time_machine.travel(moment, tick=False) as clock:
        reader = factories.SubscriberFactory(lists=[""], frequency=frequency)
        last, seen = date.fromisoformat(f"2027-{days[-1]}"), []
        while timezone.localdate() <= last:
            if timezone.localdate() in {date.fromisoformat(f"2027-{day}") for day in days}:
                clock.shift(timedelta(minutes=1))
                make_offer()
            before = len(digests(reader))
            send_news()
            if len(digests(reader)) > before:
                seen.append(timezone.localdate().strftime("%m-%d"))
            clock.shift(timedelta(days=1))

    assert seen == days


def test_runs_that_were_missed_are_made_up_for_by_one_letter(clock, subscribe, make_offer):
    reader = subscribe("", next_digest_on=date(2027, 3, 11))
    for _week in range(3):
        make_offer()
        clock.shift(timedelta(days=7))

    send_news()

    (mail,) = digests(reader)
    assert mail.subject.startswith("3 new offers")
    reader.refresh_from_db()
    assert reader.next_digest_on == date(2027, 4, 1)


# Exactly once


def test_whoever_stops_everything_gets_no_digest_that_still_waits(subscribe, make_offer):
    reader, other = subscribe(""), subscribe("")
    make_offer()
    send_news()

    reader.stop_all()

    assert not letters_to(reader.email)
    assert len(digests(other)) == 1
    assert "digest: 0 written." in send_news()


def test_after_a_failure_the_others_are_served_and_the_failed_one_is_made_up_for(
    subscribe, make_offer, monkeypatch, caplog
):
    readers = [subscribe("") for _number in range(3)]
    make_offer()
    write = alerts.Digest.write

    def fail(digest):
        if digest.subscriber == readers[1]:
            write(digest)
            raise OSError("No space left")
        write(digest)

    monkeypatch.setattr(alerts.Digest, "write", fail)
    with pytest.raises(CommandError, match="1 letter"):
        send_news()
    assert [len(digests(reader)) for reader in readers] == [1, 0, 1]
    assert [reader.told_offers.count() for reader in readers] == [1, 0, 1]
    assert readers[1].email not in caplog.text

    monkeypatch.undo()
    send_news()
    assert [len(digests(reader)) for reader in readers] == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_each_reader_once(make_offer):
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        readers = [factories.SubscriberFactory(lists=[""]) for _number in range(4)]
    make_offer()

    at_once(send_news, send_news)

    assert [len(digests(reader)) for reader in readers] == [1] * 4
    assert ToldOffer.objects.count() == 4


KILLED = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from offers import alerts
write, left = alerts.Digest.write, [int(sys.argv[1])]
def write_or_die(digest):
    write(digest)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
alerts.Digest.write = write_or_die
call_command("send_news")
"""


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_half_way_tells_nobody_twice_and_forgets_nobody(make_offer):
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        readers = [factories.SubscriberFactory(lists=["", "state=QNO"]) for _number in range(5)]
    make_offer(), make_offer()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "platform_portal.settings", "DATABASE_URL": database_url()}

    # Within the third letter: rows and letter are written, and nothing is committed.
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "3"], cwd=portal.BASE_DIR, env=environment, capture_output=True, text=True
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert sum(len(digests(reader)) for reader in readers) == 2
    assert "digest: 3 written." in send_news()
    assert "digest: 0 written." in send_news()
    assert [len(digests(reader)) for reader in readers] == [1] * 5
    assert ToldOffer.objects.count() == 10


def test_a_dry_run_writes_nothing_and_names_no_address(subscribe, make_offer):
    reader = subscribe("")
    make_offer()
    OutgoingMail.objects.all().delete()

    said = send_news(dry_run=True)

    assert f"Subscriber {reader.pk}: 1 new offer: Training, Survey clearance" in said
    assert "@" not in said
    assert not OutgoingMail.objects.exists()
    assert Subscriber.objects.due().count() == 1


# Cost


def test_a_list_is_searched_once_however_many_have_asked_for_it(subscribe, make_offer):
    for number in range(8):
        subscribe("q=demining", "state=QNO" if number % 2 else "form=form.training")
    make_offer()

    with CaptureQueriesContext(connection) as queries:
        send_news()

    searches = [query for query in queries.captured_queries if '"decided_at" >' in query["sql"]]
    assert len(searches) == 3
    assert OutgoingMail.objects.filter(cause="digest").count() == 8
