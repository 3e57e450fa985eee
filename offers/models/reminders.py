"""Letters that ask whether something still holds, each sent once."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint

from .choices import Freshness


class ReminderStage(models.TextChoices):
    """Of an offer the stages of its age; of a contact point the yearly question and its repetition."""

    DUE = Freshness.DUE.value, Freshness.DUE.label
    OVERDUE = Freshness.OVERDUE.value, Freshness.OVERDUE.label
    SUSPENDED = Freshness.SUSPENDED.value, Freshness.SUSPENDED.label
    VERIFY = "verify", _("Yearly confirmation asked for")
    VERIFY_AGAIN = "verify_again", _("Yearly confirmation asked for again")
    # The ISU has written to the Permanent Mission.
    ESCALATED = "escalated", _("Permanent Mission written to")


class Reminder(models.Model):
    """That a letter about an offer or a contact point was written, in the transaction of the letter.

    A cycle begins with each confirmation; in a cycle no stage comes twice, however often the command runs.
    """

    offer = models.ForeignKey("Offer", on_delete=models.CASCADE, null=True, blank=True, related_name="reminders")
    contact_point = models.ForeignKey(
        ContactPoint, on_delete=models.CASCADE, null=True, blank=True, related_name="reminders"
    )
    stage = models.CharField(max_length=20, choices=ReminderStage)
    # The day of the confirmation that has grown old; of a contact point never confirmed, the first day there is.
    cycle = models.DateField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["sent_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "stage", "cycle"], name="reminder_once_per_offer_and_cycle"),
            models.UniqueConstraint(
                fields=["contact_point", "stage", "cycle"], name="reminder_once_per_contact_point_and_cycle"
            ),
            models.CheckConstraint(
                name="reminder_about_one_thing",
                condition=Q(offer__isnull=False, contact_point=None) | Q(offer=None, contact_point__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.offer or self.contact_point}: {self.get_stage_display()}"
