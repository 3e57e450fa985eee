"""The life of a version and of an offer: which steps exist, and what each leaves behind."""

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone, translation

from contacts.models import Role
from offers.models import (
    Ending,
    Freshness,
    Offer,
    OfferVersion,
    OutgoingMail,
    StaleEdit,
    Step,
    StepNotAllowed,
    VersionStatus,
)
from offers.models.wording import AMOUNT_OF_MONEY
from tests import factories

pytestmark = pytest.mark.django_db


def newest(offer):
    return offer.versions.last()


def test_a_new_offer_has_a_reference_of_the_year_and_an_empty_draft(norland, norlander):
    offer = Offer.begin(state=norland, by=norlander)

    assert offer.reference == f"PFP-{timezone.localdate().year}-0001"
    assert newest(offer).status == VersionStatus.DRAFT
    assert [change.step for change in offer.status_changes.all()] == [Step.BEGIN]


def test_references_follow_one_another(norland, norlander):
    references = [Offer.begin(state=norland, by=norlander).reference[-4:] for _ in range(3)]

    assert references == ["0001", "0002", "0003"]


STEPS = {
    "submit": (lambda version, by: version.submit(by=by), {"draft", "returned"}),
    "take_back": (lambda version, by: version.take_back(by=by), {"submitted"}),
    "send_back": (
        lambda version, by: version.send_back(by=by, reason="Say more.", seen=version.edit_number),
        {"submitted"},
    ),
    "refuse": (lambda version, by: version.refuse(by=by, reason="No.", seen=version.edit_number), {"submitted"}),
    "publish": (lambda version, by: version.publish(by=by, seen=version.edit_number), {"submitted"}),
}


@pytest.mark.parametrize("status", ["draft", "submitted", "returned", "refused", "published"])
@pytest.mark.parametrize("name", STEPS)
def test_each_step_starts_only_where_it_may(make_offer, officer, name, status):
    step, sources = STEPS[name]
    offer = make_offer(status=status)
    version, log = newest(offer), offer.status_changes.count()

    if status in sources:
        step(version, officer)
        assert offer.status_changes.count() == log + 1
        return
    with pytest.raises(StepNotAllowed):
        step(version, officer)

    version.refresh_from_db()
    assert version.status == status
    assert offer.status_changes.count() == log


def test_an_incomplete_version_cannot_be_submitted_and_says_for_each_field_why(norland, norlander):
    version = Offer.begin(state=norland, by=norlander).open_version

    with pytest.raises(ValidationError) as refusal:
        version.submit(by=norlander)

    assert set(refusal.value.message_dict) == {
        "title", "primary_area", "form", "description", "delivery_modes", "contact_points",
    }  # fmt: skip
    version.refresh_from_db()
    assert version.status == VersionStatus.DRAFT
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": ""}, "title"),
        ({"description": "x" * 149}, "description"),
        ({"delivery_modes": []}, "delivery_modes"),
        ({"recipients": "selected"}, "recipients"),
        ({"timing": "dates"}, "starts_on"),
        ({"contact_points": []}, "contact_points"),
        ({"title": "USD 50,000 for prostheses"}, "title"),
        ({"quantity": "5 million euros"}, "quantity"),
        ({"funding_purpose": "CHF 20 000 for travel"}, "funding_purpose"),
        ({"valid_until": timezone.localdate() + timedelta(days=3 * 365)}, "valid_until"),
        ({"valid_until": timezone.localdate() - timedelta(days=1)}, "valid_until"),
    ],
)
def test_what_is_missing_names_the_field(norland, norlander, content, field):
    offer = Offer.begin(state=norland, by=norlander)

    version = factories.make_version_complete(offer.open_version, **content)

    assert list(version.what_is_missing()) == [field]


@pytest.mark.parametrize(
    "title",
    [
        "USD 50,000 for prostheses", "5 million euros", "€ 300", "300 €", "12 dollars a day", "CHF 20'000",
        "EUR 5 million", "100 000 Swiss francs", "two million dollars",
    ],
)  # fmt: skip
def test_amounts_of_money_are_recognised(title):
    assert AMOUNT_OF_MONEY.search(title)


@pytest.mark.parametrize(
    "title",
    ["2 CAD workstations", "5 CAD licences", "CAD 3D modelling course", "12 places in each of 5 courses", "IMAS 09.30"],
)
def test_other_numbers_are_not_taken_for_money(title):
    assert not AMOUNT_OF_MONEY.search(title)


