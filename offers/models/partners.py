"""The partners that a version names, and what partner States answer."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from contacts.models import State

from .choices import PartnerAnswer, PartnerRole, Step, VersionStatus
from .errors import StepNotAllowed

# What a partner State has answered.
ANSWER = ["accepted_on", "accepted_by", "acceptance_reference", "declined_on", "declined_by"]


class OfferPartnerQuerySet(models.QuerySet):
    def named(self):
        """Partners the public may read: a State is named only once it has accepted."""
        return self.filter(Q(state=None) | Q(accepted_on__isnull=False))

    def answerable(self):
        """On versions that are submitted or published, of offers that have not ended."""
        return self.filter(
            version__offer__ended_as="", version__status__in=[VersionStatus.SUBMITTED, VersionStatus.PUBLISHED]
        )

    def about(self, state):
        """That name the State, on versions that have been submitted or published."""
        return self.answerable().filter(state=state).order_by("version__offer", "version__number", "pk")

    def unanswered(self):
        return self.filter(accepted_on=None, declined_on=None)

    def asked_of(self, state):
        """Waiting for that State's word."""
        return self.about(state).unanswered()

    def accepted_by_state(self, state):
        """In which that State has accepted to be named."""
        return self.about(state).filter(accepted_on__isnull=False)

    def same_request(self, partner):
        """The same State in the same role, in all versions of the offer."""
        return self.filter(version__offer=partner.version.offer_id, state=partner.state_id, role=partner.role)

    def take_over_answers(self, version):
        """A partner that was taken out and is named again has answered already."""
        for partner in version.partners.exclude(state=None).unanswered():
            answered = self.same_request(partner).exclude(accepted_on=None, declined_on=None)
            if known := answered.order_by("version__number").last():
                for name in ANSWER:
                    setattr(partner, name, getattr(known, name))
                partner.save(update_fields=ANSWER)

    def to_be_asked(self, version):
        """The partner States of a version about to be submitted that this offer has not asked in that role before."""
        log = version.offer.status_changes.filter(step=Step.SUBMIT)
        asked = {(asked.get("state"), asked.get("role")) for change in log for asked in change.changes}
        partners = version.partners.exclude(state=None).unanswered().select_related("state")
        return [partner for partner in partners if (partner.state.iso3, partner.role) not in asked]


class OfferPartner(models.Model):
    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="partners")
    state = models.ForeignKey(
        State, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("State")
    )
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=PartnerRole)
    accepted_on = models.DateField(_("accepted on"), null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    acceptance_reference = models.CharField(
        _("reference of the acceptance"), max_length=100, blank=True, editable=False
    )
    # A State that has said no is not asked again about this offer.
    declined_on = models.DateField(_("declined on"), null=True, blank=True, editable=False)
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = OfferPartnerQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="partner_is_one_state_or_organisation",
                condition=Q(state__isnull=False, organisation="") | (Q(state=None) & ~Q(organisation="")),
                violation_error_message=_("Name either a State or an organisation as partner."),
            ),
            models.CheckConstraint(
                name="partner_accepts_or_declines",
                condition=Q(accepted_on=None) | Q(declined_on=None),
                violation_error_message=_("A partner either accepts or declines."),
            ),
        ]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self):
        return str(self.state or self.organisation)

    @property
    def is_named(self):
        """May the public read of it? As `named()` asks of many."""
        return self.state_id is None or self.accepted_on is not None

    @property
    def answer(self):
        if self.accepted_on:
            return PartnerAnswer.ACCEPTED
        return PartnerAnswer.DECLINED if self.declined_on else PartnerAnswer.NONE

    def in_log(self, *, before=False, asked=False):
        """As the log keeps it, in the language of the portal: the name that was added, or taken away if `before`."""
        with translation.override(settings.LANGUAGE_CODE):
            words = f"{self} – {self.get_role_display()}"
            after = f"{words} ({PartnerAnswer.NONE.label})" if asked else words
        texts = {"before": words, "after": ""} if before else {"before": "", "after": after}
        return {"language": "", "field": "partners", "state": self.state.iso3, "role": self.role} | texts

    def accept(self, *, by, reference="", seen=None):
        """The partner State agrees to be named: by its focal point, or on a reference that the ISU records.

        A second time changes nothing. A State that has declined is named on a reference only. `seen` is the answer
        that the person saw.
        """
        from offers.search import index

        offer = self.version.offer
        # The same request in a version being written is answered too, or publishing that would undo it.
        with transaction.atomic():
            offer.lock()
            self._must_stand([PartnerAnswer.NONE, PartnerAnswer.ACCEPTED], seen, anyway=bool(reference))
            same = OfferPartner.objects.same_request(self).filter(accepted_on=None)
            if same.update(
                accepted_on=timezone.localdate(),
                accepted_by=by,
                acceptance_reference=reference,
                declined_on=None,
                declined_by=None,
            ):
                offer.status_changes.create(
                    version=self.version, step=Step.ACCEPT_PARTNERSHIP, by=by, reason=reference, changes=[self.in_log()]
                )
                if offer.live_version_id:
                    index.write_offer(offer)
        self.refresh_from_db()

    def decline(self, *, by, reason="", seen=None):
        """The partner State does not want to be named, or no longer: it leaves the public page at once.

        A second time changes nothing. `seen` is the answer that the person saw.
        """
        from offers import notifications
        from offers.search import index

        offer = self.version.offer
        with transaction.atomic():
            offer.lock()
            self._must_stand(list(PartnerAnswer), seen)
            same = OfferPartner.objects.same_request(self).filter(declined_on=None)
            if same.update(
                accepted_on=None,
                accepted_by=None,
                acceptance_reference="",
                declined_on=timezone.localdate(),
                declined_by=by,
            ):
                offer.status_changes.create(
                    version=self.version,
                    step=Step.DECLINE_PARTNERSHIP,
                    by=by,
                    reason=reason,
                    changes=[self.in_log(before=True)],
                )
                if offer.live_version_id:
                    index.write_offer(offer)
                notifications.tell_state_of_declined_partnership(self, reason)
        self.refresh_from_db()

    def _must_stand(self, answers, seen, *, anyway=False):
        """Raise if a colleague has answered meanwhile, or if the State has said no before."""
        self.refresh_from_db(fields=ANSWER)
        if (seen is not None and seen != self.answer) or (self.answer not in answers and not anyway):
            raise StepNotAllowed(
                _("Nothing changed: your State has already answered. Please read again how it stands.")
            )
