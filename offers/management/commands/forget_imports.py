from django.core.management.base import BaseCommand

from offers.models import OfferImport


class Command(BaseCommand):
    help = "Erase spreadsheets that were sent in more than a week ago; their offers stay. Meant to run every night."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Count the spreadsheets, change nothing.")

    def handle(self, *, dry_run, **options):
        due = OfferImport.objects.to_forget()
        count = due.count() if dry_run else due.delete()[0]
        self.stdout.write(f"{count} spreadsheet(s) {'to forget, none changed' if dry_run else 'forgotten'}.")
