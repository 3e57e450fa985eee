"""The life of an enquiry, step by step, on the models."""

import pytest
from django.utils import timezone

from offers import routing
from offers.models import Actor, Enquiry, EnquiryStatus, OutgoingMail, Side, StepNotAllowed
from tests import factories
from tests.at_once import at_once


@pytest.fixture
def office(norland):
    return factories.ContactPointFactory(state=norland, email="office@norland.example.org")


@pytest.fixture
def ministry(norland):
    return factories.ContactPointFactory(state=norland, office="Ministry", email="ministry@norland.example.org")


def letters():
    return [(mail.cause, mail.recipients[0]) for mail in OutgoingMail.objects.order_by("pk")]


def acts(enquiry):
    return list(enquiry.steps.values_list("act", flat=True))


def test_an_enquiry_goes_its_way_from_the_offer_to_a_match(make_offer, office, norlander):
    enquiry = factories.make_enquiry(offer=make_offer(), email="ana@example.org")
    assert letters() == [
        ("submitted", "isu@example.org"),
        ("published", norlander.email),
        ("enquiry_to_answer", office.email),
        ("enquiry_copy", "isu@example.org"),
        ("enquiry_on_its_way", "ana@example.org"),
    ]
    OutgoingMail.objects.all().delete()

    enquiry.acknowledge(actor=Actor(office=office))
    enquiry.answer(actor=Actor(office=office), text="Two instructors can come in May.")
    enquiry.record_outcome(side=Side.ASKER, kind="agreed")
    assert enquiry.matched_at is None
    enquiry.record_outcome(side=Side.OFFICE, kind="agreed")

    assert (enquiry.status, enquiry.standing) == (EnquiryStatus.ANSWERED, "Match confirmed by both sides")
    assert enquiry.matched_at and enquiry.closed_at
    assert letters() == [("enquiry_acknowledged", "ana@example.org"), ("enquiry_answered", "ana@example.org")]


def test_an_enquiry_is_answered_once(office):
    enquiry = factories.make_enquiry(to_contact_point=office, status="answered")

    with pytest.raises(StepNotAllowed):
        enquiry.answer(actor=Actor(office=office), text="Once more.")
    with pytest.raises(StepNotAllowed):
        enquiry.decline(actor=Actor(office=office), reason="No.")


def test_a_need_comes_to_the_isu(db):
    enquiry = factories.make_enquiry(email="ana@example.org")

    assert enquiry.level == "isu"
    assert letters() == [("enquiry_to_answer", "isu@example.org"), ("enquiry_on_its_way", "ana@example.org")]


def test_replies_go_straight_to_the_other_side_and_no_subject_holds_what_the_sender_typed(office):
    enquiry = factories.make_enquiry(to_contact_point=office, name="Canary", message="Canary " * 5)
    enquiry.answer(actor=Actor(office=office), text="Canary, yes.")

    mails = {mail.cause: mail for mail in OutgoingMail.objects.all()}
    assert f"Reply-To: {enquiry.email}".encode() in bytes(mails["enquiry_to_answer"].raw)
    assert f"Reply-To: {office.email}".encode() in bytes(mails["enquiry_answered"].raw)
    assert not [mail.subject for mail in mails.values() if "Canary" in mail.subject]


def test_what_a_focal_point_answers_can_be_replied_to_at_an_office_of_the_state(office, norlander):
    enquiry = factories.make_enquiry(to_contact_point=office)
    enquiry.answer(actor=Actor(norlander), text="Yes.")

    assert f"Reply-To: {office.email}".encode() in bytes(OutgoingMail.objects.get(cause="enquiry_answered").raw)


def test_authorities_are_informed_as_the_sender_agreed_and_of_their_own_enquiries_only_once(
    norland, sudland, office, ministry
):
    factories.ContactPointFactory(state=sudland, email="office@sudland.example.org")
    who = {"to_contact_point": office, "asker_state": sudland, "country": norland}
    OutgoingMail.objects.all().delete()

    factories.make_enquiry(**who, copy_national=False)
    assert [to for cause, to in letters() if cause == "enquiry_copy"] == ["isu@example.org"]
    OutgoingMail.objects.all().delete()

    enquiry = factories.make_enquiry(**who, inform_country=True)
    assert [to for cause, to in letters() if cause == "enquiry_copy"] == [
        "isu@example.org", "office@sudland.example.org", ministry.email,
    ]  # fmt: skip
    assert acts(enquiry)[-3:] == ["passed_on", "copied", "informed"]


def test_the_colleagues_of_another_office_are_told_that_it_has_answered(norland, office, ministry):
    enquiry = factories.make_enquiry(to_state=norland)
    OutgoingMail.objects.all().delete()

    enquiry.answer(actor=Actor(office=office), text="Yes.")

    assert letters() == [("enquiry_answered", enquiry.email), ("enquiry_done", ministry.email)]


def test_an_office_that_had_the_enquiry_before_may_still_answer_it_and_take_no_other_step(office, ministry):
    enquiry = factories.make_enquiry(to_contact_point=office)
    enquiry.hand_over(actor=Actor(office=office), to=routing.to_office(ministry), note="Yours.")

    for step in (
        lambda: enquiry.acknowledge(actor=Actor(office=office)),
        lambda: enquiry.decline(actor=Actor(office=office), reason="No."),
        lambda: enquiry.hand_over(actor=Actor(office=office), to=routing.TO_ISU),
    ):
        with pytest.raises(StepNotAllowed):
            step()
    enquiry.answer(actor=Actor(office=office), text="Yes, after all.")

    assert acts(enquiry)[-2:] == ["handed_over", "answered"]


