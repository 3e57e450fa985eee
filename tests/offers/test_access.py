"""Who may open or do what with an offer in which status; `test_routes` asks the same of every address."""

import re

import pytest
from django.urls import reverse

from offers.models import OutgoingMail
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

VISITORS = ["anonymous", "sudlander", "norlander", "officer"]

# An offer of Norland in that status, and what each visitor gets.
ACCESS = [
    ("published", "detail", "get", [200, 200, 200, 200]),
    ("published", "contact", "get", [200, 200, 200, 200]),
    ("submitted", "detail", "get", [404, 404, 404, 404]),
    ("submitted", "contact", "get", [404, 404, 404, 404]),
    ("published", "report", "get", [200, 200, 200, 200]),
    ("published", "report", "post", [200, 200, 200, 200]),  # nothing was typed
    ("published", "report_sent", "get", [200, 200, 200, 200]),
    ("published", "enquire", "get", [200, 200, 200, 200]),
    ("published", "enquire", "post", [200, 200, 200, 200]),  # nothing was typed
    ("submitted", "enquire", "get", [404, 404, 404, 404]),
    ("submitted", "enquire", "post", [404, 404, 404, 404]),
    ("submitted", "report", "get", [404, 404, 404, 404]),
    ("submitted", "report", "post", [404, 404, 404, 404]),
    ("submitted", "report_sent", "get", [404, 404, 404, 404]),
    ("draft", "edit", "get", [302, 404, 200, 404]),
    ("draft", "edit", "post", [302, 404, 200, 404]),
    ("draft", "submit", "get", [302, 404, 200, 404]),
    ("draft", "submit", "post", [302, 404, 200, 404]),
    ("draft", "isu_offer", "get", [302, 403, 403, 404]),
    ("draft", "act", "post", [302, 403, 403, 404]),
    ("submitted", "publish", "post", [302, 403, 403, 409]),  # without the number of the edit that was read
    ("submitted", "correct", "post", [302, 403, 403, 409]),  # without the number of the edit that was read
    ("submitted", "take_down", "get", [302, 403, 403, 404]),
    ("draft", "claim", "post", [302, 403, 403, 404]),
    ("draft", "correct", "post", [302, 403, 403, 404]),
    ("draft", "review", "get", [302, 403, 403, 404]),
    ("draft", "publish", "post", [302, 403, 403, 404]),
]
FOR_REVIEW = {"review", "review_preview", "publish", "send_back", "refuse", "claim", "release", "correct"}


def sign_in(request, client, visitor):
    if visitor != "anonymous":
        client.force_login(request.getfixturevalue(visitor))


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize(("status", "name", "method", "expected"), ACCESS)
def test_each_visitor_gets_what_the_table_says(request, client, make_offer, visitor, status, name, method, expected):
    offer = make_offer(status=status)
    version = offer.versions.last()
    sign_in(request, client, visitor)
    address = reverse(f"offers:{name}", args=[version.pk if name in FOR_REVIEW else offer.reference])
    before = list(type(version).objects.values("pk", "status", "edit_number", "title"))

    response = getattr(client, method)(address)

    assert response.status_code == expected[VISITORS.index(visitor)]
    if response.status_code in {403, 404, 409}:
        assert list(type(version).objects.values("pk", "status", "edit_number", "title")) == before
    if visitor == "anonymous" and response.status_code == 302:
        assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(("visitor", "expected"), list(zip(VISITORS, [302, 403, 403, 200], strict=True)))
def test_only_the_isu_writes_to_a_permanent_mission(request, client, norland, visitor, expected):
    address = reverse("offers:mission", args=[norland.iso3.lower()])
    sign_in(request, client, visitor)

    assert client.get(address).status_code == expected
    assert client.post(address).status_code == expected  # nothing was typed


