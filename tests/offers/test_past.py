"""What the public saw at a moment in the past, compared with what it did see when that moment was now."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from offers.models import Offer, StatusChange, Step
from offers.past import sight_of
from tests import factories

pytestmark = pytest.mark.django_db


def at(*parts):
    """A moment in Geneva."""
    return datetime(*parts, tzinfo=timezone.get_default_timezone())


def seen(offer, moment):
    """As it is told today."""
    offer = Offer.objects.select_related("state").get(pk=offer.pk)
    return sight_of(offer, moment, list(offer.status_changes.select_related("version")))


def travel(moment):
    return time_machine.travel(moment, tick=False)


@pytest.fixture
def published(norland, norlander):
    """Published on 15 January 2026 at ten."""

    def publish(**content):
        with travel(at(2026, 1, 15, 10)):
            return factories.make_offer(state=norland, author=norlander, **content)

    return publish


def test_it_was_not_there_before_it_was_published(published):
    offer = published()

    before, then = seen(offer, at(2026, 1, 15, 9, 59, 59)), seen(offer, at(2026, 1, 15, 10))

    assert (before.is_public, before.version) == (False, None)
    assert before.hidden == "It had not yet been published."
    assert (then.is_public, then.version.number) == (True, 1)


def test_a_draft_was_never_there(make_offer):
    assert not seen(make_offer(status="draft"), timezone.now()).is_public


def test_a_newer_version_took_the_place_of_the_live_one_at_its_moment(published, norlander, officer):
    offer = published(title="Old words")
    with travel(at(2026, 3, 1, 12)):
        version = offer.edit(by=norlander)
        factories.make_version_complete(version, title="New words")
        version.submit(by=norlander)
        version.publish(by=officer, seen=version.edit_number)

    assert seen(offer, at(2026, 3, 1, 11, 59)).version.title == "Old words"
    assert seen(offer, at(2026, 3, 1, 12)).version.title == "New words"


def test_it_was_hidden_between_its_ending_and_its_return(published, norlander):
    offer = published()
    with travel(at(2026, 2, 1, 8)):
        offer.withdraw(by=norlander)
    with travel(at(2026, 2, 1, 9)):
        offer.bring_back(by=norlander)
    with travel(at(2026, 2, 5, 8)):
        offer.fulfil(by=norlander)

    moments = [at(2026, 2, 1, 7), at(2026, 2, 1, 8), at(2026, 2, 1, 9), at(2026, 2, 5, 8), at(2026, 6, 1)]
    assert [seen(offer, moment).hidden for moment in moments] == [
        "",
        "It had been withdrawn.",
        "",
        "It had been marked as fulfilled.",
        "It had been marked as fulfilled.",
    ]


def test_it_was_suspended_by_age_until_it_was_confirmed(published, norlander, settings):
    offer = published()
    suspended = date(2026, 1, 15) + timedelta(days=settings.OFFER_SUSPENDED_DAYS)
    with travel(at(2026, 12, 1, 9)):
        Offer.objects.get(pk=offer.pk).confirm(by=norlander)

    last = at(suspended.year, suspended.month, suspended.day) - timedelta(seconds=1)
    assert seen(offer, last).is_public
    assert seen(offer, last + timedelta(seconds=1)).hidden == (
        "It was suspended, since it had last been confirmed on 15 January 2026."
    )
    assert seen(offer, at(2026, 12, 1, 9)).is_public


def test_its_last_day_ended_at_midnight_in_geneva(published):
    offer = published(valid_until=None)
    version = offer.live_version
    type(version).objects.filter(pk=version.pk).update(valid_until=date(2026, 4, 30))

    assert seen(offer, at(2026, 4, 30, 23, 59, 59)).is_public
    # In summer, midnight in Geneva is 22:00 in the database.
    after = datetime(2026, 4, 30, 22, 0, tzinfo=UTC)
    assert seen(offer, after).hidden == "Its last day, 30 April 2026, had passed."


def test_it_was_hidden_once_its_state_had_left_the_convention(published, norland):
    offer = published()
    norland.withdrawal_effective = date(2026, 3, 10)
    norland.save()

    assert seen(offer, at(2026, 3, 9, 23, 59)).is_public
    assert seen(offer, at(2026, 3, 10)).hidden == "The State was not a State Party on that day."


def test_a_partner_was_named_from_its_acceptance_until_it_took_that_back(published, norlander, sudland, sudlander):
    offer = published()
    partner = offer.live_version.partners.create(state=sudland, role="host")
    with travel(at(2026, 2, 1, 12)):
        partner.accept(by=sudlander)
    with travel(at(2026, 2, 3, 12)):
        partner.decline(by=sudlander)

    def partners(moment):
        sight = seen(offer, moment)
        (words,) = [answer.text for _title, group in sight.groups for answer in group if answer.name == "partners"]
        return words

    moments = [at(2026, 2, 1, 11), at(2026, 2, 1, 12), at(2026, 2, 3, 11), at(2026, 2, 3, 12)]
    assert ["Sudland" in partners(moment) for moment in moments] == [False, True, True, False]


def test_an_answer_from_before_the_log_kept_it_counts_from_its_day(published, sudland, sudlander):
    offer = published()
    partner = offer.live_version.partners.create(state=sudland, role="host")
    with travel(at(2026, 2, 1, 12)):
        partner.accept(by=sudlander)
    StatusChange.objects.filter(step=Step.ACCEPT_PARTNERSHIP).update(changes=[])

    assert [bool(seen(offer, at(2026, 2, day, 18)).named) for day in (1, 2)] == [True, True]
    assert not seen(offer, at(2026, 1, 31, 18)).named


def test_a_whole_life_told_afterwards_is_what_the_public_saw_day_by_day(norland, norlander, officer, settings):
    """Every fifth day of two years the catalogue is asked itself; afterwards the log must tell the same."""
    with travel(at(2026, 1, 15, 10)):
        offer = factories.make_offer(state=norland, author=norlander)

    def change():
        version = Offer.objects.get(pk=offer.pk).edit(by=norlander)
        type(version).objects.filter(pk=version.pk).update(valid_until=date(2027, 8, 20))
        version.refresh_from_db()
        version.submit(by=norlander)
        version.publish(by=officer, seen=version.edit_number)

    def fresh():
        return Offer.objects.get(pk=offer.pk)

    life = {
        date(2026, 3, 1): lambda: fresh().confirm(by=norlander),
        date(2026, 4, 5): lambda: fresh().withdraw(by=norlander),
        date(2026, 4, 6): lambda: fresh().bring_back(by=norlander),
        date(2026, 6, 4): lambda: fresh().take_down(by=officer, reason="To be clarified."),
        date(2026, 7, 4): lambda: fresh().bring_back(by=officer),
        # Suspended by age in November, and confirmed again; then changed, with a last day of the State's own.
        date(2027, 1, 10): lambda: fresh().confirm(by=norlander),
        date(2027, 5, 1): change,
        date(2027, 9, 15): lambda: fresh().edit(by=norlander),
        date(2027, 10, 1): lambda: fresh().fulfil(by=norlander),
    }
    was_public, day = {}, date(2026, 1, 16)
    while day < date(2027, 12, 1):
        if day in life:
            with travel(at(day.year, day.month, day.day, 5)):
                life[day]()
        if day in life or day.toordinal() % 5 == 0:
            with travel(at(day.year, day.month, day.day, 12)):
                public = Offer.objects.public().filter(pk=offer.pk).first()
                was_public[timezone.now()] = public and public.live_version_id
        day += timedelta(days=1)

    told = {moment: seen(offer, moment) for moment in was_public}

    assert {moment: sight.version.pk if sight.is_public else None for moment, sight in told.items()} == was_public
    # The life had all there can be.
    assert len({sight.hidden for sight in told.values()}) == 6
    assert len(set(was_public.values())) == 3
