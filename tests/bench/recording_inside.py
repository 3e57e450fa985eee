"""What is measured inside a process of the portal: the name of a measurement and its number go in, JSON comes out."""

import io
import json
import os
import statistics
import sys
import time

import django

# A page has this many statements and takes so long with recording and without it, in milliseconds of CPU.
PAGES = [
    "/en/",
    "/en/offers/",
    "/en/offers/?q=demining",
    "/en/states/",
    "/en/offers/{offer}/",
    "/en/offers/{offer}/contact/",
]


def statements(_number):
    """SQL statements that recording adds to all the pages together."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    def count(sink):
        settings.ANALYTICS_SINK = sink
        client = Client(headers=BROWSER)
        found = []
        for page in pages():
            client.get(page)
            with CaptureQueriesContext(connection) as captured:
                client.get(page)
            found.append(len(captured))
        return sum(found)

    return count("spool") - count("null")


def cpu(number):
    """Milliseconds of CPU that recording takes for a page, the median of rounds."""
    from django.test import Client

    from analytics.recording.middleware import RecordUse

    client, finished = Client(headers=BROWSER), []
    for page in pages():
        response = client.get(page)
        finished.append((response.wsgi_request, response))
    middleware = RecordUse(None)
    rounds = []
    for _round in range(9):
        started = time.process_time()
        for _time in range(number):
            for request, response in finished:
                middleware.record(request, response)
        rounds.append((time.process_time() - started) / number / len(finished) * 1000)
    return statistics.median(rounds)


def pages():
    from offers.models import Offer

    reference = Offer.objects.public().values_list("reference", flat=True).first()
    return [page.format(offer=reference) for page in PAGES]


def ingest(number):
    """Seconds to take in and count so many lines, and what a second pass adds."""
    import random
    import secrets

    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from analytics.models import Event
    from analytics.recording.actions import Action
    from analytics.recording.middleware import new_id
    from analytics.recording.spool import as_line
    from offers.models import Offer

    chance = random.Random(1997)
    references = list(Offer.objects.values_list("reference", flat=True)[:100])
    # Half a day, an hour ago: files of five minutes, as a busy server leaves them.
    end = int(timezone.now().timestamp()) - 3600
    folder = settings.ANALYTICS_SPOOL
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files, lines = {}, []
    for position in range(number):
        at = end - 12 * 3600 + position * 12 * 3600 / number
        event = {
            "id": new_id(at),
            "at": int(at * 1_000_000),
            "action": int(chance.choice([Action.PAGE, Action.CATALOGUE, Action.OFFER_DETAIL, Action.CONTACT_REVEALED])),
            "language": chance.choice(["en", "fr", "ar"]),
            "audience": "anonymous",
            "referrer": "internal",
            "visitor": chance.randrange(2000),
        }
        if event["action"] in {Action.OFFER_DETAIL, Action.CONTACT_REVEALED}:
            event["offer"] = chance.choice(references)
        files.setdefault(int(at // 300), []).append(as_line(event))
    for slot, lines in files.items():
        minute = time.strftime("%Y%m%dT%H%M", time.gmtime(slot * 300))
        (folder / f"{minute}-bench-1-{secrets.token_hex(4)}.ndjson").write_bytes(
            b"".join(line + b"\n" for line in lines)
        )
    copies = {path.name: path.read_bytes() for path in folder.glob("*-bench-*")}

    def run():
        before, started = Event.objects.count(), time.perf_counter()
        call_command("analytics_ingest", stdout=io.StringIO())
        taken_in = time.perf_counter() - started
        call_command("analytics_rollup", stdout=io.StringIO())
        return Event.objects.count() - before, taken_in, time.perf_counter() - started

    stored, taken_in, together = run()
    for name, content in copies.items():
        (folder / name).write_bytes(content)
    again, _taken_in, _together = run()
    return {"stored": stored, "taken_in": taken_in, "together": together, "again": again}


def day(number):
    """Milliseconds to count a day of so many events anew: the median and the best of nine."""
    from analytics.counting.rollup import count_day
    from analytics.models import DirtyDay
    from tests.bench.events import fill_events

    first = fill_events(1, number)
    times = []
    for _round in range(9):
        DirtyDay.mark([first], "bench")
        started = time.perf_counter()
        counted = count_day(first)
        times.append((time.perf_counter() - started) * 1000)
    return {"median": statistics.median(times), "best": min(times), "events": counted.events}


def years(number):
    """Milliseconds to read the figures of two years that rest on so many events, and for the same from the events."""
    from datetime import timedelta

    from django.db.models import Count
    from django.db.models.functions import TruncMonth

    from analytics.counting.sums import sums_by_month
    from analytics.models import Daily, Event
    from analytics.periods import Period
    from tests.bench.events import count_all, fill_events

    Event.objects.all().delete()
    started = time.perf_counter()
    first = fill_events(730, number // 730, progress=say)
    filled = time.perf_counter() - started
    count_all(progress=say)
    counted = time.perf_counter() - started - filled
    period = Period(first, first + timedelta(days=729))

    def milliseconds(read, rounds):
        times = []
        for _round in range(rounds):
            started = time.perf_counter()
            read()
            times.append((time.perf_counter() - started) * 1000)
        return statistics.median(times)

    def from_events():
        rows = Event.objects.filter(day__gte=period.first, day__lte=period.last, flags=0)
        list(rows.values_list(TruncMonth("day"), "form").annotate(Count("pk"), Count("visitor", distinct=True)))

    return {
        "events": Event.objects.count(),
        "daily": Daily.objects.count(),
        "filled": filled,
        "counted": counted,
        "figures": milliseconds(lambda: sums_by_month(period, ["investigation", "request"], "form"), 9),
        "all_figures": milliseconds(lambda: all_figures(period), 5),
        "from_events": milliseconds(from_events, 1),
    }


def all_figures(period):
    from analytics.use.figures import use_figures

    return use_figures(period)


def pdf(number):
    """Seconds to set the report of a year as PDF: the median of so many times."""
    from datetime import timedelta

    from django.utils import timezone

    from analytics.evaluation import pdf as document
    from analytics.evaluation.compose import compose
    from analytics.periods import Period

    today = timezone.localdate()
    report = compose(Period(today - timedelta(days=365), today - timedelta(days=1)), "en")
    times = []
    for _time in range(number):
        started = time.perf_counter()
        document.render(report)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def say(text):
    print(text, file=sys.stderr, flush=True)


MEASUREMENTS = {function.__name__: function for function in (statements, cpu, ingest, day, years, pdf)}
BROWSER = {"Host": "localhost", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "Accept-Language": "en"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_portal.settings")
    django.setup()
    print(json.dumps(MEASUREMENTS[sys.argv[1]](int(sys.argv[2]))))
