from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from offers import outbox
from offers.models import OutgoingMail


class Command(BaseCommand):
    help = "Send the mails in the outbox that are due. Meant to run every minute; several at once do no harm."
    # Runs every minute: what is amiss elsewhere must not keep mails from leaving.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="List the mails that are due, send nothing.")

    def handle(self, *, dry_run, **options):
        if dry_run:
            self._list()
        else:
            self._send()

    def _list(self):
        due = outbox.due_mails(timezone.now())
        for mail in due:
            self.stdout.write(f"Mail {mail.pk}: due since {_moment(mail.due_at)}, attempt {mail.attempts + 1}.")
        self.stdout.write(f"{len(due)} due, none sent.")

    def _send(self):
        counts = {"sent": 0, "postponed": 0, "given up": 0}
        for mail in outbox.send_due_mails():
            if mail.sent_at:
                outcome, text = "sent", "sent"
            elif mail.failed_at:
                outcome, text = "given up", f"given up after attempt {mail.attempts}: {_reason(mail)}"
            else:
                outcome, text = "postponed", f"to be tried again at {_moment(mail.due_at)}: {_reason(mail)}"
            counts[outcome] += 1
            self.stdout.write(f"Mail {mail.pk}: {text}")
        waiting = OutgoingMail.objects.waiting().count()
        summary = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
        self.stdout.write(f"{summary}; {waiting} waiting.")
        if counts["given up"]:
            raise CommandError(f"{counts['given up']} mail(s) given up. The reason is kept with each in the outbox.")


def _moment(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")


def _reason(mail):
    """The last error on one line, without addresses: what a command prints ends up in logs."""
    text = " ".join(mail.last_error.split())
    for recipient in mail.recipients:
        text = text.replace(recipient, "…")
    return text
