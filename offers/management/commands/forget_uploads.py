from django.core.management.base import BaseCommand

from offers import uploads
from offers.models import HeldUpload


class Command(BaseCommand):
    help = (
        "Remove files that were kept for a form which nobody has sent again within the hour. Meant to run every hour."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Count the files, remove none.")

    def handle(self, *, dry_run, **options):
        lapsed = HeldUpload.objects.lapsed()
        if dry_run:
            self.stdout.write(f"{lapsed.count()} file(s) to remove, none removed.")
            return
        removed = [uploads.forget(held) for held in lapsed]
        self.stdout.write(f"{sum(removed)} file(s) removed.")
