from django.core.management.base import BaseCommand, CommandError

from contacts.models import Closure
from contacts.models.closure import AlreadyDone
from offers.clean_text import clean_text
from offers.models import Enquiry, Offer, OfferVersion

LONGEST = Closure._meta.get_field("reason").max_length


class Command(BaseCommand):
    help = (
        "End the trial: from now on the portal can be read, and nothing is written any more but what the evaluation "
        "needs. With --reopen, take that back. Running it twice does no harm."
    )

    def add_arguments(self, parser):
        parser.add_argument("--reason", default="", help="Shown on every page, such as the decision that ended it.")
        parser.add_argument("--reopen", action="store_true", help="Take it back: the portal is written to again.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would follow, change nothing.")

    def handle(self, *, reason, reopen, dry_run, **options):
        closure = Closure.objects.current()
        if reopen:
            self._reopen(closure, dry_run)
        else:
            self._close(closure, " ".join(clean_text(reason).split()), dry_run)

    def _close(self, closure, reason, dry_run):
        if closure:
            self.stdout.write(f"The portal is read-only since {closure.closed_at:%Y-%m-%d}. Nothing was changed.")
            return
        if not 0 < len(reason) <= LONGEST:
            raise CommandError(f"Say why in --reason, in at most {LONGEST} characters: every page shows it.")
        self.stdout.write(
            f"{OfferVersion.objects.open().count()} draft(s) and version(s) under review stay as they are; "
            f"{Enquiry.objects.waiting().count()} enquiry(ies) without an answer get none through the portal."
        )
        if dry_run:
            self.stdout.write("Nothing was changed.")
            return
        try:
            Closure.close(reason)
        except AlreadyDone:
            self.stdout.write("The portal has been closed by somebody else at this moment. Nothing was changed.")
        else:
            self.stdout.write("The portal is read-only from now on. Pages say so within some seconds.")

    def _reopen(self, closure, dry_run):
        if closure is None:
            self.stdout.write("The portal is open. Nothing was changed.")
            return
        shown = Offer.objects.public().count()
        if dry_run:
            self.stdout.write(f"{shown} offer(s) are shown. Nothing was changed.")
            return
        try:
            Closure.reopen()
        except AlreadyDone:
            self.stdout.write("The portal has been opened by somebody else at this moment. Nothing was changed.")
            return
        hidden = shown - Offer.objects.public().count()
        self.stdout.write(
            f"The portal is written to again. {hidden} offer(s) left the catalogue: nobody could confirm them while it "
            "was closed. send_reminders writes to their States."
        )
