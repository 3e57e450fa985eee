"""What somebody had written when their session had ended."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

SHORTEST_TEXT = 12  # characters


class KeptPostQuerySet(models.QuerySet):
    def to_forget(self):
        """Not asked for in all the time for which forms are kept."""
        return self.filter(kept_at__lt=timezone.now() - timedelta(days=settings.KEPT_POST_DAYS))

    def forget(self):
        return self.delete()[0]


class KeptPost(models.Model):
    """A form that arrived too late to be taken, for its writer alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kept_posts")
    path = models.CharField(max_length=500)
    # "fields": the names with the lists of their values, as they were sent; "files": the names of fields with files,
    # which are not kept.
    data = models.JSONField()
    kept_at = models.DateTimeField(default=timezone.now)

    objects = KeptPostQuerySet.as_manager()

    class Meta:
        ordering = ["-kept_at", "-pk"]

    def __str__(self):
        return self.path

    @property
    def fields(self):
        """Each name with its values, to be sent again; a template would take a field called "items" for the pairs."""
        return list(self.data["fields"].items())

    @property
    def words(self):
        """What was typed and is longer than a choice or a date, to be read and copied."""
        values = (value.strip() for values in self.data["fields"].values() for value in values)
        return [value for value in values if len(value) >= SHORTEST_TEXT]
