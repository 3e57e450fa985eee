"""Steps that two people take, or one person twice, at the same moment."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from contacts.models import KeptPost
from offers.models import Offer, OfferPartner, OutgoingMail, PartnerAnswer, Step, StepNotAllowed
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_double_press_on_a_new_offer_makes_one_draft(norland, norlander):
    press = browser_of(norlander).post

    answers = at_once(*[lambda: press(reverse("offers:new")).url] * 3)

    offer = Offer.objects.get()
    assert answers == [reverse("offers:edit", args=[offer.reference])] * 3
    assert offer.versions.count() == offer.status_changes.count() == 1


def test_a_double_press_on_behalf_of_a_state_makes_one_draft(norland, norlander, officer):
    press, address = browser_of(officer).post, reverse("offers:begin_on_behalf")
    paper = {"state": norland.pk, "note_verbale": "NV 12/2026", "note_verbale_date": "2026-01-15"}

    answers = at_once(*[lambda: press(address, paper).url] * 3)

    offer = Offer.objects.get()
    assert answers == [reverse("offers:edit", args=[offer.reference])] * 3
    assert OutgoingMail.objects.filter(recipients=[norlander.email]).count() == 1


def test_of_two_officers_who_take_down_at_once_one_does_and_the_other_is_told(make_offer, officer, administrator):
    offer = make_offer()
    address = reverse("offers:take_down", args=[offer.reference])
    presses = [browser_of(user).post for user in (officer, administrator)]

    answers = at_once(*[lambda post=post: post(address, {"reason": "A complaint."}).status_code for post in presses])

    assert sorted(answers) == [302, 409]
    assert offer.status_changes.filter(step=Step.TAKE_DOWN).count() == 1


def test_of_two_who_bring_back_what_was_taken_down_one_does(make_offer, officer, administrator):
    offer = make_offer()
    offer.take_down(by=officer, reason="By mistake.")
    address = reverse("offers:bring_back_taken_down", args=[offer.reference])
    presses = [browser_of(user).post for user in (officer, administrator)]

    assert at_once(*[lambda post=post: post(address).status_code for post in presses]) == [302, 302]
    assert offer.status_changes.filter(step=Step.BRING_BACK).count() == 1
    assert Offer.objects.public().filter(pk=offer.pk).exists()


@pytest.fixture
def partner(make_offer, sudland, norlander):
    version = make_offer(status="draft").open_version
    partner = version.partners.create(state=sudland, role="host")
    version.submit(by=norlander)
    return partner


def test_of_two_who_accept_and_decline_at_once_the_first_is_heard(partner, sudlander):
    def answer(step):
        try:
            getattr(OfferPartner.objects.get(pk=partner.pk), step)(by=sudlander, seen=PartnerAnswer.NONE)
        except StepNotAllowed:
            return "told"
        return step

    answers = at_once(lambda: answer("accept"), lambda: answer("decline"))

    partner.refresh_from_db()
    heard = {"accept": "accepted", "decline": "declined"}[(set(answers) - {"told"}).pop()]
    assert "told" in answers
    assert partner.answer == heard
    steps = (Step.ACCEPT_PARTNERSHIP, Step.DECLINE_PARTNERSHIP)
    assert partner.version.offer.status_changes.filter(step__in=steps).count() == 1


def test_a_form_that_comes_twice_after_the_session_is_kept_and_taken(norlander, make_offer):
    offer, client = make_offer(status="draft"), browser_of(norlander)
    address = reverse("offers:submit", args=[offer.reference])
    client.get(reverse("offers:desk"))
    cookie = client.cookies[settings.WRITER_COOKIE_NAME].value
    Session.objects.all().delete()

    def press():
        late = Client()
        late.cookies[settings.WRITER_COOKIE_NAME] = cookie
        return late.post(address, {"note_to_isu": "Please look at the last day."}).status_code

    assert at_once(press, press, press) == [302] * 3
    texts = [kept.words for kept in KeptPost.objects.all()]
    assert texts[0] == ["Please look at the last day."]


def test_what_was_kept_is_sent_again_twice_at_once_and_saved_once(norlander, make_offer):
    offer, client = make_offer(status="published"), browser_of(norlander)
    address = reverse("offers:withdraw", args=[offer.reference])
    kept = KeptPost.objects.create(
        user=norlander, path=address, data={"fields": {"reason": ["No trainers."]}, "files": []}
    )

    def press():
        return client.post(address, {"reason": "No trainers.", "kept": kept.pk}).status_code

    assert at_once(press, press) == [302, 302]
    assert offer.status_changes.filter(step=Step.WITHDRAW).count() == 1
    assert not KeptPost.objects.exists()
