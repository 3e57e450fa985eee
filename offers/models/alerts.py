"""Alerts: people who want to hear what is new in a list, and what each has been told."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Frequency(models.TextChoices):
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")


class SubscriptionSettings(models.Model):
    """How letters are wanted: the same for what somebody asks for and for what is confirmed."""

    language = models.CharField(_("language of the letters"), max_length=10, choices=settings.LANGUAGES)
    frequency = models.CharField(_("how often"), max_length=10, choices=Frequency, default=Frequency.WEEKLY)

    class Meta:
        abstract = True


class Subscriber(SubscriptionSettings):
    """An address whose owner has confirmed that letters are wanted. Whoever stops everything is erased."""

    email = models.EmailField(_("e-mail address"))
    bulletin = models.BooleanField(_("gets the bulletin"), default=False)
    confirmed_at = models.DateTimeField(_("confirmed"), default=timezone.now)
    # Part of each link in letters: another key ends all links that are under way.
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    # The day from which the next digest is due, whether or not there is anything to tell.
    next_digest_on = models.DateField()
    # Since when nothing is sent, because the mailbox does not take letters.
    bounced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="subscriber_once_per_address",
                violation_error_message=_("This address gets letters already."),
            )
        ]

    def __str__(self):
        return self.email


class Alert(models.Model):
    """A list of the catalogue that a subscriber is told of when an offer is new in it."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="alerts")
    # What the list is narrowed by, as `OfferFilter.parameters` writes it; empty for the whole catalogue.
    parameters = models.CharField(max_length=2000, blank=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [models.UniqueConstraint(fields=["subscriber", "parameters"], name="alert_once_per_subscriber")]

    def __str__(self):
        return f"{self.subscriber}: {self.parameters}"


class SignUp(SubscriptionSettings):
    """That somebody has asked for letters to an address whose owner has not confirmed it yet."""

    # Made from the page on which the form was filled in and from what was typed.
    key = models.UUIDField(unique=True, editable=False)
    email = models.EmailField(_("e-mail address"))
    bulletin = models.BooleanField(default=False)
    # None: the bulletin only.
    parameters = models.CharField(max_length=2000, null=True)  # noqa: DJ001  (an empty one is the whole catalogue)
    # The link in the letter holds the token; of it only the hash is kept.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="sign_up_for_something", condition=Q(bulletin=True) | Q(parameters__isnull=False)
            )
        ]

    def __str__(self):
        return self.email


class ToldOffer(models.Model):
    """That a subscriber was told of an offer, in the transaction of the letter: each offer once, whatever happens."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="told_offers")
    offer = models.ForeignKey("Offer", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscriber", "offer"], name="offer_told_once")]

    def __str__(self):
        return f"{self.subscriber}: {self.offer}"
