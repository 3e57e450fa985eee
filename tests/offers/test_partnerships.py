"""Another State is asked whether it may be named: it accepts, declines, or takes its word back."""

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.models import (
    Offer,
    OfferPartner,
    OutgoingMail,
    PartnerAnswer,
    SearchEntry,
    Step,
    StepNotAllowed,
)
from offers.search import index
from offers.work import work_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def name_partner(make_offer, sudland):
    """An offer that names Sudland as host: a draft, or submitted or published by the real steps."""

    def name(status="submitted", **content):
        offer = make_offer(status="draft", **content)
        version = offer.open_version
        partner = version.partners.create(state=sudland, role="host")
        if status != "draft":
            version.submit(by=version.author)
        if status == "published":
            officer = factories.UserFactory(role="isu_officer")
            version.publish(by=officer, seen=version.edit_number)
            offer.refresh_from_db()
            partner.refresh_from_db()
        return partner

    return name


@pytest.fixture
def asked(client, sudlander):
    client.force_login(sudlander)
    return client


def address(name, partner):
    return reverse(f"offers:{name}", args=[partner.pk])


def requests_to(user):
    """The letters in which the State of that person was asked."""
    letters = [mail for mail in OutgoingMail.objects.order_by("pk") if mail.recipients == [user.email]]
    return [letter for letter in letters if "as partner in an offer" in letter.subject]


def text_of(letter):
    return bytes(letter.raw).decode().replace("=\n", "")


def public_page(client, partner):
    client.logout()
    return client.get(partner.version.offer.get_absolute_url()).content.decode()


def test_a_state_is_asked_by_letter_when_the_version_that_names_it_is_submitted(name_partner, sudlander):
    partner = name_partner("draft", title="A regional course")
    assert not requests_to(sudlander)

    partner.version.submit(by=partner.version.author)

    (letter,) = requests_to(sudlander)
    assert letter.subject == "Norland would like to name Sudland as partner in an offer"
    assert "A regional course" in text_of(letter)
    assert f"/en/desk/partnerships/{partner.pk}/" in text_of(letter)


def test_a_state_is_asked_once_however_often_the_version_is_submitted(name_partner, sudlander, officer):
    version = name_partner().version
    version.take_back(by=version.author)
    version.submit(by=version.author)
    version.publish(by=officer, seen=version.edit_number)
    version.offer.edit(by=version.author).submit(by=version.author)

    assert len(requests_to(sudlander)) == 1


def test_a_state_that_is_added_later_is_asked_later(name_partner, sudlander):
    version = name_partner().version
    other = factories.UserFactory(state=factories.StateFactory())
    version.take_back(by=version.author)
    version.partners.create(state=other.state, role="host")

    version.submit(by=version.author)

    assert len(requests_to(other)) == 1
    assert len(requests_to(sudlander)) == 1


def test_illustrative_records_ask_nobody(norland, norlander, sudland, sudlander):
    offer = Offer.begin(state=norland, by=norlander, is_sample=True)
    version = factories.make_version_complete(offer.open_version)
    version.partners.create(state=sudland, role="host")

    version.submit(by=norlander)

    assert not requests_to(sudlander)


def test_a_state_declines_and_the_other_is_told_why(asked, client, name_partner, norlander):
    partner = name_partner("published")

    asked.post(address("decline_partnership", partner), {"seen": "none", "reason": "No places this year."})

    partner.refresh_from_db()
    assert partner.answer == PartnerAnswer.DECLINED
    assert partner.declined_on == timezone.localdate()
    logged = partner.version.offer.status_changes.get(step=Step.DECLINE_PARTNERSHIP)
    assert logged.reason == "No places this year."
    letter = [mail for mail in OutgoingMail.objects.order_by("pk") if mail.recipients == [norlander.email]][-1]
    assert letter.subject == f"Sudland is not named as partner in {partner.version.offer.reference}"
    assert "No places this year." in text_of(letter)


def test_a_state_that_has_declined_is_not_asked_again_about_that_offer(name_partner, sudland, sudlander, officer):
    partner = name_partner("published")
    version = partner.version.offer.edit(by=partner.version.author)
    partner.decline(by=sudlander)
    # Taken out and named again.
    version.partners.all().delete()
    again = version.partners.create(state=sudland, role="host")

    version.submit(by=version.author)

    again.refresh_from_db()
    assert again.answer == PartnerAnswer.DECLINED
    assert len(requests_to(sudlander)) == 1
    assert not OfferPartner.objects.asked_of(sudland).exists()


def test_an_answer_holds_for_all_versions_of_the_offer_and_for_no_other(name_partner, norlander, sudlander):
    partner = name_partner("published")
    offer = partner.version.offer
    written = offer.edit(by=norlander).partners.get()

    partner.decline(by=sudlander)

    written.refresh_from_db()
    assert written.answer == PartnerAnswer.DECLINED
    assert offer.clone(by=norlander).open_version.partners.get().answer == PartnerAnswer.NONE


