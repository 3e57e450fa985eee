"""Every figure of the report in one CSV file, a line for each, with its definition."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from contacts.spreadsheet import BYTE_ORDER_MARK, csv_text

from . import flat


def render(report, edition=None):
    with override(report.language):
        return (BYTE_ORDER_MARK + csv_text(_rows(report, edition))).encode()


def _rows(report, edition):
    yield [_("Section"), _("Table"), _("Row"), _("Column"), _("Value"), _("Definition")]
    for label, text in flat.about(report, edition):
        yield [_("About this report"), "", "", label, text, ""]
    labels = flat.judgement_labels()
    for judgement in report.judgements.values():
        row = f"{judgement.code} {judgement.name}"
        cells = list(flat.judgement_cells(judgement))
        for label, cell in zip(labels[2:-1], cells[2:-1], strict=True):
            if cell not in {None, ""}:
                yield [_("Indicators"), "", row, label, _plain(cell), judgement.definition]
    for title, table in flat.tables(report):
        for row, cells in table.rows:
            for column, cell in zip(table.columns, cells, strict=True):
                yield [title, table.caption, row, column.label, _plain(cell), column.definition]
        if table.note:
            yield [title, table.caption, "", _("Note"), table.note, ""]


def _plain(cell):
    """A whole number without a point."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
