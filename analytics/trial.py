"""How a period of the trial stands: what it is judged by, how it came out, and what is left for the ISU to do."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .indicators import measure_all
from .indicators.definitions import DEFINITIONS, HEADLINE, TARGETABLE
from .indicators.measures import Definition, Unit
from .indicators.verdicts import Targets, Verdict, targets_of, unit_of, value_in_words, verdict
from .models import Indicator


@dataclass
class Line:
    """An indicator in a period. The value and the verdict are there once the period is over."""

    indicator: Indicator
    definition: Definition
    unit: str
    is_headline: bool
    targets: Targets | None
    # What the ISU has said about it, the last one last.
    reasons: list = field(default_factory=list)
    value: str = ""
    verdict: Verdict | None = None

    @property
    def in_per_cent(self):
        return self.definition.unit == Unit.SHARE

    @property
    def is_not_met(self):
        return self.verdict == Verdict.NOT_MET

    @property
    def needs_reason(self):
        return self.is_not_met and not self.reasons


def lines_of(trial):
    """Every indicator that a target may be set for, those in front of the report first."""
    targets, reasons = targets_of(trial), defaultdict(list)
    for reason in trial.reasons.select_related("by"):
        reasons[reason.indicator].append(reason)
    lines = [
        Line(
            indicator,
            DEFINITIONS[indicator],
            unit_in_words(indicator),
            indicator in HEADLINE,
            targets.get(indicator),
            reasons[indicator],
        )
        for indicator in sorted(TARGETABLE, key=lambda indicator: indicator not in HEADLINE)
    ]
    if trial.is_over and targets:
        measures = measure_all(trial.days)
        for line in lines:
            if line.targets and (measure := measures.get(line.indicator)):
                line.value, line.verdict = value_in_words(measure), verdict(measure, line.targets.holds)
    return lines


def line_of(trial, indicator):
    return next(line for line in lines_of(trial) if line.indicator == indicator)


def unit_in_words(indicator):
    return {
        Unit.COUNT: _("A number."),
        Unit.SHARE: _("In per cent."),
        Unit.MEDIAN: _("In days."),
        Unit.RATIO: _("A ratio; 1 is balanced."),
    }[unit_of(indicator)]


def targets_to_set(trial, missing):
    """What is left to do before the period begins, as a sentence; "" if nothing is."""
    if trial.has_begun or not missing:
        return ""
    text = ngettext(
        "Targets must be set before %(day)s: %(count)d headline indicator has none yet.",
        "Targets must be set before %(day)s: %(count)d headline indicators have none yet.",
        missing,
    )
    return text % {"day": date_format(trial.first), "count": missing}


def reasons_to_give(lines):
    """The same when it is over."""
    missing = sum(line.needs_reason for line in lines)
    text = ngettext(
        "%(count)d target was not met and waits for a reason and a proposed action.",
        "%(count)d targets were not met and wait for a reason and a proposed action.",
        missing,
    )
    return text % {"count": missing} if missing else ""
