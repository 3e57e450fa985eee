"""Withdrawn or fulfilled at once, and brought back within the hours in which that can be done."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from offers.models import Ending, Offer, OutgoingMail, SearchEntry, Step, StepNotAllowed, VersionStatus
from offers.work import work_of
from tests import factories

pytestmark = pytest.mark.django_db


def bring_back(client, offer):
    return client.post(reverse("offers:bring_back", args=[offer.reference]), follow=True).content.decode()


def letters_to(address):
    return [mail for mail in OutgoingMail.objects.order_by("pk") if mail.recipients == [address]]


def text_of(letter):
    return bytes(letter.raw).decode().replace("=\n", "")


@pytest.mark.parametrize("name", ["withdraw", "fulfil"])
def test_what_was_ended_by_mistake_is_brought_back_and_all_is_as_before(focal, client, make_offer, norland, name):
    offer = make_offer(title="Detectors", confirmed_days_ago=200)
    before = Offer.objects.values().get(pk=offer.pk)
    focal.post(reverse(f"offers:{name}", args=[offer.reference]), {"reason": "A mistake."})
    assert client.get(offer.get_absolute_url()).status_code == 410
    assert not SearchEntry.objects.filter(offer=offer).exists()

    page = bring_back(focal, offer)

    assert "The offer is back" in page
    assert Offer.objects.values().get(pk=offer.pk) == before
    assert offer.status_changes.last().step == Step.BRING_BACK
    assert client.get(offer.get_absolute_url()).status_code == 200
    assert "Detectors" in client.get(reverse("offers:catalogue"), {"q": "detectors"}).content.decode()
    assert [task.offer for task in work_of(norland).to_do] == [offer]


def test_the_desk_says_until_when_an_ending_can_be_undone(focal, make_offer, norlander):
    offer = make_offer()
    offer.withdraw(by=norlander)
    address, desk = reverse("offers:bring_back", args=[offer.reference]), reverse("offers:desk")

    assert address in focal.get(desk).content.decode()

    with time_machine.travel(offer.undo_until + timedelta(seconds=1), tick=False):
        focal.force_login(norlander)
        assert address not in focal.get(desk).content.decode()


def test_too_late_to_bring_back_is_said_in_words(focal, make_offer, norlander):
    offer = make_offer()
    offer.withdraw(by=norlander)

    with time_machine.travel(offer.undo_until + timedelta(seconds=1), tick=False):
        focal.force_login(norlander)
        page = bring_back(focal, offer)

    assert "it is too late to bring this offer back" in page
    offer.refresh_from_db()
    assert offer.ended_as == Ending.WITHDRAWN


def test_a_second_click_on_bring_back_is_told_and_changes_nothing(focal, make_offer, norlander):
    offer = make_offer()
    offer.fulfil(by=norlander)
    bring_back(focal, offer)

    assert "has been brought back already" in bring_back(focal, offer)
    assert offer.status_changes.filter(step=Step.BRING_BACK).count() == 1


def test_a_version_being_written_waits_through_an_ending_and_is_open_again(make_offer, norlander, officer):
    offer = make_offer()
    version = offer.edit(by=norlander)
    version.submit(by=norlander)
    offer.withdraw(by=norlander)
    with pytest.raises(StepNotAllowed):
        version.publish(by=officer, seen=version.edit_number)
    assert offer.open_version is None

    offer.bring_back(by=norlander)

    assert offer.open_version == version
    version.publish(by=officer, seen=version.edit_number)
    offer.refresh_from_db()
    assert offer.live_version == version


def test_a_text_typed_while_a_colleague_withdraws_and_brings_back_can_still_be_saved(make_offer, norlander):
    offer = make_offer()
    version = offer.edit(by=norlander)
    seen = version.edit_number
    offer.withdraw(by=norlander)
    offer.bring_back(by=norlander)

    version.claim_edit(seen, by=norlander)

    version.refresh_from_db()
    assert (version.status, version.edit_number) == (VersionStatus.DRAFT, seen + 1)


def test_a_draft_that_was_withdrawn_comes_back_too(make_offer, norlander):
    offer = make_offer(status="draft")
    offer.withdraw(by=norlander)

    offer.bring_back(by=norlander)

    assert offer.open_version.status == VersionStatus.DRAFT
    assert not SearchEntry.objects.exists()


def test_what_the_isu_has_taken_down_only_the_isu_brings_back_and_at_any_time(make_offer, norlander, officer):
    offer = make_offer()
    offer.take_down(by=officer, reason="Not in line with the Convention.")
    with pytest.raises(StepNotAllowed, match="the ISU has taken this offer down"):
        offer.bring_back(by=norlander)

    with time_machine.travel(timezone.now() + timedelta(days=400)):
        offer.bring_back(by=officer)

    assert not offer.has_ended
    assert "The ISU has brought back" in text_of(letters_to(norlander.email)[-1])


def test_the_isu_does_not_undo_what_the_state_itself_has_ended(make_offer, norlander, officer):
    offer = make_offer()
    offer.withdraw(by=norlander)

    with pytest.raises(StepNotAllowed, match="the State itself has ended this offer"):
        offer.bring_back(by=officer)


@pytest.mark.parametrize(("name", "subject"), [("withdraw", "Norland has withdrawn"), ("fulfil", "Norland has marked")])
def test_the_isu_is_written_to_about_an_ending_and_about_its_undoing(make_offer, norlander, settings, name, subject):
    offer = make_offer(title="Detectors")

    getattr(offer, name)(by=norlander, reason="Given away.")
    offer.bring_back(by=norlander)

    ending, undoing = letters_to(settings.ISU_EMAIL)[-2:]
    assert ending.subject.startswith(subject)
    assert "Given away." in text_of(ending)
    assert "Detectors" in text_of(ending)
    assert undoing.subject == f"{offer.reference} has been brought back"


def test_the_isu_hears_nothing_of_a_draft_that_it_has_never_seen(make_offer, norlander, settings):
    offer = make_offer(status="draft", title="Nobody else knows")

    offer.withdraw(by=norlander)
    offer.bring_back(by=norlander)

    assert not OutgoingMail.objects.exists()


def test_a_stranger_finds_nothing_to_bring_back(client, make_offer, norlander, sudlander):
    offer = make_offer()
    offer.withdraw(by=norlander)
    client.force_login(sudlander)

    assert client.post(reverse("offers:bring_back", args=[offer.reference])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_bring_back_at_once_one_does_and_the_other_is_told(make_offer, norlander):
    offer = make_offer()
    offer.withdraw(by=norlander)
    outcomes, start = [], threading.Barrier(2)

    def press():
        mine = Offer.objects.get(pk=offer.pk)
        start.wait()
        try:
            mine.bring_back(by=norlander)
            outcomes.append("done")
        except StepNotAllowed:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "told"]
    assert offer.status_changes.filter(step=Step.BRING_BACK).count() == 1


def test_the_letter_of_an_ending_leads_to_the_page_of_the_isu(client, make_offer, norlander, officer, settings):
    offer = make_offer()
    offer.withdraw(by=norlander)

    assert f"/en/isu/offers/{offer.reference}/" in text_of(letters_to(settings.ISU_EMAIL)[-1])
    client.force_login(officer)
    assert client.get(reverse("offers:isu_offer", args=[offer.reference])).status_code == 200


def test_a_former_party_brings_nothing_back(client, make_offer, norland, norlander):
    offer = make_offer()
    offer.withdraw(by=norlander)
    norland.withdrawal_effective = timezone.localdate()
    norland.save()
    client.force_login(factories.UserFactory(state=norland))

    assert client.post(reverse("offers:bring_back", args=[offer.reference])).status_code == 403
