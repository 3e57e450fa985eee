"""Cells of a CSV file, from which no spreadsheet program makes a formula, and back to what was typed."""

from contacts.spreadsheet import safe_cell


def guarded(text):
    """Would an apostrophe be put in front of it, or in front of what follows its own apostrophes?"""
    typed = text.lstrip("'")
    return safe_cell(typed) != typed


def typed_out(text):
    """One more apostrophe for what looks like a guarded cell already; `csv_text` guards the others."""
    return f"'{text}" if text.startswith("'") and guarded(text) else text


def typed_in(cell):
    """What was typed, without the apostrophe that guarded it."""
    return cell[1:] if cell.startswith("'") and guarded(cell[1:]) else cell