# A contact point of Norland, a proposal about it that waits, and what each visitor gets.
CONTACTS = [
    ("propose_change", "get", [302, 404, 200, 403]),
    ("propose_change", "post", [302, 404, 200, 403]),  # nothing was typed
    ("propose_closing", "get", [302, 404, 200, 403]),
    ("verify_contact_point", "post", [302, 404, 302, 403]),
    ("take_back_proposal", "post", [302, 404, 302, 403]),
    ("isu_contact_point", "get", [302, 403, 403, 200]),
    ("isu_contact_point", "post", [302, 403, 403, 200]),  # nothing was typed
    ("verify_for_office", "post", [302, 403, 403, 302]),
    ("close_contact_point", "post", [302, 403, 403, 302]),
    ("reopen_contact_point", "post", [302, 403, 403, 302]),
    ("contact_proposal", "get", [302, 403, 403, 200]),
    ("approve_proposal", "post", [302, 403, 403, 409]),  # without the mark of what was read
    ("decline_proposal", "post", [302, 403, 403, 200]),  # without a reason
]


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize(("name", "method", "expected"), CONTACTS)
def test_contact_points_are_for_their_state_and_the_isu(request, client, norland, visitor, name, method, expected):
    point = factories.ContactPointFactory(state=norland, verified_on=None)
    proposal = factories.ContactProposalFactory(contact_point=point)
    sign_in(request, client, visitor)

    response = getattr(client, method)(
        reverse(f"offers:{name}", args=[proposal.pk if "proposal" in name else point.pk])
    )

    assert response.status_code == expected[VISITORS.index(visitor)]
    if visitor in {"anonymous", "sudlander"}:
        point.refresh_from_db()
        proposal.refresh_from_db()
        assert (point.verified_on, point.closed_on, proposal.status) == (None, None, "waiting")


# An enquiry to Norland, and the lists it stands in.
ENQUIRIES = [
    ("enquiry_list", "get", [302, 200, 200, 403]),
    ("enquiry", "get", [302, 404, 200, 200]),
    ("enquiry", "post", [302, 404, 302, 302]),
    ("isu_enquiries", "get", [302, 403, 403, 200]),
    ("isu_enquiry_figures", "get", [302, 403, 403, 200]),
    ("isu_enquiry_figures_csv", "get", [302, 403, 403, 200]),
]


@pytest.mark.parametrize("visitor", VISITORS)
def test_enquiries_are_for_the_state_that_is_asked_and_the_isu(request, client, make_offer, visitor):
    sign_in(request, client, visitor)

    for name, method, expected in ENQUIRIES:
        enquiry = factories.make_enquiry(offer=make_offer())
        address = reverse(f"offers:{name}", args=[enquiry.reference] if name == "enquiry" else [])
        response = getattr(client, method)(address, {"step": "answered_by_mail"})

        may = expected[VISITORS.index(visitor)]
        assert response.status_code == may, (name, method)
        enquiry.refresh_from_db()
        is_step = method == "post" and visitor in {"norlander", "officer"}
        assert enquiry.status == ("answered" if is_step else "open")


@pytest.mark.parametrize(("visitor", "expected"), list(zip(VISITORS, [302, 403, 403, 200], strict=True)))
def test_bulletins_are_written_by_the_isu_and_read_by_everybody(request, client, officer, visitor, expected):
    draft = factories.make_bulletin(sent=False, by=officer, notes={"en": "News"})
    sent = factories.make_bulletin(by=officer, notes={"en": "News"})
    sign_in(request, client, visitor)

    for name in ("isu_bulletin", "bulletin_preview", "bulletin_letter", "send_bulletin"):
        assert client.get(reverse(f"offers:{name}", args=[draft.pk])).status_code == expected, name
    assert client.get(reverse("offers:bulletin", args=[sent.number])).status_code == 200
    if visitor != "officer":
        client.post(reverse("offers:send_bulletin", args=[draft.pk]), {"seen": 2})
        draft.refresh_from_db()
        assert not draft.is_sent


def test_nobody_confirms_offers_of_another_state(client, make_offer, sudlander):
    offer = make_offer(confirmed_days_ago=200)
    client.force_login(sudlander)

    client.post(reverse("offers:confirm_all"), {"offers": [offer.pk]})

    assert not offer.status_changes.filter(step="confirm").exists()


