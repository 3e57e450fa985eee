from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from analytics.models import Batch
from analytics.recording.unloading import ClosedDays, unload


class Command(BaseCommand):
    help = (
        "Take back what a spool file, an access log or a generator has brought in: its events, and what the portal "
        "knows of the file, so that it can be taken in again. Then run analytics_rollup."
    )

    def add_arguments(self, parser):
        parser.add_argument("batch", help="Name of the file as it was taken in, or number of the batch.")
        parser.add_argument("--dry-run", action="store_true", help="Tell what would go, change nothing.")

    def handle(self, *, batch, dry_run, **options):
        number = int(batch) if batch.isdecimal() and len(batch) < 19 else None
        found = Batch.objects.filter(Q(file=batch) | Q(pk=number)).first()
        if found is None:
            raise CommandError(f"Nothing was taken in as {batch}.")
        if dry_run:
            events, dead_ends = found.events.count(), found.dead_ends.count()
            self.stdout.write(f"{found}: {events} event(s) and {dead_ends} address(es) that led nowhere would go.")
            return
        total = found.events.count()
        try:
            for done in unload(found):
                self.stdout.write(f"{done} of {total} event(s) taken back")
        except ClosedDays as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{found} is unknown now and can be taken in again.")
