"""What visitors and national contact points say."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint


class AskedOn(models.TextChoices):
    """From which page somebody came to the question."""

    OFFER = "offer", _("Page of an offer")
    NO_RESULTS = "no_results", _("Search without a result")
    ENQUIRY_SENT = "enquiry_sent", _("After an enquiry")
    ENQUIRY_LEFT = "enquiry_left", _("Enquiry form, left without sending")


class Found(models.TextChoices):
    YES = "yes", _("Yes")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")


class Feedback(models.Model):
    """An answer to "Did you find what you needed?". Says nothing of who gave it."""

    # Made with the form, so that pressing twice is one answer.
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    at = models.DateTimeField(default=timezone.now)
    asked_on = models.CharField(max_length=20, choices=AskedOn)
    found = models.CharField(_("Did you find what you needed?"), max_length=10, choices=Found)
    # Erased after a while by `forget`.
    comment = models.CharField(_("What was missing?"), max_length=500, blank=True)
    language = models.CharField(max_length=10)
    # Held back from the figures, since a robot seems to have sent it.
    suspicious = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "feedback"
        indexes = [models.Index(fields=["at"], name="feedback_at")]

    def __str__(self):
        return f"{self.asked_on}: {self.found}"


class SurveyKind(models.TextChoices):
    BEFORE = "before", _("Before the trial")
    AFTER = "after", _("After the trial")


class SurveyRound(models.Model):
    """One time that all national contact points are asked."""

    kind = models.CharField(_("Survey"), max_length=10, choices=SurveyKind)
    opened_at = models.DateTimeField(default=timezone.now)
    closes_on = models.DateField(_("Answers until"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SurveyKind.values), name="survey_round_kind"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.opened_at:%Y-%m-%d}"


class SurveyInvitation(models.Model):
    """A contact point that is asked, and its answer once it has given one; until the round closes it may change it."""

    round = models.ForeignKey(SurveyRound, on_delete=models.CASCADE, related_name="invitations")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    # "Could you have found this elsewhere?"
    elsewhere = models.CharField(max_length=10, choices=Found, blank=True)
    used = models.CharField(max_length=10, choices=Found, blank=True)
    comment = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "contact_point"], name="survey_invitation_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, elsewhere="") | (Q(answered_at__isnull=False) & ~Q(elsewhere="")),
                name="survey_invitation_answer_whole",
            ),
        ]

    def __str__(self):
        return f"{self.round}: {self.contact_point}"
