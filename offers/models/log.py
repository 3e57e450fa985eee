"""The log of an offer's life, written in the same transaction as each step."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .choices import Step, VersionStatus


class StatusChange(models.Model):
    offer = models.ForeignKey("Offer", on_delete=models.PROTECT, related_name="status_changes")
    version = models.ForeignKey(
        "OfferVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="status_changes"
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    step = models.CharField(_("step"), max_length=20, choices=Step)
    # Empty for steps of the offer as a whole, such as a confirmation.
    from_status = models.CharField(_("from"), max_length=20, choices=VersionStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=20, choices=VersionStatus, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    # Of a correction by the ISU: for each field its name, and the text before and after. Of a submission and of an
    # answer: the same for each partner State that was asked, or has answered, with its codes.
    changes = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")

    def __str__(self):
        return f"{self.offer}: {self.get_step_display()}"
