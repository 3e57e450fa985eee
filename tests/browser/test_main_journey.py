"""An offer is written, reviewed, published, found and asked about, and its use is counted."""

import csv
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

THIS_MONTH = f"{datetime.now(ZoneInfo('Europe/Zurich')):%B %Y}"
DESCRIPTION = (
    "Two instructors of the national centre teach the operation and upkeep of multisensor detectors to teams that "
    "already know manual clearance. Each course lasts three weeks and takes up to sixteen participants, twice a year."
)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_desk_to_the_catalogue_to_the_report(open_page, portal, javascript):
    title = f"Multisensor detector course {'with' if javascript else 'without'} interpretation"

    # The focal point of Croatia writes an offer and is told what is missing.
    desk = open_page("focal.hrv@example.org", javascript=javascript)
    desk.get_by_role("button", name="Write a new offer").click()
    reference = re.search(r"PFP-\d{4}-\d{4}", desk.url).group()
    desk.get_by_label("Title (needed to submit)").fill(title)
    desk.get_by_role("button", name="Save and submit").click()
    summary = desk.get_by_role("alert")
    assert summary.get_by_role("link").count() == 5
    assert desk.get_by_label("Title (needed to submit)").input_value() == title

    desk.get_by_label("Main area of implementation (needed").select_option(label=option(desk, "Technical survey"))
    desk.get_by_label("Form of assistance (needed").select_option(label=option(desk, "Training course"))
    desk.get_by_label("Description (needed").fill(DESCRIPTION)
    desk.get_by_label("At the provider's centre").check()
    desk.get_by_role("group", name="Travel").get_by_label("Provider").check()
    desk.locator("input[name=contact_points]").first.check()
    desk.get_by_role("button", name="Save and preview").click()
    assert desk.get_by_role("heading", level=1).inner_text() == title
    assert "Preview, not published" in desk.content()

    desk.goto(f"/en/desk/offers/{reference}/submit/")
    desk.get_by_role("checkbox").check()
    desk.get_by_role("button", name="Submit for publication").click()
    assert "The offer is submitted" in desk.get_by_role("heading", level=1).inner_text()

    # Nobody else sees it yet.
    visitor = open_page(javascript=javascript)
    assert visitor.request.get(f"/en/offers/{reference}/").status == 404

    # An officer of the ISU reads and publishes it.
    officer = open_page("officer@example.org", javascript=javascript)
    officer.get_by_role("link", name=re.compile("waits? for review")).click()
    officer.get_by_role("link", name=title).click()
    assert "twice a year" in officer.get_by_role("main").inner_text()
    officer.get_by_role("button", name="Publish", exact=True).click()
    assert f"{reference} is in the catalogue" in officer.get_by_role("main").inner_text()

    # A visitor finds it by search and by filter and opens the contact points.
    officer.goto(f"/en/offers/{reference}/")
    desk.goto(f"/en/offers/{reference}/contact/")
    count_views(portal)
    before = figures(officer)
    visitor.goto("/en/")
    visitor.get_by_role("searchbox").fill("multisensor detector")
    visitor.get_by_role("searchbox").press("Enter")
    assert visitor.get_by_role("link", name=title).is_visible()
    visitor.goto("/en/offers/?area=area.survey_clearance.technical_survey&state=HRV&pays=provider:travel")
    visitor.get_by_role("link", name=title).click()
    assert visitor.get_by_role("heading", level=1).inner_text() == title
    visitor.get_by_role("link", name="Show contact points").click()
    assert "@example.org" in visitor.get_by_role("main").inner_text()
    assert visitor.context.cookies() == []

    # Its use is counted: exactly these views, none of the focal point's or the officer's.
    count_views(portal)
    after = figures(officer)
    assert increase(before, after) == {
        # visits, daily visitors, page views, searches, searches without a result
        ("Visits by month", THIS_MONTH): [1, 1, 5, 2, 0],
        # offers opened, different offers, contacts opened, different offers with contacts opened
        ("Information viewed, by area of implementation", "Survey and clearance of mined areas"): [2, 1, 1, 1],
        ("Information viewed, by form of assistance", "Training"): [2, 1, 1, 1],
        # times opened, visits with it
        ("Kinds of pages opened", "Home page, lists of States, regional bodies and sources, bulletins"): [1, 1],
        ("Kinds of pages opened", "Searches with a result"): [2, 1],
        ("Kinds of pages opened", "Offers"): [1, 1],
        ("Kinds of pages opened", "Contact points of an offer"): [1, 1],
    }
    page = officer.goto("/en/isu/use/").text()
    assert "Information viewed, by area of implementation" in page


def option(page, name):
    """The label of an option as it stands in the list, indentation included."""
    labels = page.get_by_role("option", name=name, exact=False).all_inner_texts()
    return next(label for label in labels if label.strip() == name)


TABLES = {
    "Visits by month",
    "Information viewed, by area of implementation",
    "Information viewed, by form of assistance",
    "Kinds of pages opened",
}


def count_views(portal):
    portal.manage("analytics_ingest", "--all")
    portal.manage("analytics_rollup")


def figures(officer):
    """The tables of the ISU's page "visits and kinds of information viewed", read from its CSV."""
    response = officer.request.get("/en/isu/use.csv")
    assert response.ok
    found, table, former = {}, None, None
    for row in csv.reader(response.body().decode("utf-8-sig").splitlines()):
        if len(row) == 1 and not former:
            # After an empty line, the name of what follows.
            table = row[0] if row[0] in TABLES else None
        elif table and row and row[0] != "Total" and all(cell.isdigit() for cell in row[1:]):
            found[table, row[0]] = [int(cell) for cell in row[1:]]
        former = row
    return found


def increase(before, after):
    """By how much each row has grown; rows that have not are left out."""
    grown = {
        key: [new - old for new, old in zip(numbers, before.get(key, [0] * len(numbers)), strict=True)]
        for key, numbers in after.items()
    }
    return {key: numbers for key, numbers in grown.items() if any(numbers)}
