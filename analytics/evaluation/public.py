"""What everybody may read of the evaluation, made so that no single visitor can be found in it.

The rules, in the order in which somebody might try to get round them:

* each number is rounded by itself to the nearest 5, and from 1 to 4 it is not given;
* each kind of use is divided in one way only (visits and searches by month, offers and contacts opened by area), and
  no totals are given: so no sum of published numbers can be compared with another published number;
* only whole months count, and only once they have been over for some days: today's page says the same as yesterday's
  but for a whole month that has come to it;
* a month counts in one period only, the one that was made first, so that periods that overlap cannot be compared;
* figures are given only for periods with targets, whose days can no longer change;
* of an edition the verdicts are given, and no numbers.

What is said of offers (coverage by region) comes from the public catalogue, where everybody can count it.
"""

import calendar
from dataclasses import dataclass
from datetime import timedelta

from django.db.models.signals import post_delete, post_save
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from offers.enquiry_figures import SMALLEST_PUBLIC, published, rounded
from offers.models import Area, CatalogueRevision

from ..counting.sums import NOTHING, sums_by_month
from ..indicators import supply
from ..indicators.definitions import DEFINITIONS
from ..indicators.verdicts import Verdict, targets_of
from ..models import Indicator, IndicatorTarget, ReportEdition, TrialPeriod
from ..periods import Period
from ..recording.actions import Action
from ..recording.visitors import reporting_zone
from ..tables import Column, Table
from ..use.catalogue import top
from ..use.completeness import Recording
from .wording import target_in_words

# By then what was recorded in the last minutes of the month has come in, from all hosts.
SETTLED_AFTER = timedelta(days=3)


@dataclass(frozen=True)
class Rounded:
    """A number as everybody may know it."""

    # None if it is too small to be told.
    number: int | None
    words: str

    @classmethod
    def of(cls, number):
        return cls(published(number), rounded(number))

    def __str__(self):
        return self.words


