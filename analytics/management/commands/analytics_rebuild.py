from datetime import date

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from analytics.counting.retention import first_day_to_count
from analytics.models import Completeness, DirtyDay, Event


class Command(BaseCommand):
    help = "Count days anew from their events, such as after the rules of counting have changed."

    def add_arguments(self, parser):
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="YYYY-MM-DD, included")

    def handle(self, *, first, last, **options):
        if last < first:
            raise CommandError("The last day comes before the first.")
        if first < first_day_to_count():
            raise CommandError(
                f"Days before {first_day_to_count()} are closed: their visitor keys are gone, and without them visits "
                "and different offers cannot be counted again. Their figures stand as they are."
            )
        days = {
            day
            for model in (Event, Completeness)
            for day in model.objects.filter(day__gte=first, day__lte=last).values_list("day", flat=True).distinct()
        }
        DirtyDay.mark(days, "rebuild")
        call_command("analytics_rollup", stdout=self.stdout, stderr=self.stderr)
