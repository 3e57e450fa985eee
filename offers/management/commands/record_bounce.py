import sys

from django.core.management.base import BaseCommand

from offers.bounces import REPORT_BYTES, read_report


class Command(BaseCommand):
    help = (
        "Read a message of the mailbox MAIL_BOUNCE_ADDRESS from the standard input, as a mail server pipes it. If it "
        "reports that a letter could not be delivered, the letter is marked so; anything else is ignored."
    )
    # What is amiss elsewhere must not keep reports out.
    requires_system_checks = []

    def handle(self, **options):
        for line in read_report(sys.stdin.buffer.read(REPORT_BYTES)):
            self.stdout.write(line)
        # To the end, or the mail server would take the message for not delivered.
        while sys.stdin.buffer.read(REPORT_BYTES):
            pass