def test_nobody_hands_over_to_a_regional_body_without_the_senders_agreement(office, officer):
    body = factories.RegionalBodyFactory()
    regional = factories.ContactPointFactory(state=None, regional_body=body)
    enquiry = factories.make_enquiry(to_contact_point=office)

    with pytest.raises(StepNotAllowed):
        enquiry.hand_over(actor=Actor(officer), to=routing.to_office(regional))


def test_it_cannot_be_handed_over_to_those_who_have_it(office, officer):
    enquiry = factories.make_enquiry(to_contact_point=office)

    with pytest.raises(StepNotAllowed):
        enquiry.hand_over(actor=Actor(officer), to=routing.to_office(office))

    assert acts(enquiry)[-1] == "passed_on"


def test_what_is_held_is_released_or_refused_by_the_isu(officer, office):
    released = factories.make_enquiry(status="held", to_contact_point=office)
    refused = factories.make_enquiry(status="held", to_contact_point=office)
    assert not [to for _cause, to in letters() if to == office.email]

    released.release(by=officer)
    refused.refuse(by=officer, reason="Advertising.")

    assert [to for _cause, to in letters() if to == office.email] == [office.email]
    with pytest.raises(StepNotAllowed):
        refused.release(by=officer)


def test_taken_back_at_the_moment_in_which_the_isu_releases_it_whoever_got_it_is_told(office, officer):
    opened_before = factories.make_enquiry(status="held", to_contact_point=office)
    Enquiry.objects.get().release(by=officer)

    opened_before.take_back()

    assert letters()[-1] == ("enquiry_taken_back", office.email)


def test_what_is_taken_back_is_over_and_only_those_who_have_it_are_told(office, ministry):
    enquiry = factories.make_enquiry(to_contact_point=office)
    enquiry.hand_over(actor=Actor(office=office), to=routing.to_office(ministry))
    OutgoingMail.objects.all().delete()

    enquiry.take_back()

    assert letters() == [("enquiry_taken_back", ministry.email)]
    with pytest.raises(StepNotAllowed):
        enquiry.answer(actor=Actor(office=ministry), text="Yes.")
    with pytest.raises(StepNotAllowed):
        enquiry.record_outcome(side=Side.OFFICE, kind="agreed")


def test_whoever_speaks_of_talks_has_had_an_answer(office):
    enquiry = factories.make_enquiry(to_contact_point=office)

    enquiry.record_outcome(side=Side.ASKER, kind="nothing")
    assert enquiry.status == EnquiryStatus.OPEN
    enquiry.record_outcome(side=Side.ASKER, kind="talks")

    assert enquiry.status == EnquiryStatus.ANSWERED
    assert enquiry.answered_at


def test_a_side_may_say_something_else_and_the_same_twice_counts_once(office):
    enquiry = factories.make_enquiry(to_contact_point=office, status="answered")
    enquiry.record_outcome(side=Side.OFFICE, kind="agreed")
    enquiry.record_outcome(side=Side.OFFICE, kind="agreed")
    enquiry.record_outcome(side=Side.ASKER, kind="talks")
    assert (enquiry.matched_at, enquiry.closed_at) == (None, None)

    enquiry.record_outcome(side=Side.ASKER, kind="nothing")

    assert [outcome.kind for outcome in enquiry.outcomes.all()] == ["agreed", "talks", "nothing"]
    assert enquiry.matched_at is None
    assert enquiry.closed_at
    assert enquiry.standing == "Answered"


# Two at once


@pytest.mark.django_db(transaction=True)
def test_of_two_offices_that_answer_at_once_one_does(norland, office, ministry):
    enquiry = factories.make_enquiry(to_state=norland)

    def answer(point):
        try:
            type(enquiry).objects.get().answer(actor=Actor(office=point), text=f"By {point.pk}.")
        except StepNotAllowed:
            return "slower"
        return "faster"

    assert sorted(at_once(lambda: answer(office), lambda: answer(ministry))) == ["faster", "slower"]
    assert acts(enquiry).count("answered") == 1
    assert OutgoingMail.objects.filter(cause="enquiry_answered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_the_clock_at_once_leave_an_answered_enquiry(office):
    enquiry = factories.make_enquiry(to_contact_point=office)
    type(enquiry).objects.update(due_on=timezone.localdate().replace(year=2020))
    read_again = type(enquiry).objects.get

    at_once(lambda: read_again().answer(actor=Actor(office=office), text="Yes."), lambda: read_again().move_on())

    enquiry.refresh_from_db()
    assert enquiry.status == EnquiryStatus.ANSWERED
    assert acts(enquiry)[-1] == "answered"


@pytest.mark.django_db(transaction=True)
def test_both_sides_that_agree_at_once_make_one_match(office):
    enquiry = factories.make_enquiry(to_contact_point=office, status="answered")
    read_again = type(enquiry).objects.get

    at_once(*[lambda side=side: read_again().record_outcome(side=side, kind="agreed") for side in Side])

    assert acts(enquiry).count("matched") == acts(enquiry).count("closed") == 1
