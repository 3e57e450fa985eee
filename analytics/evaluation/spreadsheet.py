"""The report as XLSX: what it is, all indicators, and a sheet for each table; numbers are numbers."""

import re
import tempfile
from datetime import UTC

import xlsxwriter
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from offers.clean_text import clean_text
from offers.tables import LONGEST_CELL

from . import flat
from .paper import frozen_at

LONGEST_NAME = 31  # characters
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
NARROW, WIDE = 16, 60


def render(report, edition=None):
    with override(report.language), tempfile.TemporaryFile() as file:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(file, options) as workbook:
            moment = frozen_at(edition).astimezone(UTC).replace(tzinfo=None)
            workbook.set_properties({"title": clean_text(report.title)[:255], "created": moment})
            _Sheets(workbook, get_language_info(report.language)["bidi"]).write(report, edition)
        file.seek(0)
        return file.read()


class _Sheets:
    def __init__(self, workbook, right_to_left):
        self.workbook, self.right_to_left = workbook, right_to_left
        self.head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.body = workbook.add_format({"text_wrap": True, "valign": "top"})

    def write(self, report, edition):
        tables = flat.tables(report)
        sheet = self.add(_("Read me"), [WIDE, WIDE * 2])
        self.rows(sheet, 0, [*flat.about(report, edition), *self.contents(tables)])

        labels = flat.judgement_labels()
        sheet = self.add(_("Indicators"), [NARROW // 2, NARROW * 2, *[NARROW] * (len(labels) - 3), WIDE])
        self.rows(sheet, 0, [labels], self.head)
        self.rows(sheet, 1, map(flat.judgement_cells, report.judgements.values()))
        sheet.freeze_panes(1, 2)

        for number, (title, table) in enumerate(tables, start=1):
            sheet = self.add(f"{number} {table.caption}", [NARROW * 2, *[NARROW] * len(table.columns)])
            above = [[title], [table.caption], *([[table.note]] if table.note else []), []]
            self.rows(sheet, 0, above, self.workbook.add_format({"bold": True}))
            self.rows(sheet, len(above), [[table.subject, *(column.label for column in table.columns)]], self.head)
            self.rows(sheet, len(above) + 1, ([label, *cells] for label, cells in table.rows))
            sheet.freeze_panes(len(above) + 1, 1)

    @staticmethod
    def contents(tables):
        """What each column means."""
        for number, (_title, table) in enumerate(tables, start=1):
            for column in table.columns:
                if column.definition:
                    yield f"{number} {table.caption}: {column.label}", column.definition

    def add(self, name, widths):
        name = NOT_IN_A_NAME.sub(" ", clean_text(name))[:LONGEST_NAME].strip()
        sheet = self.workbook.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        if self.right_to_left:
            sheet.right_to_left()
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    def rows(self, sheet, first, rows, look=None):
        for place, cells in enumerate(rows, start=first):
            for column, cell in enumerate(cells):
                if isinstance(cell, int | float):
                    sheet.write_number(place, column, cell, look or self.body)
                elif cell:
                    # As a string, whatever it looks like: nothing that somebody has typed is a formula here.
                    sheet.write_string(place, column, clean_text(str(cell))[:LONGEST_CELL], look or self.body)
