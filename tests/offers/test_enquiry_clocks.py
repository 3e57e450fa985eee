"""Every clock of an enquiry: the promised weeks, the two questions, the end."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command

from contacts.models import ContactPoint
from offers.models import Actor, Enquiry, EnquiryAct, EnquiryStatus, OutgoingMail, Side
from tests import factories
from tests.at_once import at_once

START = datetime(2027, 3, 1, 9, tzinfo=ZoneInfo("Europe/Zurich"))


@pytest.fixture
def office(norland):
    return factories.ContactPointFactory(state=norland, weeks_to_answer=3, email="office@norland.example.org")


@pytest.fixture
def regional(norland):
    body = factories.RegionalBodyFactory(states=[norland])
    return factories.ContactPointFactory(state=None, regional_body=body, weeks_to_answer=2, email="reg@example.org")


def at(days):
    """So many days after the enquiry was passed on."""
    return time_machine.travel(START + timedelta(days=days), tick=False)


def make(**values):
    with at(0):
        return factories.make_enquiry(email="ana@example.org", **values)


def follow(days):
    """Let the command run that day; returns what it has written to whom."""
    OutgoingMail.objects.all().delete()
    with at(days):
        call_command("follow_enquiries")
    return sorted((mail.cause, mail.recipients[0]) for mail in OutgoingMail.objects.all())


def test_what_nobody_answers_goes_from_the_office_to_the_region_to_the_isu(office, regional, capsys):
    enquiry = make(to_contact_point=office, share_regional=True)

    assert follow(21) == []  # the last day of the promise
    assert follow(22) == [
        ("enquiry_on_its_way", "ana@example.org"),
        ("enquiry_passed", office.email),
        ("enquiry_to_answer", regional.email),
    ]
    assert follow(22) == []
    assert follow(36) == []
    assert follow(37) == [
        ("enquiry_on_its_way", "ana@example.org"),
        ("enquiry_passed", regional.email),
        ("enquiry_to_answer", "isu@example.org"),
    ]
    assert follow(59) == []  # further on there is nobody
    moved = enquiry.steps.filter(act=EnquiryAct.MOVED_ON)
    assert [step.to_level for step in moved] == ["regional", "isu"]
    assert "@" not in capsys.readouterr().out


def test_an_acknowledged_enquiry_moves_on_too_and_an_answered_one_does_not(office):
    acknowledged, answered = make(to_contact_point=office), make(to_contact_point=office)
    with at(1):
        acknowledged.acknowledge(actor=Actor(office=office))
        answered.answer(actor=Actor(office=office), text="Yes.")

    follow(22)

    acknowledged.refresh_from_db()
    answered.refresh_from_db()
    assert (acknowledged.level, acknowledged.status) == ("isu", EnquiryStatus.OPEN)
    assert answered.level == "national"


def test_both_sides_are_asked_after_60_and_180_days_and_it_is_closed_after_210(office):
    enquiry = make(to_contact_point=office, status="answered")
    both = [("enquiry_outcome", "ana@example.org"), ("enquiry_outcome", office.email)]

    assert follow(59) == []
    assert follow(60) == both
    assert follow(61) == follow(179) == []
    assert follow(180) == both
    assert follow(181) == follow(209) == []
    enquiry.refresh_from_db()
    assert enquiry.closed_at is None

    assert follow(210) == []
    enquiry.refresh_from_db()
    assert (enquiry.closed_at, enquiry.standing) == (START + timedelta(days=210), "Answered")
    assert follow(211) == []


def test_of_two_questions_that_are_due_only_the_last_is_asked(office, capsys):
    enquiry = make(to_contact_point=office, status="answered")
    with at(185):
        call_command("follow_enquiries", dry_run=True)
    assert f"{enquiry}: to be asked\n" not in capsys.readouterr().out

    assert len(follow(185)) == 2
    assert follow(186) == []
    assert list(enquiry.steps.filter(act__startswith="asked").values_list("act", flat=True)) == ["asked_again"]


def test_a_side_that_has_said_what_came_is_not_asked_again_and_talks_are_not_the_end(office):
    enquiry = make(to_contact_point=office, status="answered")
    with at(30):
        enquiry.record_outcome(side=Side.OFFICE, kind="agreed")
        enquiry.record_outcome(side=Side.ASKER, kind="talks")

    assert follow(60) == [("enquiry_outcome", "ana@example.org")]


def test_the_office_that_has_answered_is_asked_even_if_it_had_handed_over_before(office):
    enquiry = make(to_contact_point=office)
    follow(22)
    with at(23):
        enquiry.refresh_from_db()
        enquiry.answer(actor=Actor(office=office), text="Yes, late.")

    assert ("enquiry_outcome", office.email) in follow(60)


def test_nobody_is_asked_whose_sender_did_not_agree_or_who_was_declined(office):
    make(to_contact_point=office, status="answered", may_ask=False)
    make(to_contact_point=office, status="declined")

    assert follow(60) == []


def test_no_letter_goes_to_an_office_that_has_closed(office):
    make(to_contact_point=office, status="answered")
    ContactPoint.objects.update(closed_on=START.date())

    assert follow(60) == [("enquiry_outcome", "ana@example.org")]


def test_what_nobody_has_looked_at_does_not_stay_for_ever(db):
    held = make(status="held")

    assert follow(209) == []
    follow(210)

    held.refresh_from_db()
    assert (held.closed_at, held.standing) == (START + timedelta(days=210), "Closed without an answer")


def test_a_dry_run_lists_what_is_due_and_changes_nothing(office, capsys):
    enquiry = make(to_contact_point=office)

    with at(22):
        call_command("follow_enquiries", dry_run=True)

    assert f"{enquiry.reference}: to be moved on" in capsys.readouterr().out
    enquiry.refresh_from_db()
    assert enquiry.level == "national"


def test_what_goes_wrong_with_one_keeps_no_other_from_being_done(office, capsys):
    broken, whole = make(to_contact_point=office), make(to_contact_point=office)
    # No such letter can be written.
    Enquiry.objects.filter(pk=broken.pk).update(email="ana@example.org\nBcc: all@example.org")

    with at(22), pytest.raises(CommandError):
        call_command("follow_enquiries")

    broken.refresh_from_db()
    whole.refresh_from_db()
    assert (broken.level, whole.level) == ("national", "isu")
    assert f"{broken.reference}: BadHeaderError" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_do_everything_once(office):
    late, old = make(to_contact_point=office), make(to_contact_point=office, status="answered")
    OutgoingMail.objects.all().delete()

    with at(60):
        at_once(*[lambda: call_command("follow_enquiries")] * 2)

    # What has moved on is asked about as well: of the ISU, which has it now, nobody asks.
    causes = sorted(OutgoingMail.objects.filter(about=late.reference).values_list("cause", flat=True))
    assert causes == ["enquiry_on_its_way", "enquiry_outcome", "enquiry_passed", "enquiry_to_answer"]
    assert OutgoingMail.objects.filter(about=old.reference, cause="enquiry_outcome").count() == 2
