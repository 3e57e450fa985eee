"""What hangs on an enquiry: who has it, its log, and what both sides say came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint

from .enquiry_choices import QUESTIONS, EnquiryAct, EnquiryLevel, OutcomeKind, Side


class EnquiryHolder(models.Model):
    """Who is, or was, to answer: an office, or, without one, the ISU."""

    enquiry = models.ForeignKey("Enquiry", on_delete=models.CASCADE, related_name="holders")
    level = models.CharField(max_length=10, choices=EnquiryLevel)
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enquiry", "contact_point"], condition=Q(until=None), name="enquiry_holder_once_at_a_time"
            ),
            models.CheckConstraint(
                name="enquiry_holder_is_an_office_or_the_isu",
                condition=Q(level=EnquiryLevel.ISU, contact_point=None)
                | (~Q(level=EnquiryLevel.ISU) & Q(contact_point__isnull=False)),
            ),
        ]

    def __str__(self):
        return str(self.contact_point or self.get_level_display())


class EnquiryStep(models.Model):
    """One line of the log, written in the transaction of the step."""

    enquiry = models.ForeignKey("Enquiry", on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField(_("when"), default=timezone.now)
    act = models.CharField(_("step"), max_length=20, choices=EnquiryAct)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.SET_NULL, null=True, related_name="+")
    # What the office that acted was called then.
    office = models.CharField(max_length=500, blank=True)
    to_level = models.CharField(max_length=10, choices=EnquiryLevel, blank=True)
    # To whom it went, as they were called then.
    to_offices = models.TextField(blank=True)
    side = models.CharField(max_length=10, choices=Side, blank=True)
    outcome = models.CharField(max_length=10, choices=OutcomeKind, blank=True)
    # The answer, the reason or the note; erased with the rest.
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("step of an enquiry")
        verbose_name_plural = _("steps of enquiries")
        constraints = [
            models.UniqueConstraint(
                fields=["enquiry", "act"], condition=Q(act__in=list(QUESTIONS)), name="enquiry_question_once"
            )
        ]

    def __str__(self):
        return f"{self.enquiry}: {self.get_act_display()}"


class EnquiryOutcome(models.Model):
    """What one side has said came of an enquiry. The last word of each side counts."""

    enquiry = models.ForeignKey("Enquiry", on_delete=models.CASCADE, related_name="outcomes")
    side = models.CharField(_("side"), max_length=10, choices=Side)
    kind = models.CharField(_("outcome"), max_length=10, choices=OutcomeKind)
    helped = models.TextField(_("what helped"), blank=True)
    missing = models.TextField(_("what was missing"), blank=True)
    at = models.DateTimeField(default=timezone.now)
    by_telephone = models.BooleanField(_("told to the ISU by telephone"), default=False)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("outcome of an enquiry")
        verbose_name_plural = _("outcomes of enquiries")

    def __str__(self):
        return f"{self.enquiry}: {self.get_kind_display()}"
