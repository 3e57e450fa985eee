"""A server that is killed, a locked database, a full disk: visitors get their pages, and no loss goes unseen."""

import http.client
import os
import resource
import signal
import sqlite3
import statistics
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from .conftest import USER_AGENT

# Not of a robot, and the address of a State that no other journey opens.
HEADERS = {"User-Agent": USER_AGENT.format(999), "Accept-Language": "en"}


class Crowd:
    """Visitors who open one page again and again, and count what they got."""

    def __init__(self, portal, page, size=4):
        self.portal, self.page = portal, page
        self.results, self.seconds = Counter(), []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._visit) for _ in range(size)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _visit(self):
        while not self._stop.is_set():
            started = time.perf_counter()
            result = self.portal_get()
            self.seconds.append(time.perf_counter() - started)
            self.results[result] += 1

    def portal_get(self):
        """The status, or "no answer" where the connection broke."""
        connection = http.client.HTTPConnection("localhost", self.portal.port, timeout=20)
        try:
            connection.request("GET", self.page, headers=HEADERS)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            # Not so often that the server has no time to come back.
            self._stop.wait(0.02)
            return "no answer"
        else:
            return response.status
        finally:
            connection.close()

    def wait_for(self, more):
        """Until so many more have had their page."""
        goal, deadline = self.results[200] + more, time.monotonic() + 30
        while self.results[200] < goal:
            assert time.monotonic() < deadline, dict(self.results)
            time.sleep(0.01)


@pytest.fixture
def database(portal):
    """The database of the portal that is served, for looking, and for locking it."""
    connection = sqlite3.connect(Path(portal.environment["DATA_DIR"], "db.sqlite3"), isolation_level=None, timeout=20)
    yield connection
    connection.close()


def take_in(portal):
    portal.manage("analytics_ingest", "--all")
    portal.manage("analytics_rollup")


def events_of(database, state):
    return database.execute("SELECT COUNT(*) FROM analytics_event WHERE state = ?", [state]).fetchone()[0]


def lost(database):
    return database.execute("SELECT COALESCE(SUM(lost), 0) FROM analytics_completeness").fetchone()[0]


def test_no_view_is_lost_however_often_the_server_is_killed(portal, database):
    with Crowd(portal, "/en/states/tuv/") as crowd:
        crowd.wait_for(30)
        # One of the two that answer; the server starts it anew.
        os.kill(portal.workers[0], signal.SIGKILL)
        crowd.wait_for(30)
        for _time in range(2):
            # And now all of it: nobody is left to start it anew.
            for process in (portal.server.pid, *portal.workers):
                os.kill(process, signal.SIGKILL)
            portal.server.wait(timeout=20)
            portal.serve()
            crowd.wait_for(30)
    take_in(portal)

    assert crowd.results["no answer"], "Nobody noticed that the server was killed."
    assert set(crowd.results) == {200, "no answer"}
    recorded, answered = events_of(database, "TUV"), crowd.results[200]
    # Whose connection broke may have been counted before.
    assert answered <= recorded <= answered + crowd.results["no answer"]


def test_a_database_that_cannot_be_written_is_not_noticed_by_visitors(portal, database):
    with Crowd(portal, "/en/states/plw/", size=1) as crowd:
        crowd.wait_for(30)
    database.execute("BEGIN IMMEDIATE")
    try:
        with Crowd(portal, "/en/states/plw/", size=1) as locked:
            locked.wait_for(30)
    finally:
        database.execute("ROLLBACK")
    take_in(portal)

    assert set(crowd.results) == set(locked.results) == {200}
    # Whoever waited for the lock would have waited for seconds.
    assert max(locked.seconds) < 2
    assert statistics.median(locked.seconds) < 3 * statistics.median(crowd.seconds)
    assert events_of(database, "PLW") == crowd.results[200] + locked.results[200]


def test_on_a_full_disk_pages_are_shown_and_what_is_lost_is_told(portal, database):
    take_in(portal)
    before = lost(database)
    crowd = Crowd(portal, "/en/states/kir/")
    # No file may grow any more, which is what a full disk is to whoever writes.
    limits = {worker: resource.prlimit(worker, resource.RLIMIT_FSIZE) for worker in portal.workers}
    for worker, (_soft, hard) in limits.items():
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, hard))
    try:
        with crowd:
            crowd.wait_for(30)
    finally:
        for worker, limit in limits.items():
            resource.prlimit(worker, resource.RLIMIT_FSIZE, limit)
    with Crowd(portal, "/en/states/kir/") as later:
        later.wait_for(30)
    take_in(portal)

    assert set(crowd.results) == set(later.results) == {200}
    assert events_of(database, "KIR") == later.results[200]
    assert lost(database) - before == crowd.results[200]
