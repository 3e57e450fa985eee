"""Measure the catalogue: python -m tests.bench [--sizes 1000 10000] [--rounds 40]

Fills a database of its own with offers, serves it with one worker and asks
for pages as a browser does, the kinds of pages in turn, so that whatever else
the machine does falls on all of them alike. The database is SQLite, or the
PostgreSQL that DATABASE_URL names (see `tests.postgres`).

Prints a table of milliseconds, writes the same as JSON and ends with status 1
if a target is missed.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from urllib.parse import quote_plus

from tests.bench.installation import Installation, Server, judge, machine, megabytes

CATALOGUE = "/en/offers/"
# What they find differs: one offer in two hundred, one in sixteen, most, and some.
QUERIES = {"rare": "zeppelin", "phrase": '"mine detection dogs"', "common": "demining", "two": "prosthetics training"}
# Kinds of pages by name. What ends with an unknown parameter has not been asked for before.
FRESH = "&fresh={number}"
PAGES = {
    "empty view": "/healthz",
    "catalogue, seen": CATALOGUE,
    "catalogue": f"{CATALOGUE}?{FRESH}",
    "page 3": f"{CATALOGUE}?page=3{FRESH}",
    "one area": f"{CATALOGUE}?area=area.victim_assistance{FRESH}",
    "four filters": f"{CATALOGUE}?area=area.survey_clearance&recipient=KHM&language=fr&pays=provider%3Afees{FRESH}",
    **{f"search: {name}": f"{CATALOGUE}?q={quote_plus(words)}{FRESH}" for name, words in QUERIES.items()},
    "search: rare, two filters": f"{CATALOGUE}?q=zeppelin&form=form.training&region=014{FRESH}",
    "offer": "/en/offers/PFP-2025-000007/?x{number}",
}
EXPORTS = ["csv", "xlsx", "json"]
NUMBERS = count(1)


class Portal(Installation):
    """A portal with so many offers."""

    def __init__(self, size, folder):
        super().__init__(folder, f"bench_{size}")
        self.size = size

    def fill(self):
        self.prepare()
        self.run("-m", "tests.bench.fill", str(self.size))

    def statements(self):
        """SQL statements for the second page of each kind that somebody asks for, counted in a process of its own."""
        pages = {name: [page.format(number=next(NUMBERS)) for _time in range(2)] for name, page in PAGES.items()}
        return json.loads(self.run("-m", "tests.bench.statements", json.dumps(pages)).splitlines()[-1])


def measure(server, rounds):
    """Milliseconds of each kind of page, in all rounds; the first two are for warming up."""
    found = {name: [] for name in PAGES}
    for number in range(rounds + 2):
        for name, page in PAGES.items():
            _body, seconds = server.get(page.format(number=next(NUMBERS)))
            if number >= 2:
                found[name].append(seconds * 1000)
    return found


def ratio_of_seen_pages(server, rounds=3):
    """Requests a second of a page seen before, divided by those of an empty view; median of interleaved rounds."""
    server.get(CATALOGUE)
    ratios = [server.throughput(lambda: CATALOGUE) / server.throughput(lambda: "/healthz") for _round in range(rounds)]
    return statistics.median(ratios)


def export(server, suffix):
    """Seconds, megabytes sent, and by how many megabytes the memory of the worker grew at its peak."""
    worker = server.worker
    Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak begins anew
    before = megabytes(worker, "VmRSS")
    body, seconds = server.get(f"/en/offers.{suffix}")
    return {"seconds": seconds, "size": len(body) / 1e6, "memory": megabytes(worker, "VmHWM") - before}


def summary(times):
    ordered = sorted(times)
    return {"p50": statistics.median(ordered), "p95": ordered[max(0, round(len(ordered) * 0.95) - 1)]}


def targets(results):
    """Sentences with what was reached, and whether it is enough."""
    sizes = sorted(results)
    small, large = sizes[0], sizes[-1]

    def of(size, page, measure):
        return results[size]["pages"][page][measure]

    for size in sizes:
        ratio = results[size]["seen"]
        yield f"{size:,} offers: a page seen before reaches {ratio:.2f} of an empty view (at least 0.5)", ratio >= 0.5
    if small <= 1000:
        p50, statements = of(small, "catalogue", "p50"), results[small]["statements"]["catalogue"]
        yield f"{small:,} offers: catalogue in {p50:.0f} ms (at most 60)", p50 <= 60
        yield f"{small:,} offers: catalogue with {statements} SQL statements (at most 12)", statements <= 12
    for page in ("search: rare", "search: rare, two filters"):
        p95 = of(large, page, "p95")
        yield f"{large:,} offers: {page} in {p95:.0f} ms at p95 (at most 80)", p95 <= 80
        if small != large:
            growth = of(large, page, "p50") / of(small, page, "p50")
            yield f"{small:,} to {large:,} offers: {page} takes {growth:.1f} times as long (at most 4)", growth <= 4
    common = of(large, "search: common", "p95")
    yield f"{large:,} offers: search: common in {common:.0f} ms at p95 (at most 700)", common <= 700
    for page, number in results[small]["statements"].items():
        # Fewer are possible: with more offers something is found, and nothing has to be suggested.
        most = max(results[size]["statements"][page] for size in sizes)
        yield f"{page}: {most} SQL statements at most, {number} with {small:,} offers", most <= number
    for suffix, export in results[large].get("exports", {}).items():
        grown = export["memory"]
        yield (
            f"{large:,} offers as {suffix}: {export['seconds']:.0f} s, {export['size']:.0f} MB, "
            f"memory grows by {grown:.0f} MB (at most 100)",
            grown <= 100,
        )


def main():
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--result", type=Path, help="where the JSON goes")
    options = parser.parse_args()
    print(machine())
    results = {}
    for size in options.sizes:
        folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
        try:
            portal = Portal(size, folder)
            started = time.perf_counter()
            portal.fill()
            filled = time.perf_counter() - started
            statements = portal.statements()
            with Server(portal) as server:
                pages = {name: summary(times) for name, times in measure(server, options.rounds).items()}
                seen = ratio_of_seen_pages(server)
                exports = {suffix: export(server, suffix) for suffix in EXPORTS} if size == max(options.sizes) else {}
        finally:
            shutil.rmtree(folder)
        results[size] = {
            "filled": filled, "pages": pages, "statements": statements, "seen": seen, "exports": exports,
        }  # fmt: skip
        print(f"\n{size:,} offers (written in {filled:.0f} s)\n{'':28}{'p50 ms':>10}{'p95 ms':>10}{'SQL':>6}")
        for name, times in pages.items():
            print(f"{name:28}{times['p50']:>10.1f}{times['p95']:>10.1f}{statements[name]:>6}", flush=True)
    return judge(targets(results), results, options.result)


if __name__ == "__main__":
    sys.exit(main())
