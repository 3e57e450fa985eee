"""The life of an enquiry, step by step, on the models."""

import pytest

from offers.models import Actor, EnquiryStatus, OutgoingMail, Side, StepNotAllowed
from tests import factories


def letters():
    return list(OutgoingMail.objects.order_by("pk").values_list("cause", flat=True))


def test_an_enquiry_goes_its_way_from_the_offer_to_a_match(make_offer):
    enquiry = factories.make_enquiry(offer=make_offer())
    office = enquiry.current_holders.get().contact_point
    OutgoingMail.objects.all().delete()

    enquiry.acknowledge(actor=Actor(office=office))
    enquiry.answer(actor=Actor(office=office), text="Two instructors can come in May.")
    enquiry.record_outcome(side=Side.ASKER, kind="agreed")
    assert enquiry.matched_at is None
    enquiry.record_outcome(side=Side.OFFICE, kind="agreed")

    assert enquiry.status == EnquiryStatus.ANSWERED
    assert enquiry.matched_at and enquiry.closed_at
    assert letters() == ["enquiry_acknowledged", "enquiry_answered"]


def test_an_enquiry_is_answered_once(make_offer):
    enquiry = factories.make_enquiry(offer=make_offer(), status="answered")

    with pytest.raises(StepNotAllowed):
        enquiry.answer(actor=Actor(), text="Once more.")


def test_a_need_comes_to_the_isu(db):
    enquiry = factories.make_enquiry()

    assert enquiry.level == "isu"
    assert letters() == ["enquiry_to_answer", "enquiry_on_its_way"]
