"""XLSX and CSV: every figure, and nothing that a spreadsheet program would run."""

import csv as reader
import io

import pytest
from openpyxl import load_workbook

from analytics.evaluation import csv, spreadsheet

from .a_report import DEFINITION, HOSTILE, TABLES, a_report, an_edition, table

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def workbook():
    return load_workbook(io.BytesIO(spreadsheet.render(a_report(), an_edition())))


def cells(sheet):
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def test_it_begins_with_what_it_is_and_what_the_columns_mean(workbook):
    read_me = dict(workbook["Read me"].iter_rows(values_only=True))
    assert read_me["SHA-256 of the figures"] == "0123456789abcdef" * 4
    assert read_me["Edition"] == "Edition 3, frozen on 1 February 2028"
    assert read_me["1 States Parties with an offer, by region: With an offer"] == DEFINITION


def test_there_is_a_sheet_for_each_table_with_numbers_as_numbers(workbook):
    assert len(workbook.sheetnames) == 2 + len(TABLES)
    assert len({name.lower() for name in workbook.sheetnames}) == len(workbook.sheetnames)
    assert ["Eastern Africa", 4, 18] in cells(workbook.worksheets[2])
    [indicator] = [row for row in cells(workbook["Indicators"]) if row[0] == "S3"]
    assert indicator[1:5] == ["Offers confirmed in six months", "31 of 43", 31, 43]


def test_the_same_edition_gives_the_same_bytes():
    assert spreadsheet.render(a_report(), an_edition()) == spreadsheet.render(a_report(), an_edition())


def test_a_formula_that_somebody_has_typed_stays_text_in_both():
    formula = '=HYPERLINK("https://example.org/", "x")'
    named = table("x", "[=x]: */?\\'", "Need", ["Number"], [(formula, (7,))])
    section = a_report().sections[0]
    report = a_report(sections=(type(section)("x", "x", tables=(named,)),), annexes=(), answer=formula)
    sheet = load_workbook(io.BytesIO(spreadsheet.render(report))).worksheets[2]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == formula} == {"s"}
    assert ["x", named.caption, f"'{formula}", "Number", "7", DEFINITION] in lines(csv.render(report))


def lines(content):
    return list(reader.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_csv_has_a_line_for_each_figure_with_its_definition():
    content = csv.render(a_report(), an_edition())
    assert content.startswith(b"\xef\xbb\xbf")
    found = lines(content)
    assert found[0] == ["Section", "Table", "Row", "Column", "Value", "Definition"]
    assert {len(line) for line in found} == {6}
    figures = [line for line in found[1:] if line[1]]
    assert len(figures) == sum(len(one.rows) * len(one.columns) for one in TABLES.values()) + 1  # a note
    assert ["Was it supplied?", TABLES["regions"].caption, "Caribbean", "With an offer", "1", DEFINITION] in figures
    assert [
        "What was looked for and not found?",
        TABLES["needs"].caption,
        HOSTILE,
        "Searches",
        "31",
        DEFINITION,
    ] in figures


def test_in_arabic_the_sheets_run_from_right_to_left():
    sheets = load_workbook(io.BytesIO(spreadsheet.render(a_report("ar")))).worksheets
    assert all(sheet.sheet_view.rightToLeft for sheet in sheets)
