"""From a need to a match, and news of a list: visitors, an office and the ISU, with the letters between them."""

import re

import pytest

from offers.visitor_forms import LEAST_SECONDS

STATED = "Two instructors for the disposal of cluster munition remnants are needed for a course in May."


@pytest.fixture
def open_letter(open_page):
    """Open the link in the newest letter to somebody, as whoever has that mailbox: a page without an account."""
    reader = open_page(javascript=False)

    def open_letter(address, link, **browser):
        reader.goto("/en/mails/")
        send = reader.get_by_role("button", name="Send what waits")
        if send.count():
            send.click()
        letters = reader.get_by_role("article").filter(has_text=f"To: {address}")
        found = letters.locator(f"a[href*='/{link}/']").first.get_attribute("href")
        page = open_page(javascript=False, **browser)
        page.goto(found)
        return page

    return open_letter


def said(page):
    return page.get_by_role("main").inner_text()


def test_from_a_search_without_result_to_a_match_that_both_sides_confirm(open_page, open_letter):
    # A delegate on a phone finds nothing and says what is needed.
    delegate = open_page(width=320, javascript=False)
    delegate.goto("/en/offers/?q=zeppelin")
    assert "No offer fits the words “zeppelin”." in said(delegate)
    delegate.get_by_role("link", name="Tell the ISU what you need").click()
    delegate.get_by_label("Your message").fill(STATED)
    delegate.get_by_role("button", name="Send").click()
    assert delegate.get_by_role("alert").get_by_role("link").count() >= 2
    assert delegate.get_by_label("Your message").input_value() == STATED
    delegate.get_by_label("Your name").fill("Ana Delegate")
    delegate.get_by_label("Your organisation or office").fill("Mine action centre")
    delegate.get_by_label("The State for which you ask").select_option(label="Benin")
    delegate.get_by_label("Your e-mail address").fill("ana.delegate@example.org")
    # Whoever is quicker than that is taken for a robot, and the ISU has a look first.
    delegate.wait_for_timeout(LEAST_SECONDS * 1000 + 100)
    delegate.get_by_role("button", name="Send").click()
    assert "letter" in said(delegate)

    # Nothing is passed on before the address is confirmed; opening the link alone confirms nothing.
    officer = open_page("officer@example.org")
    officer.goto("/en/isu/enquiries/")
    assert "Ana Delegate" not in said(officer)
    delegate = open_letter("ana.delegate@example.org", "enquiry", width=320)
    delegate.get_by_role("button", name="Confirm and send").click()
    reference = re.search(r"ENQ-\d{4}-\d{4}", said(delegate)).group()

    # The ISU hands it over to an office that may help.
    officer.goto("/en/isu/")
    officer.get_by_role("link", name=re.compile("enquir(y|ies) waits? for an answer from the ISU")).click()
    officer.get_by_role("link", name=re.compile(reference)).click()
    assert STATED in said(officer)
    officer.get_by_text("Hand over to somebody else").click()
    officer.get_by_label("To whom?").select_option(label=option(officer, "Croatia"))
    officer.get_by_role("button", name="Hand over", exact=True).click()

    # The office acknowledges and answers, without an account.
    office = open_letter("cooperation.croatia@example.org", "answer")
    assert STATED in said(office)
    office.get_by_role("button", name="Acknowledge receipt").click()
    office.get_by_label("Your answer").fill("Two of our instructors can come in May.")
    office.get_by_role("button", name="Send the answer").click()

    # Both sides say what came of it, and the ISU sees the match.
    delegate = open_letter("ana.delegate@example.org", "enquiry", width=320)
    assert "Two of our instructors can come in May." in said(delegate)
    delegate.get_by_label("Assistance was agreed").check()
    delegate.get_by_role("button", name="Say what came of it").click()
    office.get_by_label("Assistance was agreed").check()
    office.get_by_role("button", name="Say what came of it").click()
    officer.goto(f"/en/desk/enquiries/{reference}/")
    assert "Match confirmed by both sides" in said(officer)

    for person in (delegate, office):
        assert person.context.cookies() == []


def test_news_of_a_list_come_in_the_language_of_the_reader_until_they_are_stopped(open_page, open_letter, portal):
    delegate = open_page(width=320, javascript=False)
    delegate.goto("/ar/offers/?form=form.training.course")
    delegate.locator("main a[href*='/ar/alerts/?form']").first.click()
    delegate.locator("input[type=email]").fill("news.reader@example.org")
    delegate.wait_for_timeout(LEAST_SECONDS * 1000 + 100)
    delegate.locator("main form button").click()
    confirm = open_letter("news.reader@example.org", "alerts/confirm", width=320)
    assert confirm.locator("html").get_attribute("dir") == "rtl"
    confirm.locator("main form button").click()

    # A week later, with offers that have come meanwhile.
    portal.manage("shell", "--command", WEEK)
    assert "digest: 1 written." in portal.manage("send_news")
    manage = open_letter("news.reader@example.org", "alerts/manage", width=320)
    manage.locator("form[action*='/alerts/unsubscribe/'] button").click()
    assert portal.manage("shell", "--command", LEFT).strip().splitlines()[-1] == "0"


WEEK = """
from datetime import timedelta
from django.utils import timezone
from offers.models import Alert, Subscriber
Alert.objects.update(since=timezone.now() - timedelta(days=3650))
Subscriber.objects.update(next_digest_on=timezone.localdate())
"""
LEFT = "from offers.models import Subscriber; print(Subscriber.objects.count())"


def option(page, text):
    """The label of the first choice with that text."""
    return page.locator("select[name=to] option").filter(has_text=text).first.inner_text()
