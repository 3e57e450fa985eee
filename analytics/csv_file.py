"""Tables of figures as one CSV file, each with the definitions of its columns."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from contacts.spreadsheet import BYTE_ORDER_MARK, csv_text


def as_file(rows, name):
    return HttpResponse(
        BYTE_ORDER_MARK + csv_text(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def named(prefix, period):
    return f"{prefix}-{period.first.isoformat()}-to-{period.last.isoformat()}.csv"


def head_and_tables(title, figures):
    """All that a page says of a period: `figures` has the period, the one before, warnings, remarks and tables."""
    yield [title]
    yield [_("From"), figures.period.first.isoformat()]
    yield [_("To"), figures.period.last.isoformat()]
    if figures.before:
        yield [_("Compared with, from"), figures.before.period.first.isoformat()]
        yield [_("Compared with, to"), figures.before.period.last.isoformat()]
    for sentence in (*figures.warnings, *figures.remarks):
        yield [sentence]
    for table in figures.tables_for_files:
        yield []
        yield [table.caption]
        for column in table.definitions:
            yield [column.label, column.definition]
        if table.note:
            yield [table.note]
        yield [table.subject, *(column.label for column in table.columns)]
        for label, numbers in table.rows:
            yield [label, *numbers]
        if table.adds_up:
            yield [_("Total"), *table.totals]