@dataclass(frozen=True)
class PublicPeriod:
    """A period of the trial, its targets in words, and its figures if there are any yet."""

    name: str
    days: Period
    targets: tuple[tuple[Indicator, str], ...]
    # Of which months the figures are.
    months: tuple
    tables: tuple[Table, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class PublicEdition:
    number: int
    days: Period
    frozen_on: object
    sha256: str
    verdicts: tuple[tuple[Indicator, Verdict], ...]


@dataclass(frozen=True)
class PublicEvaluation:
    periods: tuple[PublicPeriod, ...]
    editions: tuple[PublicEdition, ...]
    coverage: Table | None

    @property
    def definitions(self):
        """Of the indicators that have targets, or are in an edition."""
        named = {indicator for period in self.periods for indicator, _words in period.targets}
        named |= {indicator for edition in self.editions for indicator, _verdict in edition.verdicts}
        return [(indicator, DEFINITIONS[indicator].text) for indicator in Indicator if indicator in named]


def public_evaluation():
    today = timezone.localdate(timezone=reporting_zone())
    trials = list(TrialPeriod.objects.order_by("pk"))
    months = _months_of([trial for trial in trials if trial.first <= today], today)
    found = sorted(trials, key=lambda trial: trial.first, reverse=True)
    return PublicEvaluation(
        periods=tuple(_period(trial, months.get(trial.pk, [])) for trial in found),
        editions=tuple(map(_edition, ReportEdition.objects.all())),
        coverage=next((table for table in supply.tables(Period(today, today)) if table.name == "regions"), None),
    )


def rounding_rule():
    return _(
        "So that nothing can be learned of a single visitor, each number of visits, searches and openings is rounded "
        "by itself to the nearest %(number)d, and what is smaller is not given. Totals are not given either, and only "
        "months that are over count. Numbers of States come from the catalogue, where everybody can count them."
    ) % {"number": SMALLEST_PUBLIC}


def watch():
    """What the page prints changes the revision under which it is kept."""
    for model in (TrialPeriod, IndicatorTarget, ReportEdition):
        for signal in (post_save, post_delete):
            signal.connect(_change, sender=model, dispatch_uid=f"evaluation {model.__name__} {id(signal)}")


def _change(**kwargs):
    CatalogueRevision.change()


def _months_of(trials, today):
    """Months that each period gives figures of: whole, over, and of no period that was made before it."""
    taken, found = set(), {}
    with_targets = set(IndicatorTarget.objects.values_list("period", flat=True))
    for trial in trials:
        if trial.pk not in with_targets:
            continue
        days = Period(trial.first, trial.last)
        found[trial.pk] = [month for month in days.months if _is_settled(month, days, today) and month not in taken]
        taken.update(found[trial.pk])
    return found


def _is_settled(month, days, today):
    last = _last_day(month)
    return days.first <= month and last <= days.last and last + SETTLED_AFTER < today


def _last_day(month):
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _period(trial, months):
    tables, warnings = (), ()
    if months:
        whole = Period(months[0], _last_day(months[-1]))
        tables, warnings = (_by_month(whole, months), _by_area(whole, months)), tuple(Recording.of(whole).warnings)
    targets = targets_of(trial)
    return PublicPeriod(
        name=trial.name,
        days=Period(trial.first, trial.last),
        targets=tuple(
            (indicator, target_in_words(targets[indicator].holds)) for indicator in Indicator if indicator in targets
        ),
        months=tuple(months),
        tables=tables,
        warnings=warnings,
    )


def _by_month(whole, months):
    metrics = ("view", "search_any", Action.SEARCH_ZERO.metric)
    found = sums_by_month(whole, metrics)
    rows = []
    for month in months:
        views, searches, zero = (found.get((month, metric, ""), NOTHING) for metric in metrics)
        numbers = (views.visits, searches.total, zero.total)
        rows.append((date_format(month, "YEAR_MONTH_FORMAT"), tuple(map(Rounded.of, numbers))))
    columns = (
        Column(
            _("Visits"),
            _(
                "Series of pages opened by the same visitor with pauses of at most 30 minutes. A visit ends at "
                "midnight."
            ),
        ),
        Column(_("Searches"), _("Searches of the catalogue by words or filters; each new combination is one.")),
        Column(_("Searches without a result"), _("Those of them that found no offer.")),
    )
    return Table("months", _("Visits and searches by month"), _("Month"), columns, tuple(rows), adds_up=False)


def _by_area(whole, months):
    """All months together: apart, most numbers would be too small to be told."""
    names = {area.code: area.name for area in Area.objects.top()}
    numbers = {code: [0, 0] for code in names}
    for (month, metric, code), found in sums_by_month(whole, ("investigation", "request"), "area").items():
        if month in months:
            row = numbers.setdefault(top(code), [0, 0])
            row[metric == "request"] += found.total_dc
    columns = (
        Column(
            _("Offers opened"),
            _(
                "Openings of the page of an offer, of its contact points or of one of its documents. If the same "
                "visitor opens the same thing again within 30 seconds, only the last time counts."
            ),
        ),
        Column(_("Contacts opened"), _("Those of them that were contact points or documents.")),
    )
    return Table(
        "areas",
        _("Information opened, by area of implementation"),
        _("Area of implementation"),
        columns,
        tuple((names.get(code, code), tuple(map(Rounded.of, row))) for code, row in numbers.items()),
        adds_up=False,
        note=_("All these months together. Each offer counts in its main area."),
    )


def _edition(edition):
    judged = edition.report.judgements
    return PublicEdition(
        number=edition.number,
        days=edition.period,
        frozen_on=timezone.localdate(edition.frozen_at, timezone=reporting_zone()),
        sha256=edition.sha256,
        verdicts=tuple(
            (indicator, Verdict(judged[indicator.value].verdict))
            for indicator in Indicator
            if indicator.value in judged and judged[indicator.value].verdict
        ),
    )
