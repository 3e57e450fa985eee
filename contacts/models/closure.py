"""The time after the trial, when the portal can be read but nothing is written any more."""

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.lookups import IsNull
from django.utils import timezone


class ClosureQuerySet(models.QuerySet):
    def current(self):
        """The closure that holds now, or None."""
        return self.filter(reopened_at=None).first()


class AlreadyDone(Exception):
    """It is closed already, or open; somebody else may have been faster."""


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

    @property
    def day(self):
        return timezone.localdate(self.closed_at)

    @classmethod
    def close(cls, reason):
        try:
            with transaction.atomic():
                return cls.objects.create(reason=reason)
        except IntegrityError as error:
            raise AlreadyDone from error

    @classmethod
    @transaction.atomic
    def reopen(cls):
        closure = cls.objects.select_for_update().current()
        if closure is None:
            raise AlreadyDone
        closure.reopened_at = timezone.now()
        # Not `update`, which would tell nobody: kept pages and what is known of the closure hang on it.
        closure.save(update_fields=["reopened_at"])
        return closure
