"""The report in the order in which it is read, for what is printed: PDF and Word."""

from dataclasses import dataclass, fields, is_dataclass, replace

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..tables import Table, in_words
from .report import Chart

MOST_LEVEL_NAMES = 9  # columns
MOST_IN_A_ROW = 16
SHORT = 6  # letters


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 1
    on_new_page: bool = False


@dataclass(frozen=True)
class Paragraph:
    text: str
    bold: bool = False


@dataclass(frozen=True)
class Items:
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table in words. `numeric` says which columns hold numbers alone."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    note: str = ""
    # Is the last row the sum of the others?
    has_total: bool = False

    @property
    def is_crowded(self):
        """So many columns that their names have to stand upright."""
        return len(self.head) > MOST_LEVEL_NAMES and any(len(name) > SHORT for name in self.head[1:])

    @property
    def widths(self):
        """How many letters there should be room for in each column."""
        rows = [(self.head[0], *[""] * (len(self.head) - 1)) if self.is_crowded else self.head, *self.rows]
        return tuple(map(_room_for, zip(*rows, strict=True)))


def _room_for(texts):
    longest = max(map(len, texts))
    word = max((len(word) for text in texts for word in text.split(" ")), default=0)
    # A long text gets more, yet far from as much more as it is longer.
    return max(6, min(word, 16) + 3, min(longest, 32 + min(longest // 8, 40)))


@dataclass(frozen=True)
class Picture:
    chart: Chart
    table: Table


def mapped(value, change):
    """The same report, or part of it, with `change` done to every text in it."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple | list):
        return tuple(mapped(part, change) for part in value)
    if isinstance(value, dict):
        return {key: mapped(part, change) for key, part in value.items()}
    if is_dataclass(value):
        return replace(value, **{field.name: mapped(getattr(value, field.name), change) for field in fields(value)})
    return value


def frozen_at(edition):
    """What a file says of when it was made: the same edition gives the same bytes."""
    return edition.frozen_at if edition else timezone.now()


def mark(edition):
    """Stands on every page."""
    if edition is None:
        return _("Draft, not frozen")
    return _("Edition %(number)d, frozen on %(day)s") % {
        "number": edition.number,
        "day": date_format(timezone.localdate(edition.frozen_at)),
    }


def days(period):
    return _("From %(first)s to %(last)s, both days included") % {
        "first": date_format(period.first),
        "last": date_format(period.last),
    }


def facts(report, edition):
    """Pairs of a label and what identifies the document."""
    yield _("Portal"), str(settings.PORTAL_NAME)
    yield _("Period"), days(report.period)
    if report.before:
        yield _("Compared with"), days(report.before)
    yield _("Edition"), mark(edition)
    if edition and edition.note:
        yield _("Note"), edition.note
    yield _("Rules of counting"), report.rules_version
    if edition:
        yield _("SHA-256 of the figures"), edition.sha256


def blocks(report):
    """All but title and facts."""
    if report.warning:
        yield Paragraph(report.warning, bold=True)
    yield Heading(_("The answer"))
    yield Paragraph(report.answer)
    if report.headline:
        yield _short(_("The headline indicators"), report.headline)
        yield from _reasons(report.headline)
    if report.decision:
        yield Heading(_("What is to be decided"), level=2)
        yield Paragraph(report.decision)
        yield Items(report.choices)
    for section in report.sections:
        yield Heading(section.title)
        yield from _inside(section, _short)
        yield from _reasons(judgement for judgement in section.judgements if judgement not in report.headline)
    if report.caveats:
        yield Heading(_("How far the figures can be trusted"))
        yield Items(report.caveats)
    for place, section in enumerate(report.annexes, start=1):
        title = _("Annex %(number)d: %(title)s") % {"number": place, "title": section.title}
        yield Heading(title, on_new_page=place == 1)
        yield from _inside(section, _full)


def _inside(section, judged):
    yield from map(Paragraph, section.paragraphs)
    if section.judgements:
        yield judged(_("Indicators"), section.judgements)
    tables = {table.name: table for table in section.tables}
    for chart in section.charts:
        if chart.table in tables:
            yield Picture(chart, tables[chart.table])
    yield from map(_grid, section.tables)


def _grid(table):
    rows = [(str(label), *map(in_words, cells)) for label, cells in table.rows]
    has_total = table.adds_up and len(rows) > 1
    if has_total:
        rows.append((_("Total"), *map(in_words, table.totals)))
    head = (table.subject, *(str(column.label) for column in table.columns))
    if len(head) == 2 and 3 < len(rows) <= MOST_IN_A_ROW and all(len(label) <= SHORT for label, _cells in table.rows):
        # One number after the other, such as months since something: a row takes less room than a column.
        head, *rows = zip(head, *rows, strict=True)
        has_total = False
    columns = list(zip(*rows, strict=True))[1:] or [()] * len(table.columns)
    numeric = [not any(map(str.isalpha, "".join(cells))) for cells in columns]
    # "3 / 12" is not torn apart.
    rows = tuple(tuple(cell.replace(" / ", "\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}") for cell in row) for row in rows)
    return Grid(table.caption, head, rows, (False, *numeric), table.note, has_total)


def _short(caption, judgements):
    head = (_("Indicator"), _("In the period"), _("Change"), _("Target"))
    rows = tuple(
        (f"{judgement.code} {judgement.name}", judgement.value, judgement.change or "–", judgement.verdict_words or "–")
        for judgement in judgements
    )
    return Grid(caption, head, rows, (False,) * 4)


def _full(caption, judgements):
    """With all but the definition, which has an annex of its own."""
    head = (_("Indicator"), _("In the period"), _("Change"), _("Target"))
    rows = tuple(
        (
            f"{judgement.code} {judgement.name}",
            _lines(judgement.value, judgement.interval),
            judgement.change or "–",
            _lines(judgement.verdict_words, *judgement.targets) or "–",
        )
        for judgement in judgements
    )
    return Grid(caption, head, rows, (False,) * 4)


def _reasons(judgements):
    for judgement in judgements:
        if judgement.reason or judgement.action:
            yield Paragraph(
                _("%(indicator)s. Reason: %(reason)s Proposed action: %(action)s")
                % {
                    "indicator": f"{judgement.code} {judgement.name}",
                    "reason": judgement.reason or "–",
                    "action": judgement.action or "–",
                }
            )


def _lines(*texts):
    return "\n".join(filter(None, texts))
