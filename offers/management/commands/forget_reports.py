from django.core.management.base import BaseCommand

from offers.models import MistakeReport

BATCH = 500


class Command(BaseCommand):
    help = "Erase text and e-mail address of reports of mistakes a year after they were done. Meant to run every night."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Count the reports, change nothing.")

    def handle(self, *, dry_run, verbosity, **options):
        due = list(MistakeReport.objects.to_forget().values_list("pk", flat=True))
        if dry_run:
            self.stdout.write(f"{len(due)} report(s) to forget, none changed.")
            return
        for start in range(0, len(due), BATCH):
            MistakeReport.objects.filter(pk__in=due[start : start + BATCH]).forget()
            if verbosity:
                self.stdout.write(f"{min(start + BATCH, len(due))} of {len(due)}")
        self.stdout.write(f"{len(due)} report(s) forgotten.")