def test_a_state_that_takes_its_acceptance_back_leaves_the_public_page_at_once(asked, client, name_partner, sudlander):
    partner = name_partner("published")
    asked.post(address("accept_partnership", partner))
    assert "Sudland" in public_page(client, partner)
    found = {"q": "sudland"}
    assert partner.version.title in client.get(reverse("offers:catalogue"), found).content.decode()
    client.force_login(sudlander)

    client.post(address("decline_partnership", partner), {"seen": "accepted"})

    assert "Sudland" not in public_page(client, partner)
    assert partner.version.title not in client.get(reverse("offers:catalogue"), found).content.decode()
    assert SearchEntry.objects.filter(offer=partner.version.offer).exists()
    assert not list(index.check())


def test_whoever_has_read_something_else_is_told_and_changes_nothing(asked, name_partner, sudlander):
    partner = name_partner("published")
    partner.accept(by=factories.UserFactory(state=sudlander.state))

    page = asked.post(address("decline_partnership", partner), {"seen": "none"}, follow=True).content.decode()

    assert "your State has already answered" in page
    partner.refresh_from_db()
    assert partner.answer == PartnerAnswer.ACCEPTED


@pytest.mark.parametrize("name", ["accept_partnership", "decline_partnership"])
def test_a_second_click_is_told_and_logs_nothing(asked, name_partner, name):
    partner = name_partner("published")

    for _click in range(2):
        page = asked.post(address(name, partner), {"seen": "none"}, follow=True).content.decode()

    assert "your State has already answered" in page
    answers = [Step.ACCEPT_PARTNERSHIP, Step.DECLINE_PARTNERSHIP]
    assert partner.version.offer.status_changes.filter(step__in=answers).count() == 1


def test_a_state_that_has_declined_is_named_on_a_reference_that_the_isu_records_only(name_partner, sudlander, officer):
    partner = name_partner("published")
    partner.decline(by=sudlander)
    with pytest.raises(StepNotAllowed):
        partner.accept(by=sudlander)

    partner.accept(by=officer, reference="Note verbale 7/2026")

    assert (partner.answer, partner.declined_on) == (PartnerAnswer.ACCEPTED, None)


def test_the_link_of_the_letter_leads_to_the_request_as_it_now_stands(asked, name_partner, norlander, officer):
    partner = name_partner("published")
    version = partner.version.offer.edit(by=norlander)
    factories.make_version_complete(version, title="The newer words")
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)

    assert "The newer words" in asked.get(address("partnership", partner)).content.decode()
    asked.post(address("accept_partnership", partner))
    assert version.partners.get().answer == PartnerAnswer.ACCEPTED


def test_a_state_does_not_read_which_others_are_asked(asked, name_partner):
    partner = name_partner()
    partner.version.partners.create(state=factories.StateFactory(name_en="Westland"), role="host")

    assert "Westland" not in asked.get(address("partnership", partner)).content.decode()


@pytest.mark.parametrize("name", ["partnership", "accept_partnership", "decline_partnership"])
def test_only_the_state_that_is_asked_has_the_pages(client, name_partner, norlander, officer, name):
    partner, draft = name_partner(), name_partner("draft")
    for visitor, expected in [(norlander, 404), (officer, 403)]:
        client.force_login(visitor)
        method = client.get if name == "partnership" else client.post
        assert method(address(name, partner)).status_code == expected

    client.force_login(factories.UserFactory(state=partner.state))
    assert client.post(address("decline_partnership", draft), {"seen": "none"}).status_code == 404


def test_both_desks_show_how_it_stands(client, name_partner, norland, norlander, sudland, sudlander):
    partner = name_partner("published", title="A regional course")
    newer = partner.version.offer.edit(by=norlander)
    newer.submit(by=norlander)
    assert [request.version for request in work_of(sudland).partnerships] == [newer]

    partner.accept(by=sudlander)

    work = work_of(sudland)
    assert (work.partnerships, [request.version for request in work.accepted]) == ([], [newer])
    client.force_login(sudlander)
    assert "Named as partner" in client.get(reverse("offers:desk")).content.decode()
    (task,) = work_of(norland).waiting
    assert [(row.state, row.answer) for row in task.partners] == [(sudland, PartnerAnswer.ACCEPTED)]
    client.force_login(norlander)
    assert "Has accepted" in client.get(reverse("offers:desk")).content.decode()


def test_no_answer_is_taken_for_an_offer_that_has_ended(name_partner, norlander, sudlander):
    partner = name_partner("published")
    partner.version.offer.withdraw(by=norlander)

    with pytest.raises(StepNotAllowed):
        partner.decline(by=sudlander)


def test_what_is_typed_as_reason_is_cleaned_and_kept_when_too_long(asked, name_partner):
    partner = name_partner()
    long = "x" * 501

    page = asked.post(address("decline_partnership", partner), {"seen": "none", "reason": long}).content.decode()

    assert long in page
    assert "Shorten it to 500" in page
    asked.post(address("decline_partnership", partner), {"seen": "none", "reason": "\u202elater\u200b"})
    assert partner.version.offer.status_changes.last().reason == "later"
