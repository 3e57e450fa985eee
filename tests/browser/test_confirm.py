"""Ten offers are confirmed in less than a minute: at the desk, and by the link in a letter."""

import email
import re
from email.policy import default
from pathlib import Path

import pytest

AGE = """
from datetime import timedelta
from django.utils import timezone
from offers.models import Offer, OfferVersion
today = timezone.localdate()
offers = Offer.objects.filter(state__iso3="{iso3}", live_version__isnull=False, ended_as="")
OfferVersion.objects.filter(pk__in=offers.values("live_version")).update(valid_until=None)
offers.update(is_sample=False, confirmed_on=today - timedelta(days=200), valid_until=today + timedelta(days=165))
"""


def age(portal, iso3):
    """Make the published offers of a State real ones that wait for a confirmation."""
    portal.manage("shell", "--command", AGE.format(iso3=iso3))


@pytest.mark.parametrize(("javascript", "width"), [(True, 1280), (False, 320)], ids=["wide", "phone, no JavaScript"])
def test_a_focal_point_confirms_everything_with_two_presses(open_page, portal, javascript, width):
    age(portal, "HRV")
    desk = open_page("focal.hrv@example.org", javascript=javascript, width=width)

    desk.get_by_role("link", name="Is everything still correct?").click()
    boxes = desk.get_by_role("checkbox")
    count = boxes.count()
    assert count >= 2
    assert all(box.is_checked() for box in boxes.all())
    desk.get_by_role("button", name="The ticked offers are still valid").click()

    assert f"{count} offers are confirmed as of today." in desk.get_by_role("status").inner_text()
    assert "Confirmation due" not in desk.get_by_role("main").inner_text()


def test_an_office_confirms_by_the_link_in_its_letter(open_page, portal):
    age(portal, "BEN")
    portal.manage("send_reminders")
    portal.manage("send_outgoing_mail")
    address = link_in_letters(portal)
    office = open_page(width=320, javascript=False)

    office.goto(address)
    boxes = office.get_by_role("checkbox")
    count = boxes.count()
    assert count >= 2
    boxes.first.focus()
    office.keyboard.press("Space")
    office.get_by_role("button", name="Still valid").click()
    assert f"{count - 1} offer" in office.get_by_role("status").inner_text()

    office.get_by_role("checkbox").check()
    office.get_by_role("button", name="Still valid").click()
    assert "1 offer is confirmed as of today." in office.get_by_role("status").inner_text()
    assert office.get_by_role("checkbox").count() == 0
    office.goto(address)
    assert "there is nothing left to do" in office.get_by_role("main").inner_text()
    assert office.context.cookies() == []


def link_in_letters(portal):
    """Of the letter to the focal point of Benin, from the folder of the demonstration."""
    for path in Path(portal.environment["DATA_DIR"], "mail").iterdir():
        for text in path.read_text().split("-" * 79):
            letter = email.message_from_string(text.strip(), policy=default)
            if "focal.ben@example.org" in (letter["To"] or ""):
                found = re.search(rf"{portal.url}(/en/confirm/\S+)", letter.get_body(["plain"]).get_content())
                if found:
                    return found.group(1)
    raise AssertionError("No letter has been sent.")
