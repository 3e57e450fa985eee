"""Figures of a period beside those of the one before it."""

from dataclasses import dataclass, replace

from django.db.models import Min
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..models import Daily
from ..periods import Period
from ..tables import Column, Table, in_words

# A percentage of fewer says more than is known.
SMALLEST_BASE = 30
LONGEST_YEAR = 366


@dataclass(frozen=True)
class Preceding:
    """The period that another is compared with."""

    period: Period
    is_year_before: bool

    def __str__(self):
        days = {"first": date_format(self.period.first), "last": date_format(self.period.last)}
        if self.is_year_before:
            return _("Compared with the same days a year before, from %(first)s to %(last)s.") % days
        return _("Compared with the period just before, from %(first)s to %(last)s.") % days


def first_day():
    """The day on which recording began, or None."""
    return Daily.objects.aggregate(day=Min("day"))["day"]


def preceding(period, began):
    """The same days a year before if recording had begun by then, else as many days just before, else None.

    What is longer than a year would overlap with itself a year before.
    """
    if began and began <= period.year_before.first and period.days <= LONGEST_YEAR:
        return Preceding(period.year_before, is_year_before=True)
    if began and began <= period.just_before.first:
        return Preceding(period.just_before, is_year_before=False)
    return None


@dataclass(frozen=True)
class Compared:
    """A number, and what it was before; None where there is nothing to compare with, or nothing to tell."""

    now: float | None
    before: float | None = None

    # So that a template can tell it from a plain number.
    is_compared = True

    @property
    def is_count(self):
        """A number of something, and no mean."""
        return isinstance(self.now, int)

    def __str__(self):
        return in_words(self.now)

    @property
    def change(self):
        return None if self.now is None or self.before is None else round(self.now - self.before, 1)

    @property
    def per_cent(self):
        """The change in per cent, from a base that is large enough."""
        if self.change is None or self.before < SMALLEST_BASE:
            return None
        return round(100 * (self.now - self.before) / self.before)

    @property
    def in_words(self):
        """What it was before and how it has changed."""
        if self.change is None or self.now == self.before == 0:
            return ""
        words = {"before": in_words(self.before), "change": signed(self.change)}
        if self.per_cent is None:
            return _("%(before)s before (%(change)s)") % words
        return _("%(before)s before (%(change)s, %(per_cent)s %%)") % (words | {"per_cent": signed(self.per_cent)})

    def __add__(self, other):
        """So that columns can be added up; `sum` begins with 0."""
        if not isinstance(other, Compared):
            return self
        before = None if self.before is None or other.before is None else self.before + other.before
        return Compared(self.now + other.now, before)

    __radd__ = __add__


def signed(number):
    """With a sign of its own, which is no hyphen."""
    sign = "+" if number > 0 else "\N{MINUS SIGN}" if number < 0 else "±"
    return f"{sign}{in_words(abs(number))}"


def compared(name, caption, subject, kind, rows, before, names, **options):
    """A table with a row for each (key, label) of `names` and a column for each `figure` of the dataclass `kind`.

    `rows` and, if there is one, `before` give the numbers of a key.
    """
    nothing = [0] * len(kind.__dataclass_fields__)
    lines = []
    for key, label in names:
        former = [None] * len(nothing) if before is None else before.get(key, nothing)
        lines.append((label, tuple(map(Compared, rows.get(key, nothing), former))))
    columns = tuple(Column(**column.metadata) for column in kind.__dataclass_fields__.values())
    return Table(name, caption, subject, columns, tuple(lines), **options)


@dataclass(frozen=True)
class Lines(Table):
    """A table of one column, in which each row is a figure with a definition of its own."""

    meanings: tuple[str, ...] = ()

    @classmethod
    def of_two(cls, name, caption, now, before, lines):
        """`lines` are label, definition, and what reads the number from `now` and, if there is one, from `before`."""
        return cls(
            name,
            caption,
            _("Figure"),
            (Column(_("In the period")),),
            tuple((str(label), (Compared(read(now), before and read(before)),)) for label, _meaning, read in lines),
            adds_up=False,
            meanings=tuple(str(meaning) for _label, meaning, _read in lines),
        )

    @property
    def definitions(self):
        return [Column(label, meaning) for (label, _cells), meaning in zip(self.rows, self.meanings, strict=True)]


def numbers_of(table):
    """The same table with the numbers of the period alone, to be drawn."""
    return replace(table, rows=tuple((label, tuple(map(_now, cells))) for label, cells in table.rows))


def in_columns(table):
    """The same table for files, where what was before and the change have columns of their own."""
    places = [
        place
        for place in range(len(table.columns))
        if any(getattr(cells[place], "before", None) is not None for _label, cells in table.rows)
    ]
    columns = []
    for place, column in enumerate(table.columns):
        columns.append(column)
        if place in places:
            label = {"figure": column.label}
            columns.append(Column(_("%(figure)s, period before") % label))
            columns.append(Column(_("%(figure)s, change") % label))
            columns.append(Column(_("%(figure)s, change in per cent") % label))
    lines = [(label, _spread(cells, places)) for label, cells in table.rows]
    if table.adds_up:
        lines.append((_("Total"), _spread(table.totals, places)))
    return replace(table, columns=tuple(columns), rows=tuple(lines), adds_up=False)


def _spread(cells, places):
    spread = []
    for place, cell in enumerate(cells):
        spread.append(_now(cell))
        if place in places:
            spread += [cell.before, cell.change, cell.per_cent] if isinstance(cell, Compared) else [None] * 3
    return tuple(spread)


def _now(cell):
    return cell.now if isinstance(cell, Compared) else cell
