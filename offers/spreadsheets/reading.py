"""A file that a person has sent, as rows of texts; or a sentence that says why it cannot be read.

What the file is, is decided by its content. Nothing in it is run: formulas
give the value that the spreadsheet program has kept, or are refused.
"""

import csv
import io
import logging
import re
import warnings
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import chain, zip_longest
from pathlib import PurePath

import openpyxl
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl.utils import get_column_letter

from offers.clean_text import clean_text

from .apostrophe import typed_in
from .columns import COLUMNS
from .vocabularies import key_of, shortened

logger = logging.getLogger(__name__)

LARGEST = 5 * 1024 * 1024  # bytes
LARGEST_UNPACKED = 30 * 1024 * 1024  # bytes
MOST_PARTS = 1000  # files inside a workbook
MOST_ROWS = 200
MOST_COLUMNS = 100
LAST_LINE = 1_048_576  # of any spreadsheet program
LOOK_FOR_HEAD = 10  # rows from the top

# Columns that the portal itself writes for people to read.
PROBLEMS, SAMPLE = "problems", "sample_label"
FOR_READING = {PROBLEMS, SAMPLE}
# A row of nothing but a reference says nothing.
SAYING = COLUMNS.keys() - {"reference"}

PLAIN_TEXT = {".csv", ".tsv", ".txt"}
OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MERGED = re.compile(rb"<(?:\w+:)?mergeCell[\s/>]")
# No workbook declares a document type; whoever does so wants the reader to unfold it.
DOCTYPE = [text.encode(code) for text in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")]

# How Excel writes line ends and other control characters inside a text.
CONTROL = re.compile(r"_x(00[01][0-9A-Fa-f])_")

NO_VALUE, ERROR_VALUE = "formula", "error"


@dataclass
class Cell:
    text: str = ""
    problem: str = ""  # NO_VALUE or ERROR_VALUE


@dataclass
class Table:
    """The rows of a file that say something. `rows` are kept as JSON: the head first, then each with its line."""

    rows: list
    notices: list = field(default_factory=list)


def read(upload):
    """The table in an uploaded file; ValidationError says in words what is wrong with the file as a whole."""
    if upload.size > LARGEST:
        raise ValidationError(_("The file is larger than 5 MB. Take out pictures and sheets that are not needed."))
    content = upload.read()
    suffix = PurePath(upload.name).suffix.lower()
    if suffix not in {".xlsx", *PLAIN_TEXT}:
        raise ValidationError(
            _("Choose an Excel workbook (.xlsx) or a CSV file (.csv). Other programs can save in one of these forms.")
        )
    if not content.strip(b"\x00\t\n\r "):
        raise ValidationError(_("The file is empty. Choose another one."))
    if content.startswith(OLD_OR_ENCRYPTED):
        raise ValidationError(
            _("The file is in the old Excel format (.xls) or has a password. Save it as .xlsx without a password.")
        )
    if content.startswith((b"PK\x03\x04", b"%PDF-")) and suffix in PLAIN_TEXT:
        raise ValidationError(_damaged())
    if suffix == ".xlsx":
        return Table(_rows_of(_sheets_of_workbook(content)))
    text, notices = _decoded(content)
    return Table(_rows_of([_lines_of_csv(text)]), notices)


# Workbooks


def _sheets_of_workbook(content):
    """The lines of each sheet in turn."""
    _check_workbook(content)
    # Once for the values that were kept and once for the formulas: a formula without a value must not pass for empty.
    values, formulas = _open(content, data_only=True), _open(content, data_only=False)
    for sheet, same in zip(values, formulas, strict=True):
        yield _lines_of_sheet(sheet, same)


def _open(content, *, data_only):
    with _damage_in_words():
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
        for sheet in workbook.worksheets:
            # What a file says of its size may be wrong.
            sheet.reset_dimensions()
        return workbook.worksheets


def _lines_of_sheet(sheet, same):
    with _damage_in_words():
        lines = zip(sheet.iter_rows(max_col=MOST_COLUMNS), same.iter_rows(max_col=MOST_COLUMNS), strict=True)
        for number, (values, formulas) in enumerate(lines, 1):
            if number > LAST_LINE:
                raise ValidationError(_too_many())
            if any(cell.value is not None for cell in chain(values, formulas)):
                yield number, [_cell(value, formula) for value, formula in zip(values, formulas, strict=True)]


def _cell(cell, same):
    if cell.data_type == "e":
        return Cell(str(cell.value), ERROR_VALUE)
    # A formula that has come to nothing is kept as a text of no letters.
    if cell.value is None and same.value is not None and cell.data_type != "str":
        return Cell("", NO_VALUE)
    return Cell(_text(cell.value))


def _text(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else clean_text(CONTROL.sub(lambda sign: chr(int(sign[1], 16)), str(value))).strip()


class _damage_in_words:
    """A damaged file makes the library raise whatever it stumbles over, and warn of what does not concern us."""

    def __enter__(self):
        self.warnings = warnings.catch_warnings()
        self.warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, kind, error, traceback):
        self.warnings.__exit__(kind, error, traceback)
        if isinstance(error, Exception) and not isinstance(error, ValidationError):
            logger.info("A workbook could not be read: %r", error)
            raise ValidationError(_damaged()) from error


def _check_workbook(content):
    """Refuse what is no sound workbook, unfolds to something huge, or holds programs."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename.lower() for part in parts}
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise ValidationError(_("The file is too large when it is unpacked. Copy the rows into a new file."))
            if any(name.endswith("vbaproject.bin") for name in names):
                raise ValidationError(_("The file holds macros. Save it as a workbook without macros (.xlsx)."))
            if "xl/workbook.xml" not in names or any(part.flag_bits & 1 for part in parts):
                raise ValidationError(_damaged())
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    _check_part(part.filename.lower(), archive.read(part))
    except ValidationError:
        raise
    except Exception as error:
        logger.info("A workbook could not be unpacked: %r", error)
        raise ValidationError(_damaged()) from error


def _check_part(name, xml):
    if any(mark in xml for mark in DOCTYPE):
        raise ValidationError(_damaged())
    if name.startswith("xl/worksheets/") and MERGED.search(xml):
        raise ValidationError(
            _("Some cells are merged, so nobody can tell which row they belong to. Separate them and send it again.")
        )


def _damaged():
    return _("The file is damaged or is not what its name says. Save it again as an Excel workbook (.xlsx).")


# CSV


def _decoded(content):
    """The text of a CSV file, and a notice if its encoding had to be guessed."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content[:1000]:
        # Of Latin letters in UTF-16 every second byte is nothing.
        encodings = ["utf-16-be" if content[:1] == b"\x00" else "utf-16-le"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        guessed = _(
            "The file does not say which letters it uses and was read as Western European (Windows-1252). Look whether "
            "accented letters are right. If not, save it as “CSV UTF-8”, or as an Excel workbook (.xlsx)."
        )
        return text, [guessed] if encoding == "cp1252" else []
    raise ValidationError(
        _("The letters in this file cannot be read. Save it as “CSV UTF-8”, or as an Excel workbook (.xlsx).")
    )


def _lines_of_csv(text):
    """The records of the text, counted as spreadsheet programs count rows."""
    records = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for number, record in enumerate(records, 1):
            if any(record):
                yield number, [Cell(clean_text(typed_in(cell)).strip()) for cell in record[:MOST_COLUMNS]]
    except csv.Error as error:
        raise ValidationError(
            _("The file cannot be read from row %(number)d on. Save it again as an Excel workbook (.xlsx).")
            % {"number": records.line_num}
        ) from error


def _delimiter(text):
    """What stands most often between the words of the first line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


# Rows


def _rows_of(sheets):
    """The rows of the first sheet that has our columns: the head, then each row with its line and its cells."""
    for lines in sheets:
        lines = iter(lines)
        columns, first = _head(lines)
        if columns:
            return _with_head(columns, chain(first, lines))
    raise ValidationError(
        _("No sheet has the columns of the template in its first rows. Download the template and fill it in.")
    )


def _head(lines):
    """The columns by place, as (name, words), and the lines that follow the head; nothing if there is no head.

    The head is words, names, or both in two rows; of two the names count, whatever stands above them.
    """
    known, heads, rest = _known_heads(), [], []
    for number, cells in lines:
        names = {known[key_of(cell.text)] for cell in cells if key_of(cell.text) in known}
        if len(names) > 1 and len(heads) < 2:
            heads.append([cell.text for cell in cells])
        elif heads:
            rest = [(number, cells)]
            break
        elif number > LOOK_FOR_HEAD:
            break
    columns = {}
    for place, words in enumerate(zip_longest(*heads, fillvalue="")):
        names = [known[key_of(word)] for word in words if key_of(word) in known]
        if any(words):
            columns[place] = (names[-1] if names else f"#{place + 1}", next(filter(None, words)))
    return columns, rest


def _known_heads():
    """Names of columns, and their words in any language."""
    heads = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            heads |= {key_of(str(column.label)): name for name, column in COLUMNS.items()}
    return heads | {key_of(name): name for name in [*COLUMNS, *FOR_READING]}


def _with_head(columns, lines):
    names = [name for name, _words in columns.values()]
    twice = next((words for name, words in columns.values() if names.count(name) > 1), None)
    if twice is not None:
        raise ValidationError(
            _("The column “%(column)s” stands in the file twice. Take out one of the two.")
            % {"column": shortened(twice)}
        )
    # Words of a column that is not ours may be long, but are no content.
    rows = [{"line": 0, "cells": {name: shortened(words) for name, words in columns.values()}}]
    for number, cells in lines:
        row = {"line": number, "cells": {}}
        for place, cell in enumerate(cells):
            if not (cell.text or cell.problem):
                continue
            name, _words = columns.get(place, (f"#{place + 1}", ""))
            if place not in columns:
                rows[0]["cells"][name] = _("Column %(letter)s, which has no head") % {
                    "letter": get_column_letter(place + 1)
                }
            row["cells"][name] = cell.text
            if cell.problem:
                row.setdefault("problems", {})[name] = cell.problem
        if row["cells"].keys() & SAYING:
            rows.append(row)
        if len(rows) > MOST_ROWS + 1:
            raise ValidationError(_too_many())
    if len(rows) == 1:
        raise ValidationError(_("The file has no rows below its head. Write one offer in each row."))
    return rows


def _too_many():
    return _("The file has more than %(most)d rows. Send it in several files.") % {"most": MOST_ROWS}
