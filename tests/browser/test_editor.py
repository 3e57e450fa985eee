"""Writing an offer by keyboard alone, and on a phone without JavaScript."""

import re

import pytest

from .conftest import PASSWORD
from .test_main_journey import DESCRIPTION, option

MOST_TABS = 60


class Keyboard:
    """Somebody who has no mouse; counts how often they press the Tab key."""

    def __init__(self, page):
        self.page, self.tabs = page, 0

    def to(self, selector):
        """Press Tab until that control has the focus."""
        for _press in range(40):
            self.page.keyboard.press("Tab")
            self.tabs += 1
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                assert self.is_seen(), f"{selector} has the focus and is not to be seen"
                return
        raise AssertionError(f"{selector} is not reached")

    def is_seen(self):
        box = self.page.evaluate("() => document.activeElement.getBoundingClientRect().toJSON()")
        return box["width"] > 1 and box["height"] > 1 and box["bottom"] > 0 and box["top"] < 800

    def type(self, text):
        self.page.keyboard.type(text)

    def press(self, key):
        self.page.keyboard.press(key)

    def leave(self, key="Enter"):
        """Press a key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)


def test_an_offer_is_posted_by_keyboard_from_signing_in_to_the_confirmation(open_page):
    page = open_page()
    keys = Keyboard(page)
    page.goto("/en/account/login/")
    keys.to("a.skip")
    keys.press("Enter")
    keys.to("input[name=login]")
    keys.type("focal.hrv@example.org")
    keys.to("input[name=password]")
    keys.type(PASSWORD)
    keys.leave()

    keys.to("a.skip")
    keys.press("Enter")
    keys.to("form[action$='/desk/offers/new/'] button")
    keys.leave()

    keys.to("a.skip[href='#part-what']")
    keys.press("Enter")
    keys.to("[name=title]")
    keys.type("Detector course by keyboard")
    keys.to("[name=primary_area]")
    keys.type("Survey")
    keys.to("[name=form]")
    keys.type("Training")
    keys.to("[name=description]")
    keys.type(DESCRIPTION)
    keys.to("[name=delivery_modes]")
    keys.press("Space")
    keys.to("a.skip-part[href='#part-whom']")
    keys.press("Enter")
    keys.to("a.skip-part[href='#part-conditions']")
    keys.press("Enter")
    keys.to("a.skip-part[href='#part-contact']")
    keys.press("Enter")
    keys.to("[name=contact_points]")
    keys.press("Space")
    keys.to("button[value=submit]")
    keys.leave()

    assert page.get_by_role("heading", level=1).inner_text() == "Check your answers"
    keys.to("a.skip[href='#declare']")
    keys.press("Enter")
    keys.to("[name=declaration]")
    keys.press("Space")
    keys.to("[name=note_to_isu]")
    keys.to("button.btn")
    keys.leave()

    assert page.get_by_role("heading", level=1).inner_text() == "The offer is submitted"
    assert keys.tabs <= MOST_TABS, f"{keys.tabs} times"


def test_an_offer_is_posted_on_a_phone_without_javascript(open_page):
    page = open_page("focal.hrv@example.org", javascript=False, width=320)
    page.get_by_role("button", name="Write a new offer").click()
    reference = re.search(r"PFP-\d{4}-\d{4}", page.url).group()
    page.get_by_label("Title (needed to submit)").fill("x" * 121)
    page.get_by_role("button", name="Save and submit").click()
    assert page.get_by_role("alert").get_by_text("This text has 121 characters").is_visible()
    assert page.get_by_label("Title (needed to submit)").input_value() == "x" * 121

    page.get_by_label("Title (needed to submit)").fill("دورة للمدربين")
    page.get_by_label("Main area of implementation").select_option(label=option(page, "Technical survey"))
    page.get_by_label("Form of assistance").select_option(label=option(page, "Training course"))
    page.get_by_label("Description (needed").fill(DESCRIPTION)
    page.get_by_label("At the provider's centre").check()
    page.get_by_label("Only the regions, groups or States").check()
    page.locator("summary", has_text="Regions").click()
    page.get_by_label("Western Africa").check()
    page.locator("summary", has_text="Other languages").click()
    page.get_by_label("Swahili").check()
    page.get_by_role("group", name="Fees").get_by_label("Provider").check()
    page.get_by_role("group", name="All the others").get_by_label("Recipient").check()
    page.locator("input[name=contact_points]").first.check()
    assert sideways(page) == 0
    page.get_by_role("button", name="Save draft").first.click()
    assert page.get_by_text("The draft is saved.").is_visible()
    assert page.get_by_label("Western Africa").is_visible()
    assert page.get_by_label("Swahili").is_visible()
    assert page.get_by_role("group", name="Travel").get_by_label("Recipient").is_checked()
    title = page.get_by_label("Title (needed to submit)")
    assert title.evaluate("field => getComputedStyle(field).direction") == "rtl"
    assert page.get_by_role("link", name="Quantity or capacity").count() == 0  # the description has numbers
    assert sideways(page) == 0

    page.get_by_role("button", name="Save and submit").click()
    assert sideways(page) == 0
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Submit for publication").click()
    assert reference in page.get_by_role("main").inner_text()


def sideways(page):
    """By how many pixels the page can be moved sideways."""
    # Without JavaScript on the page, Playwright may still ask the browser.
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [320, 1280])
def test_two_who_have_changed_the_same_choose_between_both_texts(open_page, width):
    mine, theirs = open_page("focal.hrv@example.org", width=width), open_page("focal.hrv@example.org")
    mine.get_by_role("button", name="Write a new offer").click()
    theirs.goto(mine.url)
    theirs.get_by_label("Title (needed").fill("Their title")
    theirs.get_by_label("Duration").fill("Five weeks")
    theirs.get_by_role("button", name="Save draft").first.click()
    assert theirs.get_by_text("The draft is saved.").is_visible()
    mine.get_by_label("Title (needed").fill("My title")
    mine.get_by_label("Quantity").fill("12 places")

    with mine.expect_response(lambda response: response.status == 409):
        mine.get_by_role("button", name="Save draft").first.click()
    alert = mine.get_by_role("alert")
    assert alert.get_by_text("Their title").is_visible()
    assert alert.get_by_text("My title").is_visible()
    assert sideways(mine) == 0
    alert.get_by_label("Keep the saved text").check()
    mine.get_by_role("button", name="Save draft").first.click()

    assert mine.get_by_label("Title (needed").input_value() == "Their title"
    assert mine.get_by_label("Quantity").input_value() == "12 places"
    assert mine.get_by_label("Duration").input_value() == "Five weeks"


def test_in_arabic_on_a_phone_what_was_typed_survives_the_end_of_the_session(open_page):
    page = open_page("focal.ben@example.org", width=320, language="ar")
    page.locator("form[action$='/desk/offers/new/'] button").click()
    page.locator("[name=title]").fill("دورة في إزالة الألغام")
    assert sideways(page) == 0
    page.context.clear_cookies(name="session")

    page.locator("#part-save button:not([name])").click()
    page.wait_for_url("**/ar/account/login/**")
    page.locator("input[name=login]").fill("focal.ben@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()

    page.wait_for_url("**/ar/kept/*/")
    assert page.locator("blockquote").get_by_text("دورة في إزالة الألغام").is_visible()
    assert sideways(page) == 0
    page.locator("main form[action$='/edit/'] button").click()
    page.wait_for_url("**/edit/")
    assert page.locator("[name=title]").input_value() == "دورة في إزالة الألغام"
    assert page.locator("html").get_attribute("dir") == "rtl"
