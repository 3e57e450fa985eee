"""The evaluation report of a period, made from figures alone: nothing here praises, excuses or advises."""

from dataclasses import replace
from functools import cached_property

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..counting.rollup import rules_version
from ..indicators import connection, cost, duplication, measure_all, supply, unmet, use, voice
from ..indicators.definitions import DEFINITIONS, HEADLINE
from ..indicators.measures import Measure
from ..indicators.verdicts import (
    Verdict,
    change_in_words,
    interval,
    interval_in_words,
    needs_cases,
    targets_of,
    value_in_words,
    value_of,
    verdict,
)
from ..models import Indicator, Milestone, TrialPeriod
from ..recording.visitors import reporting_zone
from ..tables import Column, Table
from ..use.comparison import first_day, preceding
from ..use.completeness import Recording
from . import pictures
from .as_json import from_json, to_json
from .caveats import caveats, excluded_table, warning
from .report import Chart, Judgement, Report, Section
from .restatements import restatements
from .wording import choices, target_in_words, terms, threshold, verdict_rules

# The tables that stand in the report itself, at most two of a theme; whatever else there is stands in an annex.
IN_FRONT = ("regions", "months", "area_form", "funnel", "needs", "found", "cost")

NEITHER = "0 / 0"
MOST_ROWS = 8


def compose(period, language="en"):
    with translation.override(language):
        # As it will be read from a frozen edition: plain values, so that a draft and its edition cannot differ.
        return from_json(to_json(_Composer(period, language).report))


def trial_of(period):
    """The period of the trial that these days are, or as much of it as has passed by today; else None."""
    today = timezone.localdate(timezone=reporting_zone())
    running = Q(last__gt=period.last) if period.last == today else Q(pk=None)
    return TrialPeriod.objects.filter(Q(last=period.last) | running, first=period.first).order_by("last", "pk").first()


def without_empty(table):
    """Less the rows and columns in which there is neither an offer nor anything that was asked for."""
    places = [
        place for place in range(len(table.columns)) if any(cells[place] != NEITHER for _label, cells in table.rows)
    ]
    rows = tuple(
        (label, tuple(cells[place] for place in places))
        for label, cells in table.rows
        if any(cell != NEITHER for cell in cells)
    )
    return replace(table, columns=tuple(table.columns[place] for place in places), rows=rows)


def shortened(table):
    """The first rows of a list that has no end of its own; all of it stands in an annex."""
    if table.name != "needs" or len(table.rows) <= MOST_ROWS:
        return table
    note = _("The first %(number)d of %(all)d; all of them stand in the annex.")
    note %= {"number": MOST_ROWS, "all": len(table.rows)}
    return replace(table, rows=table.rows[:MOST_ROWS], note=note)


