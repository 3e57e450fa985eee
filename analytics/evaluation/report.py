"""The evaluation report as one frozen object: what page, PDF, Word, XLSX, CSV and JSON print."""

from dataclasses import dataclass

from ..periods import Period
from ..tables import Table


@dataclass(frozen=True)
class Chart:
    """A picture of a table; `kind` names how it is drawn (see `analytics.charts`)."""

    kind: str
    # The name of the table of the same section that it draws.
    table: str
    # A whole sentence: what is seen.
    title: str
    # In words, for whoever does not see it: what is drawn, from where to where, what stands out.
    description: str
    # What a kind needs besides, as JSON can say it: lines at 6 and 12 months, marks, hatched rows.
    options: dict | None = None


@dataclass(frozen=True)
class Judgement:
    """An indicator in the period, with the one before and the verdict on its target; texts are ready to print."""

    code: str
    name: str
    definition: str
    # The value as it is said: "4 of 9", "128", "6 days".
    value: str
    # The same for machines.
    number: float | None
    base: float | None
    # The change against the period before: "4 → 9", "no clear change".
    change: str
    # "", or met, partly, not_met, not_enough: the key of the verdict, and in words.
    verdict: str
    verdict_words: str
    # What the target was, who set it when by which document; earlier targets too.
    targets: tuple[str, ...] = ()
    # The interval in words, or that it is a census.
    interval: str = ""
    # The ISU's words, for what was not met.
    reason: str = ""
    action: str = ""
    headline: bool = False


@dataclass(frozen=True)
class Section:
    name: str
    title: str
    paragraphs: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True)
class Report:
    title: str
    language: str
    period: Period
    # The one it is compared with, if anything had been recorded by then.
    before: Period | None
    # The answer in one paragraph.
    answer: str
    # What the States are asked to decide, and the choices.
    decision: str
    choices: tuple[str, ...]
    headline: tuple[Judgement, ...]
    # What the report is about: at most six printed pages.
    sections: tuple[Section, ...]
    caveats: tuple[str, ...]
    annexes: tuple[Section, ...]
    rules_version: str
    # Generated for demonstration, imported, or empty: said on every page.
    warning: str = ""

    @property
    def judgements(self):
        """Each indicator once, by code, though it may stand in several places."""
        places = [self.headline, *(section.judgements for section in (*self.sections, *self.annexes))]
        return {judgement.code: judgement for place in places for judgement in place}
