""" "Did you find what you needed?": who is asked where, what is kept of an answer, and what the ISU reads."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import AskedOn, Feedback
from analytics.periods import Period
from offers.visitor_forms import LEAST_SECONDS

pytestmark = pytest.mark.once


def address(asked_on=AskedOn.OFFER):
    return reverse("analytics:feedback", args=[asked_on])


def fill_in(client, clock, asked_on=AskedOn.OFFER, **data):
    """What a person sends who has read the page."""
    [ticket] = re.findall(r'name="ticket" value="([^"]+)"', client.get(address(asked_on)).content.decode())
    clock.shift(LEAST_SECONDS + 1)
    return {"ticket": ticket, "subject": "", "found": "no", "comment": ""} | data


def answer(client, clock, asked_on=AskedOn.OFFER, **data):
    return client.post(address(asked_on), fill_in(client, clock, asked_on, **data))


def make(found="yes", **values):
    return Feedback.objects.create(**{"asked_on": "offer", "language": "en", "found": found} | values)


def test_an_answer_is_kept_with_language_and_kind_of_page_and_nothing_else(client, clock, db):
    client.get("/fr/")
    response = client.post(
        f"/fr/feedback/{AskedOn.NO_RESULTS}/",
        fill_in(client, clock, found="partly", comment="  Nothing\u200b about dogs "),
        headers={"referer": "https://example.org/offers/PFP-2027-0001/"},
    )

    assert (response.status_code, response.url) == (302, "/fr/feedback/thanks/")
    [row] = Feedback.objects.values()
    assert row.pop("key") and row.pop("id")
    assert row == {
        "at": timezone.now(), "asked_on": "no_results", "found": "partly", "comment": "Nothing about dogs",
        "language": "fr", "suspicious": False,
    }  # fmt: skip


def test_pressed_twice_is_one_answer_and_another_choice_from_the_same_page_replaces_it(client, clock, db):
    data = fill_in(client, clock)
    for found in ("no", "no", "yes"):
        client.post(address(), data | {"found": found})

    assert [feedback.found for feedback in Feedback.objects.all()] == ["yes"]


def test_without_a_choice_nothing_is_kept_and_what_was_typed_stays(client, clock, db):
    page = answer(client, clock, found="", comment="Words that took a while")

    assert page.status_code == 200
    assert "Choose an answer." in page.content.decode()
    assert "Words that took a while" in page.content.decode()
    assert not Feedback.objects.exists()


def test_too_long_a_comment_is_refused_in_words(client, clock, db):
    page = answer(client, clock, comment="م" * 501)

    assert "Shorten it to 500" in page.content.decode()
    assert "م" * 501 in page.content.decode()
    assert not Feedback.objects.exists()


def test_what_a_robot_sends_is_kept_apart(client, clock, db):
    answer(client, clock, subject="Buy this")
    client.post(address(), fill_in(client, clock) | {"ticket": "made up"})
    [ticket] = re.findall(r'name="ticket" value="([^"]+)"', client.get(address()).content.decode())
    client.post(address(), {"ticket": ticket, "found": "yes"})  # at once

    assert [feedback.suspicious for feedback in Feedback.objects.all()] == [True, True, True]
    assert not Feedback.objects.counted().exists()


def test_too_many_answers_from_one_network_are_refused_and_leave_nothing(client, clock, db, settings):
    settings.VISITOR_LIMITS = {"feedback": [("network", 1, 3600)]}
    cache.clear()
    answer(client, clock)

    page = answer(client, clock, comment="The second")

    assert (page.status_code, "Retry-After" in page.headers) == (429, True)
    assert "The second" in page.content.decode()
    assert Feedback.objects.count() == 1


def test_only_pages_that_ask_have_an_address(client, db):
    assert client.get("/en/feedback/elsewhere/").status_code == 404
    assert client.post("/en/feedback/elsewhere/", {"found": "yes"}).status_code == 404


def test_the_form_sets_the_cookie_that_protects_it_and_the_thanks_none(db):
    form, thanks = Client().get(address()), Client().get(reverse("analytics:feedback_sent"))

    assert (list(form.cookies), list(thanks.cookies)) == (["__Host-csrf"], [])
    assert Client(enforce_csrf_checks=True).post(address(), {"found": "yes"}).status_code == 403
    for page in (form, thanks):
        assert 'content="noindex"' in page.content.decode()


def test_every_page_that_asks_leads_to_its_own_question(client, make_offer):
    offer = make_offer()
    pages = {
        AskedOn.OFFER: offer.get_absolute_url(),
        AskedOn.NO_RESULTS: f"{reverse('offers:catalogue')}?q=zeppelin",
        AskedOn.ENQUIRY_SENT: reverse("offers:enquiry_sent"),
        AskedOn.ENQUIRY_LEFT: reverse("offers:enquire", args=[offer.reference]),
    }

    assert pages.keys() == set(AskedOn)
    for asked_on, page in pages.items():
        assert client.get(page).content.decode().count(f'href="{address(asked_on)}"') == 1, page
    assert "/feedback/" not in client.get(reverse("offers:catalogue")).content.decode()


def test_comments_go_after_a_year_and_the_answers_stay(db, settings, capsys):
    old = timezone.now() - timedelta(days=settings.FEEDBACK_COMMENT_DAYS)
    make(comment="Old", at=old)
    make(comment="New", at=old + timedelta(hours=1))

    call_command("forget")

    assert [feedback.comment for feedback in Feedback.objects.order_by("at")] == ["", "New"]
    assert "what they needed: 1 erased" in capsys.readouterr().out


# What the ISU reads


def test_the_isu_reads_answers_by_page_and_language_and_comments_of_the_period(isu):
    now = timezone.now()
    make(comment="Too few in Arabic", at=now - timedelta(hours=2), language="ar", found="no")
    make(asked_on="enquiry_left", found="partly", comment="Long form")
    make(comment="Of another period", at=now - timedelta(days=500))
    make(comment="Buy this", suspicious=True)
    page = isu.get(reverse("analytics:feedback_list"))
    said = page.content.decode()

    assert said.index("Long form") < said.index("Too few in Arabic") < said.index("Buy this")
    assert "Of another period" not in said
    found, response, by_language = page.context["tables"]
    assert [numbers for _label, numbers in found.rows] == [(0, 0, 1), (0, 0, 0), (0, 0, 0), (0, 1, 0)]
    assert dict(by_language.rows)["Arabic"] == (0, 0, 1)


def test_comments_are_turned_page_by_page_in_a_fixed_number_of_queries(isu):
    make(comment="The only one")
    make(suspicious=True)
    isu.get(reverse("analytics:feedback_list"))
    needed = []
    for expected in (1, 25):
        with CaptureQueriesContext(connection) as queries:
            page = isu.get(reverse("analytics:feedback_list"))
        needed.append(len(queries))
        assert len(page.context["page_obj"]) == expected
        for number in range(30):
            make(comment=f"Comment {number}", suspicious=number % 2)
            make(comment=f"Answer {number}")
    assert needed[0] == needed[1]

    assert len(isu.get(reverse("analytics:feedback_list"), {"page": 4}).context["page_obj"]) == 16


def test_nothing_answered_and_a_period_that_cannot_be_understood_are_said(isu):
    assert "Nobody has answered" in isu.get(reverse("analytics:feedback_list")).content.decode()

    page = isu.get(reverse("analytics:feedback_list"), {"from": "nonsense"}).content.decode()
    assert "Give the day as year, month and day" in page


def test_a_day_is_one_of_the_reporting_zone(db):
    day = datetime(2027, 6, 30, 22, 30, tzinfo=UTC)  # the first of July in Zurich
    make(at=day)

    june, july = date(2027, 6, 30), date(2027, 7, 1)
    assert Feedback.objects.within(Period(june, june)).count() == 0
    assert Feedback.objects.within(Period(july, july)).count() == 1
