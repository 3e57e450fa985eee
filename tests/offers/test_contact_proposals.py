"""What a State proposes about its contact points, and what the ISU decides."""

import threading

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactPoint
from offers.contact_details import mark_of
from offers.models import ContactProposal, OutgoingMail, StepNotAllowed
from tests import factories

pytestmark = pytest.mark.django_db

DETAILS = {
    "office": "Ministry of Defence – cooperation desk",
    "function": "Requests for training",
    "email": "cooperation@norland.example.org",
    "email_public": "yes",
    "telephone": "+41 22 555 00 11",
    "telephone_public": "no",
    "weeks_to_answer": "2",
    "permanent_mission": "Permanent Mission in Geneva",
    "note_to_isu": "The desk is new.",
}
LISTED, NEW = "offers:contact_points", "offers:propose_contact_point"


@pytest.fixture
def point(norland):
    return factories.ContactPointFactory(state=norland, office="Mine action authority", email="old@example.org")


def propose(focal, point=None, follow=False, **changes):
    """Through the form; returns the answer."""
    address = reverse("offers:propose_change", args=[point.pk]) if point else reverse(NEW)
    return focal.post(address, DETAILS | changes, follow=follow)


def last_proposal():
    return ContactProposal.objects.latest("pk")


def letters_to(email):
    return [mail for mail in OutgoingMail.objects.order_by("pk") if email in mail.recipients]


def decide(isu, proposal, step="approve", **data):
    if "seen" not in data and proposal.contact_point:
        data["seen"] = mark_of(proposal.contact_point)
    return isu.post(reverse(f"offers:{step}_proposal", args=[proposal.pk]), data)


def test_a_proposal_changes_nothing_until_the_isu_has_approved_it(focal, point, settings, norland):
    assert propose(focal, point).url == reverse(LISTED)

    point.refresh_from_db()
    assert point.office == "Mine action authority"
    proposal = last_proposal()
    assert (proposal.state, proposal.contact_point, proposal.kind, proposal.status) == (
        norland, point, "change", "waiting",
    )  # fmt: skip
    [letter] = letters_to(settings.ISU_EMAIL)
    assert letter.subject == "Norland proposes: Change of a contact point"
    assert DETAILS["office"] not in focal.get(reverse("contacts:directory")).content.decode()


def test_approving_a_new_office_writes_it_into_the_directory_with_languages_and_areas(
    focal, client, officer, norland, norlander
):
    french = factories.LanguageFactory(code="fr", name_en="French")
    area = factories.AreaFactory()
    propose(focal, languages=[french.pk], mandate_areas=[area.pk])
    client.force_login(officer)

    assert decide(client, last_proposal()).status_code == 302

    point = ContactPoint.objects.get(email=DETAILS["email"])
    assert (point.state, point.office, point.weeks_to_answer) == (norland, DETAILS["office"], 2)
    assert (point.email_public, point.telephone_public) == (True, False)
    assert (list(point.languages.all()), list(point.mandate_areas.all())) == ([french], [area])
    assert point.verified_on == timezone.localdate()
    assert last_proposal().contact_point == point
    assert letters_to(norlander.email)[-1].subject == "Your proposal about a contact point is approved"
    assert DETAILS["office"] in client.get(reverse("contacts:directory")).content.decode()


def test_approving_a_change_writes_every_detail_and_says_who(focal, point, officer):
    propose(focal, point, email_public="no")
    proposal = last_proposal()

    proposal.approve(by=officer, seen=mark_of(point))

    point.refresh_from_db()
    assert (point.office, point.email_public) == (DETAILS["office"], False)
    assert (proposal.status, proposal.decided_by) == ("approved", officer)
    [entry] = LogEntry.objects.all()
    assert entry.user == officer
    assert "Office mailbox" in entry.get_change_message()
    assert "Answers in" not in entry.get_change_message()


def test_declining_needs_a_reason_which_the_state_reads(focal, point, officer, norlander):
    propose(focal, point)
    focal.force_login(officer)

    page = decide(focal, last_proposal(), "decline", reason=" ")
    assert "Give a reason: the State needs to know it." in page.content.decode()
    assert last_proposal().is_waiting

    decide(focal, last_proposal(), "decline", reason="That mailbox does not answer.")
    assert last_proposal().status == "declined"
    letter = letters_to(norlander.email)[-1]
    assert b"That mailbox does not answer." in bytes(letter.raw)
    point.refresh_from_db()
    assert point.office == "Mine action authority"


def test_a_step_without_a_reason_is_refused_too(focal, point, officer):
    propose(focal, point)

    with pytest.raises(ValidationError):
        last_proposal().decline(by=officer, reason="")


def test_what_was_declined_is_offered_again_with_all_that_was_typed(focal, point, officer):
    propose(focal, point, office="Another desk")
    last_proposal().decline(by=officer, reason="Please say more.")

    page = focal.get(reverse(LISTED)).content.decode()
    address = f"{reverse('offers:propose_change', args=[point.pk])}?from={last_proposal().pk}"
    assert f'href="{address}"' in page
    assert "Please say more." in page
    assert 'value="Another desk"' in focal.get(address).content.decode()