def test_money_may_be_offered_in_the_one_form_that_fuels_south_south_cooperation(norland, norlander):
    version = Offer.begin(state=norland, by=norlander).open_version
    form = factories.FormFactory(code="form.south_south_funding")

    factories.make_version_complete(version, form=form, title="Travel of instructors up to USD 50,000")

    assert version.what_is_missing() == {}


def test_an_office_of_the_own_state_must_be_among_the_contact_points(norland, norlander):
    version = Offer.begin(state=norland, by=norlander).open_version
    regional = factories.ContactPointFactory(state=None, regional_body=factories.RegionalBodyFactory())

    factories.make_version_complete(version, contact_points=[regional])

    assert list(version.what_is_missing()) == ["contact_points"]


@pytest.mark.parametrize(
    "broken",
    [
        {"title": ""},
        {"primary_area": None},
        {"form": None},
        {"description": "Too short."},
        {"description": "x" * 1501},
        {"delivery_modes": []},
        {"timing": "dates"},
        {"submitted_at": None},
    ],
)
def test_the_database_refuses_an_incomplete_version_outside_the_desk(make_offer, broken):
    version = newest(make_offer(status="submitted"))

    with pytest.raises(IntegrityError), transaction.atomic():
        OfferVersion.objects.filter(pk=version.pk).update(**broken)


def test_the_database_allows_one_open_and_one_live_version_only(make_offer):
    offer = make_offer(status="published")
    offer.edit(by=newest(offer).author)

    for status in (VersionStatus.DRAFT, VersionStatus.SUBMITTED, VersionStatus.PUBLISHED):
        with pytest.raises(IntegrityError), transaction.atomic():
            copy = offer.live_version
            copy.pk, copy.number, copy.status, copy._state.adding = None, 9, status, True
            copy.save()


def test_publishing_swaps_the_live_version_and_keeps_the_former_one(make_offer, officer):
    offer = make_offer(title="Old wording")
    former = offer.live_version
    version = offer.edit(by=former.author)
    version.title = "New wording"
    version.save()
    version.submit(by=former.author)
    assert Offer.objects.get(pk=offer.pk).live_version.title == "Old wording"

    version.publish(by=officer, seen=version.edit_number)

    offer.refresh_from_db()
    former.refresh_from_db()
    assert offer.live_version == version
    assert former.status == VersionStatus.SUPERSEDED
    assert [change.step for change in offer.status_changes.all()][-2:] == [Step.SUPERSEDE, Step.PUBLISH]
    assert offer.first_published_on == timezone.localdate()


def test_an_edit_copies_everything_the_state_has_said(make_offer):
    group = factories.RegionalBodyFactory()
    offer = make_offer(
        recipients="selected", recipient_groups=[group], languages=[factories.LanguageFactory()], pays_travel="provider"
    )
    offer.live_version.links.create(url="https://example.org/course", title="The course")
    offer.live_version.partners.create(organisation="A centre", role="host")

    copy = offer.edit(by=offer.live_version.author)

    assert copy.number == 2
    assert copy.title == offer.live_version.title
    assert copy.pays_travel == "provider"
    assert list(copy.recipient_groups.all()) == [group]
    assert list(copy.languages.all()) == list(offer.live_version.languages.all())
    assert [(link.title, link.url) for link in copy.links.all()] == [("The course", "https://example.org/course")]
    assert [partner.organisation for partner in copy.partners.all()] == ["A centre"]
    assert offer.live_version.links.count() == 1


def test_a_second_edit_opens_the_same_version(make_offer, norlander):
    offer = make_offer()

    assert offer.edit(by=norlander) == offer.edit(by=norlander)


def test_a_version_changed_since_it_was_read_cannot_be_published(make_offer, norlander, officer):
    offer = make_offer(status="submitted")
    read = newest(offer)
    seen = read.edit_number
    version = newest(offer)
    version.take_back(by=norlander)
    version.claim_edit(version.edit_number)
    version.submit(by=norlander)

    with pytest.raises(StepNotAllowed):
        read.publish(by=officer, seen=seen)

    offer.refresh_from_db()
    assert offer.live_version is None


