"""How the trial is judged: visitors who say whether they found it, the ISU that puts needs in order, and the report."""

import re

from offers.visitor_forms import LEAST_SECONDS


def said(page):
    return page.get_by_role("main").inner_text()


def test_a_visitor_says_on_one_page_what_was_missing_and_may_opt_out(open_page):
    visitor = open_page(width=320, javascript=False)
    visitor.goto("/en/offers/?q=zeppelin")
    visitor.get_by_role("link", name="Did you find what you needed?").click()
    visitor.get_by_role("button", name="Send the answer").click()
    assert visitor.get_by_role("alert").get_by_text("Choose an answer.").count()
    visitor.get_by_label("No", exact=True).check()
    visitor.get_by_label("What was missing?").fill("Airships for survey.")
    # Whoever is quicker than that is taken for a robot.
    visitor.wait_for_timeout(LEAST_SECONDS * 1000 + 100)
    visitor.get_by_role("button", name="Send the answer").click()
    assert "Thank you" in said(visitor)

    officer = open_page("officer@example.org")
    officer.goto("/en/isu/feedback/")
    assert "Airships for survey." in said(officer)

    visitor.goto("/en/what-we-count/")
    visitor.get_by_role("button", name="Do not follow this browser").click()
    assert visitor.get_by_role("button", name="Count this browser again").count()


def test_the_isu_puts_needs_in_order_and_freezes_a_report_that_can_be_read_everywhere(open_page):
    officer = open_page("officer@example.org")
    officer.goto("/en/isu/")
    officer.get_by_role("link", name="Searches without a result").click()
    officer.get_by_role("checkbox").first.check()
    officer.get_by_label("Or to a new need, named").fill("Airships for survey")
    officer.get_by_role("button", name="Group them").click()
    assert "Airships for survey" in said(officer)

    officer.goto("/en/isu/")
    officer.get_by_role("link", name=re.compile("^Evaluation report")).click()
    assert "generated" in said(officer)
    number = re.search(r"Freeze as edition (\d+)", said(officer)).group(1)
    for box in officer.get_by_label("Freeze it without these reasons").all():
        box.check()
    officer.get_by_role("button", name=f"Freeze edition {number} for good").click()
    officer.wait_for_url(f"**/isu/evaluation/{number}/")
    beginnings = {"pdf": b"%PDF-1.7", "docx": b"PK", "xlsx": b"PK", "csv": b"\xef\xbb\xbf", "json": b"{"}
    for kind, beginning in beginnings.items():
        address = officer.locator(f"main a[href$='/isu/evaluation/{number}.{kind}']").get_attribute("href")
        assert officer.request.get(address).body().startswith(beginning), kind

    delegate = open_page(language="ar", width=320)
    delegate.goto("/ar/evaluation/")
    assert delegate.locator("html").get_attribute("dir") == "rtl"
    assert delegate.evaluate("document.documentElement.scrollWidth <= 320")
