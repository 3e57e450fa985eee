import zlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from analytics.recording.reconciliation import ENOUGH, reconcile


class Command(BaseCommand):
    help = (
        "Compare what was recorded with access logs of the web server, day by day; the result stands in the report. "
        f"Ends with status 3 if on a day less than {ENOUGH:.0%} was recorded."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "logs", nargs="+", metavar="FILE", type=Path, help="A log, also as .gz; - for standard input."
        )

    def tell(self, path, lines, unusable):
        self.stdout.write(f"{path}: {lines} line(s) read, {unusable} of them not understood")

    def handle(self, *, logs, **options):
        try:
            days = reconcile(logs, self.tell)
        except (OSError, EOFError, zlib.error) as error:
            raise CommandError(str(error)) from error
        if not days:
            raise CommandError("Nothing was compared: no line of a log could be used. Is it in the combined format?")
        for day in days:
            self.stdout.write(f"{day.day}: {day.recorded} recorded of {day.loggable} in the log ({day.ratio:.1%})")
        if few := [str(day.day) for day in days if not day.is_enough]:
            raise CommandError(f"Less than {ENOUGH:.0%} was recorded on: {', '.join(few)}", returncode=3)
