"""A table of figures, which pages and files print alike."""

from dataclasses import dataclass, field, fields


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
    def totals(self):
        return [sum(numbers) for numbers in zip(*(numbers for _label, numbers in self.rows), strict=True)]
