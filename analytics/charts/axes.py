"""Charts over an axis that begins at zero."""

from itertools import pairwise
from math import ceil

from django.utils.translation import gettext as _

from ..tables import in_words
from .drawing import BLUE, GREY, HATCHED, LINE, SMALL, WHITE, Box, Drawing, Line, Text, number_of, numbers, width_of

HEIGHT = 120  # pixels
MOST_LEVELS = 4


def columns(table, options, room):
    before = options.get("before")
    incomplete = set(options.get("incomplete", ()))
    drawing = _columns(table, room, before=before, hatched=incomplete, marks=options.get("marks", ()))
    if drawing and before is not None:
        drawing.explain(BLUE, table.columns[0].label, room)
        drawing.explain(WHITE, table.columns[before].label, room, stroke=GREY)
    if drawing and incomplete:
        drawing.explain(HATCHED, _("Months with days that were not recorded completely"), room, stroke=BLUE)
    return drawing


def histogram(table, options, room):
    return _columns(table, room, lines=options.get("lines", ()))


def curve(table, options, room):
    """From nothing to all, with the line of an even distribution."""
    shares = [0, *numbers(table, -1)]
    if len(shares) < 3 or not any(shares):
        return None
    drawing = Drawing()
    top, step = 8, 100 / (len(shares) - 1)
    floor = top + HEIGHT

    def height(share):
        return floor - HEIGHT * min(share, 100) / 100

    drawing.boxes.append(Box(0, top, 100, HEIGHT, WHITE, GREY))
    drawing.lines.append(Line(0, floor, 100, top, dashed=True))
    drawing.lines += [
        Line(place * step, height(share), (place + 1) * step, height(following), BLUE, 2.5)
        for place, (share, following) in enumerate(pairwise(shares))
    ]
    drawing.texts.append(Text("100 %", 0, top + SMALL + 3, size=SMALL, shift=6))
    drawing.height = floor
    # The one for nothing, so that each label stands where its step ends.
    _write_below(drawing, [str(label) for label, _cells in table.rows], room, step, middle=1)
    _write_below(drawing, [in_words(share) for share in shares[1:]], room, step, middle=1)
    drawing.height += 6
    drawing.explain(BLUE, table.columns[-1].label, room)
    drawing.write(_("Broken line: as if all had the same"), room, size=SMALL)
    return drawing


def _columns(table, room, *, before=None, hatched=(), marks=(), lines=()):
    most = max([*numbers(table), *(numbers(table, before) if before is not None else ())], default=0)
    if not most:
        return None
    slot = 100 / len(table.rows)
    drawing = Drawing()
    for sign, mark in enumerate(marks, start=1):
        drawing.write(f"({sign}) {table.rows[mark['row']][0]}: {mark['label']}", room, size=SMALL)
    # A line of its own for each name, since two lines may be close to each other.
    top = drawing.height + LINE * (len(lines) or 1)
    floor = top + HEIGHT

    def column(place, number, left, width, *look):
        if number:
            height = HEIGHT * number / most
            drawing.boxes.append(Box((place + left) * slot, floor - height, width * slot, height, *look))

    for place, (_label, cells) in enumerate(table.rows):
        look = (HATCHED, BLUE) if place in hatched else (BLUE,)
        if before is None:
            column(place, number_of(cells[0]), 0.15, 0.7, *look)
        else:
            column(place, number_of(cells[before]), 0.1, 0.55, WHITE, GREY)
            column(place, number_of(cells[0]), 0.35, 0.55, *look)
    signs = {}
    for sign, mark in enumerate(marks, start=1):
        signs.setdefault(mark["row"], []).append(f"({sign})")
    for row, beside in signs.items():
        _upright(drawing, (row + 0.5) * slot, " ".join(beside), top, floor)
    for level, line in enumerate(lines):
        _upright(drawing, line["row"] * slot, line["label"], top - level * LINE, floor)
    drawing.lines.append(Line(0, floor, 100, floor))
    drawing.height = floor
    _write_below(drawing, [str(label) for label, _cells in table.rows], room, slot)
    said = [in_words(cells[0]) for _label, cells in table.rows]
    if _every(said, room, slot) <= MOST_LEVELS:
        _write_below(drawing, said, room, slot, all_of_them=True)
    drawing.height += 6
    return drawing


def _upright(drawing, x, label, top, floor):
    drawing.lines.append(Line(x, top - 14, x, floor, dashed=True, width=1.5))
    beside = {"anchor": "end", "shift": -4} if x > 60 else {"shift": 4}
    drawing.texts.append(Text(label, x, top - 4, size=SMALL, **beside))


def _write_below(drawing, said, room, slot, *, middle=0.5, all_of_them=False):
    """Under the axis: those that fit beside each other, or all of them in several lines."""
    every = _every(said, room, slot)
    for place, text in enumerate(said):
        if all_of_them or place % every == 0:
            level = place % every if all_of_them else 0
            x = (place + middle) * slot
            half = 50 * width_of(text, SMALL) / room
            # What would stick out stands at the border.
            x, anchor = (0, "start") if x < half else (100, "end") if x + half > 100 else (x, "middle")
            drawing.texts.append(Text(text, x, drawing.height + 14 + level * LINE, anchor, SMALL))
    drawing.height += LINE * (every if all_of_them else 1)


def _every(said, room, slot):
    """Each how many-th there is room for, in one line."""
    return max(1, ceil(max(width_of(f"{text} ", SMALL) for text in said) / (room * slot / 100)))
