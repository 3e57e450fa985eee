"""The time after the trial, when the portal can be read but nothing is written any more."""

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.utils import timezone


class ClosureQuerySet(models.QuerySet):
    def current(self):
        """The closure that holds now, or None."""
        return self.filter(reopened_at=None).first()


class Closure(models.Model):
    """The portal is read-only from the one moment to the other."""

    closed_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(
        max_length=300, help_text="Such as the decision that ended the trial; shown on every page."
    )
    reopened_at = models.DateTimeField(null=True)

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ["-closed_at"]
        constraints = [
            models.UniqueConstraint(
                IsNull(F("reopened_at"), True), condition=Q(reopened_at=None), name="closed_only_once"
            ),
        ]

    def __str__(self):
        return f"{self.closed_at:%Y-%m-%d}"
