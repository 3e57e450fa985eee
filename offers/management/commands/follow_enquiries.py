from django.core.management.base import BaseCommand, CommandError

from contacts.closing import nothing_done
from contacts.models import Closure
from offers.enquiry_clock import DUTIES, follow


class Command(BaseCommand):
    help = (
        "Move on the enquiries that nobody has answered in the promised time, ask both sides what came of it, and "
        "close what is over. Meant to run every day; a day that was missed is made up for, and several runs at once "
        "do no harm."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="List the enquiries that are due, change nothing.")

    def handle(self, *, dry_run, **options):
        if closure := Closure.objects.current():
            self.stdout.write(nothing_done(closure))
            return
        failures = 0
        for duty in DUTIES:
            failures += self._list(duty) if dry_run else self._follow(duty)
        if failures:
            raise CommandError(f"{failures} enquiry(ies) could not be followed. They are tried again by the next run.")

    def _list(self, duty):
        due = list(duty.due())
        for enquiry in due:
            self.stdout.write(f"{enquiry}: to be {duty.name}")
        self.stdout.write(f"To be {duty.name}: {len(due)}, nothing changed.")
        return 0

    def _follow(self, duty):
        done = failed = 0
        for enquiry, error in follow(duty):
            if error:
                # Without its text, which may hold an address: what a command prints ends up in logs.
                failed += 1
                self.stderr.write(f"{enquiry}: {type(error).__name__}")
            else:
                done += 1
                self.stdout.write(f"{enquiry}: {duty.name}")
        self.stdout.write(f"{duty.name.capitalize()}: {done}")
        return failed