@pytest.mark.parametrize(("visitor", "expected"), list(zip(VISITORS, [302, 403, 403, 302], strict=True)))
def test_only_the_isu_marks_a_report_as_done(request, client, visitor, expected):
    report = factories.MistakeReportFactory()
    address = reverse("offers:handle_report", args=[report.pk])
    sign_in(request, client, visitor)

    assert client.get(address).status_code in {expected, 405}
    report.refresh_from_db()
    assert report.handled_at is None
    response = client.post(address)

    report.refresh_from_db()
    assert response.status_code == expected
    assert (report.handled_at is not None) == (visitor == "officer")


@pytest.mark.parametrize(
    "name",
    [
        "new", "change", "confirm", "clone", "take_back", "publish", "send_back", "refuse", "claim", "release",
        "bring_back_taken_down", "bring_back",
    ],
)  # fmt: skip
def test_no_step_is_taken_by_a_link(client, norlander, officer, make_offer, name):
    offer = make_offer()
    client.force_login(officer if name in {*FOR_REVIEW, "bring_back_taken_down"} else norlander)
    args = [] if name == "new" else [offer.live_version.pk if name in FOR_REVIEW else offer.reference]

    assert client.get(reverse(f"offers:{name}", args=args)).status_code == 405


def test_every_form_that_changes_something_carries_its_token(client, make_offer, norlander, officer, sudland):
    returned = make_offer(status="returned")
    returned.versions.last().partners.create(state=sudland, role="host")
    waiting, published = make_offer(status="submitted"), make_offer()
    make_offer(confirmed_days_ago=200)
    factories.MistakeReportFactory(offer=published)
    ended = make_offer()
    ended.withdraw(by=norlander)
    asked = factories.make_offer(state=sudland).live_version.partners.create(state=norlander.state, role="host")
    pages = {
        norlander: [
            reverse("offers:desk"),
            *(reverse(f"offers:{name}", args=[returned.reference]) for name in ("edit", "documents", "submit")),
            reverse("offers:withdraw", args=[published.reference]),
            reverse("offers:confirm_all"),
            reverse("offers:versions", args=[ended.reference]),
            reverse("offers:partnership", args=[asked.pk]),
        ],
        officer: [
            reverse("offers:queue"),
            reverse("offers:review", args=[waiting.versions.last().pk]),
            reverse("offers:correct", args=[waiting.versions.last().pk]),
            reverse("offers:take_down", args=[published.reference]),
            reverse("offers:begin_on_behalf"),
            reverse("offers:act", args=[published.reference]),
            reverse("offers:reports"),
            reverse("offers:freshness"),
            reverse("offers:mission", args=[published.state.iso3.lower()]),
        ],
    }

    for user, addresses in pages.items():
        client.force_login(user)
        for address in addresses:
            forms = re.findall(r'<form[^>]*method="post".*?</form>', client.get(address).content.decode(), re.DOTALL)
            assert len(forms) >= 1, address  # signing out is one on every page
            assert all("csrfmiddlewaretoken" in form for form in forms), address


def test_rights_end_with_the_membership_of_the_convention(client, norland, norlander, make_offer):
    offer = make_offer(status="draft")
    client.force_login(norlander)
    assert client.get(reverse("offers:edit", args=[offer.reference])).status_code == 200

    norland.withdrawal_effective = "2020-01-01"
    norland.save()

    assert client.get(reverse("offers:desk")).status_code == 403
    assert client.get(reverse("offers:edit", args=[offer.reference])).status_code == 403


def test_a_demotion_takes_effect_at_once(client, officer):
    client.force_login(officer)
    assert client.get(reverse("offers:queue")).status_code == 200

    officer.role = "focal_point"
    officer.save()

    assert client.get(reverse("offers:queue")).status_code == 403


def test_a_person_switched_off_is_signed_out(client, officer):
    client.force_login(officer)

    officer.is_active = False
    officer.save()

    assert client.get(reverse("offers:queue")).status_code == 302


def test_only_the_partner_state_itself_reads_and_accepts(client, make_offer, sudland, sudlander, norlander):
    offer = make_offer(status="submitted", title="What Sudland is asked")
    partner = offer.versions.last().partners.create(state=sudland, role="host")
    stranger = factories.UserFactory(state=factories.StateFactory())
    read, accept = (reverse(f"offers:{name}", args=[partner.pk]) for name in ("partnership", "accept_partnership"))

    client.force_login(stranger)
    assert client.get(read).status_code == 404
    assert client.post(accept).status_code == 404
    partner.refresh_from_db()
    assert partner.accepted_on is None

    client.force_login(sudlander)
    assert "What Sudland is asked" in client.get(read).content.decode()
    client.post(accept)
    partner.refresh_from_db()
    assert partner.accepted_on is not None


