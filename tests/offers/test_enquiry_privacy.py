"""Who sees an enquiry, and that nothing personal is left of it in the end."""

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone, translation

from offers import routing
from offers.enquiry_log import Reader, log_of
from offers.models import Actor, Bounce, Enquiry, Side
from tests import factories

CANARY = "zaunkoenig"


@pytest.fixture
def office(norland):
    return factories.ContactPointFactory(state=norland)


def make_canary(**values):
    texts = {"name": CANARY, "organisation": CANARY, "email": f"{CANARY}@example.net", "message": CANARY * 3}
    return factories.make_enquiry(**texts | values)


def places_of(word):
    """Each table and column of the database in which the word stands."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        for value in model.objects.values_list(field.name, flat=True)
        if word in (bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value))
    }


def later(days):
    return time_machine.travel(timezone.now() + timedelta(days=days))


def test_a_year_after_the_end_nothing_personal_is_left_of_an_enquiry_and_it_still_counts(office, officer):
    enquiry = make_canary(to_contact_point=office)
    ministry = factories.ContactPointFactory(state=office.state, office="Ministry")
    enquiry.hand_over(actor=Actor(office=office), to=routing.to_office(ministry), note=CANARY)
    enquiry.answer(actor=Actor(office=ministry), text=CANARY)
    for side in Side:
        enquiry.record_outcome(side=side, kind="agreed", helped=CANARY, missing=CANARY)
    assert places_of(CANARY) >= {"offers.Enquiry.email", "offers.EnquiryStep.reason", "offers.OutgoingMail.recipients"}

    with later(settings.ENQUIRY_KEPT_DAYS - 1):
        call_command("forget")
        assert "offers.Enquiry.email" in places_of(CANARY)
    with later(settings.ENQUIRY_KEPT_DAYS):
        call_command("forget")
        call_command("forget")

    assert places_of(CANARY) == set()
    enquiry.refresh_from_db()
    assert enquiry.erased_at and enquiry.matched_at
    assert enquiry in Enquiry.objects.counted()
    assert enquiry.steps.last().act == "erased"


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_what_was_never_confirmed_is_gone_after_a_week(db, is_taken_back):
    enquiry = make_canary(status="unconfirmed")
    Bounce.objects.create(email=enquiry.email, cause="enquiry_confirm")
    if is_taken_back:
        enquiry.take_back()

    with later(settings.ENQUIRY_CONFIRM_DAYS - 1):
        call_command("forget")
        assert Enquiry.objects.exists()
    with later(settings.ENQUIRY_CONFIRM_DAYS):
        call_command("forget")

    assert not Enquiry.objects.exists()
    assert places_of(CANARY) == set()


def test_a_confirmed_enquiry_is_not_erased_before_it_is_closed(office):
    make_canary(to_contact_point=office)

    with later(2000):
        call_command("forget")

    assert Enquiry.objects.get().email


def test_only_both_sides_copied_authorities_and_the_isu_see_an_enquiry(norland, office, norlander, sudlander, officer):
    third = factories.UserFactory(state=factories.StateFactory())
    asked = {"to_contact_point": office, "asker_state": sudlander.state}
    copied, not_copied = make_canary(**asked), make_canary(**asked, copy_national=False)
    held = make_canary(status="held", **asked)
    unconfirmed = make_canary(status="unconfirmed", **asked)
    taken_back = make_canary(**asked)
    taken_back.take_back()
    unconfirmed.take_back()

    def seen_by(user):
        return set(Enquiry.objects.visible_to(user))

    assert seen_by(norlander) == {copied, not_copied, taken_back}
    assert seen_by(sudlander) == {copied, taken_back}
    assert seen_by(third) == set()
    assert seen_by(officer) == {copied, not_copied, taken_back, held}
    assert set(Enquiry.objects.answerable_by(sudlander)) == set()


def test_an_enquiry_that_has_moved_on_is_still_seen_by_the_state_that_had_it(norlander, office, officer):
    enquiry = factories.make_enquiry()  # a need, with the ISU
    assert not Enquiry.objects.visible_to(norlander).exists()

    enquiry.hand_over(actor=Actor(officer), to=routing.to_office(office))
    enquiry.hand_over(actor=Actor(officer), to=routing.TO_ISU)

    assert Enquiry.objects.visible_to(norlander).get() == enquiry


def test_the_log_tells_each_reader_what_is_meant_for_them(office, officer):
    enquiry = factories.make_enquiry(to_contact_point=office)
    enquiry.hand_over(actor=Actor(officer), to=routing.TO_ISU, note="Not for the sender.")
    enquiry.answer(actor=Actor(officer), text="Yes.")
    enquiry.record_outcome(side=Side.OFFICE, kind="agreed")
    enquiry.record_outcome(side=Side.ASKER, kind="nothing")

    def read_by(reader):
        lines = log_of(enquiry, reader)
        return [line.text for line in lines if line.text], [line.said for line in lines if line.said]

    office_said = "The side that was asked: Assistance was agreed"
    sender_said = "The side that asked: Nothing came of it"
    assert read_by(Reader.SENDER) == (["Yes."], [sender_said])
    assert read_by(Reader.COPIED) == (["Yes."], [])
    assert read_by(Reader.OFFICE) == (["Not for the sender.", "Yes."], [office_said])
    assert read_by(Reader.ISU) == (["Not for the sender.", "Yes."], [office_said, sender_said])
    assert {line.who for reader in (Reader.SENDER, Reader.OFFICE) for line in log_of(enquiry, reader)} == {
        "", "Implementation Support Unit",
    }  # fmt: skip
    assert officer.email in {line.who for line in log_of(enquiry, Reader.ISU)}


def test_that_the_isu_has_it_is_said_in_the_language_of_the_reader(db):
    enquiry = factories.make_enquiry()

    with translation.override("fr"):
        assert "Unité d’appui à l’application" in [line.to for line in log_of(enquiry, Reader.SENDER)]
