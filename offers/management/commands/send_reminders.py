from django.core.management.base import BaseCommand, CommandError

from contacts.closing import nothing_done
from contacts.models import Closure
from offers import freshness, verification
from offers.reminding import Subject, write_due_letters

SUBJECTS = [
    Subject("offers", freshness.states_to_remind, freshness.letter_to),
    Subject("contact points", verification.due, verification.letter_to),
]


class Command(BaseCommand):
    help = (
        "Write the letters that ask whether something still holds; send_outgoing_mail sends them. "
        "Meant to run every day; a day that was missed is made up for, and several runs at once do no harm."
    )
    subjects = SUBJECTS
    is_run_when_closed = False

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="List the letters and their addresses, write none.")

    def handle(self, *, dry_run, **options):
        if not self.is_run_when_closed and (closure := Closure.objects.current()):
            self.stdout.write(nothing_done(closure))
            return
        failures = 0
        for subject in self.subjects:
            failures += self._list(subject) if dry_run else self._write(subject)
        if failures:
            raise CommandError(f"{failures} letter(s) could not be written. They are tried again by the next run.")

    def _list(self, subject):
        letters = [letter for row in subject.due() if (letter := subject.letter_to(row))]
        for letter in letters:
            self.stdout.write(f"{letter.about} -> {', '.join(letter.recipients) or 'nobody to write to'}")
        self.stdout.write(f"{subject.name}: {len(letters)} letter(s) due, none written.")
        return 0

    def _write(self, subject):
        written = failed = 0
        for row, outcome in write_due_letters(subject):
            if isinstance(outcome, Exception):
                # Without its text, which may hold an address: what a command prints ends up in logs.
                failed += 1
                self.stderr.write(f"{row}: {type(outcome).__name__}")
            elif not outcome.recipients:
                self.stdout.write(f"{outcome.about}: nobody to write to")
            else:
                written += 1
                self.stdout.write(f"{outcome.about}: to {len(outcome.recipients)} address(es)")
        self.stdout.write(f"{subject.name}: {written} letter(s) written.")
        return failed
