"""What a State proposes about its contact points; the ISU decides."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Office, State

from .taxonomy import Area


class ProposalKind(models.TextChoices):
    NEW = "new", _("New contact point")
    CHANGE = "change", _("Change of a contact point")
    CLOSE = "close", _("Office closed")


class ProposalStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting for the ISU")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    TAKEN_BACK = "taken_back", _("Taken back")


class ContactProposal(Office):
    """A new office, other details of one that is in the directory, or that one has closed.

    Until it is approved, the directory shows what it showed before.
    """

    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="contact_proposals")
    # Empty for a new one, until it is approved.
    contact_point = models.ForeignKey(
        ContactPoint, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals", editable=False
    )
    kind = models.CharField(max_length=10, choices=ProposalKind, editable=False)
    mandate_areas = models.ManyToManyField(Area, blank=True, related_name="+", verbose_name=_("areas of its mandate"))
    note_to_isu = models.CharField(_("note to the ISU"), max_length=500, blank=True)
    status = models.CharField(max_length=12, choices=ProposalStatus, default=ProposalStatus.WAITING, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    reason = models.TextField(_("reason"), blank=True, editable=False)

    class Meta:
        ordering = ["proposed_at", "pk"]
        verbose_name = _("proposal about a contact point")
        verbose_name_plural = _("proposals about contact points")
        constraints = [
            models.UniqueConstraint(
                fields=["contact_point"],
                condition=Q(status=ProposalStatus.WAITING),
                name="proposal_one_waiting_per_contact_point",
                violation_error_message=_("The ISU has not yet decided on the last proposal about this contact point."),
            ),
            models.CheckConstraint(
                name="proposal_names_what_it_changes",
                condition=Q(kind=ProposalKind.NEW) | Q(contact_point__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_declined_has_reason",
                condition=~Q(status=ProposalStatus.DECLINED) | ~Q(reason=""),
                violation_error_message=_("Give a reason: the State needs to know it."),
            ),
            models.CheckConstraint(
                name="proposal_answers_within_a_year",
                condition=Q(weeks_to_answer__gte=1, weeks_to_answer__lte=52),
                violation_error_message=_("The time to answer is between 1 and 52 weeks."),
            ),
        ]

    def __str__(self):
        return f"{self.state}: {self.office}"
