"""A trial of three months with targets, and figures of its days, as they stand on the day after it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from analytics.counting.rollup import rules_version
from analytics.models import Completeness, Daily, IndicatorTarget, TrialPeriod
from analytics.periods import Period

TRIAL = Period(date(2027, 1, 1), date(2027, 3, 31))
DOCUMENT = "Committee on the Enhancement of Cooperation and Assistance, document 7"


@pytest.fixture
def after_the_trial():
    with time_machine.travel(datetime(2027, 4, 10, 10, tzinfo=ZoneInfo("Europe/Zurich")), tick=False) as traveller:
        yield traveller


def count_day(day, **metrics):
    """So much of each metric on that day; a pair is a metric of an area, `{("request", "area.x"): 4}`."""
    for metric, number in metrics.items():
        add(day, metric, number)
    Completeness.objects.get_or_create(
        day=day, defaults={"minutes_ingested": 1440, "lost": 0, "torn": 0, "rejected": 0}
    )


def add(day, metric, number, *, area=""):
    Daily.objects.create(
        day=day,
        metric=metric,
        dimension="area" if area else "all",
        value=area,
        total=number,
        total_dc=number,
        unique_session=number,
        visitor_days=number,
        visits=number,
        rules_version=rules_version(),
    )


@pytest.fixture
def trial(officer):
    """Visits are to come to 100, contacts opened to 50."""
    period = TrialPeriod.objects.create(name="First trial", first=TRIAL.first, last=TRIAL.last, made_by=officer)
    for indicator, met_at, partly_at in (("U1", 100, 50), ("U3", 50, 20)):
        IndicatorTarget.objects.create(
            period=period, indicator=indicator, met_at=met_at, partly_at=partly_at, min_n=0, document=DOCUMENT,
            set_by=officer, set_on=date(2026, 12, 1),
        )  # fmt: skip
    return period


@pytest.fixture
def figures(db):
    """120 visits and 12 contacts opened."""
    count_day(date(2027, 1, 4), view=60, search_any=30, search_zero=6, request=8)
    count_day(date(2027, 2, 4), view=60, search_any=30, search_zero=6, request=4)
