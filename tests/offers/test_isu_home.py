"""The first page of the ISU: what waits, the most urgent first."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactPoint, KeptPost
from offers.models import Bounce, ContactProposal, Offer, OutgoingMail
from tests import factories

pytestmark = pytest.mark.django_db


def told(client):
    """The duties as they stand on the page, with the mark of urgency."""
    page = client.get(reverse("offers:isu_home")).content.decode()
    tasks = re.findall(r'<li class="task">(.*?)</li>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", task).split()) for task in tasks]


def test_signing_in_leads_an_officer_there(isu):
    assert isu.get(reverse("offers:start")).url == reverse("offers:isu_home")


def test_where_nothing_waits_the_page_says_so(isu):
    assert told(isu) == []
    assert "Nothing waits for you." in isu.get(reverse("offers:isu_home")).content.decode()


def test_it_counts_what_states_and_visitors_have_sent(isu, make_offer, norland, norlander):
    make_offer(status="submitted")
    make_offer(status="submitted")
    make_offer(status="draft")
    make_offer(status="returned")
    factories.MistakeReportFactory(offer=make_offer())
    ContactProposal.objects.create(
        state=norland, kind="new", office="Victim assistance unit", email="va@example.org", proposed_by=norlander
    )

    versions, proposals, reports = told(isu)

    assert versions.startswith("2 offers wait for review The next answer is promised by ")
    assert proposals.startswith("1 proposal about a contact point waits The next answer is promised by ")
    assert reports == "1 report of a mistake is open"


def test_a_promise_that_was_not_kept_comes_first(isu, officer, make_offer):
    factories.MistakeReportFactory(offer=make_offer())
    make_offer(status="submitted")

    with time_machine.travel(timezone.now() + timedelta(days=12)):
        isu.force_login(officer)
        assert told(isu) == [
            "1 offer waits for review Urgent 1 is later than its State was promised.",
            "1 report of a mistake is open",
        ]


@pytest.mark.parametrize(
    ("moment", "is_late"),
    [("2026-03-13 20:00", False), ("2026-03-14 09:00", True), ("2026-03-16 09:00", True)],
)
def test_what_was_handed_in_at_a_week_end_is_promised_by_the_next_friday(
    isu, officer, make_offer, norland, norlander, moment, is_late
):
    with time_machine.travel("2026-03-07 12:00+00:00", tick=False):  # a Saturday
        make_offer(status="submitted")
        ContactProposal.objects.create(
            state=norland, kind="new", office="Victim assistance unit", email="va@example.org", proposed_by=norlander
        )

    with time_machine.travel(f"{moment}+00:00", tick=False):
        isu.force_login(officer)
        versions, proposals = told(isu)

    promise = (
        "Urgent 1 is later than its State was promised."
        if is_late
        else ("The next answer is promised by 13 March 2026.")
    )
    assert versions == f"1 offer waits for review {promise}"
    assert proposals == f"1 proposal about a contact point waits {promise}"


def test_what_is_counted_by_its_stage_leads_to_that_stage_of_the_board(isu, make_offer):
    make_offer(confirmed_days_ago=270)
    make_offer(confirmed_days_ago=210)

    page = isu.get(reverse("offers:isu_home")).content.decode()

    for stage in ("suspended", "overdue"):
        assert f'href="{reverse("offers:freshness")}?stage={stage}"' in page


def test_it_counts_what_states_have_not_answered_but_no_samples(isu, make_offer):
    for days in (269, 270, 400):
        make_offer(confirmed_days_ago=days)
    sample = make_offer(confirmed_days_ago=400)
    Offer.objects.filter(pk=sample.pk).update(is_sample=True)
    factories.ContactPointFactory(state=sample.state, verified_on=timezone.localdate() - timedelta(days=400))

    assert told(isu) == [
        "2 offers are hidden until their States confirm them Urgent",
        "The confirmation of 1 offer is overdue",
        "1 office has not confirmed its details for a year",
    ]


def test_letters_that_did_not_arrive_and_mailboxes_that_take_none_are_told_until_somebody_has_seen_to_them(
    isu, officer, norland
):
    mail = OutgoingMail.objects.create(recipients=["x@example.org"], subject="s", raw=b"", failed_at=timezone.now())
    office = factories.ContactPointFactory(state=norland, email="Office@norland.example.org")
    Bounce.objects.create(email="office@norland.example.org")

    assert told(isu) == [
        "1 letter could not be delivered Urgent",
        "The mailbox of 1 office does not take letters Urgent",
    ]
    mail.settle(by=officer)
    ContactPoint.objects.filter(pk=office.pk).update(email="new@norland.example.org")
    assert told(isu) == []


def test_what_was_written_when_a_session_had_ended_is_offered(isu, officer, norlander):
    own = KeptPost.objects.create(user=officer, path="/en/isu/", data={"fields": {}, "files": []})
    other = KeptPost.objects.create(user=norlander, path="/en/desk/", data={"fields": {}, "files": []})

    page = isu.get(reverse("offers:isu_home")).content.decode()

    assert reverse("contacts:kept", args=[own.pk]) in page
    assert reverse("contacts:kept", args=[other.pk]) not in page


@pytest.mark.parametrize("count", [1, 4])
def test_it_needs_the_same_queries_however_much_waits(isu, make_offer, count, django_assert_max_num_queries):
    for _ in range(count):
        make_offer(status="submitted")
        make_offer(confirmed_days_ago=300)

    with django_assert_max_num_queries(16):
        isu.get(reverse("offers:isu_home"))
