"""Reports as they were frozen."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ReportEdition(models.Model):
    """An evaluation report with all its figures, which never changes (`analytics/append_only.py`).

    What turned out to be wrong is said by the next edition.
    """

    number = models.PositiveIntegerField(unique=True)
    first = models.DateField()
    last = models.DateField()
    language = models.CharField(max_length=10)
    # The whole report as JSON with sorted keys: a text, so that the database gives back the very bytes of the hash.
    figures = models.TextField()
    sha256 = models.CharField(max_length=64)
    rules_version = models.CharField(max_length=40)
    note = models.CharField(max_length=300, blank=True)
    frozen_at = models.DateTimeField(default=timezone.now)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="report_edition_order")]

    def __str__(self):
        return f"{self.number}: {self.first} – {self.last}"
