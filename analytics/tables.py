"""A table of figures, which pages and files print alike."""

from dataclasses import dataclass, field, fields

from django.utils.formats import number_format


def figure(label, definition):
    """A field of a dataclass whose objects are the rows of a table."""
    return field(metadata={"label": label, "definition": definition})


@dataclass(frozen=True)
class Column:
    label: str
    definition: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of a label and one cell for each column.

    A cell is a number, a text (such as "3 of 7"), or None where there is nothing to say.
    """

    name: str
    caption: str
    # What a row is: the heading of the first column.
    subject: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple], ...]
    # May the numbers of a column be added up?
    adds_up: bool = True
    note: str = ""

    @classmethod
    def of(cls, name, caption, subject, kind, rows, **options):
        """From pairs of a label and an object of `kind`, a dataclass with a `figure` for each column."""
        columns = tuple(Column(**column.metadata) for column in fields(kind))
        lines = tuple((label, tuple(getattr(row, column.name) for column in fields(kind))) for label, row in rows)
        return cls(name, caption, subject, columns, lines, **options)

    @property
    def definitions(self):
        """The columns whose name does not say it all."""
        return [column for column in self.columns if column.definition]

    @property
    def totals(self):
        return [sum(numbers) for numbers in zip(*(numbers for _label, numbers in self.rows), strict=True)]


def in_words(cell):
    """A cell as it is read, with at most two decimals."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        rounded = round(cell, 2)
        cell = int(rounded) if rounded == int(rounded) else rounded
    return number_format(cell, force_grouping=True) if isinstance(cell, int | float) else str(cell)