class _Composer:
    def __init__(self, period, language):
        self.period, self.language = period, language
        self.trial = trial_of(period)
        self.preceding = preceding(period, first_day())
        self.measures = measure_all(period)
        self.measures_before = measure_all(self.preceding.period) if self.preceding else {}
        self.targets = targets_of(self.trial) if self.trial else {}
        # The last one that was written holds.
        self.reasons = {reason.indicator: reason for reason in self.trial.reasons.all()} if self.trial else {}
        self.judgements = {indicator: self.judgement(indicator) for indicator in DEFINITIONS}

    @property
    def report(self):
        return Report(
            title=_("Evaluation of the trial of the Platform for Partnerships"),
            language=self.language,
            period=self.period,
            before=self.preceding and self.preceding.period,
            answer=self.answer,
            decision=_("States Parties are asked to decide what becomes of the portal."),
            choices=choices(),
            headline=tuple(self.judgements[indicator] for indicator in HEADLINE),
            sections=(self.verdicts_section, *self.themes),
            caveats=caveats(self.period),
            annexes=tuple(self.annexes),
            rules_version=rules_version(),
            warning=warning(self.period),
        )

    # One indicator

    def measure(self, indicator):
        return self.measures.get(indicator) or Measure(indicator, None)

    def judgement(self, indicator):
        measure, targets = self.measure(indicator), self.targets.get(indicator)
        found = targets and verdict(measure, targets.holds)
        reason = self.reasons.get(indicator) if found == Verdict.NOT_MET else None
        return Judgement(
            code=indicator.value,
            name=str(indicator.label),
            definition=str(DEFINITIONS[indicator].text),
            value=value_in_words(measure),
            number=measure.number,
            base=measure.base,
            change=change_in_words(measure, self.measures_before.get(indicator)),
            verdict=found.value if found else "",
            verdict_words=str(found.label) if found else _("No target"),
            targets=self.targets_in_words(targets) if targets else (),
            interval=interval_in_words(measure) if measure.number is not None else "",
            reason=reason.reason if reason else "",
            action=reason.action if reason else "",
            headline=indicator in HEADLINE,
        )

    @staticmethod
    def targets_in_words(targets):
        earlier = [
            _("An earlier target, which no longer holds: %(target)s") % {"target": target_in_words(target)}
            for target in targets.earlier
        ]
        return (target_in_words(targets.holds), *earlier)

    # The answer

    @property
    def answer(self):
        """Numbers, one after the other; what they mean is for States Parties to say."""
        days = {"first": date_format(self.period.first), "last": date_format(self.period.last)}
        numbers = "; ".join(
            _("%(name)s: %(value)s") % {"name": judged.name, "value": judged.value}
            for judged in map(self.judgements.get, HEADLINE)
        )
        said = [_("From %(first)s to %(last)s: %(numbers)s.") % (days | {"numbers": numbers})]
        judged = self.judged
        if judged:
            said.append(
                _(
                    "Targets: %(all)d. Met: %(met)d; partly met: %(partly)d; not met: %(not_met)d; not enough data: "
                    "%(not_enough)d."
                )
                % ({"all": len(judged)} | {key.value: len(self.with_verdict(key)) for key in Verdict})
            )
        elif self.trial:
            said.append(_("No targets were set before this period began, so there are no verdicts."))
        else:
            said.append(_("These days are no period of the trial, so there are no targets and no verdicts."))
        return " ".join(said)

    @property
    def judged(self):
        return [judgement for judgement in self.judgements.values() if judgement.verdict]

    def with_verdict(self, key):
        return [judgement for judgement in self.judged if judgement.verdict == key]

    @property
    def verdicts_section(self):
        paragraphs = [
            str(self.preceding)
            if self.preceding
            else _("There is nothing to compare with: no earlier period was recorded in full.")
        ]
        verdicts = Table(
            "verdicts",
            _("Targets by verdict"),
            _("Verdict"),
            (Column(_("Targets")), Column(_("Indicators"))),
            tuple(
                (str(key.label), (len(found), "; ".join(judged.name for judged in found)))
                for key in Verdict
                for found in [self.with_verdict(key)]
            ),
            adds_up=False,
        )
        return Section("targets", _("Were the targets met?"), tuple(paragraphs), (), (verdicts,) if self.judged else ())

    @property
    def bullets(self):
        rows = []
        for judged in self.judged:
            indicator = Indicator(judged.code)
            measure, target = self.measure(indicator), self.targets[indicator].holds
            value, found = value_of(measure), interval(measure)
            rows.append(
                (
                    judged.name,
                    (
                        None if value is None else round(float(value), 1),
                        round(found.low, 1) if found else None,
                        round(found.high, 1) if found else None,
                        float(target.partly_at),
                        float(target.met_at),
                        _("%(verdict)s: %(value)s") % {"verdict": judged.verdict_words, "value": judged.value},
                    ),
                )
            )
        return Table(
            "targets",
            _("Values and thresholds"),
            _("Indicator"),
            (
                Column(_("Value"), _("In the unit of the indicator; shares in per cent.")),
                Column(_("Interval from")),
                Column(_("Interval to")),
                Column(_("Partly met at")),
                Column(_("Met at")),
                Column(_("Verdict")),
            ),
            tuple(rows),
            adds_up=False,
        )

    # The themes

    @property
    def themes(self):
        return [self.theme(*theme) for theme in self.themes_with_titles]

    @property
    def themes_with_titles(self):
        return (
            ("S", supply, _("Was assistance offered?")),
            ("U", use, _("Was the portal used?")),
            ("F", connection, _("Did it bring anybody together?")),
            ("N", unmet, _("What was looked for and not found?")),
            ("D", duplication, _("Did it repeat what is kept elsewhere?")),
            ("V", voice, _("What did those who used it say?")),
            ("C", cost, _("What did it cost?")),
        )

    def theme(self, letter, module, title):
        """All its numbers in one paragraph, targets that are not in front already, and one or two tables."""
        own = [judged for judged in self.judgements.values() if judged.code.startswith(letter)]
        numbers = "; ".join(_("%(name)s: %(value)s") % {"name": judged.name, "value": judged.value} for judged in own)
        tables = [shortened(table) for table in self.tables[letter] if table.name in IN_FRONT]
        return Section(
            name=module.__name__.rpartition(".")[2],
            title=title,
            paragraphs=(f"{numbers}.",),
            judgements=tuple(judged for judged in own if judged.verdict and not judged.headline),
            tables=tuple(tables),
            charts=self.charts_of(tables),
        )

    @cached_property
    def tables(self):
        return {
            letter: [
                without_empty(table) if table.name == "area_form" else table for table in module.tables(self.period)
            ]
            for letter, module, _title in self.themes_with_titles
        }

    def charts_of(self, tables):
        drawn = [pictures.chart_of(table, self.period) for table in tables]
        return tuple(chart for chart in drawn if chart)

    # Annexes

    @property
    def annexes(self):
        yield self.management_response
        yield self.other_indicators
        yield self.all_targets
        yield Section("rules", _("How verdicts are found"), verdict_rules())
        yield Section("definitions", _("Definitions"), (), (), (self.definitions,))
        yield Section("terms", _("Terms"), (), (), (terms(),))
        yield self.more_tables
        yield self.record
        yield restatements(self.period)

    @property
    def management_response(self):
        """Reasons and proposals of the ISU for what was not met; the last column is for the States."""
        return Section(
            "response-of-the-isu",
            _("Response of the ISU"),
            (
                _(
                    "For each target that was not met the ISU says why and what it proposes. The last column is left "
                    "empty for the States Parties."
                )
                if self.with_verdict(Verdict.NOT_MET)
                else _("There is no target that was not met."),
            ),
            (),
            (
                Table(
                    "management-response",
                    _("Targets that were not met"),
                    _("Indicator"),
                    (Column(_("Reason")), Column(_("Proposed action")), Column(_("States Parties"))),
                    tuple(
                        (judged.name, (judged.reason or _("No reason was given."), judged.action, ""))
                        for judged in self.with_verdict(Verdict.NOT_MET)
                    ),
                    adds_up=False,
                ),
            )
            if self.with_verdict(Verdict.NOT_MET)
            else (),
        )

    @property
    def other_indicators(self):
        others = [judged for judged in self.judgements.values() if not judged.headline]
        return Section("indicators", _("All other indicators"), (), tuple(others))

    @property
    def all_targets(self):
        rows = []
        for indicator in filter(self.targets.get, DEFINITIONS):
            targets = self.targets[indicator]
            for target in (*targets.earlier, targets.holds):
                rows.append(
                    (
                        str(Indicator(indicator).label),
                        (
                            None if target.baseline is None else threshold(indicator, target.baseline),
                            threshold(indicator, target.met_at),
                            threshold(indicator, target.partly_at),
                            target.min_n if needs_cases(indicator) else None,
                            date_format(target.set_on),
                            target.document,
                            _("Holds") if target is targets.holds else _("Replaced before the period began"),
                        ),
                    )
                )
        table = Table(
            "all-targets",
            _("Targets, and the documents that set them"),
            _("Indicator"),
            (
                Column(_("Baseline")),
                Column(_("Met at")),
                Column(_("Partly met at")),
                Column(_("Fewest cases")),
                Column(_("Set on")),
                Column(_("Document")),
                Column(_("Standing")),
            ),
            tuple(rows),
            adds_up=False,
        )
        if not rows:
            return Section("all-targets", _("Targets"), (_("No targets were set for these days."),))
        bullet = Chart(
            "bullet",
            "targets",
            _("What was reached, beside the thresholds of each target."),
            _(
                "A bar for each target, on a scale of its own that begins at zero, with the thresholds from which it "
                "counts as partly met and as met, and the interval of shares. The table says the same."
            ),
            {"value": 0, "low": 1, "high": 2, "partly": 3, "met": 4},
        )
        return Section("all-targets", _("Targets"), (), (), (self.bullets, table), (bullet,))

    @property
    def definitions(self):
        return Table(
            "definitions",
            _("What each indicator counts"),
            _("Indicator"),
            (Column(_("Definition")), Column(_("Criterion of the OECD-DAC"))),
            tuple(
                (
                    _("%(code)s %(name)s") % {"code": indicator.value, "name": indicator.label},
                    (str(definition.text), str(definition.criterion)),
                )
                for indicator, definition in DEFINITIONS.items()
            ),
            adds_up=False,
        )

    @property
    def more_tables(self):
        others = [
            replace(table, name=f"all-{table.name}") if table.name in IN_FRONT else table
            for tables in self.tables.values()
            for table in tables
            if table.name not in IN_FRONT or shortened(table) is not table
        ]
        return Section("more-tables", _("More tables"), (), (), tuple(others), self.charts_of(others))

    @property
    def record(self):
        """On what the figures rest, and what explains them."""
        milestones = Milestone.objects.filter(day__gte=self.period.first, day__lte=self.period.last)
        marks = "; ".join(
            _("%(day)s: %(name)s") % {"day": date_format(mark.day), "name": mark.name} for mark in milestones
        )
        paragraphs = [
            _("Rules of counting: version %(version)s. Figures of different versions cannot be compared.")
            % {"version": rules_version()},
            _(
                "All figures of an edition are one text, whose SHA-256 hash stands on each of its files and on the "
                "page of the edition, with the hashes of the files themselves. Whoever has a file can tell whether it "
                "was changed."
            ),
        ]
        if marks:
            paragraphs.append(_("Days that may explain figures: %(days)s.") % {"days": marks})
        recording = Recording.of(self.period)
        tables = [excluded_table(self.period), *([recording.table] if recording.days else [])]
        return Section("record", _("What the figures rest on"), tuple(paragraphs), (), tuple(tables))
