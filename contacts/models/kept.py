"""What somebody had written when their session had ended."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class KeptPost(models.Model):
    """A form that arrived too late to be taken, for its writer alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kept_posts")
    path = models.CharField(max_length=500)
    # The names of the fields with the lists of their values, as they were sent.
    data = models.JSONField()
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-kept_at", "-pk"]

    def __str__(self):
        return self.path
