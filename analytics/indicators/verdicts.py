"""Whether a target was reached, by rules that are the same for every period; and how a value is said.

The rules stand here, in code, so that nobody can choose them once the figures are known:

* not enough data, if the value is not known, or rests on fewer cases than the target asks for;
* met, if it has come to the upper threshold, and, for a share, the lower end of its 95 % interval to the lower one;
* partly met, if it has come to the lower threshold;
* not met.
"""

from fractions import Fraction
from itertools import groupby
from math import ceil, sqrt
from typing import NamedTuple

from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..models import IndicatorTarget
from .definitions import DEFINITIONS
from .measures import Unit

# On fewer cases there are no percentages.
SMALLEST_BASE = 30
# Of the standard normal distribution, for 95 %.
Z = 1.959964


class Verdict(models.TextChoices):
    MET = "met", gettext_lazy("Met")
    PARTLY = "partly", gettext_lazy("Partly met")
    NOT_MET = "not_met", gettext_lazy("Not met")
    NOT_ENOUGH = "not_enough", gettext_lazy("Not enough data")


def verdict(measure, target):
    """Of a measure on a target with `met_at`, `partly_at` and `min_n`."""
    value = value_of(measure)
    if value is None or (needs_cases(measure.indicator) and (measure.base or 0) < target.min_n):
        return Verdict.NOT_ENOUGH
    low = value
    if found := interval(measure):
        low = found.low
    if value >= Fraction(target.met_at) and low >= Fraction(target.partly_at):
        return Verdict.MET
    return Verdict.PARTLY if value >= Fraction(target.partly_at) else Verdict.NOT_MET


def value_of(measure):
    """In the unit of its targets, shares in per cent: exact, so that a value on the threshold has come to it."""
    if measure.number is None:
        return None
    if unit_of(measure.indicator) != Unit.SHARE:
        return Fraction(measure.number)
    return 100 * Fraction(measure.number) / Fraction(measure.base) if measure.base else None


def unit_of(indicator):
    return DEFINITIONS[indicator].unit


def least_cases(indicator):
    """How many cases a target asks for, unless it says otherwise."""
    return {Unit.SHARE: SMALLEST_BASE, Unit.MEDIAN: 10}[unit_of(indicator)] if needs_cases(indicator) else 0


def needs_cases(indicator):
    """Could it have come out otherwise by chance? Not a plain number, nor where everything there is was counted."""
    definition = DEFINITIONS[indicator]
    return definition.unit in (Unit.SHARE, Unit.MEDIAN) and not definition.census


class Interval(NamedTuple):
    """In per cent."""

    low: float
    high: float


def wilson(number, base):
    """The 95 % interval of a share by Wilson's formula."""
    share, spread = number / base, Z * Z / base
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * sqrt(share * (1 - share) / base + spread / (4 * base))
    return Interval(100 * max(0.0, middle - half), 100 * min(1.0, middle + half))


def interval(measure):
    """Of a share of cases; None where there is none to give."""
    definition = DEFINITIONS[measure.indicator]
    if definition.unit != Unit.SHARE or definition.census or measure.number is None or not measure.base:
        return None
    return wilson(measure.number, measure.base)


class Targets(NamedTuple):
    """Those of one indicator for a period: the last that was set holds, the earlier ones are shown beside it."""

    holds: IndicatorTarget
    earlier: list


def targets_of(trial):
    """{Indicator: Targets} of a TrialPeriod. The database takes none once the period has begun."""
    found = trial.targets.select_related("set_by").order_by("indicator", "set_on", "pk")
    by_indicator = {key: list(rows) for key, rows in groupby(found, key=lambda target: target.indicator)}
    return {key: Targets(rows[-1], rows[:-1]) for key, rows in by_indicator.items() if key in DEFINITIONS}


# In words


def value_in_words(measure):
    if measure.number is None:
        return _("not known")
    unit = unit_of(measure.indicator)
    if unit == Unit.MEDIAN:
        days = {"number": _number(measure.number, 1)}
        return ngettext("%(number)s day", "%(number)s days", ceil(measure.number)) % days
    if measure.base is None or unit == Unit.RATIO:
        return _number(measure.number, 2 if unit == Unit.RATIO else 1)
    if unit == Unit.SHARE and not measure.base:
        return _("no cases")
    words = _("%(number)s of %(base)s") % {"number": _number(measure.number), "base": _number(measure.base)}
    if not _in_per_cent(measure):
        return words
    return _("%(value)s (%(share)s%%)") % {"value": words, "share": _number(100 * measure.share)}


def change_in_words(now, before):
    """From one period to the other; "" where there is nothing to compare."""
    if before is None or value_of(now) is None or value_of(before) is None:
        return ""
    values = {"before": value_in_words(before), "now": value_in_words(now)}
    then, there = interval(before), interval(now)
    if then and there and then.low <= there.high and there.low <= then.high:
        return _("no clear change: %(before)s → %(now)s") % values
    change = value_of(now) - value_of(before)
    if unit_of(now.indicator) == Unit.SHARE:
        if not (_in_per_cent(now) and _in_per_cent(before)):
            return _("%(before)s → %(now)s") % values
        return _("%(before)s → %(now)s (in percentage points: %(points)s)") % {**values, "points": _signed(change)}
    if unit_of(now.indicator) != Unit.COUNT or value_of(before) < SMALLEST_BASE:
        return _("%(before)s → %(now)s") % values
    return _("%(before)s → %(now)s (%(change)s; %(relative)s%%)") % {
        **values,
        "change": _signed(change),
        "relative": _signed(100 * change / value_of(before)),
    }


def interval_in_words(measure):
    """Nothing where neither chance nor counting in full has anything to do with it."""
    if DEFINITIONS[measure.indicator].census:
        return _("Everything there is was counted, so there is no interval.")
    found = interval(measure)
    if found is None:
        return ""
    if not _in_per_cent(measure):
        return _("Fewer than %(number)d cases: too few for an interval.") % {"number": SMALLEST_BASE}
    return _("With 95%% certainty between %(low)s%% and %(high)s%% (Wilson).") % {
        "low": _number(found.low),
        "high": _number(found.high),
    }


def _in_per_cent(measure):
    return unit_of(measure.indicator) == Unit.SHARE and measure.base >= SMALLEST_BASE


def _number(number, places=0):
    """As the reader's language writes it, without zeros at the end."""
    number = round(float(number), places)
    return number_format(number, 0 if number.is_integer() else places, use_l10n=True, force_grouping=True)


def _signed(number):
    return f"+{_number(number)}" if round(number) > 0 else _number(number).replace("-", "−")
