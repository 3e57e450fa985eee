"""An office answers from the link in its letter, without an account."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactPoint
from offers import routing
from offers.enquiry_links import link_for_office, link_for_sender
from offers.models import Actor, Enquiry, EnquiryStatus, OutgoingMail, Side
from tests import factories
from tests.at_once import at_once


@pytest.fixture
def office(norland):
    return factories.ContactPointFactory(state=norland, office="Authority", email="office@norland.example.org")


@pytest.fixture
def ministry(norland):
    return factories.ContactPointFactory(state=norland, office="Ministry", email="ministry@norland.example.org")


@pytest.fixture
def enquiry(office):
    return factories.make_enquiry(to_contact_point=office)


def page_of(enquiry, office):
    return reverse("offers:enquiry_of_office", args=[link_for_office(enquiry, office)])


@pytest.fixture
def press(client, enquiry, office):
    """Take a step on the page of the office; returns status and text of the answer."""

    def take(step, at=office, **data):
        response = client.post(page_of(enquiry, at), {"step": step, **data})
        enquiry.refresh_from_db()
        return response.status_code, response.content.decode()

    return take


def test_the_link_in_the_letter_leads_to_the_enquiry_and_opening_it_changes_nothing(client, enquiry, office):
    letter = OutgoingMail.objects.get(cause="enquiry_to_answer")
    assert letter.recipients == [office.email]
    address = page_of(enquiry, office)
    before = list(Enquiry.objects.values()), enquiry.steps.count(), OutgoingMail.objects.count()

    response = client.get(address)

    page = response.content.decode()
    assert enquiry.message in page
    assert f"mailto:{enquiry.email}?subject={enquiry.reference}" in page
    assert (list(Enquiry.objects.values()), enquiry.steps.count(), OutgoingMail.objects.count()) == before
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not response.cookies


def test_what_is_asked_about_has_another_name_in_arabic_than_the_page_about_the_portal(client, enquiry, office):
    page = client.get(page_of(enquiry, office).replace("/en/", "/ar/")).content.decode()

    assert "<dt>الموضوع</dt>" in page


def test_receipt_is_acknowledged_with_one_press_and_the_second_does_no_harm(press, enquiry):
    assert [press("acknowledge")[0] for _ in range(2)] == [200, 200]

    assert enquiry.status == EnquiryStatus.ACKNOWLEDGED
    assert OutgoingMail.objects.filter(cause="enquiry_acknowledged").count() == 1


def test_an_answer_goes_to_the_sender_once_however_often_the_button_is_pressed(press, enquiry, office):
    text = "نعم، يمكننا إرسال مدربين اثنين.\r\nمع التحية"

    pages = [press("answer", text=text) for _ in range(2)]

    assert [(status, "Your answer is on its way" in page) for status, page in pages] == [(200, True)] * 2
    step = enquiry.steps.get(act="answered")
    assert (step.reason, step.contact_point) == (text.replace("\r\n", "\n"), office)
    assert OutgoingMail.objects.filter(cause="enquiry_answered").count() == 1


def test_an_empty_answer_and_too_long_a_one_are_refused_in_words_and_kept(press, enquiry):
    status, page = press("answer", text=" \u200b ")
    assert (status, "Write the answer that the sender is to read." in page) == (200, True)
    status, page = press("answer", text="x" * 3001)
    assert (status, "x" * 3001 in page) == (200, True)

    assert enquiry.status == EnquiryStatus.OPEN


def test_an_office_that_has_answered_by_mail_only_says_so(press, enquiry):
    press("answered_by_mail")

    assert enquiry.status == EnquiryStatus.ANSWERED
    assert not OutgoingMail.objects.filter(cause="enquiry_answered").exists()


def test_declining_needs_a_reason(press, enquiry):
    assert "Say why" in press("decline", reason="")[1]
    assert enquiry.status == EnquiryStatus.OPEN

    press("decline", reason="All places are taken.")

    assert (enquiry.status, enquiry.steps.last().reason) == (EnquiryStatus.DECLINED, "All places are taken.")
    assert OutgoingMail.objects.get(cause="enquiry_declined").recipients == [enquiry.email]


def test_an_enquiry_is_handed_over_with_a_note_to_one_of_those_in_question(press, enquiry, ministry):
    foreign = factories.ContactPointFactory()
    assert "Choose to whom" in press("hand_over", to=foreign.pk, note="Yours?")[1]

    pages = [press("hand_over", to=ministry.pk, note="Yours?") for _ in range(2)]

    assert [(status, "The enquiry is handed over" in page) for status, page in pages] == [(200, True)] * 2
    assert enquiry.current_holders.get().contact_point == ministry
    assert enquiry.steps.filter(act="handed_over").count() == 1
    assert OutgoingMail.objects.filter(cause="enquiry_to_answer", recipients=[ministry.email]).count() == 1


def test_what_was_typed_stays_when_a_colleague_was_faster(press, enquiry, officer):
    enquiry.answer(actor=Actor(officer), text="By the ISU.")

    status, page = press("answer", text="By the office.")

    assert status == 409
    assert "somebody was faster" in page
    assert "By the office." in page
    assert enquiry.steps.filter(act="answered").count() == 1


def test_an_office_that_had_it_before_may_still_answer_and_sees_no_other_step(press, client, enquiry, office):
    enquiry.hand_over(actor=Actor(office=office), to=routing.TO_ISU)
    page = client.get(page_of(enquiry, office)).content.decode()
    assert re.findall(r'name="step"\s+value="(\w+)"', page) == ["answer", "answered_by_mail"]

    assert press("decline", reason="No.")[0] == 409
    assert press("answer", text="Yes, after all.")[0] == 200

    assert enquiry.status == EnquiryStatus.ANSWERED


def test_the_office_says_what_came_of_it_and_may_say_something_else(press, enquiry):
    assert press("outcome", kind="agreed")[0] == 409  # nobody has answered yet
    press("answer", text="Yes.")

    assert "Choose one of the four answers." in press("outcome", kind="everything")[1]
    press("outcome", kind="talks", helped="A visit.")
    press("outcome", kind="agreed", helped="A visit.")

    assert [(outcome.side, outcome.kind) for outcome in enquiry.outcomes.all()] == [
        ("office", "talks"), ("office", "agreed"),
    ]  # fmt: skip


def test_what_one_office_wrote_for_the_isu_alone_no_other_office_reads(client, enquiry, office, ministry):
    enquiry.hand_over(actor=Actor(office=office), to=routing.to_office(ministry))
    said = {"kind": "talks", "missing": "An answer of the first office."}
    enquiry.record_outcome(side=Side.OFFICE, actor=Actor(office=ministry), **said)

    assert said["missing"] in client.get(page_of(enquiry, ministry)).content.decode()
    assert said["missing"] not in client.get(page_of(enquiry, office)).content.decode()


def test_a_step_that_does_not_exist_changes_nothing(press, enquiry):
    assert press("publish")[0] == 409
    assert press("")[0] == 409
    assert enquiry.status == EnquiryStatus.OPEN


def test_hostile_words_stay_words(client, office):
    enquiry = factories.make_enquiry(to_contact_point=office, name="<script>x</script>", message="<b>\n" * 10)

    page = client.get(page_of(enquiry, office)).content.decode()

    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


@pytest.mark.parametrize("end", ["moved mailbox", "closed", "left the Convention", "erased"])
def test_a_link_ends_with_the_mailbox_the_office_the_membership_and_the_enquiry(client, enquiry, office, end):
    address = page_of(enquiry, office)
    if end == "moved mailbox":
        ContactPoint.objects.update(email="other@norland.example.org")
    elif end == "closed":
        ContactPoint.objects.update(closed_on=timezone.localdate())
    elif end == "left the Convention":
        office.state.withdrawal_effective = timezone.localdate()
        office.state.save()
    else:
        values = dict.fromkeys(["name", "organisation", "email", "message"], "")
        Enquiry.objects.update(closed_at=timezone.now(), erased_at=timezone.now(), **values)

    assert client.get(address).status_code == 410
    assert client.post(address, {"step": "answered_by_mail"}).status_code == 410


def test_a_forged_link_and_one_for_another_purpose_open_nothing(client, enquiry):
    for token in ("abc", link_for_sender(enquiry)):
        assert client.get(reverse("offers:enquiry_of_office", args=[token])).status_code == 404


def test_an_office_that_never_had_the_enquiry_has_no_link_to_it(client, enquiry, ministry):
    assert client.get(page_of(enquiry, ministry)).status_code == 410


@pytest.mark.parametrize("count", [1, 4])
def test_the_page_needs_as_many_queries_with_a_long_log_as_with_a_short_one(
    client, enquiry, office, ministry, django_assert_num_queries, count
):
    for _ in range(count):
        enquiry.hand_over(actor=Actor(office=office), to=routing.to_office(ministry), note="Yours?")
        enquiry.hand_over(actor=Actor(office=ministry), to=routing.to_office(office), note="No, yours.")

    with django_assert_num_queries(13):
        client.get(page_of(enquiry, office))


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_send_one_answer(client, enquiry, office):
    address = page_of(enquiry, office)

    answers = at_once(*[lambda: client.post(address, {"step": "answer", "text": "Yes."}).status_code] * 2)

    assert answers == [200, 200]
    assert OutgoingMail.objects.filter(cause="enquiry_answered").count() == 1
