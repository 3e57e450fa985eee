"""Many offers from a spreadsheet, at a real browser."""

import io

import openpyxl

TITLE = "Course in clearing improvised mines"


def filled(template, title):
    """The template as a person would fill it in: two rows, one with a slip."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book.worksheets[0]
    place = {cell.value: cell.column for cell in sheet[2]}
    for line, form in ((3, "Training"), (4, "Trainings")):
        sheet.cell(line, place["title"], f"{title} {line}")
        sheet.cell(line, place["form"], form)
        sheet.cell(line, place["delivery_modes"], "Remotely\nAt the provider's centre")
    buffer = io.BytesIO()
    book.save(buffer)
    return {"name": "offers.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": buffer.getvalue()}


def test_a_template_is_filled_in_sent_put_right_and_taken(open_page):
    desk = open_page("focal.hrv@example.org", javascript=False)
    desk.goto("/en/desk/")
    desk.get_by_role("link", name="Offers in a spreadsheet").click()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Template for Excel").click()
    template = download.value.path().read_bytes()

    desk.get_by_label("File").set_input_files(filled(template, TITLE))
    desk.get_by_role("button", name="Check the file").click()
    desk.get_by_text("“Trainings” is not in the list. Did you mean “Training”?").wait_for()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Download the sheet with these errors").click()
    errors = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    desk.get_by_role("button", name="Take only the 1 row without errors").click()
    desk.get_by_text("1 draft is made.").wait_for()

    # The sheet with the errors, put right and sent again, brings the other row only.
    sheet = errors.worksheets[0]
    place = {cell.value: cell.column for cell in sheet[2]}
    assert "Row 4, column “Form of assistance”" in sheet.cell(4, 1).value
    sheet.cell(4, place["form"]).value = "Training"
    buffer = io.BytesIO()
    errors.save(buffer)
    desk.goto("/en/desk/spreadsheet/")
    again = {"name": "again.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": buffer.getvalue()}
    desk.get_by_label("File").set_input_files(again)
    desk.get_by_role("button", name="Check the file").click()
    desk.get_by_role("button", name="Make 1 draft").click()
    desk.get_by_text("1 draft is made.").wait_for()

    desk.goto("/en/desk/")
    for line in (3, 4):
        assert desk.get_by_role("link", name=f"{TITLE} {line}", exact=True).count() == 1


def test_the_preview_fits_a_telephone(open_page):
    desk = open_page("focal.hrv@example.org", width=320)
    desk.goto("/en/desk/spreadsheet/")
    template = desk.request.get("/en/desk/spreadsheet/template.xlsx").body()

    desk.get_by_label("File").set_input_files(filled(template, "x" * 110))
    desk.get_by_role("button", name="Check the file").click()
    desk.get_by_text("Did you mean “Training”?").wait_for()

    assert desk.evaluate("document.documentElement.scrollWidth") == 320
