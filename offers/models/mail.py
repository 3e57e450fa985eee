"""The outbox: every mail is a row first, written in the same transaction as its cause."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutgoingMail(models.Model):
    """One message on its way, complete as it will leave; see `offers.outbox`."""

    sender = models.CharField(_("sender"), max_length=320)
    recipients = models.JSONField(_("recipients"))
    subject = models.CharField(_("subject"), max_length=998)
    raw = models.BinaryField(_("message as sent"))
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failed_at = models.DateTimeField(_("given up"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")

    def __str__(self):
        return self.subject
