"""Measure the recording of use and its figures: python -m tests.bench.recording [--events 10000000]

What recording adds to a page, how fast files become figures, and how fast the
figures of two years are read however many events stand behind them. With and
without recording are measured in turn, so that whatever else the machine does
falls on both alike.

Prints what was reached and ends with status 1 if a target is missed.
"""

import argparse
import json
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from itertools import count, cycle
from pathlib import Path

from tests.bench.installation import Installation, Server, judge, machine

NUMBERS = count(1)
# What a visitor opens. None has been asked for before, so each is made anew.
VISIT = ["/en/?{}", "/en/offers/?fresh={}", "/en/offers/PFP-2025-000007/?{}", "/en/offers/PFP-2025-000007/contact/?{}"]
LOCKED_FOR = 7  # seconds


def fresh_pages():
    pages = cycle(VISIT)
    return lambda: next(pages).format(next(NUMBERS))


def inside(portal, measurement, number):
    return json.loads(portal.run("-m", "tests.bench.recording_inside", measurement, str(number)).splitlines()[-1])


def throughput(recording, silent, next_address, rounds):
    """Requests a second with recording, divided by those without it: the median of interleaved rounds."""
    ratios = []
    for number in range(rounds):
        servers = [recording, silent] if number % 2 else [silent, recording]
        rates = {server: server.throughput(next_address, seconds=4) for server in servers}
        ratios.append(rates[recording] / rates[silent])
    return statistics.median(ratios)


def while_locked(server, hold):
    """Median milliseconds of a page before and while nobody can write to the database; an error would be the end."""
    next_address = fresh_pages()
    medians = []
    for locked in (False, True):
        release = hold() if locked else (lambda: None)
        times, end = [], time.perf_counter() + LOCKED_FOR
        while time.perf_counter() < end:
            times.append(server.get(next_address())[1] * 1000)
        release()
        medians.append(statistics.median(times))
    return {"before": medians[0], "locked": medians[1]}


def hold_sqlite(path):
    connection = sqlite3.connect(path, isolation_level=None, timeout=20)
    connection.execute("BEGIN IMMEDIATE")

    def release():
        connection.execute("ROLLBACK")
        connection.close()

    return release


def hold_postgresql(url):
    import psycopg2

    connection = psycopg2.connect(url)
    cursor = connection.cursor()
    cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'analytics_%'")
    for (table,) in cursor.fetchall():
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

    def release():
        connection.rollback()
        connection.close()

    return release


def measure(portal, events, rounds):
    portal.prepare()
    portal.run("-m", "tests.bench.fill", "1000")
    results = {"statements": inside(portal, "statements", 1), "cpu": inside(portal, "cpu", 300)}
    with Server(portal, ANALYTICS_SINK="spool") as recording, Server(portal, ANALYTICS_SINK="null") as silent:
        for server in (recording, silent):
            server.throughput(fresh_pages(), seconds=2)
        results["throughput"] = throughput(recording, silent, fresh_pages(), rounds)
        results["throughput_seen"] = throughput(recording, silent, lambda: "/en/offers/", rounds)
        if url := portal.environment.get("DATABASE_URL"):
            results["locked"] = while_locked(recording, lambda: hold_postgresql(url))
        else:
            path = Path(portal.environment["DATA_DIR"], "db.sqlite3")
            results["locked"] = while_locked(recording, lambda: hold_sqlite(path))
    # First, while the day holds nothing else.
    results["day"] = inside(portal, "day", 13_700)
    results["ingest"] = inside(portal, "ingest", 50_000)
    results["years"] = inside(portal, "years", events)
    results["pdf"] = inside(portal, "pdf", 3)
    return results


def targets(results):
    """Sentences with what was reached, and whether it is enough."""
    yield f"SQL statements added to a page: {results['statements']} (none)", results["statements"] == 0
    yield f"CPU added to a page: {results['cpu']:.3f} ms (at most 0.10)", results["cpu"] <= 0.10
    ratio = results["throughput"]
    yield f"requests a second, of those without recording: {ratio:.3f} (at least 0.97)", ratio >= 0.97
    locked = results["locked"]
    yield (
        f"database locked for {LOCKED_FOR} s: no error, {locked['locked']:.1f} ms a page at the median, "
        f"{locked['before']:.1f} before (at most a quarter more)",
        locked["locked"] <= 1.25 * locked["before"],
    )
    ingest = results["ingest"]
    yield (
        f"{ingest['stored']:,} lines taken in within {ingest['taken_in']:.2f} s, "
        f"counted after {ingest['together']:.2f} s; a second pass adds {ingest['again']} (none)",
        ingest["stored"] == 50_000 and ingest["again"] == 0,
    )
    day = results["day"]
    yield (
        f"a day of {day['events']:,} events counted in {day['median']:.0f} ms, {day['best']:.0f} at best (at most 50)",
        day["median"] <= 50,
    )
    years = results["years"]
    ratio = years["from_events"] / years["figures"]
    yield (
        f"two years of {years['events']:,} events: information viewed by month and form in {years['figures']:.1f} ms "
        f"(at most 50)",
        years["figures"] <= 50,
    )
    yield f"that is {ratio:,.0f} times as fast as from the events (at least 400)", ratio >= 400
    yield (
        f"two years: all figures of the ISU's page in {years['all_figures']:.0f} ms (at most 50)",
        years["all_figures"] <= 50,
    )
    yield f"report as PDF in {results['pdf']:.2f} s (at most 2)", results["pdf"] <= 2


def main():
    parser = argparse.ArgumentParser(prog="tests.bench.recording", description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--result", type=Path, help="where the JSON goes")
    options = parser.parse_args()
    print(machine())
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    try:
        results = measure(Installation(folder, "bench_recording"), options.events, options.rounds)
    finally:
        shutil.rmtree(folder)
    ratio = results["throughput_seen"]
    print(f"\nrequests a second of a page seen before, of those without recording: {ratio:.3f}")
    return judge(targets(results), results, options.result)


if __name__ == "__main__":
    sys.exit(main())
