"""The bulletin: what is new in a period, with a note of the ISU, sent to those who want it and kept as a page."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .alerts import Subscriber

TITLE_MAX, NOTE_MAX = 120, 5000  # characters


class Bulletin(models.Model):
    """A draft until it is sent; from then on it never changes."""

    # "2027-3", the third of its year; given when it is sent.
    number = models.CharField(_("number"), max_length=10, unique=True, null=True, editable=False)  # noqa: DJ001
    first_day = models.DateField(_("first day of the period"))
    last_day = models.DateField(_("last day of the period"))
    edit_number = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        constraints = [
            models.CheckConstraint(
                name="bulletin_period_in_order",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message=_("The last day comes before the first."),
            ),
            models.CheckConstraint(
                name="bulletin_sent_with_number",
                condition=Q(sent_at=None, sent_by=None, number=None)
                | Q(sent_at__isnull=False, sent_by__isnull=False, number__isnull=False),
            ),
        ]

    def __str__(self):
        return self.number or f"{self.first_day} – {self.last_day}"


class BulletinNote(models.Model):
    """What the ISU says in one language, above the offers."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="notes")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=TITLE_MAX)
    text = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "language"], name="bulletin_note_once_per_language")]

    def __str__(self):
        return self.title


class BulletinOffer(models.Model):
    """An offer that a bulletin names: chosen while it is a draft, fixed once it is sent."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="offers")
    offer = models.ForeignKey("Offer", on_delete=models.PROTECT, related_name="+")
    is_new = models.BooleanField()  # else changed
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "offer"], name="bulletin_names_offer_once")]

    def __str__(self):
        return f"{self.bulletin}: {self.offer}"


class BulletinLetter(models.Model):
    """That a bulletin was written to a subscriber, in the transaction of the letter."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="letters")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulletin", "subscriber"], name="bulletin_once_per_subscriber")]

    def __str__(self):
        return f"{self.bulletin}: {self.subscriber}"