@pytest.mark.parametrize("key", ["x", "9" * 30, "-1", "0"])
def test_an_address_with_another_proposal_in_it_gives_the_form_as_it_is(focal, point, sudland, key):
    page = focal.get(reverse("offers:propose_change", args=[point.pk]), {"from": key})

    assert 'value="Mine action authority"' in page.content.decode()


def test_approving_that_an_office_has_closed_takes_it_out_of_directory_choices_and_pages(
    focal, point, officer, norland, client
):
    focal.post(reverse("offers:propose_closing", args=[point.pk]), {"note_to_isu": "Ask the ministry instead."})
    proposal = last_proposal()
    assert (proposal.kind, proposal.office, proposal.note_to_isu) == (
        "close", "Mine action authority", "Ask the ministry instead.",
    )  # fmt: skip

    proposal.approve(by=officer, seen=mark_of(point))

    point.refresh_from_db()
    assert point.closed_on == timezone.localdate()
    assert not ContactPoint.objects.usable_by(norland).exists()
    for name, arguments in (("contacts:directory", []), ("offers:state_detail", ["qno"]), (LISTED, [])):
        page = client.get(reverse(name, args=arguments)).content.decode()
        assert point.email not in page, name


def test_of_a_closed_office_nothing_is_proposed(focal, point, officer):
    point.close(by=officer)

    for name in ("propose_change", "propose_closing"):
        assert focal.get(reverse(f"offers:{name}", args=[point.pk])).status_code == 404
    assert focal.post(reverse("offers:verify_contact_point", args=[point.pk])).status_code == 404


def test_a_change_of_an_office_that_has_closed_meanwhile_is_not_approved(focal, point, officer):
    propose(focal, point)
    seen = mark_of(point)
    point.close(by=officer)

    with pytest.raises(StepNotAllowed, match="has closed"):
        last_proposal().approve(by=officer, seen=seen)

    assert last_proposal().is_waiting


def test_of_two_officers_who_decide_at_once_one_wins_and_the_other_is_told(
    client, focal, point, officer, administrator
):
    propose(focal, point)
    proposal, seen = last_proposal(), mark_of(point)
    proposal.approve(by=officer, seen=seen)
    client.force_login(administrator)

    for step, data in (("approve", {"seen": seen}), ("decline", {"reason": "No."})):
        response = decide(client, proposal, step, **data)

        assert response.status_code == 409
        assert "this proposal has been decided on or taken back meanwhile" in response.content.decode()
    assert last_proposal().decided_by == officer


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_in_the_same_moment_write_one_office(focal, officer, administrator):
    propose(focal)
    begin, outcomes = threading.Barrier(2), []

    def approve(by):
        proposal = last_proposal()
        begin.wait()
        try:
            proposal.approve(by=by)
            outcomes.append("approved")
        except StepNotAllowed:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=[by]) for by in (officer, administrator)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["approved", "told"]
    assert ContactPoint.objects.filter(email=DETAILS["email"]).count() == 1


def test_a_contact_point_that_has_changed_since_the_page_was_opened_is_not_overwritten(client, focal, point, officer):
    propose(focal, point)
    seen = mark_of(point)
    ContactPoint.objects.filter(pk=point.pk).update(telephone="+41 22 555 00 99")
    client.force_login(officer)

    response = decide(client, last_proposal(), seen=seen)

    assert response.status_code == 409
    assert "the details are not the ones you opened" in response.content.decode()
    assert last_proposal().is_waiting
    point.refresh_from_db()
    assert point.telephone == "+41 22 555 00 99"
    # Read again, it may be approved.
    assert decide(client, last_proposal(), seen=mark_of(point)).status_code == 302


def test_the_officer_is_told_that_the_contact_point_has_changed_since_the_proposal(client, focal, point, officer):
    told = "The contact point has changed since the State made this proposal."
    propose(focal, point)
    page = reverse("offers:contact_proposal", args=[last_proposal().pk])
    client.force_login(officer)
    point.verify(by=officer)
    assert told not in client.get(page).content.decode()

    client.post(
        reverse("offers:isu_contact_point", args=[point.pk]),
        DETAILS | {"email": point.email, "seen": mark_of(point), "office": "Renamed"},
    )

    assert told in client.get(page).content.decode()


def test_before_and_after_stand_side_by_side(client, focal, point, officer):
    propose(focal, point, email_public="no")
    client.force_login(officer)

    page = client.get(reverse("offers:contact_proposal", args=[last_proposal().pk]))

    differences = {difference.name: difference for difference in page.context["differences"]}
    assert differences["office"].before == "Mine action authority"
    assert differences["office"].after == DETAILS["office"]
    assert (differences["email_public"].before, differences["email_public"].after) == (
        "Shown to everyone", "Used for the form only",
    )  # fmt: skip
    assert "The desk is new." in page.content.decode()


