from django.core.management.base import BaseCommand

from contacts.models import KeptPost
from offers.models import Bounce, Enquiry, HeldUpload, MistakeReport, OfferImport, OutgoingMail, SignUp, Subscriber

# What is erased, and what it is called. How long each is kept, and what of it stays, its queryset says.
# An app further along the arrow adds its own when it starts.
KINDS = {
    HeldUpload: "file(s) kept for a form that had an error",
    KeptPost: "form(s) that came after the session had ended",
    OfferImport: "spreadsheet(s)",
    MistakeReport: "report(s) of mistakes, text and address",
    Enquiry: "enquiry(ies), with all that is personal in them",
    SignUp: "request(s) for news by e-mail",
    Subscriber: "subscriber(s) whose mailbox takes no letters",
    OutgoingMail: "letter(s) that have left or were given up",
    Bounce: "report(s) that a mailbox takes no letters",
}
# Many small transactions, so that nobody waits for this one.
BATCH = 500


class Command(BaseCommand):
    help = "Erase what is kept for a time only and is due. Meant to run every hour."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Count what is due, erase nothing.")

    def handle(self, *, dry_run, **options):
        for model, name in KINDS.items():
            count = model.objects.to_forget().count() if dry_run else _forget(model)
            self.stdout.write(f"{name}: {count} {'due, none erased' if dry_run else 'erased'}")


def _forget(model):
    keys = list(model.objects.to_forget().order_by("pk").values_list("pk", flat=True))
    batches = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
    # Asked again in each batch: what was due may have been taken up meanwhile.
    return sum(model.objects.to_forget().filter(pk__in=batch).forget() for batch in batches)
