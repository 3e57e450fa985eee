"""The cast: two States with a focal point each, the ISU, and nobody."""

import gc
import math
import unittest

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation

from contacts import closing
from contacts.models import Role
from tests import factories

# Tests make much and throw it away at once: to look for cycles less often saves a twentieth of the time.
gc.set_threshold(50_000, 20, 100)


def pytest_collection_modifyitems(config, items):
    """What says the same with either database is asked on SQLite only."""
    if connection.vendor == "sqlite":
        return
    kept = [item for item in items if _opens_the_database(item) and not _is_asked_once(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _is_asked_once(item):
    """What people do at once is never the same with either."""
    database = item.get_closest_marker("django_db")
    at_once = database and database.kwargs.get("transaction")
    return item.get_closest_marker("once") and not item.get_closest_marker("both") and not at_once


def _opens_the_database(item):
    if item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(item.fixturenames):
        return True
    # Hypothesis and Django have test cases of their own kind.
    return item.cls is not None and issubclass(item.cls, unittest.TestCase)


@pytest.fixture(autouse=True)
def _forget_limits():
    """Counters of sign-in limits live in the cache and must not reach from one test into the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def _open():
    """Known to be open until a test closes it, so that no page has to ask."""
    closing.remember(None, math.inf)


@pytest.fixture(autouse=True)
def _english():
    """The language of the last request stays in use and must not reach from one test into the next."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _real_outbox(settings):
    """The test runner swaps the mail backend for one in memory; the outbox is a table, so it can be the real one."""
    settings.EMAIL_BACKEND = "offers.outbox.OutboxBackend"


@pytest.fixture
def norland(db):
    return factories.StateFactory(name_en="Norland", iso3="QNO", iso2="QN")


@pytest.fixture
def sudland(db):
    return factories.StateFactory(name_en="Sudland", iso3="QSU", iso2="QS")


@pytest.fixture
def norlander(norland):
    """Focal point of Norland."""
    return factories.UserFactory(email="focal@norland.example.org", state=norland)


@pytest.fixture
def sudlander(sudland):
    """Focal point of another State."""
    return factories.UserFactory(email="focal@sudland.example.org", state=sudland)


@pytest.fixture
def officer(db):
    return factories.UserFactory(email="officer@isu.example.org", role=Role.ISU_OFFICER)


@pytest.fixture
def administrator(db):
    return factories.UserFactory(email="administrator@isu.example.org", role=Role.ISU_ADMINISTRATOR)


@pytest.fixture
def focal(client, norlander):
    """A browser in which the focal point of Norland has signed in."""
    client.force_login(norlander)
    return client


@pytest.fixture
def isu(client, officer):
    """A browser in which an officer of the ISU has signed in."""
    client.force_login(officer)
    return client


@pytest.fixture
def make_offer(db, norland, norlander):
    """Make an offer of Norland unless the test names another State."""

    def make(**values):
        if "state" not in values:
            values = {"state": norland, "author": norlander} | values
        return factories.make_offer(**values)

    return make
