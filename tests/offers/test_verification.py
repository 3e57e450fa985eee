"""The yearly question to each office whether its details are still correct."""

import re
import threading
from datetime import date, timedelta
from email import message_from_bytes, policy
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactPoint, Membership
from offers import signed_links, verification
from offers.models import OutgoingMail, Reminder
from offers.reminding import Subject, write_due_letters
from tests import factories

pytestmark = pytest.mark.django_db

SUBJECT = Subject("contact points", verification.due, verification.letter_to)


def office(owner, days_ago=340, **values):
    verified_on = None if days_ago is None else timezone.localdate() - timedelta(days=days_ago)
    return factories.ContactPointFactory(state=owner, verified_on=verified_on, **values)


def run(*options):
    printed = StringIO()
    call_command("send_reminders", *options, stdout=printed)
    return printed.getvalue()


def letters():
    return [message_from_bytes(bytes(mail.raw), policy=policy.default) for mail in OutgoingMail.objects.order_by("pk")]


def link_in(letter):
    [address] = re.findall(r"http://localhost:8000(/en/verify/\S+)", letter.get_body(["plain"]).get_content())
    return address


@pytest.fixture
def point(norland):
    return office(norland, office="Mine action authority", telephone="+41 22 555 00 11")


@pytest.fixture
def link(point):
    return reverse("offers:verify", args=[verification.link_to(point)])


# The letter.


def test_an_office_is_written_to_with_a_copy_to_the_focal_points_of_its_state(point, norlander, sudlander, settings):
    run()

    [letter] = letters()
    assert letter["To"] == point.email
    assert letter["Cc"] == norlander.email
    assert letter["Subject"] == "Are the details of Mine action authority still correct?"
    text = letter.get_body(["plain"]).get_content()
    assert point.verified_on.strftime("%Y") in text
    assert settings.ISU_EMAIL in text
    assert point.telephone not in text  # what is not public stays behind the link


def test_a_regional_office_is_asked_too_and_nobody_gets_a_copy(norlander):
    body = factories.RegionalBodyFactory()
    regional = office(None, regional_body=body, office="Regional desk")

    run()

    [letter] = letters()
    assert (letter["To"], letter["Cc"]) == (regional.email, None)
    assert "focal point" not in letter.get_body(["plain"]).get_content()


@pytest.mark.parametrize(("days_ago", "asked"), [(334, False), (335, True), (2000, True), (None, True), (0, False)])
def test_an_office_is_asked_a_month_before_its_confirmation_grows_old(norland, days_ago, asked):
    office(norland, days_ago)

    run()

    assert bool(letters()) == asked


def test_nobody_asks_about_a_sample_a_closed_office_or_one_of_a_former_state_party(norland, officer):
    office(norland, is_sample=True)
    office(norland).close(by=officer)
    office(factories.StateFactory(withdrawal_effective=date(2020, 1, 1)))

    run()

    assert letters() == []


def test_a_former_focal_point_gets_no_copy(point, norlander):
    norlander.is_active = False
    norlander.save()
    Membership.objects.create(user=factories.UserFactory(email="new@norland.example.org"), state=point.state)

    run()

    assert letters()[0]["Cc"] == "new@norland.example.org"


@pytest.mark.parametrize("confirmed", [date(2026, 1, 1), None])
def test_in_two_years_an_office_that_never_answers_gets_two_letters_a_month_apart(norland, confirmed):
    factories.ContactPointFactory(state=norland, verified_on=confirmed)

    days = []
    for number in range(0, 730, 5):
        with time_machine.travel(date(2026, 1, 1) + timedelta(days=number), tick=False):
            before = OutgoingMail.objects.count()
            run()
            days += [number] * (OutgoingMail.objects.count() - before)

    assert len(days) == 2
    assert days[1] - days[0] == 30
    first, second = letters()
    assert "will not write again" not in first.get_body(["plain"]).get_content()
    assert "will not write again" in second.get_body(["plain"]).get_content()


def test_a_confirmation_begins_a_new_year(point):
    run()
    point.verify()
    run()
    assert len(letters()) == 1

    with time_machine.travel(timezone.now() + timedelta(days=335)):
        run()

    assert len(letters()) == 2
    assert letters()[1]["Subject"].startswith("Are the details of")