def test_nobody_publishes_what_they_alone_have_written_without_a_note_verbale(make_offer, norlander):
    version = newest(make_offer(status="submitted"))
    norlander.role = Role.ISU_OFFICER
    norlander.save()

    with pytest.raises(StepNotAllowed):
        version.publish(by=norlander, seen=version.edit_number)
    OfferVersion.objects.filter(pk=version.pk).update(note_verbale="NV 12/2026", note_verbale_date=date(2026, 5, 3))
    version.refresh_from_db()
    version.publish(by=norlander, seen=version.edit_number)

    assert version.status == VersionStatus.PUBLISHED


def test_a_state_that_has_left_the_convention_publishes_nothing_more(make_offer, norland, officer):
    version = newest(make_offer(status="submitted"))
    norland.withdrawal_effective = timezone.localdate()
    norland.save()

    with pytest.raises(StepNotAllowed):
        version.publish(by=officer, seen=version.edit_number)


@pytest.mark.parametrize("step", ["send_back", "refuse"])
def test_a_decision_against_an_offer_needs_a_reason(make_offer, officer, step):
    version = newest(make_offer(status="submitted"))

    with pytest.raises(ValidationError):
        getattr(version, step)(by=officer, reason="  ", seen=version.edit_number)

    version.refresh_from_db()
    assert version.status == VersionStatus.SUBMITTED


def test_a_returned_version_carries_its_reason_and_the_letter_shows_it(make_offer, norlander):
    version = newest(make_offer(status="returned"))

    letter = OutgoingMail.objects.get(recipients=[norlander.email])
    assert version.decision_reason == "Please say how many places there are."
    assert version.decision_reason in bytes(letter.raw).decode()


def test_a_letter_leaves_only_if_its_step_does(make_offer, officer):
    version = newest(make_offer(status="submitted"))
    before = OutgoingMail.objects.count()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        version.publish(by=officer, seen=version.edit_number)
        raise ZeroDivisionError

    assert OutgoingMail.objects.count() == before


def test_a_stale_save_is_refused(make_offer):
    version = newest(make_offer(status="draft"))
    version.claim_edit(seen=1)

    with pytest.raises(StaleEdit):
        version.claim_edit(seen=1)


def test_a_submitted_version_cannot_be_saved_over(make_offer):
    version = newest(make_offer(status="submitted"))

    with pytest.raises(StaleEdit):
        version.claim_edit(seen=version.edit_number)


@pytest.mark.parametrize(
    ("days", "freshness", "public"),
    [
        (0, Freshness.FRESH, True),
        (179, Freshness.FRESH, True),
        (180, Freshness.DUE, True),
        (209, Freshness.DUE, True),
        (210, Freshness.OVERDUE, True),
        (269, Freshness.OVERDUE, True),
        (270, Freshness.SUSPENDED, False),
    ],
)
def test_an_offer_ages_from_fresh_to_suspended(make_offer, days, freshness, public):
    offer = make_offer(confirmed_days_ago=days)

    assert offer.freshness == freshness
    assert [offer in Offer.objects.by_freshness(each) for each in Freshness] == [
        each == freshness for each in Freshness
    ]
    assert (offer in Offer.objects.public()) == public


def test_confirming_starts_the_clock_again_and_is_logged(make_offer, norlander):
    offer = make_offer(confirmed_days_ago=300)

    offer.confirm(by=norlander)

    assert offer in Offer.objects.public()
    assert offer.confirmed_on == timezone.localdate()
    assert offer.status_changes.last().step == Step.CONFIRM


def test_an_offer_stands_for_twelve_months_unless_it_says_otherwise(make_offer):
    offer = make_offer()

    assert offer.valid_until == offer.confirmed_on.replace(year=offer.confirmed_on.year + 1)


def test_an_offer_is_public_on_its_last_day_and_no_longer_after_it(make_offer):
    today = timezone.localdate()

    assert make_offer(valid_until=today) in Offer.objects.public()
    assert make_offer(valid_until=today - timedelta(days=1)) not in Offer.objects.public()


@pytest.mark.parametrize(("step", "ending"), [("withdraw", Ending.WITHDRAWN), ("fulfil", Ending.FULFILLED)])
def test_an_ended_offer_leaves_the_catalogue_for_good(make_offer, norlander, step, ending):
    offer = make_offer()

    getattr(offer, step)(by=norlander)

    assert offer.ended_as == ending
    assert offer not in Offer.objects.public()
    for again in (offer.withdraw, offer.fulfil, offer.confirm, offer.edit):
        with pytest.raises(StepNotAllowed):
            again(by=norlander)


