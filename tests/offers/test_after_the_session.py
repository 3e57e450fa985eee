"""Whatever is typed, at whatever form: after the session has ended it is there again, and arrives."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from contacts.models import KeptPost
from offers import freshness
from offers.models import ContactProposal, Offer, OfferVersion, OutgoingMail, Step
from tests import factories
from tests.forms_of import form_with

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def come_back(client):
    """Send a form without a session, sign in again, and press what the page offers until something is done.

    What the person had read is not kept, so a page may show it anew first: then it is pressed a second time.
    """

    def come_back(user, address, data, typed):
        client.force_login(user)
        client.get(reverse("contacts:directory"))
        Session.objects.all().delete()
        assert client.post(address, data).status_code == 302
        client.force_login(user)
        page = client.get(reverse("contacts:kept", args=[KeptPost.objects.get().pk]))
        for _press in range(2):
            response = client.post(*form_with(page, typed))
            if response.status_code == 302:
                break
            page = response  # with what was typed, and what there is to read
            assert "Please read the page again" in page.content.decode() or page.status_code == 409
        assert response.status_code == 302

    return come_back


def test_a_draft_with_several_values_and_rows(come_back, client, make_offer, norlander, norland, sudland):
    offer = make_offer(status="draft")
    address = reverse("offers:edit", args=[offer.reference])
    client.force_login(norlander)
    second = factories.ContactPointFactory(state=norland)
    action, data = form_with(client.get(address), offer.open_version.title)
    data |= {
        "title": ["Places on a long course"],
        "contact_points": [str(second.pk), *data["contact_points"]],
        "partners-0-state": [str(sudland.pk)],
        "partners-0-role": ["host"],
        "links-0-title": ["Programme"],
        "links-0-url": ["https://example.org/programme"],
    }

    come_back(norlander, action, data, "Places on a long course")

    version = offer.open_version
    assert version.title == "Places on a long course"
    assert version.contact_points.count() == 2
    assert version.partners.get().state == sudland
    assert version.links.get().url == "https://example.org/programme"
    assert not KeptPost.objects.exists()


def test_the_declaration(come_back, make_offer, norlander):
    offer = make_offer(status="draft")
    data = {"declaration": "on", "note_to_isu": "Please look at the last day.", "seen": offer.open_version.edit_number}

    come_back(norlander, reverse("offers:submit", args=[offer.reference]), data, "Please look at")

    assert offer.open_version.status == "submitted"
    assert offer.open_version.note_to_isu == "Please look at the last day."


@pytest.mark.parametrize("name", ["withdraw", "fulfil"])
def test_the_reason_of_an_ending(come_back, make_offer, norlander, name):
    offer = make_offer()

    come_back(norlander, reverse(f"offers:{name}", args=[offer.reference]), {"reason": "No trainers left."}, "No trai")

    offer.refresh_from_db()
    assert offer.ended_reason == "No trainers left."


def test_why_a_state_does_not_want_to_be_named(come_back, make_offer, norlander, sudland, sudlander):
    version = make_offer(status="draft").open_version
    partner = version.partners.create(state=sudland, role="host")
    version.submit(by=norlander)
    data = {"seen": "", "reason": "Not in this year."}

    come_back(sudlander, reverse("offers:decline_partnership", args=[partner.pk]), data, "Not in this year.")

    partner.refresh_from_db()
    assert partner.declined_on is not None


@pytest.mark.parametrize(("name", "status"), [("send_back", "returned"), ("refuse", "refused")])
def test_the_reason_of_a_decision(come_back, make_offer, officer, name, status):
    version = make_offer(status="submitted").open_version
    data = {"seen": version.edit_number, f"{name}-reason": "Please say how many places.", f"{name}-ground": "other"}

    come_back(officer, reverse(f"offers:{name}", args=[version.pk]), data, "Please say how many")

    version.refresh_from_db()
    assert version.status == status


def test_a_correction(come_back, client, make_offer, officer):
    version = make_offer(status="submitted").open_version
    client.force_login(officer)
    address = reverse("offers:correct", args=[version.pk])
    action, data = form_with(client.get(address), version.title)
    name = next(name for name, values in data.items() if values == [version.title])

    come_back(officer, action, data | {name: ["Demining course for teachers"]}, "for teachers")

    version.refresh_from_db()
    assert version.title == "Demining course for teachers"


def test_a_translation(come_back, make_offer, norlander):
    factories.LanguageFactory(code="fr", name_en="French", endonym="Français")
    offer = make_offer(status="draft")
    address = reverse("offers:translation", args=[offer.reference, "fr"])
    data = {"edit_number": offer.open_version.edit_number, "title": "Cours de déminage"}

    come_back(norlander, address, data, "Cours de d")

    assert offer.open_version.translations.get().title == "Cours de déminage"


def test_the_reason_of_taking_down(come_back, make_offer, officer):
    offer = make_offer()

    come_back(officer, reverse("offers:take_down", args=[offer.reference]), {"reason": "A complaint."}, "A complaint")

    assert offer.status_changes.filter(step=Step.TAKE_DOWN, reason="A complaint.").exists()


def test_an_act_on_a_note_verbale(come_back, make_offer, officer):
    offer = make_offer()
    data = {
        "act": "withdraw", "note_verbale": "NV 12/2026 of Norland", "note_verbale_date": "2026-01-15", "reason": "",
    }  # fmt: skip

    come_back(officer, reverse("offers:act", args=[offer.reference]), data, "NV 12/2026")

    offer.refresh_from_db()
    assert offer.ended_as == "withdrawn"


def test_an_offer_on_behalf_of_a_state(come_back, norland, officer):
    data = {"state": norland.pk, "note_verbale": "NV 12/2026 of Norland", "note_verbale_date": "2026-01-15"}

    come_back(officer, reverse("offers:begin_on_behalf"), data, "NV 12/2026")

    assert OfferVersion.objects.get().note_verbale == "NV 12/2026 of Norland"


def test_a_letter_to_a_permanent_mission(come_back, make_offer, norland, officer):
    norland.mission_email = "mission@norland.example.org"
    norland.save()
    make_offer(confirmed_days_ago=250)
    offers = freshness.to_escalate(norland)
    data = {"seen": freshness.mark_of(offers), "text": "Excellency, please look at these offers."}

    come_back(officer, reverse("offers:mission", args=["qno"]), data, "Excellency")

    assert OutgoingMail.objects.filter(recipients=["mission@norland.example.org"]).exists()


def test_confirmations_that_were_ticked(come_back, make_offer, norlander):
    offers = [make_offer(confirmed_days_ago=200) for _number in range(3)]
    ticked = [str(offer.pk) for offer in offers[:2]]

    come_back(norlander, reverse("offers:confirm_all"), {"offers": ticked}, ticked[0])

    assert Offer.objects.filter(status_changes__step=Step.CONFIRM).count() == 2


def test_a_proposal_about_a_contact_point(come_back, client, norland, norlander):
    point = factories.ContactPointFactory(state=norland)
    client.force_login(norlander)
    address = reverse("offers:propose_change", args=[point.pk])
    action, data = form_with(client.get(address), point.email)

    come_back(norlander, action, data | {"office": ["Ministry of Mine Action"]}, "Ministry of Mine")

    assert ContactProposal.objects.get().office == "Ministry of Mine Action"


def test_a_change_to_a_contact_point(come_back, client, norland, officer):
    point = factories.ContactPointFactory(state=norland)
    client.force_login(officer)
    action, data = form_with(client.get(reverse("offers:isu_contact_point", args=[point.pk])), point.email)

    come_back(officer, action, data | {"office": ["Ministry of Mine Action"]}, "Ministry of Mine")

    point.refresh_from_db()
    assert point.office == "Ministry of Mine Action"


def test_why_a_proposal_is_declined(come_back, norland, officer):
    proposal = factories.ContactProposalFactory(contact_point=factories.ContactPointFactory(state=norland))
    address = reverse("offers:decline_proposal", args=[proposal.pk])

    come_back(officer, address, {"reason": "The mailbox does not exist."}, "The mailbox does")

    proposal.refresh_from_db()
    assert proposal.status == "declined"


def test_the_note_of_a_bulletin(come_back, officer):
    bulletin = factories.make_bulletin(sent=False, by=officer)
    data = {"edit_number": 1, "title": "News of the quarter", "text": "One.\n\nTwo."}

    come_back(officer, reverse("offers:isu_bulletin_note", args=[bulletin.pk, "en"]), data, "News of the quarter")

    assert bulletin.notes.get().text == "One.\n\nTwo."


def test_the_answer_to_an_enquiry(come_back, make_offer, norlander):
    enquiry = factories.make_enquiry(offer=make_offer())
    data = {"step": "answer", "text": "Two instructors can come in May."}

    come_back(norlander, enquiry.get_absolute_url(), data, "Two instructors")

    enquiry.refresh_from_db()
    assert enquiry.status == "answered"


def test_the_note_on_a_report(come_back, make_offer, officer):
    report = factories.MistakeReportFactory(offer=make_offer())
    data = {f"report-{report.pk}-note": "The number is changed."}

    come_back(officer, reverse("offers:handle_report", args=[report.pk]), data, "The number is")

    report.refresh_from_db()
    assert report.handled_at is not None
