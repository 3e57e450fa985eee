"""Which tables of the report are drawn, and what is said of each picture to those who do not see it."""

from django.utils.translation import gettext as _

from ..models import Milestone
from ..tables import in_words
from ..use.comparison import first_day, preceding
from ..use.completeness import Recording
from .report import Chart

KINDS = {
    "months": "columns",
    "area_form": "heat",
    "funnel": "funnel",
    "regions": "strip",
    "ages": "histogram",
    "reach": "curve",
    "found": "stacked",
}


def chart_of(table, period):
    """None where there is no picture of such a table, or nothing in it."""
    kind = KINDS.get(table.name)
    if kind is None or not table.rows:
        return None
    return Chart(kind, table.name, _title(table), _description(kind, table), _options(table, period))


def _title(table):
    """What stands out, in a whole sentence."""
    label, most = max(((label, _number(cells[0])) for label, cells in table.rows), key=lambda row: row[1])
    if not most:
        return f"{table.caption}."
    return _("%(caption)s. %(figure)s: the highest number is %(number)s (%(row)s).") % {
        "caption": table.caption,
        "figure": table.columns[0].label,
        "number": in_words(most),
        "row": label,
    }


def _description(kind, table):
    words = {"subject": table.subject, "first": table.rows[0][0], "last": table.rows[-1][0]}
    return {
        "columns": _("A column for each row, from %(first)s to %(last)s. The table says the same in numbers."),
        "heat": _(
            "A field for each pair, from %(first)s to %(last)s, with what is offered and what was asked for; the more "
            "was asked for, the darker. The table says the same in numbers."
        ),
        "funnel": _(
            "A bar for each step, from %(first)s to %(last)s, all on one scale from zero. The table says the same in "
            "numbers."
        ),
        "strip": _("A row of boxes for each region; a full box is a State Party with an offer. No State is named."),
        "histogram": _(
            "A column for each number of months since confirmation, from %(first)s to %(last)s, with lines at six and "
            "twelve months. The table says the same in numbers."
        ),
        "curve": _(
            "A line that rises from left to right, from %(first)s to %(last)s. The steeper it begins, the fewer offers "
            "most of the use went to. The table says the same in numbers."
        ),
        "stacked": _(
            "A bar for each row, from %(first)s to %(last)s, divided by the answers given. The table says the same in "
            "numbers."
        ),
    }[kind] % words


def _options(table, period):
    if table.name == "months":
        return _months(period)
    if table.name == "ages":
        return {"lines": [{"row": 6, "label": _("6 months")}, {"row": 12, "label": _("12 months")}]}
    return None


def _months(period):
    """The same months a year before, months with days that are not complete, and what happened in which month."""
    places = {month: place for place, month in enumerate(period.months)}
    incomplete = {places[day.replace(day=1)] for day in Recording.of(period).incomplete}
    milestones = Milestone.objects.filter(day__gte=period.first, day__lte=period.last)
    before = preceding(period, first_day())
    return {
        # The column after that of the visits, if there is one.
        "before": 1 if before and before.is_year_before else None,
        "incomplete": sorted(incomplete),
        "marks": [{"row": places[mark.day.replace(day=1)], "label": mark.name} for mark in milestones],
    }


def _number(cell):
    return cell if isinstance(cell, int | float) else 0
