from datetime import date

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils import timezone

from analytics.models import DirtyDay
from analytics.rollup import FiguresDoNotAddUp, count_day, dirty_days
from analytics.visitors import reporting_zone


def a_day(text):
    return date.fromisoformat(text)


class Command(BaseCommand):
    help = "Count the days whose events have changed. Run it after analytics_ingest; twice at once does no harm."

    def add_arguments(self, parser):
        parser.add_argument("--day", type=a_day, action="append", default=[], help="Count this day anew (YYYY-MM-DD).")

    def handle(self, *, day, **options):
        today = timezone.localdate(timezone=reporting_zone())
        for asked in day:
            if (today - asked).days >= settings.ANALYTICS_REBUILD_DAYS:
                raise CommandError(f"{asked} is closed: its visitor keys are gone, so its figures stand as they are.")
        DirtyDay.mark(day, "asked")
        failed = 0
        days = dirty_days()
        for number, dirty in enumerate(days, start=1):
            try:
                count = count_day(dirty)
            except (Error, FiguresDoNotAddUp) as error:
                self.stderr.write(f"{dirty}: {error}")
                failed += 1
                continue
            if count:
                self.stdout.write(
                    f"{dirty} ({number} of {len(days)}): {count.events} event(s), {count.excluded} of them excluded"
                )
        self.stdout.write(f"{len(days) - failed} day(s) up to date.")
        if failed:
            raise CommandError(f"{failed} day(s) could not be counted and will be tried again.")
