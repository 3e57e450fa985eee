"""Whether a target was reached, and how values are said; all numbers reckoned by hand."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django.utils import translation

from analytics.indicators.definitions import DEFINITIONS, HEADLINE, TARGETABLE
from analytics.indicators.measures import Definition, Measure, Unit
from analytics.indicators.verdicts import (
    Verdict,
    change_in_words,
    interval_in_words,
    least_cases,
    targets_of,
    value_in_words,
    verdict,
    wilson,
)
from analytics.models import Indicator, IndicatorTarget, TrialPeriod

pytestmark = pytest.mark.once

# A share of cases, a share of everything there is, a plain number, and a number of so many.
ANSWERED, FRESH, VISITS, COVERAGE = (
    Indicator.ANSWERED_IN_TIME,
    Indicator.FRESHNESS,
    Indicator.VISITS,
    Indicator.COVERAGE,
)


def target(met_at, partly_at, min_n=0):
    return SimpleNamespace(met_at=Decimal(met_at), partly_at=Decimal(partly_at), min_n=min_n)


@pytest.fixture
def median(monkeypatch):
    """An indicator that is a median of days; at present the portal has none."""
    monkeypatch.setitem(DEFINITIONS, ANSWERED, Definition(ANSWERED, Unit.MEDIAN, "", ""))
    return ANSWERED


def test_every_indicator_has_one_definition_that_names_its_source_and_criterion():
    assert set(DEFINITIONS) == set(Indicator)
    for indicator, definition in DEFINITIONS.items():
        assert definition.indicator == indicator
        assert "Source: " in definition.text
        assert definition.criterion
    assert len(HEADLINE) == 6
    assert set(HEADLINE) <= set(TARGETABLE)


@pytest.mark.parametrize(
    ("number", "base", "low", "high"),
    [(8, 10, 49.0, 94.3), (45, 100, 35.6, 54.8), (27, 30, 74.4, 96.5), (0, 30, 0, 11.4), (30, 30, 88.6, 100)],
)
def test_the_interval_is_wilsons(number, base, low, high):
    assert wilson(number, base) == pytest.approx((low, high), abs=0.06)


@pytest.mark.parametrize(
    ("measure", "goal", "expected"),
    [
        # 60 of 100: from 50.2 % to 69.1 %.
        (Measure(ANSWERED, 60, 100), target("60", "50", 30), Verdict.MET),
        # The value is reached, but it may be chance: the lower end is under the lower threshold.
        (Measure(ANSWERED, 60, 100), target("60", "51", 30), Verdict.PARTLY),
        (Measure(ANSWERED, 59, 100), target("60", "50", 30), Verdict.PARTLY),
        (Measure(ANSWERED, 50, 100), target("60", "50", 30), Verdict.PARTLY),
        (Measure(ANSWERED, 49, 100), target("60", "50", 30), Verdict.NOT_MET),
        # 100 * (29 / 50) is less than 58 for a computer.
        (Measure(ANSWERED, 29, 50), target("58", "40", 30), Verdict.MET),
        (Measure(ANSWERED, 29, 29), target("60", "50", 30), Verdict.NOT_ENOUGH),
        (Measure(ANSWERED, 30, 30), target("60", "50", 30), Verdict.MET),
        (Measure(ANSWERED, 0, 0), target("60", "50"), Verdict.NOT_ENOUGH),
        (Measure(ANSWERED, None), target("60", "50", 30), Verdict.NOT_ENOUGH),
        # Where everything there is was counted, nothing is left to chance, however little there is.
        (Measure(FRESH, 5, 9), target("55.5", "55", 30), Verdict.MET),
        (Measure(FRESH, 5, 9), target("55.6", "55", 30), Verdict.PARTLY),
        (Measure(VISITS, 128), target("128", "100", 500), Verdict.MET),
        (Measure(VISITS, 99), target("128", "100"), Verdict.NOT_MET),
        (Measure(VISITS, 0), target("0", "0"), Verdict.MET),
        (Measure(VISITS, None), target("128", "100"), Verdict.NOT_ENOUGH),
        # The number of States, not their share.
        (Measure(COVERAGE, 60, 162), target("60", "40"), Verdict.MET),
        (Measure(COVERAGE, 59, 162), target("60", "40"), Verdict.PARTLY),
    ],
)
def test_the_verdict(measure, goal, expected):
    assert verdict(measure, goal) == expected


def test_a_median_needs_ten_cases(median):
    assert verdict(Measure(median, 6, 9), target("5", "4", least_cases(median))) == Verdict.NOT_ENOUGH
    assert verdict(Measure(median, 6, 10), target("5", "4", least_cases(median))) == Verdict.MET


def test_shares_of_cases_need_thirty_and_what_is_counted_in_full_none():
    assert [least_cases(each) for each in (ANSWERED, FRESH, VISITS, COVERAGE)] == [30, 0, 0, 0]


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (Measure(ANSWERED, 4, 9), "4 of 9"),
        (Measure(ANSWERED, 29, 29), "29 of 29"),
        (Measure(ANSWERED, 10, 30), "10 of 30 (33%)"),
        (Measure(ANSWERED, 0, 0), "no cases"),
        (Measure(ANSWERED, None, None), "not known"),
        (Measure(VISITS, 128), "128"),
        (Measure(COVERAGE, 60, 162), "60 of 162"),
        (Measure(Indicator.BALANCE, 1.256), "1.26"),
        (Measure(Indicator.COST, Decimal("12.50")), "12.5"),
    ],
)
def test_a_value_is_said_with_its_base_and_in_per_cent_from_thirty_on(measure, words):
    assert value_in_words(measure) == words


def test_a_median_is_said_in_days(median):
    assert value_in_words(Measure(median, 1, 12)) == "1 day"
    assert value_in_words(Measure(median, 6.5, 12)) == "6.5 days"


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (Measure(VISITS, 4), Measure(VISITS, 9), "4 → 9"),
        (Measure(VISITS, 29), Measure(VISITS, 58), "29 → 58"),
        (Measure(VISITS, 30), Measure(VISITS, 45), "30 → 45 (+15; +50%)"),
        (Measure(VISITS, 200), Measure(VISITS, 150), "200 → 150 (−50; −25%)"),
        (Measure(VISITS, 0), Measure(VISITS, 9), "0 → 9"),
        (Measure(VISITS, None), Measure(VISITS, 9), ""),
        (None, Measure(VISITS, 9), ""),
        # From 35.6 to 54.8 %, and from 45.2 to 64.4 %.
        (
            Measure(ANSWERED, 45, 100),
            Measure(ANSWERED, 55, 100),
            "no clear change: 45 of 100 (45%) → 55 of 100 (55%)",
        ),
        (
            Measure(ANSWERED, 20, 100),
            Measure(ANSWERED, 60, 100),
            "20 of 100 (20%) → 60 of 100 (60%) (in percentage points: +40)",
        ),
        (Measure(ANSWERED, 4, 9), Measure(ANSWERED, 6, 11), "no clear change: 4 of 9 → 6 of 11"),
        (Measure(ANSWERED, 0, 20), Measure(ANSWERED, 20, 20), "0 of 20 → 20 of 20"),
        (
            Measure(FRESH, 40, 100),
            Measure(FRESH, 41, 100),
            "40 of 100 (40%) → 41 of 100 (41%) (in percentage points: +1)",
        ),
        (Measure(COVERAGE, 12, 160), Measure(COVERAGE, 15, 162), "12 of 160 → 15 of 162"),
    ],
)
def test_a_change_is_said_in_numbers_and_never_where_it_may_be_chance(before, now, words):
    assert change_in_words(now, before) == words


def test_an_interval_is_said_where_there_is_one():
    assert interval_in_words(Measure(ANSWERED, 45, 100)) == "With 95% certainty between 36% and 55% (Wilson)."
    assert interval_in_words(Measure(ANSWERED, 4, 9)) == "Fewer than 30 cases: too few for an interval."
    assert interval_in_words(Measure(FRESH, 45, 100)) == "Everything there is was counted, so there is no interval."
    assert interval_in_words(Measure(VISITS, 45)) == ""


def test_numbers_are_written_as_the_reader_writes_them():
    with translation.override("fr"):
        assert value_in_words(Measure(VISITS, 12345)) == "12\N{NO-BREAK SPACE}345"


def test_the_last_target_holds_and_the_earlier_ones_stand_beside_it(administrator):
    trial = TrialPeriod.objects.create(
        name="First trial", first=date(2027, 6, 1), last=date(2028, 5, 31), made_by=administrator
    )
    set_by = {"period": trial, "set_by": administrator, "document": "APLC/CONF/2027/3", "min_n": 0}
    for day, met_at in ((date(2027, 5, 2), 80), (date(2027, 5, 1), 60)):
        with time_machine.travel(day, tick=False):
            IndicatorTarget.objects.create(indicator=COVERAGE, met_at=met_at, partly_at=40, **set_by)
    with time_machine.travel(date(2027, 5, 1), tick=False):
        IndicatorTarget.objects.create(indicator=VISITS, met_at=500, partly_at=400, **set_by)

    found = targets_of(trial)

    assert found[COVERAGE].holds.met_at == 80
    assert [each.met_at for each in found[COVERAGE].earlier] == [60]
    assert found[VISITS].earlier == []
    assert set(found) == {COVERAGE, VISITS}
