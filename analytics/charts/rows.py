"""Charts with a row below the other, each with its name above."""

from django.utils.translation import gettext as _

from ..tables import in_words
from .drawing import BLUE, DOTTED, GREY, HATCHED, SMALL, TINTS, WHITE, Box, Drawing, Line, labelled, number_of, numbers

BAR = 12  # pixels
AIR = 8


def bar_rows(table, options, room):
    return _bars(table, room)


def funnel(table, options, room):
    return _bars(table, room, others=True)


def _bars(table, room, *, others=False):
    most = max(numbers(table), default=0)
    if not most:
        return None
    drawing = Drawing()
    for label, cells in table.rows:
        drawing.write(labelled(label, cells[0]), room)
        drawing.boxes.append(Box(0, drawing.height + 2, 100 * number_of(cells[0]) / most, BAR))
        drawing.height += BAR + 4
        said = [
            labelled(column.label, cell)
            for column, cell in zip(table.columns[1:], cells[1:], strict=True)
            if others and cell is not None
        ]
        if said:
            drawing.write("; ".join(said), room, size=SMALL)
        drawing.height += AIR
    return drawing


def strip(table, options, room):
    """A box for each one there is, full for those that are counted."""
    has_base = len(table.columns) > 1
    most = max(map(max, zip(*(numbers(table, column) for column in range(1 + has_base)), strict=True)), default=0)
    if not most:
        return None
    step = 100 / max(most, 10)
    drawing = Drawing()
    for label, cells in table.rows:
        said = in_words(cells[0])
        if has_base:
            said = _("%(number)s of %(base)s") % {"number": said, "base": in_words(cells[1])}
        drawing.write(f"{label}: {said}", room)
        full = int(number_of(cells[0]))
        for place in range(max(full, int(number_of(cells[1])) if has_base else 0)):
            fill = BLUE if place < full else WHITE
            drawing.boxes.append(Box(place * step + step * 0.1, drawing.height + 2, step * 0.8, BAR, fill, BLUE))
        drawing.height += BAR + 4 + AIR
    return drawing


def stacked(table, options, room):
    looks = ((BLUE, ""), (HATCHED, BLUE), (WHITE, BLUE), (DOTTED, BLUE), (TINTS[3], BLUE), (GREY, ""))
    counted = options.get("n")
    parts = [place for place in range(len(table.columns)) if place != counted][: len(looks)]
    rows = [(label, cells, sum(number_of(cells[place]) for place in parts)) for label, cells in table.rows]
    if not any(whole for _label, _cells, whole in rows):
        return None
    drawing = Drawing()
    for label, cells, whole in rows:
        n = in_words(whole if counted is None else cells[counted])
        drawing.write(_("%(label)s (n = %(number)s)") % {"label": label, "number": n}, room)
        if not whole:
            continue
        start, said = 0, []
        for place, (fill, stroke) in zip(parts, looks, strict=False):
            length = 100 * number_of(cells[place]) / whole
            if length:
                drawing.boxes.append(Box(start, drawing.height + 2, length, BAR + 4, fill, stroke or WHITE))
            said.append(f"{table.columns[place].label} {in_words(cells[place])} ({length:.0f}\N{NO-BREAK SPACE}%)")
            start += length
        drawing.height += BAR + 8
        drawing.write("; ".join(said), room, size=SMALL)
        drawing.height += AIR
    for place, (fill, stroke) in zip(parts, looks, strict=False):
        drawing.explain(fill, table.columns[place].label, room, stroke=stroke)
    return drawing


def bullet(table, options, room):
    """Each row on a scale of its own, which begins at zero."""
    drawing = Drawing()
    places = {name: options.get(name) for name in ("value", "low", "high", "partly", "met")}
    for label, cells in table.rows:
        value, low, high, partly, met = (
            number_of(cells[place]) if place is not None and cells[place] is not None else None
            for place in places.values()
        )
        end = 1.1 * max((number for number in (value, high, partly, met) if number), default=0)
        if value is None or not end:
            continue
        drawing.write(labelled(label, cells[places["value"]]), room)
        top = drawing.height + 3

        def at(number, end=end):
            return 100 * number / end

        drawing.boxes.append(Box(0, top, 100, 20, WHITE, GREY))
        if partly is not None:
            until = met if met is not None else end
            drawing.boxes.append(Box(at(partly), top, at(until) - at(partly), 20, TINTS[1], GREY))
        if met is not None:
            drawing.boxes.append(Box(at(met), top, 100 - at(met), 20, TINTS[2], GREY))
        drawing.boxes.append(Box(0, top + 6, at(value), 8))
        if low is not None and high is not None:
            drawing.boxes.append(Box(at(low), top + 8, at(high) - at(low), 4, WHITE, GREY))
            drawing.lines += [Line(at(number), top + 4, at(number), top + 16, width=2) for number in (low, high)]
        drawing.height += 26
        said = [
            labelled(table.columns[places[name]].label, cells[places[name]])
            for name in ("partly", "met")
            if places[name] is not None and cells[places[name]] is not None
        ]
        if low is not None and high is not None:
            said.append(_("interval: %(low)s to %(high)s") % {"low": in_words(low), "high": in_words(high)})
        drawing.write("; ".join(said), room, size=SMALL)
        drawing.height += AIR
    if not drawing.height:
        return None
    drawing.height += 2
    drawing.explain(BLUE, _("Value in the period"), room)
    drawing.explain(TINTS[1], _("From here it counts as partly met"), room, stroke=GREY)
    drawing.explain(TINTS[2], _("From here it counts as met"), room, stroke=GREY)
    return drawing
