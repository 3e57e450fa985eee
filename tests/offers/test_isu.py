"""The queue and the review."""

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from offers.models import Offer, OfferVersion, OutgoingMail, VersionStatus
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def isu(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def waiting(make_offer):
    return make_offer(status="submitted").versions.last()


def decide(client, version, step, follow=False, **data):
    address = reverse(f"offers:{step}", args=[version.pk])
    return client.post(address, {"seen": version.edit_number} | data, follow=follow)


def test_the_queue_lists_what_waits_and_leads_to_the_review_in_one_press(isu, waiting):
    page = isu.get(reverse("offers:queue")).content.decode()

    assert waiting.title in page
    assert f'href="{reverse("offers:review", args=[waiting.pk])}"' in page


def test_an_empty_queue_says_so(isu):
    assert "Nothing waits for review." in isu.get(reverse("offers:queue")).content.decode()


def test_the_review_shows_every_field_that_has_an_answer(isu, make_offer):
    version = make_offer(
        status="submitted", standards="IMAS 09.30", accessibility="Step-free rooms", pays_visa_insurance="shared"
    ).versions.last()

    page = isu.get(reverse("offers:review", args=[version.pk])).content.decode()

    for words in (version.title, "IMAS 09.30", "Step-free rooms", "Visa and insurance", "Shared"):
        assert words in page


def test_the_review_of_a_change_shows_what_differs_from_the_live_version(isu, make_offer, norlander):
    offer = make_offer(title="Ten places a year")
    version = offer.edit(by=norlander)
    version.title = "Twelve places a year"
    version.save()
    version.submit(by=norlander)

    response = isu.get(reverse("offers:review", args=[version.pk]))

    assert [difference.label for difference in response.context["differences"]] == ["Title"]
    page = response.content.decode()
    assert "<del" in page
    assert "<ins" in page


def test_publishing_puts_the_offer_in_the_catalogue_and_tells_the_focal_points(isu, waiting, norlander):
    response = decide(isu, waiting, "publish")

    assert response.url == reverse("offers:queue")
    assert waiting.offer in Offer.objects.public()
    letter = OutgoingMail.objects.order_by("pk").last()
    assert letter.recipients == [norlander.email]
    assert waiting.offer.reference in letter.subject


def test_the_second_publisher_is_told_and_nothing_changes(isu, waiting):
    decide(isu, waiting, "publish")
    log = waiting.offer.status_changes.count()

    response = decide(isu, waiting, "publish")

    assert response.status_code == 409
    assert "this offer has already moved on" in response.content.decode()
    assert waiting.offer.status_changes.count() == log


def test_a_version_changed_since_it_was_opened_is_not_published(isu, waiting, norlander):
    own = OfferVersion.objects.get(pk=waiting.pk)
    own.take_back(by=norlander)
    own.claim_edit(own.edit_number)
    own.submit(by=norlander)

    response = decide(isu, waiting, "publish")

    assert response.status_code == 409
    assert "the text is not the one you opened" in response.content.decode()
    assert Offer.objects.get().live_version is None


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 400, "١"])
def test_a_forged_edit_number_publishes_nothing(isu, waiting, seen):
    response = decide(isu, waiting, "publish", seen=seen)

    assert response.status_code == 409
    assert Offer.objects.get().live_version is None


def test_a_return_needs_a_reason(isu, waiting):
    response = decide(isu, waiting, "send_back", **{"send_back-reason": " "})

    assert "Give a reason" in response.content.decode()
    waiting.refresh_from_db()
    assert waiting.status == VersionStatus.SUBMITTED


@pytest.mark.parametrize(("step", "status"), [("send_back", "returned"), ("refuse", "refused")])
def test_a_decision_against_is_taken_with_its_reason(isu, waiting, step, status):
    decide(isu, waiting, step, **{f"{step}-reason": "How many places are there?"})

    waiting.refresh_from_db()
    assert (waiting.status, waiting.decision_reason) == (status, "How many places are there?")


def test_a_returned_version_is_edited_and_submitted_again(isu, waiting, norlander):
    decide(isu, waiting, "send_back", **{"send_back-reason": "More, please."})

    waiting.refresh_from_db()
    waiting.submit(by=norlander)

    assert waiting in OfferVersion.objects.awaiting_review()


