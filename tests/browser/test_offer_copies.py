"""An offer is copied with a button where there is JavaScript, by hand where there is none, and printed on two pages."""

import re

import pytest


@pytest.fixture
def first_offer(open_page):
    """The address of an offer, as a visitor comes to it."""
    page = open_page(javascript=False)
    page.goto("/en/offers/")
    return page.locator(".results .card h3 a").first.get_attribute("href")


def test_the_button_copies_the_text_and_says_so(open_page, first_offer):
    page = open_page()
    page.goto(first_offer)
    page.get_by_role("link", name="Copy as text").click()
    text = page.locator("#offer-text").input_value()

    page.get_by_role("button", name="Copy").click()

    page.get_by_text("The text is copied.").wait_for()
    page.evaluate("document.querySelector('#offer-text').readOnly = false")
    page.locator("#offer-text").fill("")
    page.locator("#offer-text").press("Control+v")
    assert page.locator("#offer-text").input_value() == text


def test_without_javascript_there_is_no_button_and_the_text_can_be_selected(open_page, first_offer):
    page = open_page(javascript=False, width=320, language="ar")
    page.goto(f"{first_offer.replace('/en/', '/ar/')}text/")

    assert not page.locator("[data-copy]").is_visible()
    assert page.locator("#offer-text").is_visible()
    assert page.locator("#offer-text").input_value().count("\n") > 15


@pytest.mark.parametrize("language", ["en", "ar"])
def test_an_offer_is_printed_on_two_pages_at_most(open_page, first_offer, language):
    page = open_page(javascript=False)
    page.goto(f"{first_offer.replace('/en/', f'/{language}/')}print/")

    paper = page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm"))

    assert len(re.findall(rb"/Type\s*/Page\b", paper)) in {1, 2}


@pytest.mark.parametrize("address", ["coverage/?region=014", "bodies/", "bodies/gichd-francophone/", "south-south/"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_new_pages_need_no_sideways_scroll_on_a_phone(open_page, address, language):
    page = open_page(width=320, language=language)
    page.goto(f"/{language}/{address}")

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
