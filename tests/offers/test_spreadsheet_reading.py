"""Files as people send them: what can be read is read, everything else is refused in words."""

import io
import re
import zipfile
from datetime import date

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from contacts.spreadsheet import safe_cell
from offers.spreadsheets.apostrophe import typed_in, typed_out
from offers.spreadsheets.columns import COLUMNS
from offers.spreadsheets.reading import LARGEST, read
from offers.spreadsheets.vocabularies import key_of
from tests.contacts.test_spreadsheet import PAYLOADS

from .spreadsheets import GOOD, workbook

pytestmark = pytest.mark.once

COURSE = {"title": "A course", "duration": "Five weeks"}


def rows_of(content, name="offers.xlsx"):
    """The cells of each row below the head."""
    return [row["cells"] for row in read(SimpleUploadedFile(name, content)).rows[1:]]


def changed(content, name, change):
    """The workbook with one part rewritten; all other parts as they were."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_is_read_by_the_names_of_its_columns():
    table = read(SimpleUploadedFile("offers.xlsx", workbook([COURSE])))

    assert table.rows == [
        {"line": 0, "cells": {"title": "title", "duration": "duration"}},
        {"line": 2, "cells": COURSE},
    ]
    assert table.notices == []


@pytest.mark.parametrize("language", ["en", "fr", "ar", "zh-hans"])
def test_the_head_may_be_words_in_any_language(language):
    with override(language):
        head = [COLUMNS["title"].label, COLUMNS["duration"].label]

    assert rows_of(f"{';'.join(head)}\nA course;Five weeks\n".encode(), "a.csv") == [COURSE]


def test_of_words_and_names_the_names_count():
    lines = "Duration;Our own words;Gender provisions;More\ntitle;duration\nA course;Five weeks;;x;y\n"

    table = read(SimpleUploadedFile("a.csv", lines.encode()))

    assert table.rows == [
        {
            "line": 0,
            "cells": {
                "title": "Duration",
                "duration": "Our own words",
                "gender": "Gender provisions",
                "#4": "More",
                "#5": "Column E, which has no head",
            },
        },
        {"line": 3, "cells": COURSE | {"#4": "x", "#5": "y"}},
    ]


def test_words_above_the_head_and_empty_rows_are_passed_over():
    lines = "List of our ministry\n\ntitle,duration\n\nA course,Five weeks\n,\n,,\nAnother,\n"

    table = read(SimpleUploadedFile("a.csv", lines.encode()))

    assert [(row["line"], row["cells"]) for row in table.rows[1:]] == [(5, COURSE), (8, {"title": "Another"})]


def test_a_second_sheet_is_read_where_the_first_has_no_columns_of_ours():
    def change(book, sheet):
        other = book.add_worksheet()
        other.write_row(0, 0, ["title", "duration"])
        other.write_row(1, 0, ["A course", "Five weeks"])

    assert rows_of(workbook([{"Notes": "x", "More": "y"}], change=change)) == [COURSE]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_is_read_with_any_separator_and_in_any_unicode(separator, encoding):
    lines = f'title{separator}duration\r\n"دورة{separator} тест\nÉté"{separator}"Five ""long"" weeks"\r\n'

    assert rows_of(lines.encode(encoding), "a.csv") == [
        {"title": f"دورة{separator} тест\nÉté", "duration": 'Five "long" weeks'}
    ]


def test_letters_that_had_to_be_guessed_are_told():
    table = read(SimpleUploadedFile("a.csv", "title;duration\nDéminage – été;5\n".encode("cp1252")))

    assert table.rows[1]["cells"]["title"] == "Déminage – été"
    assert "Look whether accented letters are right." in table.notices[0]


def test_days_numbers_and_yes_are_read_as_they_look():
    def change(book, sheet):
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 2, ["starts_on", "lead_time_weeks", "training_included", "quantity"])
        sheet.write_datetime(1, 2, date(2027, 3, 31), day)
        sheet.write_number(1, 3, 8)
        sheet.write_boolean(1, 4, True)
        sheet.write_number(1, 5, 1.5)

    assert rows_of(workbook([COURSE], change=change)) == [
        COURSE | {"starts_on": "2027-03-31", "lead_time_weeks": "8", "training_included": "yes", "quantity": "1.5"}
    ]


def test_a_formula_gives_the_value_that_was_kept_and_without_one_is_named():
    content = workbook([COURSE], change=lambda book, sheet: sheet.write_formula(1, 0, "=1+1", None, "Two"))
    assert rows_of(content)[0]["title"] == "Two"

    book = openpyxl.load_workbook(io.BytesIO(content))
    book.worksheets[0]["A2"] = "=1+1"
    buffer = io.BytesIO()
    book.save(buffer)
    assert read(SimpleUploadedFile("a.xlsx", buffer.getvalue())).rows[1] == {
        "line": 2,
        "cells": {"title": "", "duration": "Five weeks"},
        "problems": {"title": "formula"},
    }


def test_an_error_of_the_spreadsheet_program_is_named():
    content = workbook([COURSE], change=lambda book, sheet: sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!"))

    assert read(SimpleUploadedFile("a.xlsx", content)).rows[1]["problems"] == {"title": "error"}


def test_a_file_that_says_it_is_small_is_read_whole():
    content = changed(workbook([COURSE, COURSE]), SHEET, lambda xml: xml.replace(b'ref="A1:B3"', b'ref="A1:B2"'))

    assert rows_of(content) == [COURSE, COURSE]


def test_two_hundred_rows_are_taken_and_one_more_is_refused():
    assert len(rows_of(workbook([COURSE] * 200))) == 200

    for content, name in [
        (workbook([COURSE] * 201), "a.xlsx"),
        (workbook([COURSE] * 10_000), "a.xlsx"),
        (("title,duration\n" + "A course,Five weeks\n" * 10_000).encode(), "a.csv"),
    ]:
        with pytest.raises(ValidationError, match="more than 200 rows"):
            rows_of(content, name)


def zipped(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def bomb():
    return changed(workbook([COURSE]), "xl/media/bomb.xml", lambda _: b"0" * 31 * 1024 * 1024)


def bomb_that_says_it_is_small():
    """Thirty-one megabytes that the directory of the archive calls ten bytes."""
    content = bomb()
    return content.replace((31 * 1024 * 1024).to_bytes(4, "little"), (10).to_bytes(4, "little"))


def encrypted():
    """With the mark of a part that has a password."""
    content = bytearray(workbook([COURSE]))
    place = content.find(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


def merged(book, sheet):
    sheet.merge_range(1, 0, 2, 0, "One course for two rows")


def unfolding(xml):
    return xml.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">]>', 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Choose an Excel workbook"),
        ("a.ods", workbook([COURSE]), "Choose an Excel workbook"),
        ("a", workbook([COURSE]), "Choose an Excel workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 with a password", "has a password"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 with a password", "has a password"),
        ("a.xlsx", b"title,duration\nA course,Five weeks\n", "damaged or is not what its name says"),
        ("a.csv", workbook([COURSE]), "damaged or is not what its name says"),
        ("a.csv", b"%PDF-1.7", "damaged or is not what its name says"),
        ("a.xlsx", workbook([COURSE])[:-200], "damaged"),
        ("a.xlsx", workbook([COURSE])[200:], "damaged"),
        ("a.xlsx", encrypted(), "damaged"),
        ("a.xlsx", zipped(**{"word/document.xml": "<w/>"}), "damaged"),
        ("a.xlsx", zipped(**{"xl/workbook.xml": "<workbook/>"}), "damaged"),
        ("a.xlsx", changed(workbook([COURSE]), SHEET, lambda xml: xml[:-30]), "damaged"),
        ("a.xlsx", changed(workbook([COURSE]), SHEET, unfolding), "damaged"),
        ("a.xlsx", changed(workbook([COURSE]), "xl/sharedStrings.xml", lambda xml: b"<sst/>"), "damaged"),
        ("a.xlsx", changed(workbook([COURSE]), SHEET, lambda xml: xml.replace(b'r="A1"', b'r="1A1"')), "damaged"),
        ("a.xlsx", bomb(), "too large when it is unpacked"),
        ("a.xlsx", bomb_that_says_it_is_small(), "damaged"),
        ("a.xlsx", changed(workbook([COURSE]), "xl/vbaProject.bin", lambda _: b"x"), "holds macros"),
        ("a.xlsx", workbook([COURSE], change=merged), "Some cells are merged"),
        ("a.xlsx", workbook([{"Name": "x", "Length": "y"}]), "No sheet has the columns"),
        ("a.xlsx", workbook([{"title": "x"}]), "No sheet has the columns"),
        ("a.xlsx", workbook([], head=["title", "duration"]), "no rows below its head"),
        ("a.xlsx", workbook([{"reference": "PFP-2027-0001", "title": ""}]), "no rows below its head"),
        ("a.csv", b"title;duration;Title\nx;y;z\n", "“title” stands in the file twice"),
        ("a.csv", b"\xff\xfe\x00", "letters in this file cannot be read"),
        ("a.csv", b"title;duration\n\x81\x8d;x\n", "letters in this file cannot be read"),
        ("a.csv", b"title;duration\n" + b"x" * 200_000 + b";y\n", "cannot be read from row 2 on"),
        ("a.csv", b" \r\n\x00", "The file is empty"),
        ("a.csv", b"x" * (LARGEST + 1), "larger than 5 MB"),
    ],
)
def test_everything_else_is_refused_in_words(name, content, message):
    with pytest.raises(ValidationError, match=message):
        rows_of(content, name)


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx"]))
def test_no_bytes_are_a_failure_of_the_portal(content, name):
    try:
        rows_of(content, name)
    except ValidationError as refusal:
        assert refusal.messages[0].endswith(".")


ARCHIVE = workbook([GOOD])


@given(st.integers(0, len(ARCHIVE) - 1), st.binary(min_size=1, max_size=8))
def test_no_damage_of_a_workbook_is_a_failure_of_the_portal(place, damage):
    try:
        rows_of(ARCHIVE[:place] + damage + ARCHIVE[place + len(damage) :])
    except ValidationError as refusal:
        assert refusal.messages[0].endswith(".")


@pytest.mark.parametrize("text", [*PAYLOADS, "'=1+1", "''=1", "'quoted'", "' =1", "-5 to -10 degrees"])
def test_what_looks_like_a_formula_comes_back_as_it_was_typed(text):
    assert typed_in(safe_cell(typed_out(text))) == text


@given(st.text("'=+-@| \ta", max_size=8))
def test_apostrophes_come_back_as_they_were_typed(text):
    assert typed_in(safe_cell(typed_out(text))) == text


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh-hans"])
def test_no_two_columns_have_the_same_words(language):
    with override(language):
        words = [key_of(str(column.label)) for column in COLUMNS.values()]

    assert len(set(words)) == len(words)
    assert all(words)


def far_to_the_right(xml):
    """A cell in the last column there can be."""
    return xml.replace(b"</row>", b'<c r="XFD1" t="inlineStr"><is><t>far</t></is></c></row>', 1)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("../../../etc/passwd", lambda _: b"root"),
        ("..\\..\\evil.xml", lambda _: b"<a/>"),
        ("xl/externalLinks/externalLink1.xml", lambda _: b"<externalLink/>"),
        ("xl/connections.xml", lambda _: b"<connections/>"),
        (SHEET, far_to_the_right),
        (SHEET, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', xml)),
    ],
)
def test_what_else_a_workbook_brings_is_left_alone(part, change):
    plain = rows_of(workbook([COURSE]))

    assert rows_of(changed(workbook([COURSE]), part, change)) == plain


def test_a_million_columns_are_no_more_than_a_hundred():
    content = ",".join(["title", "duration", *map(str, range(1_000_000))]).encode()[: LARGEST - 100]

    head, row = read(SimpleUploadedFile("a.csv", content + b"\nA course,Five weeks\n")).rows

    assert len(head["cells"]) <= 100
    assert row["cells"] == COURSE


def test_a_head_that_is_turned_round_is_read_as_what_it_says():
    rows = rows_of("\u202etitle\u202c,\u2066duration\nA course\x07,\u202eFive weeks\n".encode(), "\u202exslx.csv")

    assert rows == [COURSE]
