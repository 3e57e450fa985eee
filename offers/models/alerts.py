"""Alerts: people who want to hear what is new in a list, and what each has been told."""

import calendar
import hashlib
import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .mail import Bounce, OutgoingMail


class Frequency(models.TextChoices):
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")


def next_day(frequency, first, today):
    """The first day after today that falls as the first one did: on its weekday, or on its day of the month.

    In a month that is too short, on the last day. A digest that was missed moves none of the later ones.
    """
    day = today + timedelta(days=1)
    while not _falls_alike(frequency, first, day):
        day += timedelta(days=1)
    return day


def _falls_alike(frequency, first, day):
    if frequency == Frequency.WEEKLY:
        return day.weekday() == first.weekday()
    if frequency == Frequency.MONTHLY:
        return day.day == min(first.day, calendar.monthrange(day.year, day.month)[1])
    return True


class SubscriptionSettings(models.Model):
    """How letters are wanted: the same for what somebody asks for and for what is confirmed."""

    language = models.CharField(_("language of the letters"), max_length=10, choices=settings.LANGUAGES)
    frequency = models.CharField(_("how often"), max_length=10, choices=Frequency, default=Frequency.WEEKLY)

    class Meta:
        abstract = True


class SubscriberQuerySet(models.QuerySet):
    def reachable(self):
        """Whose mailbox takes letters, as far as is known."""
        return self.filter(bounced_at=None)

    def due(self):
        """Whose day for a digest has come, whether or not there is anything to tell."""
        return self.reachable().filter(next_digest_on__lte=timezone.localdate()).order_by("pk")

    def pause(self, email):
        """Nothing is sent to a mailbox that takes no letters, until its owner confirms the address again."""
        return self.reachable().filter(email__iexact=email).update(bounced_at=timezone.now())

    def figures(self):
        """All that anybody but the subscribers themselves is told of them."""
        return self.reachable().aggregate(
            subscribers=Count("pk"), bulletin_readers=Count("pk", filter=Q(bulletin=True))
        )

    def to_forget(self):
        """Whose mailbox has taken no letters for so long that it will not take any more."""
        return self.filter(bounced_at__lte=timezone.now() - timedelta(days=settings.PAUSED_SUBSCRIBER_DAYS))

    @transaction.atomic
    def forget(self):
        _letters_about(self).delete()
        return _rows(self.delete(), self.model)


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

    objects = SubscriberQuerySet.as_manager()

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

    def plan_next_digest(self):
        """After this one, whether or not it was written."""
        first = timezone.localdate(self.confirmed_at)
        self.next_digest_on = next_day(self.frequency, first, timezone.localdate())

    # Steps, each by the owner of the address: who holds a link from a letter.

    @transaction.atomic
    def change(self, *, language, frequency, bulletin):
        """How letters are wanted from now on. What was promised earlier comes when it was promised."""
        self.lock()
        promised = self.next_digest_on
        self.language, self.frequency, self.bulletin = language, frequency, bulletin
        self.plan_next_digest()
        self.next_digest_on = min(promised, self.next_digest_on)
        self.save()
        if not bulletin:
            self._letters().filter(cause="bulletin", sent_at=None).delete()
        self._erase_if_nothing_is_wanted()

    @transaction.atomic
    def stop_alert(self, key):
        """Tell no more of one list. A second press changes nothing."""
        self.lock()
        self.alerts.filter(pk=key).delete()
        self._erase_if_nothing_is_wanted()

    @transaction.atomic
    def stop_all(self):
        """Erase the address and all that is known of it, with the letters to it, whether or not they have left."""
        self.lock()
        self._letters().delete()
        self.delete()

    def lock(self):
        """Hold the row for the rest of the transaction and read it afresh; raises DoesNotExist if it has gone."""
        Subscriber.objects.select_for_update().get(pk=self.pk)
        self.refresh_from_db()

    def _letters(self):
        return _letters_about(Subscriber.objects.filter(pk=self.pk))

    def _erase_if_nothing_is_wanted(self):
        if not self.bulletin and not self.alerts.exists():
            self.stop_all()


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


class SignUpQuerySet(models.QuerySet):
    def to_forget(self):
        """Confirmed or not: its link has grown old."""
        return self.filter(created_at__lte=timezone.now() - timedelta(hours=settings.SIGN_UP_HOURS))

    @transaction.atomic
    def forget(self):
        """Erase them with their letters and what came back: the address may be somebody's who has never asked."""
        sign_ups = list(self)
        OutgoingMail.objects.filter(about__in=[str(sign_up.key) for sign_up in sign_ups]).delete()
        Bounce.objects.of([sign_up.email for sign_up in sign_ups]).filter(cause="sign_up").delete()
        return _rows(self.delete(), self.model)

    def by_token(self, token):
        return self.filter(token_hash=_hash(token))


def _hash(token):
    return hashlib.sha256(token.encode()).hexdigest()


def _letters_about(owners):
    """Letters to these subscribers; what a sender has in hand just now is out of reach."""
    return OutgoingMail.objects.at_rest().filter(about__in=[str(key) for key in owners.values_list("key", flat=True)])


def _rows(deleted, model):
    """How many rows of the model itself were among those deleted."""
    _all, by_model = deleted
    return by_model.get(model._meta.label, 0)


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

    objects = SignUpQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="sign_up_for_something", condition=Q(bulletin=True) | Q(parameters__isnull=False)
            )
        ]

    def __str__(self):
        return self.email

    @classmethod
    def receive(cls, *, key, **values):
        """Keep it and write the letter with the link, in one transaction. Returns whether it is new.

        Whether the address gets letters already is not looked up, so that no answer can tell.
        """
        from offers import alerts

        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            sign_up, is_new = cls.objects.get_or_create(key=key, defaults=values | {"token_hash": _hash(token)})
            if is_new:
                alerts.ask_to_confirm(sign_up, token)
        return is_new

    @transaction.atomic
    def confirm(self):
        """The owner of the address wants the letters. Returns the subscriber, or None if this was confirmed before."""
        now = timezone.now()
        if not SignUp.objects.filter(pk=self.pk, used_at=None).update(used_at=now):
            return None
        first = next_day(self.frequency, timezone.localdate(now), timezone.localdate(now))
        subscriber, _is_new = Subscriber.objects.select_for_update().get_or_create(
            email__iexact=self.email,
            defaults={"email": self.email, "confirmed_at": now, "next_digest_on": first},
        )
        if subscriber.bounced_at:
            # Anew. To whoever had it all along, a bulletin that was sent meanwhile is still to be written.
            subscriber.confirmed_at, subscriber.bounced_at = now, None
        subscriber.language, subscriber.frequency = self.language, self.frequency
        # What was promised before comes when it was promised.
        subscriber.next_digest_on = min(subscriber.next_digest_on, first)
        subscriber.bulletin = subscriber.bulletin or self.bulletin
        subscriber.save()
        if self.parameters is not None:
            # Since the list was on the screen: nothing is missed for as long as the letter waited in the mailbox.
            subscriber.alerts.get_or_create(parameters=self.parameters, defaults={"since": self.created_at})
        return subscriber


class ToldOffer(models.Model):
    """That a subscriber was told of an offer, in the transaction of the letter: each offer once, whatever happens."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="told_offers")
    offer = models.ForeignKey("Offer", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscriber", "offer"], name="offer_told_once")]

    def __str__(self):
        return f"{self.subscriber}: {self.offer}"
