"""What hangs on a version: offices, links, documents."""

import secrets
import uuid
from datetime import timedelta
from functools import partial
from pathlib import PurePosixPath

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Language

validate_web_address = URLValidator(
    schemes=["http", "https"], message=_("Enter a web address that begins with https:// or http://.")
)


class OfferContactPoint(models.Model):
    """An office named by a version.

    An office cannot be deleted while a version names it: offers would be left without a contact.
    """

    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="+")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "contact_point"], name="contact_point_once_per_version")
        ]

    def __str__(self):
        return str(self.contact_point)


class OfferLink(models.Model):
    """A source on another website: linked, not copied."""

    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="links")
    title = models.CharField(_("title of the link"), max_length=200, blank=True)
    url = models.URLField(_("web address"), max_length=500, validators=[validate_web_address])

    class Meta:
        ordering = ["pk"]
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self):
        return self.title or self.url


def document_path(document, filename):
    """A name nobody can guess; the person's own file name is kept in the row only."""
    return f"{secrets.token_hex(16)}{PurePosixPath(filename).suffix.lower()}"


class OfferDocument(models.Model):
    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(_("title of the document"), max_length=200)
    language = models.ForeignKey(Language, on_delete=models.PROTECT, related_name="+", verbose_name=_("language"))
    file = models.FileField(_("file"), upload_to=document_path)
    filename = models.CharField(max_length=200, editable=False)
    size = models.PositiveIntegerField(editable=False)  # bytes

    class Meta:
        ordering = ["pk"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def __str__(self):
        return self.title


class HeldUploadQuerySet(models.QuerySet):
    def to_forget(self):
        """Kept for longer than promised."""
        return self.filter(held_at__lte=_held_since())

    def forget(self):
        """Remove the files with their rows, but for those that a document takes over meanwhile."""
        return sum(held.forget() for held in self)

    def usable_by(self, user, version):
        """What that person has sent for that version, and nobody else."""
        return self.filter(user=user, version=version, held_at__gt=_held_since())


def _held_since():
    return timezone.now() - timedelta(minutes=settings.HELD_UPLOAD_MINUTES)


class HeldUpload(models.Model):
    """A sound file whose form had another error: kept for an hour, so that nobody has to send it twice."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="+")
    file = models.FileField(upload_to=document_path)
    filename = models.CharField(max_length=200)
    size = models.PositiveIntegerField()  # bytes
    held_at = models.DateTimeField(default=timezone.now)

    objects = HeldUploadQuerySet.as_manager()

    def __str__(self):
        return self.filename

    def take(self):
        """Delete the row. Who does has the file: a document that takes it over, or the erasing of what is forgotten."""
        deleted, _rows = HeldUpload.objects.filter(pk=self.pk).delete()
        return bool(deleted)

    @transaction.atomic
    def forget(self):
        """Remove the file with its row, unless a document has taken it over."""
        if self.take():
            transaction.on_commit(partial(self.file.storage.delete, self.file.name))
            return True
        return False
