from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from analytics.counting.months import sum_closed_months
from analytics.counting.retention import first_day_to_count
from analytics.counting.rollup import FiguresDoNotAddUp, count_day, dirty_days
from analytics.models import DirtyDay


class Command(BaseCommand):
    help = "Count the days whose events have changed. Run it after analytics_ingest; twice at once does no harm."

    def add_arguments(self, parser):
        parser.add_argument(
            "--day", type=date.fromisoformat, action="append", default=[], help="Count this day anew (YYYY-MM-DD)."
        )

    def handle(self, *, day, **options):
        for asked in day:
            if asked < first_day_to_count():
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
        for month in sum_closed_months():
            self.stdout.write(f"{month:%Y-%m}: summed up")
        self.stdout.write(f"{len(days) - failed} day(s) up to date.")
        if failed:
            raise CommandError(f"{failed} day(s) could not be counted and will be tried again.")
