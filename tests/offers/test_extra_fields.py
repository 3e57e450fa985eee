"""Whoever sends more than a form asks changes nothing that the form does not ask."""

import pytest
from django.urls import reverse

from contacts.models import ContactPoint, State
from offers.models import Bulletin, ContactProposal, MistakeReport, Offer, OfferPartner, OfferVersion, StatusChange
from tests import factories
from tests.forms_of import form_with, names_on

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MODELS = [
    Offer, OfferVersion, OfferPartner, ContactPoint, ContactProposal, MistakeReport, StatusChange, State, Bulletin,
]  # fmt: skip
HOSTILE = {
    "status": "published", "number": "99", "edit_number": "99", "author": "1", "by": "1", "step": "publish",
    "reference": "PFP-1999-0001", "state": "QSU", "is_sample": "on", "note_verbale": "NV 1", "role": "isu_officer",
    "ended_as": "withdrawn", "kind": "new", "key": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip


def extra(data, asked=()):
    """Every field of every model that the form itself does not send, also as its column."""
    fields = [field for model in MODELS for field in model._meta.concrete_fields]
    sent = {}
    for name in {name for field in fields for name in (field.name, f"{field.name}_id")} - set(asked):
        sent[name] = HOSTILE.get(name, "2020-01-01" if name.endswith(("_on", "_at")) else "1")
    return sent | data


def all_of(model, *own):
    """All that rows say, but for what the form asks."""
    return [
        {name: value for name, value in row.items() if name not in own} for row in model.objects.order_by("pk").values()
    ]


def test_the_editor_takes_its_own_fields_only(client, make_offer, norlander):
    offer = make_offer(status="draft")
    client.force_login(norlander)
    page = client.get(reverse("offers:edit", args=[offer.reference]))
    action, data = form_with(page, offer.open_version.title)
    asked = {name.rpartition("-")[2] for name in names_on(page) if name}
    before = all_of(Offer), all_of(StatusChange)
    protected = {
        field.attname: getattr(offer.open_version, field.attname)
        for field in OfferVersion._meta.concrete_fields
        if field.name not in asked and field.name not in {"saved_at", "edit_number"}
    }
    assert {"status", "author_id", "note_verbale", "preview_key", "claimed_by_id", "decided_by_id"} <= protected.keys()

    response = client.post(action, extra(data, names_on(page)))

    assert response.status_code == 302
    version = offer.open_version
    assert {name: getattr(version, name) for name in protected} == protected
    assert (all_of(Offer), all_of(StatusChange)) == before


def test_nobody_accepts_for_a_partner_in_the_editor(client, make_offer, norlander, sudland):
    offer = make_offer(status="draft")
    client.force_login(norlander)
    page = client.get(reverse("offers:edit", args=[offer.reference]))
    action, data = form_with(page, offer.open_version.title)
    row = {
        "state": sudland.pk,
        "role": "host",
        "accepted_on": "2026-01-01",
        "accepted_reference": "x",
        "accepted_by": 1,
    }

    client.post(action, data | {f"partners-0-{name}": value for name, value in row.items()})

    partner = offer.open_version.partners.get()
    assert (partner.state, partner.accepted_on, partner.declined_on) == (sudland, None, None)


def test_submitting_takes_the_note_only(client, make_offer, norlander):
    offer = make_offer(status="draft")
    client.force_login(norlander)
    before = all_of(Offer), all_of(OfferVersion, "status", "note_to_isu", "submitted_at", "saved_at", "answer_due_on")
    data = {"declaration": "on", "note_to_isu": "", "seen": offer.open_version.edit_number}

    client.post(reverse("offers:submit", args=[offer.reference]), extra(data))

    assert offer.open_version.status == "submitted"
    after = all_of(Offer), all_of(OfferVersion, "status", "note_to_isu", "submitted_at", "saved_at", "answer_due_on")
    assert after == before


def test_a_correction_takes_words_only(client, make_offer, officer):
    version = make_offer(status="submitted").open_version
    client.force_login(officer)
    page = client.get(reverse("offers:correct", args=[version.pk]))
    action, data = form_with(page, version.title)
    own = ("title", "edit_number", "saved_at")
    before = all_of(Offer), all_of(OfferVersion, *own)

    response = client.post(action, extra(data | {"words-title": ["Demining course for teachers"]}, names_on(page)))

    assert response.status_code == 302
    assert OfferVersion.objects.get().title == "Demining course for teachers"
    assert (all_of(Offer), all_of(OfferVersion, *own)) == before


def test_a_proposal_decides_nothing_and_is_for_the_own_state(client, norland, sudland, norlander):
    point = factories.ContactPointFactory(state=norland)
    client.force_login(norlander)
    page = client.get(reverse("offers:propose_change", args=[point.pk]))
    action, data = form_with(page, point.email)
    before = all_of(ContactPoint)

    response = client.post(action, extra(data | {"office": ["Ministry of Mine Action"]}, names_on(page)))

    assert response.status_code == 302
    proposal = ContactProposal.objects.get()
    assert (proposal.state, proposal.status, proposal.kind) == (norland, "waiting", "change")
    assert (proposal.decided_by, proposal.decided_at, proposal.proposed_by) == (None, None, norlander)
    assert all_of(ContactPoint) == before


def test_an_office_stays_with_its_state_and_open(client, norland, officer):
    point = factories.ContactPointFactory(state=norland)
    client.force_login(officer)
    page = client.get(reverse("offers:isu_contact_point", args=[point.pk]))
    action, data = form_with(page, point.email)
    asked = names_on(page)
    protected = [field.attname for field in ContactPoint._meta.concrete_fields if field.name not in asked]
    assert {"state_id", "regional_body_id", "closed_on", "is_sample"} <= set(protected)
    before = list(ContactPoint.objects.values(*protected))

    response = client.post(action, extra(data, names_on(page)))

    assert response.status_code == 302
    assert list(ContactPoint.objects.values(*protected)) == before


def test_a_decision_is_taken_by_whoever_takes_it_and_says_no_more(client, make_offer, officer, administrator):
    offer = make_offer(status="submitted")
    client.force_login(officer)
    version = offer.open_version
    own = ("status", "decided_by_id", "decided_at", "decision_reason")
    before = all_of(OfferVersion, *own)
    data = {"seen": version.edit_number, "send_back-reason": "Please say how many places."}

    client.post(reverse("offers:send_back", args=[version.pk]), extra(data) | {"decided_by": administrator.pk})

    version.refresh_from_db()
    assert (version.status, version.decided_by) == ("returned", officer)
    assert all_of(OfferVersion, *own) == before


def test_a_note_of_a_bulletin_takes_words_only(client, officer):
    bulletin = factories.make_bulletin(sent=False, by=officer, notes={"en": "News"})
    client.force_login(officer)
    page = client.get(reverse("offers:isu_bulletin_note", args=[bulletin.pk, "en"]))
    action, data = form_with(page, "News")
    before = all_of(Bulletin, "edit_number")

    client.post(action, extra(data | {"title": ["Other news"], "number": "1999-1", "language": "fr"}, names_on(page)))

    assert bulletin.notes.get(language="en").title == "Other news"
    assert all_of(Bulletin, "edit_number") == before


def test_an_ending_takes_a_reason_only(client, make_offer, norlander):
    offer = make_offer()
    client.force_login(norlander)
    own = ("ended_as", "ended_at", "ended_reason")
    before = all_of(Offer, *own), all_of(OfferVersion)

    client.post(reverse("offers:fulfil", args=[offer.reference]), extra({"reason": ""}))

    offer.refresh_from_db()
    assert offer.ended_as == "fulfilled"
    assert (all_of(Offer, *own), all_of(OfferVersion)) == before
