"""Sums of long periods come from the months, and are always those of the days."""

import random
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from analytics.counting import months
from analytics.counting.months import FIGURES, sum_closed_months
from analytics.counting.rollup import count_day
from analytics.counting.sums import sums, sums_by_month
from analytics.models import Completeness, Daily, DirtyDay, Monthly
from analytics.periods import Period
from tests.at_once import at_once

from .made_events import make_event, make_figures

METRICS = ["view", "request"]


def make_days(days):
    Daily.objects.bulk_create(
        make_figures(day, metric, dimension, value, **{name: day.day + number for number, name in enumerate(FIGURES)})
        for day in days
        for metric in METRICS
        for dimension, value in (("all", ""), ("state", "QNO"), ("state", "QSU"))
    )
    Completeness.objects.bulk_create(
        Completeness(day=day, minutes_ingested=1440, lost=0, torn=0, rejected=0) for day in days
    )


def plain(period, metrics, dimension):
    days = Daily.objects.filter(day__gte=period.first, day__lte=period.last, metric__in=metrics, dimension=dimension)
    rows = days.values_list("metric", "value").annotate(*map(Sum, FIGURES))
    return {(metric, value): tuple(numbers) for metric, value, *numbers in rows}


def numbers_of(found):
    return {key: tuple(getattr(sums, name) for name in FIGURES) for key, sums in found.items()}


@pytest.mark.django_db
def test_whatever_the_period_the_sums_are_those_of_its_days(clock):
    chance = random.Random(5)
    first = date(2026, 9, 17)
    make_days([first + timedelta(days=number) for number in range(169) if chance.random() < 0.7])
    assert len(list(sum_closed_months())) == 6
    # One month waits to be summed up again.
    Monthly.objects.filter(month=date(2026, 11, 1)).delete()

    for _ in range(25):
        start = first + timedelta(days=chance.randrange(-10, 165))
        period = Period(start, start + timedelta(days=chance.randrange(0, 170)))
        dimension = chance.choice(["all", "state"])
        metrics = chance.choice([METRICS, METRICS[:1]])
        with CaptureQueriesContext(connection) as asked:
            found = sums(period, metrics, dimension)
        assert len(asked) <= 2
        assert numbers_of(found) == plain(period, metrics, dimension)
        by_month = sums_by_month(period, metrics, dimension)
        for month in period.months:
            part = Period(max(month, period.first), min(months.last_day_of(month), period.last))
            of_month = {key[1:]: value for key, value in by_month.items() if key[0] == month}
            assert numbers_of(of_month) == plain(part, metrics, dimension)
        one = {key: value for key, value in numbers_of(found).items() if key[1] == "QSU"}
        assert numbers_of(sums(period, metrics, dimension, values=["QSU"])) == one


@pytest.mark.django_db
def test_months_that_are_over_are_read_without_their_days(clock):
    make_days([date(2027, 1, 31), date(2027, 2, 1), date(2027, 2, 28)])
    assert list(sum_closed_months()) == [date(2027, 1, 1), date(2027, 2, 1)]
    assert list(sum_closed_months()) == []
    Daily.objects.all().delete()

    assert sums(Period(date(2027, 2, 1), date(2027, 2, 28)), ["view"])["view", ""].total == 29
    assert sums(Period(date(2027, 2, 2), date(2027, 2, 28)), ["view"]) == {}
    assert sums_by_month(Period(date(2026, 12, 31), date(2027, 3, 1)), ["view"]).keys() == {
        (date(2027, 1, 1), "view", ""),
        (date(2027, 2, 1), "view", ""),
    }


@pytest.mark.django_db
def test_a_day_changed_late_sums_its_month_up_again(clock, capsys):
    february = Period(date(2027, 2, 1), date(2027, 2, 28))
    make_event(date(2027, 2, 27))
    make_event(date(2027, 3, 1))
    call_command("analytics_rollup")
    assert "2027-02: summed up" in capsys.readouterr().out
    assert set(Monthly.objects.values_list("month", flat=True)) == {february.first}

    make_event(date(2027, 2, 27), 11)
    count_day(date(2027, 2, 27))
    assert not Monthly.objects.exists()
    assert sums(february, ["view"])["view", ""].total == 2

    call_command("analytics_rollup")
    assert sums(february, ["view"])["view", ""].total == 2
    assert Monthly.objects.get(metric="view", dimension="all").total == 2


@pytest.mark.django_db
def test_killed_between_two_months_the_next_run_sums_up_the_rest(clock):
    make_days([date(2027, 1, 31), date(2027, 2, 28)])
    assert next(sum_closed_months()) == date(2027, 1, 1)

    assert list(sum_closed_months()) == [date(2027, 2, 1)]


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_sum_a_month_up_once(clock):
    make_days([date(2027, 2, 27), date(2027, 2, 28)])
    before = plain(Period(date(2027, 2, 1), date(2027, 2, 28)), METRICS, "state")

    found = at_once(*[lambda: list(sum_closed_months())] * 3)
    assert sorted(map(len, found)) == [0, 0, 1]
    assert Monthly.objects.filter(dimension="state").count() == 4
    assert numbers_of(sums(Period(date(2027, 2, 1), date(2027, 2, 28)), METRICS, "state")) == before


@pytest.mark.django_db(transaction=True)
def test_a_month_is_not_summed_up_while_one_of_its_days_is_counted(clock):
    """Whoever comes first, the sums that stay are those of the days."""
    day = date(2027, 2, 27)
    make_event(day)
    count_day(day)
    for hour in range(11, 16):
        make_event(day, hour)
        at_once(lambda: count_day(day), lambda: list(sum_closed_months()))
        assert sums(Period(day.replace(day=1), date(2027, 2, 28)), ["view"])["view", ""].total == hour - 9
    assert not DirtyDay.objects.exists()
