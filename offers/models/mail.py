"""The outbox: every mail is a row first, written in the same transaction as its cause."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutgoingMail(models.Model):
    """One message on its way, complete as it will leave; see `offers.outbox`."""

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

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")

    def __str__(self):
        return self.subject


class Bounce(models.Model):
    """That a mailbox does not take letters for good: said by the mail server at once, or by a report that came back."""

    email = models.EmailField(_("e-mail address"), db_index=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    # Of RFC 3463, such as 5.1.1, or the code of the mail server, such as 550.
    code = models.CharField(_("code"), max_length=10, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    cause = models.CharField(_("the letter was about"), max_length=40, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("returned letter")
        verbose_name_plural = _("returned letters")

    def __str__(self):
        return self.email