def test_a_waiting_version_of_a_withdrawn_offer_is_no_longer_in_the_queue(make_offer, norlander, officer):
    offer = make_offer(status="submitted")
    version = newest(offer)

    offer.withdraw(by=norlander)

    assert version not in OfferVersion.objects.awaiting_review()
    with pytest.raises(StepNotAllowed):
        version.publish(by=officer, seen=version.edit_number)


def test_a_clone_begins_a_new_offer_with_the_same_words(make_offer, norlander):
    offer = make_offer(title="Metal detectors")

    copy = offer.clone(by=norlander)

    assert copy.reference != offer.reference
    assert copy.live_version is None
    assert copy.open_version.title == "Metal detectors"
    assert not copy.is_sample


def test_the_queue_shows_the_oldest_submission_first(make_offer):
    later, earlier = newest(make_offer(status="submitted")), newest(make_offer(status="submitted"))
    OfferVersion.objects.filter(pk=earlier.pk).update(submitted_at=timezone.now() - timedelta(days=3))

    assert list(OfferVersion.objects.awaiting_review()) == [earlier, later]


def publish(version, person):
    version.publish(by=person, seen=version.edit_number)


def submit(version, person):
    version.submit(by=person)


def take_back(version, person):
    version.take_back(by=person)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("status", "first", "second"),
    [("submitted", publish, publish), ("submitted", publish, take_back), ("draft", submit, submit)],
)
def test_of_two_who_act_at_the_same_moment_one_wins(make_offer, status, first, second):
    version = newest(make_offer(status=status))
    officers = [factories.UserFactory(role="isu_officer") for _ in range(2)]
    log = version.offer.status_changes.count()
    barrier, outcomes = threading.Barrier(2), []

    def act(step, person):
        try:
            own = OfferVersion.objects.get(pk=version.pk)
            barrier.wait()
            step(own, person)
            outcomes.append("done")
        except StepNotAllowed:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=act, args=[step, officer])
        for step, officer in zip([first, second], officers, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "told"]
    assert version.offer.status_changes.count() == log + 1
    version.refresh_from_db()
    offer = Offer.objects.get()
    assert (offer.live_version == version) == (version.status == VersionStatus.PUBLISHED)


def test_a_partner_state_is_named_once_it_has_accepted(make_offer, sudland, sudlander):
    partner = make_offer().live_version.partners.create(state=sudland, role="host")
    named = type(partner).objects.named()
    assert partner not in named.all()

    for _second_click in range(2):
        partner.accept(by=sudlander)

    assert partner in named.all()
    assert partner.accepted_on == timezone.localdate()
    assert partner.version.offer.status_changes.filter(step=Step.ACCEPT_PARTNERSHIP).count() == 1


def test_a_clone_names_no_partner_state_that_has_not_agreed_to_it(make_offer, norlander, sudland, sudlander):
    offer = make_offer()
    offer.live_version.partners.create(state=sudland, role="host").accept(by=sudlander)

    copied = offer.edit(by=norlander).partners.get()
    cloned = offer.clone(by=norlander).open_version.partners.get()

    assert copied.accepted_by == sudlander
    assert (cloned.accepted_on, cloned.accepted_by) == (None, None)


def test_an_acceptance_holds_for_the_version_that_is_being_written_too(
    make_offer, norlander, officer, sudland, sudlander
):
    offer = make_offer()
    asked = offer.live_version.partners.create(state=sudland, role="host")
    version = offer.edit(by=norlander)

    asked.accept(by=sudlander)
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)

    assert asked.__class__.objects.named().filter(version=version, state=sudland).exists()


def test_an_office_named_by_an_offer_cannot_be_deleted(make_offer):
    office = make_offer().live_version.contact_points.get()

    with pytest.raises(ProtectedError):
        office.delete()


def test_letters_are_in_the_language_of_the_portal_whoever_presses_the_button(make_offer, norlander, officer):
    version = newest(make_offer(status="submitted"))

    with translation.override("fr"):
        version.publish(by=officer, seen=version.edit_number)

    text = bytes(OutgoingMail.objects.order_by("pk").last().raw).decode()
    assert "/en/offers/" in text
    assert "/fr/" not in text
