"""What a State proposes about its contact points; the ISU decides."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Office, State

from .errors import REASON_NEEDED, StepNotAllowed, demand_reason
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


class ContactProposalQuerySet(models.QuerySet):
    def waiting(self):
        """Oldest first, so that nobody is overtaken."""
        return self.filter(status=ProposalStatus.WAITING).order_by("proposed_at", "pk")

    def decided(self):
        """Approved or declined by the ISU, the last one first."""
        return self.filter(status__in=[ProposalStatus.APPROVED, ProposalStatus.DECLINED]).order_by("-decided_at", "-pk")


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

    objects = ContactProposalQuerySet.as_manager()

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
                violation_error_message=REASON_NEEDED,
            ),
            models.CheckConstraint(
                name="proposal_answers_within_a_year",
                condition=Q(weeks_to_answer__gte=1, weeks_to_answer__lte=52),
                violation_error_message=_("The time to answer is between 1 and 52 weeks."),
            ),
        ]

    def __str__(self):
        return f"{self.state}: {self.office}"

    @property
    def is_waiting(self):
        return self.status == ProposalStatus.WAITING

    # Steps. Nothing else writes `status`.

    @transaction.atomic
    def hand_in(self, *, by, languages, mandate_areas):
        """Put what is proposed before the ISU. The same thing twice, by a double click, is handed in once."""
        from offers import notifications
        from offers.contact_details import hold, mark_of, mark_of_values

        # Two of one State come here one after the other.
        State.objects.select_for_update(no_key=True).get(pk=self.state_id)
        if self.contact_point_id:
            hold(self.contact_point)
        waiting = ContactProposal.objects.waiting().filter(state=self.state, contact_point=self.contact_point)
        if not self.contact_point_id:
            waiting = waiting.filter(email__iexact=self.email)
        if other := waiting.first():
            relations = {"languages": languages, "mandate_areas": mandate_areas}
            if (other.kind, mark_of(other)) == (self.kind, mark_of_values(self, relations)):
                return
            raise StepNotAllowed(
                _("The ISU has not yet decided on the last proposal about this contact point. Take that back first.")
            )
        self.proposed_by = by
        self.save()
        self.languages.set(languages)
        self.mandate_areas.set(mandate_areas)
        notifications.tell_isu_of_proposal(self)

    @transaction.atomic
    def approve(self, *, by, seen=None):
        """Write what is proposed into the directory; `seen` is the mark of the contact point that was read.

        Raises ValidationError where an office has taken the mailbox meanwhile.
        """
        from offers import notifications
        from offers.contact_details import DETAILS, RELATIONS, hold, write_details

        self._decide(ProposalStatus.APPROVED, by=by)
        is_new = self.kind == ProposalKind.NEW
        point = ContactPoint(state=self.state) if is_new else hold(self.contact_point, seen=seen)
        if self.kind == ProposalKind.CLOSE:
            point.close(by=by)
        else:
            details = {name: getattr(self, name) for name in DETAILS if name not in RELATIONS}
            relations = {name: getattr(self, name).all() for name in RELATIONS}
            write_details(point, details, by=by, relations=relations, verified_on=timezone.localdate())
            self.contact_point = point
            self.save(update_fields=["contact_point"])
        notifications.tell_state_of_proposal(self)

    @transaction.atomic
    def decline(self, *, by, reason):
        from offers import notifications

        demand_reason(reason)
        self._decide(ProposalStatus.DECLINED, by=by, reason=reason)
        notifications.tell_state_of_proposal(self)

    def take_back(self, *, by):
        """The State no longer proposes it."""
        self._decide(ProposalStatus.TAKEN_BACK, by=by)

    def _decide(self, status, *, by, reason=""):
        changes = {"status": status, "decided_by": by, "decided_at": timezone.now(), "reason": reason}
        if not ContactProposal.objects.waiting().filter(pk=self.pk).update(**changes):
            raise StepNotAllowed(_("Nothing changed: this proposal has been decided on or taken back meanwhile."))
        self.refresh_from_db(fields=list(changes))
