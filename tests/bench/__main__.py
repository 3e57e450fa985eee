"""Measure the catalogue: python -m tests.bench [--sizes 1000 10000] [--rounds 40]

Fills a database of its own with offers, serves it with one worker and asks
for pages as a browser does, the kinds of pages in turn, so that whatever else
the machine does falls on all of them alike. The database is SQLite, or the
PostgreSQL that DATABASE_URL names (see `tests.postgres`).

Prints a table of milliseconds, writes the same as JSON and ends with status 1
if a target is missed.
"""

import argparse
import http.client
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

from tests.bench.installation import ROOT, Installation

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
    """A portal with so many offers, in a folder or a database of its own."""

    def __init__(self, size, folder):
        super().__init__(folder)
        self.size = size
        if url := os.environ.get("DATABASE_URL"):
            self.environment["DATABASE_URL"] = self._database_of_its_own(url)

    def _database_of_its_own(self, url):
        import psycopg2

        name = f"bench_{self.size}"
        connection = psycopg2.connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
        connection.close()
        return urlsplit(url)._replace(path=f"/{name}").geturl()

    def fill(self):
        self.prepare()
        self.run("-m", "tests.bench.fill", str(self.size))

    def statements(self):
        """SQL statements for the second page of each kind that somebody asks for, counted in a process of its own."""
        pages = {name: [page.format(number=next(NUMBERS)) for _time in range(2)] for name, page in PAGES.items()}
        return json.loads(self.run("-m", "tests.bench.statements", json.dumps(pages)).splitlines()[-1])

    def __enter__(self):
        self.port = 8700 + os.getpid() % 200
        self.server = subprocess.Popen(
            [
                Path(sys.executable).with_name("granian"), "--interface", "wsgi", "--workers", "1", "--no-ws",
                "--host", "127.0.0.1", "--port", str(self.port), "platform_portal.wsgi:application",
            ],
            cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _attempt in range(200):
            try:
                if self.get("/readyz")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit("The server does not answer.")

    def __exit__(self, *exception):
        self.server.terminate()
        try:
            self.server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.server.kill()

    def get(self, address):
        """Status, body and seconds of one request."""
        # An Excel file of all offers is sent when it is complete.
        connection = http.client.HTTPConnection("localhost", self.port, timeout=600)
        headers = {
            "Accept-Encoding": "br, gzip",
            "Accept-Language": "en",
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        }
        started = time.perf_counter()
        connection.request("GET", address, headers=headers)
        response = connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - started
        connection.close()
        return response.status, body, seconds

    def measure(self, rounds):
        """Milliseconds of each kind of page, in all rounds; the first two are for warming up."""
        found = {name: [] for name in PAGES}
        for number in range(rounds + 2):
            for name, page in PAGES.items():
                status, _body, seconds = self.get(page.format(number=next(NUMBERS)))
                if status != 200:
                    raise SystemExit(f"{name}: status {status}")
                if number >= 2:
                    found[name].append(seconds * 1000)
        return found

    def throughput(self, address, seconds=3):
        """Requests a second over one connection."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        headers = {"Accept-Encoding": "br, gzip", "Accept-Language": "en", "User-Agent": "Mozilla/5.0 Firefox/128.0"}
        done, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            connection.request("GET", address, headers=headers)
            connection.getresponse().read()
            done += 1
        connection.close()
        return done / seconds

    def ratio_of_seen_pages(self, rounds=3):
        """Requests a second of a page seen before, divided by those of an empty view; median of interleaved rounds."""
        self.get(CATALOGUE)
        ratios = [self.throughput(CATALOGUE) / self.throughput("/healthz") for _round in range(rounds)]
        return statistics.median(ratios)

    def export(self, suffix):
        """Seconds, megabytes sent, and by how many megabytes the memory of the worker grew at its peak."""
        worker = self._worker()
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak begins anew
        before = _megabytes(worker, "VmRSS")
        status, body, seconds = self.get(f"/en/offers.{suffix}")
        if status != 200:
            raise SystemExit(f"offers.{suffix}: status {status}")
        return {"seconds": seconds, "size": len(body) / 1e6, "memory": _megabytes(worker, "VmHWM") - before}

    def _worker(self):
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        return max(children, key=lambda pid: _megabytes(pid, "VmRSS"))


def _megabytes(pid, name):
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{name}:"))


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
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"{database}; Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    results = {}
    for size in options.sizes:
        folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
        try:
            portal = Portal(size, folder)
            started = time.perf_counter()
            portal.fill()
            filled = time.perf_counter() - started
            statements = portal.statements()
            with portal:
                pages = {name: summary(times) for name, times in portal.measure(options.rounds).items()}
                seen = portal.ratio_of_seen_pages()
                exports = {suffix: portal.export(suffix) for suffix in EXPORTS} if size == max(options.sizes) else {}
        finally:
            shutil.rmtree(folder)
        results[size] = {
            "filled": filled, "pages": pages, "statements": statements, "seen": seen, "exports": exports,
        }  # fmt: skip
        print(f"\n{size:,} offers (written in {filled:.0f} s)\n{'':28}{'p50 ms':>10}{'p95 ms':>10}{'SQL':>6}")
        for name, times in pages.items():
            print(f"{name:28}{times['p50']:>10.1f}{times['p95']:>10.1f}{statements[name]:>6}", flush=True)
    print()
    missed = 0
    for sentence, reached in targets(results):
        missed += not reached
        print(f"{'reached' if reached else 'MISSED '}  {sentence}")
    if options.result:
        options.result.parent.mkdir(parents=True, exist_ok=True)
        options.result.write_text(json.dumps({"database": database, "results": results}, indent=1))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
