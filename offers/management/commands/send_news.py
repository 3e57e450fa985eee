from django.core.management.base import BaseCommand, CommandError

from contacts.closing import nothing_done
from contacts.models import Closure
from offers import alerts, bulletins


class Command(BaseCommand):
    help = (
        "Write the digests that are due and the letters of bulletins that have been sent; send_outgoing_mail sends "
        "them. Meant to run every hour; a run that was missed is made up for, and several at once do no harm."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="List the letters, write none.")

    def handle(self, *, dry_run, **options):
        if closure := Closure.objects.current():
            self.stdout.write(nothing_done(closure))
            return
        if dry_run:
            self._list()
            return
        failures = self._write("digest", alerts.write_digests())
        failures += self._write("bulletin", bulletins.write_letters())
        if failures:
            raise CommandError(f"{failures} letter(s) could not be written. They are tried again by the next run.")

    def _list(self):
        """By number: what a command prints ends up in logs, and addresses do not belong there."""
        due = [(subscriber, digest) for subscriber, digest in alerts.due_digests() if digest]
        for subscriber, digest in due:
            self.stdout.write(f"Subscriber {subscriber.pk}: {digest.subject()}")
        self.stdout.write(f"{len(due)} digest(s) due, none written.")
        for bulletin, readers in bulletins.letters_due():
            self.stdout.write(f"Bulletin {bulletin}: {readers.count()} letter(s) due, none written.")

    def _write(self, name, outcomes):
        """Returns how many could not be written."""
        written = failed = 0
        for subscriber, outcome in outcomes:
            if isinstance(outcome, Exception):
                failed += 1
                self.stderr.write(f"{name}, subscriber {subscriber.pk}: {type(outcome).__name__}")
            else:
                written += outcome is not None
        self.stdout.write(f"{name}: {written} written.")
        return failed
