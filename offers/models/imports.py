"""Offers that come in a spreadsheet: read once, shown, and taken only when the person says so."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from contacts.models import State


class OfferImport(models.Model):
    """A spreadsheet that was read, until its rows are taken or it is forgotten."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    # The rows as they were read: for each the number of its line and its cells by the name of the field.
    rows = models.JSONField()
    read_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-read_at", "-pk"]

    def __str__(self):
        return self.filename


class ImportedRow(models.Model):
    """That a row has become an offer, so that the same row makes no second one, in whatever file it comes again."""

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    offer = models.OneToOneField("Offer", on_delete=models.CASCADE, related_name="imported_row")
    # A hash of what the row says.
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["state", "fingerprint"], name="imported_row_once_per_state")]

    def __str__(self):
        return f"{self.offer}: {self.fingerprint[:8]}"
