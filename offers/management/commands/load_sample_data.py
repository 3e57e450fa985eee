from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from offers.samples import ReferenceDataMissing, load_samples


class Command(BaseCommand):
    help = "Load a sample catalogue of illustrative records, labelled as such. For demonstrations only."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Say what would be added, change nothing.")

    def handle(self, *, dry_run, **options):
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError(
                "Sample records belong into demonstrations only. Nothing has been loaded: set DEMO=1 if this is one."
            )
        try:
            with transaction.atomic():
                added = load_samples(self.stdout.write)
                transaction.set_rollback(dry_run)
        except ReferenceDataMissing as missing:
            raise CommandError(
                f"The samples need the reference data, of which at least one is missing ({missing}). "
                "Nothing has been loaded: run load_reference_data first."
            ) from missing
        if not added:
            self.stdout.write("All sample records are there already: nothing has been changed.")
        elif dry_run:
            self.stdout.write("This was a dry run: nothing has been changed.")
