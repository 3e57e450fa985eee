"""The ISU works through its queue: on a phone without scripts, and with a colleague who is at it too."""

import pytest

FIELDS = ("csrfmiddlewaretoken", "seen")
OFFICER, COLLEAGUE = "officer@example.org", "administrator@example.org"

# Croatia copies two of its offers under other names and hands the copies in.
SUBMIT = """
from contacts.models import User
from offers.models import Offer
user = User.objects.get(email="focal.hrv@example.org")
source = Offer.objects.standing().filter(state__iso3="HRV").first()
for title in ("{first}", "{second}"):
    version = source.clone(by=user).open_version
    version.title = title
    version.save()
    version.submit(by=user)
"""


@pytest.mark.parametrize(
    ("javascript", "width"), [(True, 1280), (False, 320)], ids=["with JavaScript", "on a phone without JavaScript"]
)
def test_an_officer_works_through_the_queue(open_page, portal, javascript, width):
    first, second = f"Frist of two at {width}", f"Second of two at {width}"
    portal.manage("shell", "-c", SUBMIT.format(first=first, second=second))
    officer = open_page(OFFICER, javascript=javascript, width=width)
    colleague = open_page(COLLEAGUE, javascript=javascript, width=width)
    colleague.goto("/en/isu/queue/")
    colleague.get_by_role("link", name=first).click()

    # One press leads to the text, and the colleague sees who is reading it.
    officer.goto("/en/isu/queue/")
    assert no_sideways_scroll(officer)
    officer.get_by_role("button", name=f"Review {first}").click()
    assert officer.get_by_role("heading", level=1).inner_text() == first
    assert no_sideways_scroll(officer)
    other = open_page(COLLEAGUE, javascript=javascript, width=width)
    other.goto("/en/isu/queue/")
    assert f"{OFFICER} has been looking at this" in other.locator("tr", has_text=first).inner_text()

    # A slip of the pen is corrected; whoever has read the text before cannot publish it.
    officer.get_by_role("link", name="Correct small things").click()
    assert no_sideways_scroll(officer)
    corrected = first.replace("Frist", "First")
    officer.get_by_label("Title").fill(corrected)
    officer.get_by_role("button", name="Save and tell the State").click()
    assert officer.get_by_role("heading", level=1).inner_text() == corrected
    assert "Wording corrected by the ISU" in officer.get_by_role("main").inner_text()
    told = publish_what_was_read(colleague)
    assert told.status == 409
    assert "the text is not the one you opened" in told.text()

    # Publishing leads to the next, and after the last one to an empty place.
    officer.get_by_role("button", name="Publish and go to the next").click()
    assert "is in the catalogue." in officer.get_by_role("main").inner_text()
    officer.goto("/en/isu/queue/")
    officer.get_by_role("button", name=f"Review {second}").click()

    # A refusal without its ground keeps the reason that was typed.
    officer.get_by_text("Refuse it", exact=True).click()
    officer.get_by_label("Reason").last.fill("It says the same as the first of the two.")
    officer.get_by_role("button", name="Refuse", exact=True).click()
    assert no_sideways_scroll(officer)
    assert officer.get_by_role("link", name="Choose the ground on which it is refused.").is_visible()
    officer.get_by_label("It repeats another offer of the State").check()
    officer.get_by_role("button", name="Refuse", exact=True).click()
    assert "is refused, and the State is told why" in officer.get_by_role("main").inner_text()
    assert second not in officer.get_by_role("main").inner_text()


def publish_what_was_read(page):
    """Press the button of a page that was opened before; sent past the browser, which complains of a status of 409."""
    form = {name: page.locator(f"form[action$='/publish/'] [name={name}]").input_value() for name in FIELDS}
    return page.request.post(page.locator("form[action$='/publish/']").get_attribute("action"), form=form)


def no_sideways_scroll(page):
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
