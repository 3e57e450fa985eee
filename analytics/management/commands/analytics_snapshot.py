from datetime import date

from django.core.management.base import BaseCommand, CommandError

from analytics.snapshots import take, today


class Command(BaseCommand):
    help = (
        "Keep how the catalogue stands today, for the evaluation. Run it every night shortly before midnight; "
        "run again on the same day, it replaces what it kept."
    )

    def add_arguments(self, parser):
        parser.add_argument("--day", type=date.fromisoformat, help="The day to keep (YYYY-MM-DD): today and no other.")

    def handle(self, *, day, **options):
        if day and day != today():
            raise CommandError(
                f"Only today, {today()}, can be kept: how the catalogue stood on {day} is not known now."
            )
        day, number = take()
        self.stdout.write(f"{day}: {number} figures of the catalogue kept.")
