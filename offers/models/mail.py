"""The outbox: every mail is a row first, written in the same transaction as its cause."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .errors import StepNotAllowed


class OutgoingMailQuerySet(models.QuerySet):
    def waiting(self):
        """Neither sent nor given up."""
        return self.filter(sent_at=None, failed_at=None)

    def given_up(self):
        """Those that no recipient has got, the last one first."""
        return self.filter(failed_at__isnull=False).order_by("-failed_at", "-pk")

    def unsettled(self):
        """Given up, and nobody at the ISU has seen to it."""
        return self.given_up().filter(settled_at=None)

    def settled(self):
        return self.given_up().filter(settled_at__isnull=False)

    def at_rest(self):
        """All but those that a sender has in hand just now."""
        return self.exclude(sent_at=None, leased_until__gt=timezone.now())

    def to_forget(self):
        """What has ended either way a year ago; and the text of what could not be delivered, after a month."""
        since = timezone.now() - timedelta(days=settings.MAIL_FAILED_KEPT_DAYS)
        return self.filter(self._old() | (Q(failed_at__lte=since) & ~Q(raw=b"")))

    def forget(self):
        """Erase the rows that are old, and of the others the text, which may hold links that let people in."""
        return self.filter(self._old()).delete()[0] + self.update(raw=b"")

    def _old(self):
        since = timezone.now() - timedelta(days=settings.MAIL_KEPT_DAYS)
        return Q(sent_at__lte=since) | Q(failed_at__lte=since)


class OutgoingMail(models.Model):
    """One message on its way, complete as it will leave; see `offers.outbox`."""

    # The address to which the post office reports what it cannot deliver.
    sender = models.CharField(_("sender"), max_length=320)
    recipients = models.JSONField(_("recipients"))
    subject = models.CharField(_("subject"), max_length=998)
    # The event that the letter tells of, such as "published", and the reference of what it is about.
    cause = models.CharField(_("cause"), max_length=40, blank=True)
    about = models.CharField(_("about"), max_length=40, blank=True)
    raw = models.BinaryField(_("message as sent"))
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failed_at = models.DateTimeField(_("given up"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    # That the ISU has seen to a mail that could not be delivered.
    settled_at = models.DateTimeField(_("seen to"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")

    def __str__(self):
        return self.subject

    # Steps of the ISU, for what has been given up.

    def try_again(self):
        """Send it once more, from now on as if it had just been written; the very same letter to the receiving side."""
        again = OutgoingMail.objects.unsettled().filter(pk=self.pk).exclude(raw=b"")
        self._take(again, failed_at=None, attempts=0, due_at=timezone.now())

    def settle(self, *, by):
        """The ISU has seen to it in another way."""
        self._take(OutgoingMail.objects.unsettled().filter(pk=self.pk), settled_at=timezone.now(), settled_by=by)

    def _take(self, mails, **values):
        if not mails.order_by().update(**values):
            raise StepNotAllowed(
                _("Nothing changed: somebody else has already seen to this letter, or its text has been erased.")
            )
        self.refresh_from_db()


class BounceQuerySet(models.QuerySet):
    def of(self, addresses):
        """Whether an address is written in capitals makes no difference."""
        return self.filter(email__in=[address.lower() for address in addresses])

    def to_forget(self):
        return self.filter(at__lte=timezone.now() - timedelta(days=settings.MAIL_KEPT_DAYS))

    def forget(self):
        return self.delete()[0]


class Bounce(models.Model):
    """That a mailbox does not take letters for good: said by the mail server at once, or by a report that came back.

    It stands until a later letter gets through.
    """

    email = models.EmailField(_("e-mail address"), db_index=True)  # in small letters
    at = models.DateTimeField(_("when"), default=timezone.now)
    # Of RFC 3463, such as 5.1.1, or the code of the mail server, such as 550.
    code = models.CharField(_("code"), max_length=10, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    cause = models.CharField(_("the letter was about"), max_length=40, blank=True)

    objects = BounceQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("returned letter")
        verbose_name_plural = _("returned letters")

    def __str__(self):
        return self.email
