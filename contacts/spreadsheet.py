"""CSV files of which spreadsheet programs will take no cell for a formula."""

import csv
import io
import re
import unicodedata
from numbers import Number

# Stands first in a file; without it, spreadsheet programs take UTF-8 for the encoding of the machine.
BYTE_ORDER_MARK = "\ufeff"
# What begins a formula in one program or another; the wide forms do where Chinese or Japanese is typed.
FORMULA_SIGNS = frozenset("=+-@|＝＋－＠｜")
# Country codes have no common length, and each ends where the next could not begin.
COUNTRY_CODE = re.compile(r"\A\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})[ .\-/]*(?=\d|\()")


def csv_text(rows):
    """The rows as lines of a CSV file, every cell safe."""
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def safe_cell(value):
    """The value as text that stays text when a spreadsheet program opens the file.

    Such programs run a cell that begins with one of a few signs, even behind
    white space or characters that are not seen; whoever writes a record could
    so act on the machine of whoever downloads it. An apostrophe in front
    makes it text. Numbers are given back as they are, and nothing as an empty
    cell.
    """
    if isinstance(value, Number):
        return value
    text = "" if value is None else str(value)
    begins = _without_invisible_start(text)
    if text.startswith(("\t", "\r")) or begins[:1] in FORMULA_SIGNS:
        return f"'{text}"
    return text


def telephone_cell(number):
    """A telephone number with its country code in brackets, `(+41) 22 555 55 55`: no formula, and no apostrophe."""
    return safe_cell(COUNTRY_CODE.sub(r"(+\1) ", _without_invisible_start(str(number)), count=1))


def _without_invisible_start(text):
    """Without leading spaces, control and format characters, those that change the direction included."""
    for place, character in enumerate(text):
        if unicodedata.category(character)[0] not in "ZC":
            return text[place:]
    return ""
