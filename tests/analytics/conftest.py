"""A visitor with a browser and a clock, and the way from the spool to the figures."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client

from analytics.append_only import APPEND_ONLY
from analytics.models import Daily, DailyExcluded
from analytics.recording.spool import spool
from analytics.recording.visitors import day_secrets

ZURICH = ZoneInfo("Europe/Zurich")
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"


@pytest.fixture(autouse=True)
def spool_folder(settings, tmp_path):
    """A spool and secrets of this test's own."""
    settings.ANALYTICS_SINK = "spool"
    settings.ANALYTICS_SPOOL = tmp_path / "spool"
    settings.ANALYTICS_SECRETS = tmp_path / "secrets"
    spool.close()
    spool.reset()
    day_secrets.reset()
    yield settings.ANALYTICS_SPOOL
    spool.close()
    spool.reset()
    day_secrets.reset()


@pytest.fixture
def clock():
    """Stands still at 10 o'clock on a day in March until a test moves it."""
    with time_machine.travel(datetime(2027, 3, 4, 10, 0, tzinfo=ZURICH), tick=False) as traveller:
        yield traveller


class Visitor:
    """One browser at one network address."""

    def __init__(self, *, user=None, user_agent=CHROME, address="192.0.2.1"):
        self.client = Client()
        self.headers = {"user-agent": user_agent, "accept-language": "en"}
        self.address = address
        if user:
            self.client.force_login(user)

    def get(self, path, *, headers=None, **environ):
        given = {name: value for name, value in (self.headers | (headers or {})).items() if value is not None}
        return self.client.get(path, headers=given, **{"REMOTE_ADDR": self.address} | environ)


@pytest.fixture
def visitor(db):
    return Visitor()


@pytest.fixture
def lines(spool_folder):
    """The lines in the spool, as text, in the order of writing."""

    def read():
        files = sorted(spool_folder.glob("*.ndjson"), key=lambda path: path.stat().st_mtime_ns)
        return [line for path in files for line in path.read_text().splitlines()]

    return read


def count():
    """Take in whatever is in the spool and bring the figures up to date."""
    call_command("analytics_ingest", all=True, verbosity=0)
    call_command("analytics_rollup", verbosity=0)


def total(metric, dimension="all", value="", figure="total"):
    rows = Daily.objects.filter(metric=metric, dimension=dimension, value=value)
    return sum(rows.values_list(figure, flat=True))


def excluded():
    found = {}
    for reason, number in DailyExcluded.objects.values_list("reason", "n"):
        found[reason] = found.get(reason, 0) + number
    return found


@pytest.fixture
def append_only_rows(transactional_db):
    """For tests of several transactions: SQLite empties tables with DELETE, which the triggers would refuse.

    After that they are set again, as after every migration.
    """
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for table in APPEND_ONLY:
                cursor.execute(f"DROP TRIGGER {table}_delete")
