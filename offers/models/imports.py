"""Offers that come in a spreadsheet: read once, shown, and taken only when the person says so."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import State

from .errors import StepNotAllowed
from .offers import Offer

KEPT_DAYS = 7


class OfferImportQuerySet(models.QuerySet):
    def usable_by(self, user):
        """Sent for the State the person writes for today; at the ISU, what came with a note verbale."""
        if user.is_isu:
            return self.exclude(note_verbale="").filter(state__in=State.objects.parties())
        return self.filter(note_verbale="", state__in=State.objects.represented_by(user))

    def to_forget(self):
        """Read so long ago that nobody will look at them again; what became of their rows is kept."""
        return self.filter(read_at__lt=timezone.now() - timedelta(days=KEPT_DAYS))

    def forget(self):
        return self.delete()[0]


class OfferImport(models.Model):
    """A spreadsheet that was read, until its rows are taken or it is forgotten."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    # The paper with which a State has sent the sheet to the ISU.
    note_verbale = models.CharField(max_length=100, blank=True)
    note_verbale_date = models.DateField(null=True)
    # The rows as they were read: for each the number of its line and its cells by the name of the field. The first is
    # the head: the words that stand above each column.
    rows = models.JSONField()
    read_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)

    objects = OfferImportQuerySet.as_manager()

    class Meta:
        ordering = ["-read_at", "-pk"]

    def __str__(self):
        return self.filename

    @transaction.atomic
    def take(self, *, by, seen, without_errors_only=False):
        """Make a draft of each good row, all or none; returns the new offers.

        `seen` is the mark of the check that the person has read. Rows with
        errors are left out only if the person says so.
        """
        from offers.spreadsheets.taking import make_drafts

        # Two imports of a State one after the other, or both would make an offer of the same row.
        State.objects.select_for_update().get(pk=self.state_id)
        if not OfferImport.objects.filter(pk=self.pk, taken_at=None).update(taken_at=timezone.now()):
            raise StepNotAllowed(_("Nothing changed: the rows of this file have been taken already."))
        self.refresh_from_db()
        return make_drafts(self, by=by, seen=seen, without_errors_only=without_errors_only)


class ImportedRow(models.Model):
    """That a row has become an offer, so that the same row makes no second one, in whatever file it comes again."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    offer = models.OneToOneField(Offer, on_delete=models.CASCADE, related_name="imported_row")
    # A hash of what the row says.
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["state", "fingerprint"], name="imported_row_once_per_state")]

    def __str__(self):
        return f"{self.offer}: {self.fingerprint[:8]}"
