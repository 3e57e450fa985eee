"""Who is asked, and who is asked next."""

from datetime import date

import pytest
from django.utils import timezone

from contacts.models import ContactPoint, State
from offers import routing
from offers.models import Enquiry, OutgoingMail
from tests import factories


@pytest.fixture
def office(norland):
    return factories.ContactPointFactory(state=norland, office="Authority")


@pytest.fixture
def regional(norland):
    body = factories.RegionalBodyFactory(short_name="REG", states=[norland])
    return factories.ContactPointFactory(state=None, regional_body=body, office="Secretariat")


def close(point):
    ContactPoint.objects.filter(pk=point.pk).update(closed_on=timezone.localdate())


def names(enquiry):
    return [holder.contact_point.office if holder.contact_point else "ISU" for holder in enquiry.current_holders]


def chain(enquiry):
    """All that are asked one after the other, as nobody answers."""
    enquiry.confirm()
    asked = [names(enquiry)]
    while asked[-1] != ["ISU"]:
        Enquiry.objects.update(due_on=date(2020, 1, 1))
        enquiry.move_on()
        asked.append(names(enquiry))
    return asked


A, M, S = "Authority", "Ministry", "Secretariat"


@pytest.mark.parametrize(
    ("named", "closed", "agreed", "expected"),
    [
        ([A], "", False, [[A], ["ISU"]]),
        ([A], "", True, [[A], [S], ["ISU"]]),
        ([A, S], "", True, [[A], [S], ["ISU"]]),
        ([A, M], "", False, [[A, M], ["ISU"]]),
        ([M, A], M, False, [[A], ["ISU"]]),
        # Another office of the State stands in for one that has closed, and not a regional one.
        ([M, S], M, False, [[A], ["ISU"]]),
        ([M, S], M, True, [[A], [S], ["ISU"]]),
    ],
)
def test_an_enquiry_about_an_offer_goes_from_the_state_to_the_region_and_to_the_isu(
    make_offer, norland, office, regional, named, closed, agreed, expected
):
    points = {A: office, S: regional, M: factories.ContactPointFactory(state=norland, office=M)}
    offer = make_offer(contact_points=[points[name] for name in named])
    if closed:
        close(points[closed])

    assert chain(factories.EnquiryFactory(offer=offer, share_regional=agreed)) == expected


def test_an_enquiry_to_a_state_without_an_office_goes_to_the_region_only_if_the_sender_agreed(norland, regional):
    assert chain(factories.EnquiryFactory(to_state=norland)) == [["ISU"]]
    assert chain(factories.EnquiryFactory(to_state=norland, share_regional=True)) == [[S], ["ISU"]]


def test_an_office_that_closes_before_the_address_is_confirmed_is_replaced(norland, office):
    enquiry = factories.EnquiryFactory(to_contact_point=office)
    factories.ContactPointFactory(state=norland, office=M)
    close(office)

    assert chain(enquiry) == [[M], ["ISU"]]


def test_a_need_comes_to_the_isu_even_if_it_may_be_passed_on(norland, regional):
    assert chain(factories.EnquiryFactory(country=norland, share_regional=True)) == [["ISU"]]


def test_an_offer_that_was_withdrawn_meanwhile_is_still_asked_about(make_offer, office, norlander):
    offer = make_offer(contact_points=[office])
    enquiry = factories.EnquiryFactory(offer=offer)
    offer.withdraw(by=norlander)

    assert chain(enquiry) == [[A], ["ISU"]]


def test_the_offices_of_a_state_that_has_left_the_convention_are_not_asked(norland, office, regional):
    enquiry = factories.EnquiryFactory(to_state=norland, share_regional=True)
    State.objects.filter(pk=norland.pk).update(withdrawal_effective=date(2020, 1, 1))

    assert chain(enquiry) == [[S], ["ISU"]]


def test_made_up_and_real_offices_never_get_each_others_enquiries(norland, office, regional):
    made_up = factories.ContactPointFactory(state=norland, office="Made up", is_sample=True)

    assert chain(factories.EnquiryFactory(to_state=norland)) == [[A], ["ISU"]]
    sample = factories.EnquiryFactory(to_contact_point=made_up, is_sample=True, share_regional=True)
    assert chain(sample) == [["Made up"], ["ISU"]]


def test_an_enquiry_can_be_handed_over_to_offices_of_the_state_and_to_regional_ones_only_if_the_sender_agreed(
    norland, office, regional
):
    ministry = factories.ContactPointFactory(state=norland, office=M)
    to_office = {"to_contact_point": office}

    agreed = factories.make_enquiry(**to_office, share_regional=True)
    not_agreed = factories.make_enquiry(**to_office)

    assert [place.points for place in routing.places(agreed)] == [[ministry], [regional], []]
    assert [place.points for place in routing.places(not_agreed)] == [[ministry], []]


def test_of_regional_offices_the_one_for_the_area_is_asked_first(norland, office, regional):
    area = factories.AreaFactory()
    body = factories.RegionalBodyFactory(states=[norland], short_name="ZZZ")
    fitting = factories.ContactPointFactory(state=None, regional_body=body, office="Clearance desk")
    area.contact_points.add(fitting)
    enquiry = factories.EnquiryFactory(to_state=norland, area=area, share_regional=True)

    assert chain(enquiry) == [[A], ["Clearance desk"], ["ISU"]]


def test_a_regional_office_that_the_sender_turns_to_is_asked_without_further_agreement(regional):
    assert chain(factories.EnquiryFactory(to_contact_point=regional)) == [[S], ["ISU"]]


def test_another_office_of_the_state_takes_over_when_one_closes_that_has_an_enquiry(norland, office):
    enquiry = factories.make_enquiry(to_contact_point=office)
    factories.ContactPointFactory(state=norland, office=M)
    close(office)

    enquiry.move_on()

    assert names(enquiry) == [M]
    assert enquiry.steps.last().act == "handed_over"  # nobody was late
    closed = OutgoingMail.objects.filter(cause="enquiry_passed")
    assert not closed.exists()  # nobody reads the mailbox any more
