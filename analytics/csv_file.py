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


def head_and_tables(title, figures):
    yield [title]
    yield [_("From"), figures.first.isoformat()]
    yield [_("To"), figures.last.isoformat()]
    for remark in figures.remarks:
        yield [remark]
    for table in figures.tables:
        yield []
        yield [table.caption]
        for column in table.columns:
            yield [column.label, column.definition]
        if table.note:
            yield [table.note]
        yield [table.subject, *(column.label for column in table.columns)]
        for label, numbers in table.rows:
            yield [label, *numbers]
        if table.adds_up:
            yield [_("Total"), *table.totals]