@pytest.mark.parametrize(("visitor", "expected"), list(zip(VISITORS, [302, 403, 403, 302], strict=True)))
def test_only_the_isu_records_that_a_partner_has_accepted_on_paper(request, client, make_offer, visitor, expected):
    partner = make_offer().live_version.partners.create(state=factories.StateFactory(), role="host")
    sign_in(request, client, visitor)

    response = client.post(
        reverse("offers:accept_partner", args=[partner.pk]), {f"partner-{partner.pk}-reference": "NV 12/2026"}
    )

    partner.refresh_from_db()
    assert response.status_code == expected
    assert (partner.accepted_on is not None) == (visitor == "officer")


def test_nobody_is_asked_for_a_draft_or_a_withdrawn_offer(client, make_offer, sudland, sudlander, norlander):
    draft, withdrawn = make_offer(status="draft"), make_offer()
    partners = [offer.versions.last().partners.create(state=sudland, role="host") for offer in (draft, withdrawn)]
    withdrawn.withdraw(by=norlander)
    client.force_login(sudlander)

    for partner in partners:
        assert client.post(reverse("offers:accept_partnership", args=[partner.pk])).status_code == 404
    assert "Asked to be named" not in client.get(reverse("offers:desk")).content.decode()


def test_a_successor_shuts_out_the_predecessor(client, administrator, norland, norlander):
    norlander.set_password("a passphrase that is long enough")
    norlander.save()
    norlander.emailaddress_set.create(email=norlander.email, verified=True, primary=True)
    former = norlander.email
    client.force_login(administrator)

    client.post(
        reverse("admin:contacts_user_change", args=[norlander.pk]),
        {
            "email": "successor@example.org",
            "role": "focal_point",
            "is_active": "on",
            "membership-TOTAL_FORMS": "1",
            "membership-INITIAL_FORMS": "1",
            "membership-0-id": norlander.membership.pk,
            "membership-0-user": norlander.pk,
            "membership-0-state": norland.pk,
            "membership-0-since": "2026-11-23",
        },
    )
    client.logout()
    client.post(reverse("account_reset_password"), {"email": former})
    client.post(reverse("account_login"), {"login": former, "password": "a passphrase that is long enough"})

    norlander.refresh_from_db()
    assert norlander.email == "successor@example.org"
    assert client.get(reverse("offers:desk")).status_code == 302
    assert not OutgoingMail.objects.exists()


def test_administration_is_for_administrators_only(client, norlander, officer, administrator):
    address = reverse("admin:index")
    for user in (norlander, officer):
        client.force_login(user)
        assert client.get(address).status_code == 302

    client.force_login(administrator)
    assert client.get(address).status_code == 200
    for name in ("contacts_state", "contacts_user", "contacts_contactpoint", "offers_area", "offers_outgoingmail"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200


def test_an_administrator_makes_an_account_that_waits_for_its_person(client, administrator, norland):
    client.force_login(administrator)

    response = client.post(
        reverse("admin:contacts_user_add"),
        {
            "email": "New.Person@Example.org",
            "role": "focal_point",
            "is_active": "on",
            "membership-TOTAL_FORMS": "1",
            "membership-INITIAL_FORMS": "0",
            "membership-0-state": norland.pk,
            "membership-0-since": "2026-11-23",
        },
    )

    assert response.status_code == 302
    user = type(administrator).objects.get(email="new.person@example.org")
    assert user.state == norland
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    "name",
    ["offers:isu_annex", "offers:isu_annex_word", "analytics:state_figures", "analytics:state_figures_csv"],
)
def test_what_is_kept_for_each_state_at_the_isu_is_for_the_isu(request, client, norland, name):
    for visitor, status in zip(VISITORS, [302, 403, 403, 200], strict=True):
        client.logout()
        sign_in(request, client, visitor)

        assert client.get(reverse(name, args=["qno"])).status_code == status, visitor
