"""What somebody had written when their session had ended."""

from django.conf import settings
from django.db import models
from django.utils import timezone

SHORTEST_TEXT = 12  # characters


class KeptPost(models.Model):
    """A form that arrived too late to be taken, for its writer alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kept_posts")
    path = models.CharField(max_length=500)
    # "fields": the names with the lists of their values, as they were sent; "files": the names of fields with files,
    # which are not kept.
    data = models.JSONField()
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-kept_at", "-pk"]

    def __str__(self):
        return self.path

    @property
    def words(self):
        """What was typed and is longer than a choice or a date, to be read and copied."""
        values = (value.strip() for values in self.data["fields"].values() for value in values)
        return [value for value in values if len(value) >= SHORTEST_TEXT]
