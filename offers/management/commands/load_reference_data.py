from django.core.management.base import BaseCommand
from django.db import transaction

from contacts.reference import LoadReport, load_contacts
from offers.reference import load_taxonomy


class Command(BaseCommand):
    help = "Load languages, regions, States, regional bodies and the taxonomy. What administrators have edited is kept."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done, change nothing.")

    def handle(self, *, dry_run, **options):
        report = LoadReport(self.stdout.write)
        with transaction.atomic():
            load_contacts(report)
            load_taxonomy(report)
            transaction.set_rollback(dry_run)
        self.stdout.write(report.summary)
        if dry_run:
            self.stdout.write("This was a dry run: nothing has been changed.")
