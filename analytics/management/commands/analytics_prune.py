from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from analytics.counting.retention import DUE


class Command(BaseCommand):
    help = "Erase what was recorded and is kept for a time only. Run it every night; the site does not wait for it."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Count what is due, erase nothing.")

    def handle(self, *, dry_run, **options):
        failed = None
        if not dry_run:
            # While the visitor keys are there. That they go is promised, whether this succeeds or not.
            try:
                call_command("analytics_rollup", stdout=self.stdout, stderr=self.stderr)
            except (CommandError, Error) as error:
                failed = error
        for name, erase in DUE.items():
            total = 0
            for number in erase(dry_run=dry_run):
                total += number
                if options["verbosity"] > 1:
                    self.stdout.write(f"  {total} …")
            self.stdout.write(f"{name}: {total} {'due, none erased' if dry_run else 'erased'}")
        if failed:
            raise failed
