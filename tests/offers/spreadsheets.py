"""Workbooks for the tests of spreadsheets."""

import io

import xlsxwriter

from offers.spreadsheets.columns import COLUMNS
from tests import factories

GOOD = {
    "title": "Demining course for instructors",
    "primary_area": "Survey clearance",
    "form": "Training",
    "description": factories.LONG_ENOUGH,
    "delivery_modes": "At the provider's centre; remote",
    "contact_points": "centre@norland.example.org",
}


def workbook(rows, head=None, change=lambda book, sheet: None):
    """An XLSX file with the names of the columns as its head; `change` may do more to the sheet."""
    head = head or list(dict.fromkeys(name for row in rows for name in row)) or list(COLUMNS)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for place, name in enumerate(head):
            sheet.write_string(0, place, name)
            for line, row in enumerate(rows, 1):
                if row.get(name) not in (None, ""):
                    sheet.write(line, place, row[name])
        change(book, sheet)
    return buffer.getvalue()
