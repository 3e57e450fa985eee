"""Bars drawn by the server. The table below them says the same in numbers."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..tables import in_words

ROW = 46  # pixels: a line of text, the bar, and air


@dataclass(frozen=True)
class Bar:
    label: str
    number: int
    # Parts of the width of the picture. Text, so that no language puts a comma into them.
    length: str
    rest: str
    text_at: int
    bar_at: int


@dataclass(frozen=True)
class Chart:
    title: str
    bars: tuple
    height: int


def bars(table):
    """The first figure of a table as one bar for each row, or None if there is nothing to draw."""
    numbers = [(str(label), numbers[0]) for label, numbers in table.rows]
    longest_label, most = max(numbers, key=lambda row: row[1], default=("", 0))
    if not most:
        return None
    title = _("%(caption)s. %(figure)s: the highest number is %(number)s (%(row)s).") % {
        "caption": table.caption,
        "figure": table.columns[0].label,
        "number": in_words(most),
        "row": longest_label,
    }
    drawn = []
    for position, (label, number) in enumerate(numbers):
        length = 100 * number / most
        top = position * ROW
        drawn.append(Bar(label, number, f"{length:.2f}%", f"{100 - length:.2f}%", top + 14, top + 20))
    return Chart(title, tuple(drawn), len(drawn) * ROW)
