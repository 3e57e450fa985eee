from collections import Counter, defaultdict
from itertools import chain, zip_longest
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from offers.link_checking import LinkChecker
from offers.links import PLACES, uses
from offers.models import LinkCheck

NEWLY_BROKEN = 3
# A server that fails so often in a row is left alone until the next run: its pages are not what is wrong.
MOST_FAILURES, FAILURES = 3, {"slow", "connection", "429", "503"}


class Command(BaseCommand):
    help = (
        "Try the addresses that the portal links to, and keep which of them do not answer. Meant to run every week. "
        "Each address is tried at most once a day, so that a run that was ended is taken up by the next. "
        f"Ends with {NEWLY_BROKEN} if an address has broken since it was last tried, with 0 if none has."
    )

    def __init__(self, *args, checker=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.checker = checker or LinkChecker(settings.PORTAL_URL)

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="List the addresses that are due, try none.")
        parser.add_argument("--only", action="append", choices=PLACES, default=[], help="May be given several times.")
        parser.add_argument("--again", action="store_true", help="Try also what has been tried today.")

    def handle(self, *, dry_run, only, again, **options):
        linked = uses(only)
        rested = set() if again else set(LinkCheck.objects.recent().values_list("url", flat=True))
        due = in_turns(url for url in linked if url not in rested)
        if dry_run:
            for url in due:
                self.stdout.write(f"{url}  {named(linked[url])}")
            self.stdout.write(f"{len(due)} address(es) due, none tried.")
            return
        newly_broken, failures, left = [], Counter(), 0
        for number, url in enumerate(due, start=1):
            host = urlsplit(url).netloc
            if failures[host] == MOST_FAILURES:
                left += 1
                continue
            problem = self.checker.problem_of(url)
            failures[host] = failures[host] + 1 if problem in FAILURES else 0
            if LinkCheck.record(url, problem):
                newly_broken.append((url, problem))
            self.stdout.write(f"{number}/{len(due)}  {problem or 'answers'}  {url}")
        for url, problem in newly_broken:
            self.stdout.write(f"Newly broken ({problem}): {url}  {named(linked[url])}")
        if left:
            self.stdout.write(f"{left} address(es) left for the next run, because their servers fail.")
        told = f"{len(due) - left} address(es) tried, {len(newly_broken)} newly broken."
        if newly_broken:
            raise CommandError(told, returncode=NEWLY_BROKEN)
        self.stdout.write(told)


def in_turns(urls):
    """One of each host after the other, so that no server is asked twice in a row while others can be."""
    hosts = defaultdict(list)
    for url in urls:
        hosts[urlsplit(url).netloc].append(url)
    return [url for url in chain.from_iterable(zip_longest(*hosts.values())) if url]


def named(places):
    return "; ".join(dict.fromkeys(use.name for use in places))