def test_a_draft_taken_back_is_no_business_of_the_isu(isu, waiting, norlander):
    OfferVersion.objects.get(pk=waiting.pk).take_back(by=norlander)

    assert isu.get(reverse("offers:review", args=[waiting.pk])).status_code == 404
    assert "already moved on" in decide(isu, waiting, "publish", follow=True).content.decode()
    assert Offer.objects.get().live_version is None


def test_a_returned_version_is_read_again_when_it_is_submitted_again(isu, waiting, norlander):
    decide(isu, waiting, "send_back", **{"send_back-reason": "More, please."})
    version = OfferVersion.objects.get(pk=waiting.pk)
    version.title = "Words nobody has handed in"
    version.save()

    assert isu.get(reverse("offers:review", args=[version.pk])).status_code == 404
    assert isu.get(reverse("offers:review_preview", args=[version.pk])).status_code == 404
    version.submit(by=norlander)
    assert isu.get(reverse("offers:review", args=[version.pk])).status_code == 200


@pytest.mark.parametrize("reason", ["", "Too late."])
@pytest.mark.parametrize("step", ["send_back", "refuse"])
def test_a_decision_that_comes_too_late_shows_no_word_of_the_draft(isu, waiting, norlander, step, reason):
    own = OfferVersion.objects.get(pk=waiting.pk)
    own.take_back(by=norlander)
    OfferVersion.objects.filter(pk=own.pk).update(title="Words nobody has handed in")

    page = decide(isu, waiting, step, follow=True, **{f"{step}-reason": reason})

    assert page.redirect_chain == [(reverse("offers:queue"), 302)]
    assert "Words nobody has handed in" not in page.content.decode()


def test_a_reason_is_kept_when_the_decision_comes_too_late(isu, waiting, norlander):
    own = OfferVersion.objects.get(pk=waiting.pk)
    own.take_back(by=norlander)
    own.claim_edit(own.edit_number)
    own.submit(by=norlander)

    response = decide(isu, waiting, "send_back", **{"send_back-reason": "How many places are there?"})

    assert response.status_code == 409
    assert "How many places are there?" in response.content.decode()


def test_publishing_for_a_state_that_has_left_says_so(isu, waiting, norland):
    norland.withdrawal_effective = timezone.localdate()
    norland.save()

    assert "only States Parties have offers" in decide(isu, waiting, "publish").content.decode()


def test_a_superseded_version_shows_no_differences(isu, make_offer, norlander, officer):
    offer = make_offer()
    former = offer.live_version
    version = offer.edit(by=norlander)
    version.title = "Another title"
    version.save()
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)

    page = isu.get(reverse("offers:review", args=[former.pk])).content.decode()

    assert "What changes in the catalogue" not in page


def test_an_offer_submitted_before_midnight_waits_for_a_day_after_it(isu, waiting):
    with time_machine.travel("2026-03-02T22:30:00Z", tick=False):
        OfferVersion.objects.filter(pk=waiting.pk).update(submitted_at=timezone.now())
    with time_machine.travel("2026-03-03T01:30:00Z", tick=False):
        isu.force_login(factories.UserFactory(role="isu_officer"))
        assert "1 day" in isu.get(reverse("offers:queue")).content.decode()


def test_the_moderator_is_warned_of_a_private_mailbox_and_of_something_similar(isu, make_offer, norland):
    office = factories.ContactPointFactory(state=norland, email="mine.action@gmail.com")
    other = make_offer(title="Nearly the same course")
    version = make_offer(status="submitted", contact_points=[office]).versions.last()

    page = isu.get(reverse("offers:review", args=[version.pk])).content.decode()

    assert "mine.action@gmail.com belongs to a private provider" in page
    assert other.live_version.title in page


def test_the_officer_who_wrote_a_version_cannot_publish_it(isu, officer, norland):
    version = factories.make_offer(state=norland, author=officer, status="submitted").versions.last()

    page = isu.get(reverse("offers:review", args=[version.pk])).content.decode()
    response = decide(isu, version, "publish")

    assert "somebody else has to publish it" in page
    assert response.status_code == 409
    assert Offer.objects.get().live_version is None


@pytest.mark.parametrize("count", [1, 5])
def test_the_queue_needs_the_same_queries_however_long(isu, make_offer, count, django_assert_max_num_queries):
    for _ in range(count):
        make_offer(status="submitted")

    with django_assert_max_num_queries(3):
        isu.get(reverse("offers:queue"))