def test_only_the_own_state_takes_back_what_waits(client, focal, point, officer, sudlander):
    propose(focal, point)
    address = reverse("offers:take_back_proposal", args=[last_proposal().pk])

    client.force_login(sudlander)
    assert client.post(address).status_code == 404
    assert last_proposal().is_waiting

    client.force_login(last_proposal().proposed_by)
    client.post(address)
    assert last_proposal().status == "taken_back"
    assert "decided on or taken back meanwhile" in client.post(address, follow=True).content.decode()
    with pytest.raises(StepNotAllowed):
        last_proposal().approve(by=officer)


def test_a_double_click_hands_in_one_proposal(focal, point, settings):
    for target in (None, point):
        changes = {"email": "new@example.org"} if target is None else {}
        assert propose(focal, target, **changes).status_code == 302
        assert propose(focal, target, **changes).status_code == 302

    assert ContactProposal.objects.count() == 2
    assert len(letters_to(settings.ISU_EMAIL)) == 2


def test_a_second_proposal_about_the_same_office_waits_for_the_first_and_keeps_what_was_typed(focal, point):
    propose(focal, point)

    response = propose(focal, point, office="مكتب مكافحة الألغام")

    assert response.status_code == 409
    page = response.content.decode()
    assert "The ISU has not yet decided on the last proposal about this contact point." in page
    assert 'value="مكتب مكافحة الألغام"' in page
    assert ContactProposal.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"office": ""}, "Give the name of the office."),
        ({"email": "nonsense"}, "Enter the whole address of the mailbox"),
        ({"email": "OLD@example.org"}, "This State already has a contact point with this mailbox."),
        ({"weeks_to_answer": "0"}, "The time to answer is between 1 and 52 weeks."),
        ({"weeks_to_answer": "9" * 40}, "The time to answer is between 1 and 52 weeks."),
        ({"email_public": ""}, "Choose who sees it."),
        ({"languages": ["x"]}, "“x” is not a valid value."),
        ({"mandate_areas": ["\x00"]}, "Null characters are not allowed."),
        ({"office": "x" * 5000}, "This text has 5000 characters."),
    ],
)
def test_bad_input_is_named_and_nothing_typed_is_lost(focal, point, changes, message):
    response = propose(focal, **changes)

    assert response.status_code == 200
    page = response.content.decode()
    assert message in page
    assert 'value="Permanent Mission in Geneva"' in page
    assert not ContactProposal.objects.exists()


def test_a_mailbox_of_an_office_that_has_closed_leads_to_the_isu(focal, point, officer):
    point.close(by=officer)

    page = propose(focal, email=point.email).content.decode()

    assert "An office that has closed had this mailbox. Ask the ISU to open it again." in page


def test_a_mailbox_taken_since_the_proposal_was_made_is_a_sentence_not_an_error(client, focal, norland, officer):
    propose(focal)
    factories.ContactPointFactory(state=norland, email=DETAILS["email"])
    client.force_login(officer)

    response = decide(client, last_proposal())

    assert response.status_code == 409
    assert "This State already has a contact point with this mailbox." in response.content.decode()
    assert last_proposal().is_waiting


def test_a_private_mailbox_is_warned_of_and_accepted(client, focal, officer):
    page = propose(focal, email="norland.mines@gmail.com", follow=True).content.decode()
    assert "norland.mines@gmail.com belongs to a private provider. It is accepted" in page

    client.force_login(officer)
    page = client.get(reverse("offers:contact_proposal", args=[last_proposal().pk])).content.decode()
    assert "belongs to a private provider" in page


def test_invisible_characters_and_capitals_in_what_is_pasted_do_not_reach_the_directory(focal):
    propose(focal, office="Mine\u202e action\u200b\ncentre", email="\u200bCooperation@Example.ORG ")

    proposal = last_proposal()
    assert (proposal.office, proposal.email) == ("Mine action centre", "cooperation@example.org")


def test_nothing_is_half_done_where_the_letter_cannot_be_written(focal, point, officer, settings):
    propose(focal, point)
    proposal, seen = last_proposal(), mark_of(point)
    settings.DEFAULT_FROM_EMAIL = "a line\nbreak@example.org"

    with pytest.raises(ValueError), transaction.atomic():
        proposal.approve(by=officer, seen=seen)

    point.refresh_from_db()
    assert point.office == "Mine action authority"
    assert last_proposal().is_waiting


@pytest.mark.parametrize("name", ["contact_proposal", "approve_proposal", "decline_proposal"])
def test_a_focal_point_decides_nothing(focal, point, name):
    propose(focal, point)

    address = reverse(f"offers:{name}", args=[last_proposal().pk])

    assert focal.get(address).status_code == 403
    assert focal.post(address).status_code == 403
    assert last_proposal().is_waiting


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_of_a_proposal_needs_the_same_queries_however_much_it_says(
    focal, client, point, officer, count, django_assert_max_num_queries
):
    languages = [factories.LanguageFactory(code=f"l{number}", name_en=f"Language {number}") for number in range(count)]
    propose(focal, point, languages=[language.pk for language in languages])
    client.force_login(officer)

    with django_assert_max_num_queries(16):
        assert client.get(reverse("offers:contact_proposal", args=[last_proposal().pk])).status_code == 200