def test_after_a_long_pause_no_two_letters_come_at_once(norland):
    office(norland, days_ago=700)

    run()
    run()

    assert len(letters()) == 1


def test_a_dry_run_says_what_would_go_to_whom_and_writes_nothing(point, norlander):
    printed = run("--dry-run")

    assert point.email in printed
    assert norlander.email in printed
    assert "contact points: 1 letter(s) due, none written." in printed
    assert letters() == []
    assert not Reminder.objects.exists()


def test_a_letter_that_cannot_be_written_leaves_no_trace_and_is_tried_again(point, norland, settings):
    sound, settings.DEFAULT_FROM_EMAIL = settings.DEFAULT_FROM_EMAIL, "a line\nbreak@example.org"
    assert [isinstance(outcome, Exception) for _row, outcome in write_due_letters(SUBJECT)] == [True]
    assert not Reminder.objects.exists()

    settings.DEFAULT_FROM_EMAIL = sound
    run()

    assert len(letters()) == Reminder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_write_each_letter_once(norland):
    for _number in range(3):
        office(norland)
    begin = threading.Barrier(2)

    def write():
        begin.wait()
        list(write_due_letters(SUBJECT))
        connection.close()

    threads = [threading.Thread(target=write) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(letters()) == Reminder.objects.count() == 3


# The page behind the link.


def test_the_letter_leads_to_a_page_that_shows_all_details_and_changes_nothing(client, point):
    run()

    response = client.get(link_in(letters()[0]))

    page = response.content.decode()
    for words in (point.office, point.email, point.telephone, "Used for the form only", "All of this is correct"):
        assert words in page
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    verified_on = point.verified_on
    point.refresh_from_db()
    assert point.verified_on == verified_on


def press(client, link):
    """The button of the page, as the page now is."""
    seen = client.get(link).context["seen"]
    return client.post(link, {"seen": seen}, follow=True)


def test_one_press_confirms_and_a_second_changes_nothing(client, point, link):
    for _time in range(2):
        page = press(client, link).content.decode()

        assert "Thank you: the details are confirmed" in page
        assert "All of this is correct" not in page
        point.refresh_from_db()
        assert point.verified_on == timezone.localdate()


def test_details_that_have_changed_since_the_page_was_opened_are_shown_again(client, point, link):
    seen = client.get(link).context["seen"]
    ContactPoint.objects.filter(pk=point.pk).update(telephone="+41 22 555 00 99")

    for data in ({"seen": seen}, {}):
        response = client.post(link, data)

        assert response.status_code == 409
        assert "+41 22 555 00 99" in response.content.decode()
    point.refresh_from_db()
    assert point.verified_on < timezone.localdate()


def ended(point, link, client):
    response = client.get(link)
    page = response.content.decode()
    assert "This link has ended" in page
    assert point.telephone not in page
    assert reverse("offers:contact_points") in page
    return response.status_code == client.post(link).status_code == 410


def test_a_link_ends_with_its_time(client, point, link, settings):
    with time_machine.travel(timezone.now() + timedelta(days=settings.CONFIRM_LINK_DAYS, minutes=1)):
        assert ended(point, link, client)


def test_a_link_ends_with_the_mailbox_it_was_sent_to(client, point, link):
    ContactPoint.objects.filter(pk=point.pk).update(email="successor@example.org")

    assert ended(point, link, client)


def test_a_link_ends_with_the_office(client, point, link, officer):
    point.close(by=officer)

    assert ended(point, link, client)


def test_a_link_ends_with_the_membership_of_the_state(client, point, link):
    point.state.withdrawal_effective = date(2020, 1, 1)
    point.state.save()

    assert ended(point, link, client)


def test_a_link_that_is_cut_off_or_made_for_something_else_opens_nothing(client, point, link):
    other = signed_links.sign("something else", [point.pk, point.email])

    for address in (link[:-3] + "/", reverse("offers:verify", args=[other]), reverse("offers:verify", args=["x"])):
        response = client.get(address)

        assert response.status_code == 404
        assert "This link is not complete" in response.content.decode()
        assert client.post(address).status_code == 404
