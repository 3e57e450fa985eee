"""Two things at once: a field for each pair of a row and a column, with its numbers in it."""

import re

from django.utils.translation import gettext as _

from ..tables import in_words
from .drawing import BLUE, GREY, HATCHED, LINE, SMALL, TINTS, WHITE, Box, Drawing, Text, width_of, wrapped

FIELD = 36  # pixels: two numbers, one below the other
NUMBER = 16  # from one to the other
# From here on the names of the rows stand beside them, in this much of the width; else above.
WIDE = 500  # pixels
BESIDE = 24  # per cent


def heat(table, options, room):
    cells = [[_numbers(cell) for cell in row] for _label, row in table.rows]
    most = max((pair[-1] for row in cells for pair in row if pair), default=0)
    if not any(any(pair) for row in cells for pair in row):
        return None
    drawing = Drawing()
    left = BESIDE if room >= WIDE else 0
    slot = (100 - left) / len(table.columns)
    _write_head(drawing, [column.label for column in table.columns], room, left, slot)
    for (label, _row), row in zip(table.rows, cells, strict=True):
        if left:
            for line, text in enumerate(wrapped(label, room * (left - 1) / 100, SMALL)[:2]):
                drawing.texts.append(Text(text, 0, drawing.height + 14 + line * NUMBER, size=SMALL))
        else:
            drawing.write(label, room)
        for place, pair in enumerate(row):
            x = left + place * slot
            fill = TINTS[_darkness(pair[-1], most)] if pair else WHITE
            drawing.boxes.append(Box(x, drawing.height, slot, FIELD, fill, GREY))
            if _only_wanted(pair):
                # Beside the numbers, which stay readable.
                for at in (0, 0.88):
                    drawing.boxes.append(Box(x + at * slot, drawing.height, slot * 0.12, FIELD, HATCHED, GREY))
            for line, number in enumerate(pair):
                y = drawing.height + 14 + line * NUMBER
                bold = line == 0 and len(pair) == 2
                drawing.texts.append(Text(in_words(number), x + slot / 2, y, "middle", SMALL, bold=bold))
        drawing.height += FIELD + (0 if left else 6)
    drawing.height += 6
    if options.get("note"):
        drawing.write(options["note"], room, size=SMALL)
    drawing.explain(TINTS[-1], _("The darker, the more is asked for"), room, stroke=GREY)
    if any(_only_wanted(pair) for row in cells for pair in row):
        drawing.explain(HATCHED, _("Asked for, but nothing on offer"), room, stroke=BLUE)
    return drawing


def _numbers(cell):
    """One or two, as in "3 / 12"."""
    if isinstance(cell, int | float):
        return [cell]
    return [int(number) for number in re.findall(r"\d+", str(cell or ""))][:2]


def _only_wanted(pair):
    return len(pair) == 2 and pair[0] == 0 and pair[1] > 0


def _darkness(number, most):
    """Which tint; only nothing at all is white."""
    return min(len(TINTS) - 1, 1 + int((len(TINTS) - 1) * number / most)) if number else 0


def _write_head(drawing, labels, room, left, slot):
    """The names of the columns above them; where they are too narrow, a number, and what it stands for."""
    width = room * slot / 100 - 4
    if all(width_of(word, SMALL) <= width for label in labels for word in label.split()):
        heads = [wrapped(label, width, SMALL) for label in labels]
    else:
        heads = [[f"({number})"] for number in range(1, len(labels) + 1)]
        names = (f"({number})\N{NO-BREAK SPACE}{label}" for number, label in enumerate(labels, start=1))
        drawing.write("; ".join(names), room, size=SMALL)
    for place, lines in enumerate(heads):
        for line, text in enumerate(lines):
            x = left + (place + 0.5) * slot
            drawing.texts.append(Text(text, x, drawing.height + 14 + line * LINE, "middle", SMALL))
    drawing.height += LINE * max(map(len, heads)) + 2
