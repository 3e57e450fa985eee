"""Lists of offers as tables: CSV for reading, XLSX for spreadsheet programs. Neither grows in memory with the list."""

import tempfile
from datetime import date
from itertools import chain

import xlsxwriter
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from contacts.spreadsheet import BYTE_ORDER_MARK, csv_text
from offers import records

LONGEST_CELL = 32_767  # characters; a longer text would be left out by XlsxWriter, not cut
COLUMN_WIDTHS = {"description": 60, "title": 40, "sample_label": 40, "disclaimer": 40}
COLUMN_WIDTH = 18


def csv_lines(keys, *, codes=False):
    """The whole file in pieces. With `codes`, header and closed vocabularies are the same in all languages."""
    head = records.column_names() if codes else records.column_labels()
    pieces = records.in_pieces(keys, lambda offer: records.cells(offer, codes=codes))
    return chain([BYTE_ORDER_MARK + csv_text([head])], map(csv_text, pieces))


def xlsx_file(keys, address):
    """An open file that is gone as soon as it is closed. `address` is that of the list on the portal."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 – the response closes it
    with xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as workbook:
        head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        day = workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        body = workbook.add_format({"valign": "top"})

        def write(sheet, place, cells, text_format):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                elif isinstance(cell, int):
                    sheet.write_number(place, column, cell, text_format)
                elif cell:
                    # As a string, whatever it looks like: nothing that a State has written is a formula here.
                    sheet.write_string(place, column, cell[:LONGEST_CELL], text_format)

        offers_sheet = workbook.add_worksheet(_("Offers"))
        offers_sheet.freeze_panes(1, 1)
        for column, name in enumerate(records.column_names()):
            offers_sheet.set_column(column, column, COLUMN_WIDTHS.get(name, COLUMN_WIDTH))
        write(offers_sheet, 0, records.column_labels(), head)
        count = 0
        for offers in records.in_chunks(keys):
            for offer in offers:
                count += 1
                write(offers_sheet, count, records.cells(offer), body)

        about_sheet = workbook.add_worksheet(_("About"))
        about_sheet.set_column(0, 0, COLUMN_WIDTH)
        about_sheet.set_column(1, 1, 100)
        for place, row in enumerate(_about(count, address)):
            write(about_sheet, place, row, body)
        if get_language_bidi():
            offers_sheet.right_to_left()
            about_sheet.right_to_left()
    file.seek(0)
    return file


def _about(count, address):
    return [
        [_("List of offers"), address],
        [_("Made on"), timezone.localdate()],
        [_("Number of offers"), count],
        [_("Disclaimer"), str(settings.PORTAL_DISCLAIMER)],
        [_("Terms of use"), str(records.TERMS)],
    ]
