"""Pictures of tables, drawn by the server as SVG. The table beside a picture says the same in numbers.

How a kind is drawn, and which options it knows; a column is named by its position, a row by its place from 0:

* `bars`: the first column, a bar for each row.
* `columns`: the first column over time. `before`: a column drawn as outline; `incomplete`: rows that are hatched;
  `marks`: what happened, as `{"row": 3, "label": "Launch"}`.
* `histogram`: the first column, with `lines` between rows, as `{"row": 6, "label": "6 months"}`.
* `curve`: the last column, between 0 and 100, which only grows; the rows are equal steps to the right.
* `funnel`: the first column as bars, the others in words.
* `strip`: the first column as full boxes, among as many as the second column says.
* `stacked`: all columns as parts of a whole, but for `n`, the column that says how many answered.
* `heat`: one or two numbers in a cell ("3 / 12"); the last number makes it darker, and it is hatched if the first is 0.
* `bullet`: each row on a scale of its own. `value`, `low`, `high`, `partly` and `met` are columns.
"""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .axes import columns, curve, histogram
from .bars import bars
from .heat import heat
from .rows import bar_rows, bullet, funnel, stacked, strip

__all__ = ["KINDS", "bars", "svg"]

KINDS = {
    "bars": bar_rows,
    "columns": columns,
    "histogram": histogram,
    "curve": curve,
    "funnel": funnel,
    "strip": strip,
    "stacked": stacked,
    "heat": heat,
    "bullet": bullet,
}
NARROWEST = 288  # pixels: what a phone of 320 pixels leaves


def svg(chart, table, *, right_to_left=False, width=None):
    """The chart as SVG, or nothing if there is nothing to draw.

    Without a width it is as wide as its place, and what it says fits on a phone.
    """
    drawing = KINDS[chart.kind](table, chart.options or {}, width or NARROWEST)
    if drawing is None:
        return ""
    if right_to_left:
        drawing = drawing.mirrored()
    drawn = render_to_string(
        "analytics/charts/drawing.html",
        {
            "drawing": drawing,
            "name": f"{chart.kind}-{chart.table}",
            "title": chart.title,
            "description": chart.description,
            "width": str(width or "100%"),
        },
    )
    return SafeString(drawn.strip())
