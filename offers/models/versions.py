"""A version of an offer: one wording, from draft to publication."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .choices import EDITABLE, OPEN, RefusalGround, Step, Timing, VersionStatus
from .parts import OfferPartner
from .wording import DESCRIPTION_MAX, DESCRIPTION_MIN, Wording

PERIOD_OUT_OF_ORDER = _("The last day comes before the first.")


class StepNotAllowed(Exception):
    """The offer has moved on, or the person may not take this step; says why in a sentence for the person."""


class StaleEdit(Exception):
    """Somebody else saved the version since it was opened."""


def written_out(*, condition):
    """What must hold once a version has left the desk; a draft may be incomplete."""
    return Q(status__in=EDITABLE) | condition


class OfferVersionQuerySet(models.QuerySet):
    def open(self):
        """Being written or reviewed, of offers that have not ended."""
        return self.filter(status__in=OPEN, offer__ended_as="")

    def on_behalf(self):
        """Entered by the ISU for a State that has sent a note verbale."""
        return self.exclude(note_verbale="")

    def readable_by_isu(self):
        """Whatever a State has handed in and is not writing at again."""
        return self.exclude(status__in=EDITABLE)

    def awaiting_review(self):
        """Oldest submission first, so that nobody is overtaken."""
        return self.filter(status=VersionStatus.SUBMITTED, offer__ended_as="").order_by("submitted_at", "pk")


class OfferVersion(Wording):
    """A wording with its author, its status and what was decided on it."""

    offer = models.ForeignKey("Offer", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("number"))
    status = models.CharField(max_length=20, choices=VersionStatus, default=VersionStatus.DRAFT, editable=False)
    # Grows with every save; a save must name the number it was opened with.
    edit_number = models.PositiveIntegerField(default=1, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    decision_reason = models.TextField(_("reason"), blank=True, editable=False)
    # The paper on which a State asked the ISU to enter the offer for it.
    note_verbale = models.CharField(_("number of the note verbale"), max_length=100, blank=True, editable=False)
    note_verbale_date = models.DateField(_("date of the note verbale"), null=True, blank=True, editable=False)
    refusal_ground = models.CharField(
        _("ground for refusing"), max_length=20, choices=RefusalGround, blank=True, editable=False
    )
    # Part of the signed link by which the State shows this version to others; a new one ends the links given before.
    preview_key = models.CharField(max_length=43, blank=True, editable=False)
    # Who at the ISU is looking at it, so that two do not do the same work; forbids nothing.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    claimed_at = models.DateTimeField(null=True, editable=False)
    note_to_isu = models.CharField(_("note to the ISU"), max_length=500, blank=True)

    objects = OfferVersionQuerySet.as_manager()

    class Meta:
        ordering = ["offer", "number"]
        verbose_name = _("version of an offer")
        verbose_name_plural = _("versions of offers")
        constraints = [
            models.UniqueConstraint(fields=["offer", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["offer"],
                condition=Q(status__in=OPEN),
                name="version_one_open_per_offer",
                violation_error_message=_("This offer already has a version that is being written or reviewed."),
            ),
            models.UniqueConstraint(
                fields=["offer"],
                condition=Q(status=VersionStatus.PUBLISHED),
                name="version_one_live_per_offer",
                violation_error_message=_("This offer already has a published version."),
            ),
            models.CheckConstraint(
                name="version_has_title",
                condition=written_out(condition=~Q(title="")),
                violation_error_message=_("Give the offer a title."),
            ),
            models.CheckConstraint(
                name="version_has_area_and_form",
                condition=written_out(condition=Q(primary_area__isnull=False, form__isnull=False)),
                violation_error_message=_("Choose the main area and the form of assistance."),
            ),
            models.CheckConstraint(
                name="version_description_long_enough",
                condition=written_out(condition=Q(GreaterThanOrEqual(Length("description"), DESCRIPTION_MIN))),
                violation_error_message=_("Describe the offer in at least 150 characters."),
            ),
            models.CheckConstraint(
                name="version_description_short_enough",
                condition=Q(LessThanOrEqual(Length("description"), DESCRIPTION_MAX)),
                violation_error_message=_("Describe the offer in at most 1,500 characters."),
            ),
            models.CheckConstraint(
                name="version_has_delivery_mode",
                condition=written_out(condition=~Q(delivery_modes=[])),
                violation_error_message=_("Choose at least one mode of delivery."),
            ),
            models.CheckConstraint(
                name="version_period_in_order",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                violation_error_message=PERIOD_OUT_OF_ORDER,
            ),
            models.CheckConstraint(
                name="version_dates_if_on_fixed_dates",
                condition=written_out(condition=~Q(timing=Timing.DATES) | Q(starts_on__isnull=False)),
                violation_error_message=_("Give the first day of an offer on fixed dates."),
            ),
            models.CheckConstraint(
                name="version_decision_complete",
                condition=~Q(status__in=[VersionStatus.RETURNED, VersionStatus.REFUSED]) | ~Q(decision_reason=""),
                violation_error_message=_("Give a reason."),
            ),
            models.CheckConstraint(
                name="version_note_verbale_has_number_and_date",
                condition=Q(note_verbale="", note_verbale_date=None)
                | (~Q(note_verbale="") & Q(note_verbale_date__isnull=False)),
                violation_error_message=_("Give both the number and the date of the note verbale."),
            ),
            models.CheckConstraint(
                name="version_submitted_has_time",
                condition=written_out(condition=Q(submitted_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return self.title or str(_("Untitled draft"))

    @property
    def is_editable(self):
        return self.status in EDITABLE

    # Writing

    @transaction.atomic
    def claim_edit(self, seen):
        """Take the right to overwrite edit number `seen`, or raise StaleEdit.

        Belongs in one transaction with the writing itself.
        """
        try:
            self.offer.lock()
        except StepNotAllowed as ended:
            raise StaleEdit(str(ended)) from ended
        claimed = OfferVersion.objects.filter(pk=self.pk, status__in=EDITABLE, edit_number=seen).update(
            edit_number=F("edit_number") + 1, saved_at=timezone.now()
        )
        if not claimed:
            raise StaleEdit(f"Version {self.pk} has been saved since edit {seen}.")
        self.edit_number = seen + 1

    def copy_for(self, offer, *, author):
        """A draft for `offer` with the same content, partners, links and documents."""
        copy = OfferVersion(offer=offer, number=offer.versions.count() + 1, author=author)
        for field in Wording._meta.local_fields:
            setattr(copy, field.name, getattr(self, field.name))
        copy.save()
        for field in Wording._meta.local_many_to_many:
            getattr(copy, field.name).set(getattr(self, field.name).all())
        for part in [*self.partners.all(), *self.links.all(), *self.documents.all()]:
            part.pk, part._state.adding, part.version = None, True, copy
            if isinstance(part, OfferPartner) and offer != self.offer:
                # A State agrees to be named in one offer, not in whatever is made from it.
                part.accepted_on, part.accepted_by, part.acceptance_reference = None, None, ""
            part.save()
        return copy

    # Steps of the moderation path. Nothing else writes `status`.

    @transaction.atomic
    def submit(self, *, by, seen=None, note=""):
        """Hand the version as it was read at edit `seen` to the ISU with a note.

        Raises ValidationError with what is still missing.
        """
        from offers import notifications

        self._move(
            EDITABLE,
            VersionStatus.SUBMITTED,
            Step.SUBMIT,
            by=by,
            seen=seen,
            submitted_at=timezone.now(),
            note_to_isu=note,
            complete=True,
        )
        notifications.tell_isu_of_submission(self)

    def take_back(self, *, by):
        """Open a version for editing again before the ISU has decided."""
        self._move([VersionStatus.SUBMITTED], VersionStatus.DRAFT, Step.TAKE_BACK, by=by)

    def send_back(self, *, by, reason, seen):
        self._decide(VersionStatus.RETURNED, Step.SEND_BACK, by=by, reason=reason, seen=seen)

    def refuse(self, *, by, reason, seen):
        self._decide(VersionStatus.REFUSED, Step.REFUSE, by=by, reason=reason, seen=seen)

    @transaction.atomic
    def publish(self, *, by, seen):
        """Make this version the live one, the former one superseded, in one transaction."""
        from offers import notifications
        from offers.search import index

        self._read_under_lock()
        if by.pk == self.author_id and not self.note_verbale:
            raise StepNotAllowed(_("You have written this version yourself, so somebody else has to publish it."))
        if not self.offer.state.is_party():
            raise StepNotAllowed(_("Nothing changed: only States Parties have offers in the catalogue."))
        former = self.offer.live_version
        if former:
            former._move([VersionStatus.PUBLISHED], VersionStatus.SUPERSEDED, Step.SUPERSEDE, by=by)
        self._move(
            [VersionStatus.SUBMITTED],
            VersionStatus.PUBLISHED,
            Step.PUBLISH,
            by=by,
            seen=seen,
            decided_at=timezone.now(),
            decided_by=by,
            decision_reason="",
            complete=True,
        )
        self.offer.make_live(self)
        index.write_offer(self.offer)
        notifications.tell_state_of_decision(self, "published")

    def _decide(self, target, step, *, by, reason, seen):
        from offers import notifications

        if not reason.strip():
            raise ValidationError({"reason": _("Give a reason: the State needs to know it.")})
        with transaction.atomic():
            self._move(
                [VersionStatus.SUBMITTED],
                target,
                step,
                by=by,
                reason=reason,
                seen=seen,
                decided_at=timezone.now(),
                decided_by=by,
                decision_reason=reason,
            )
            notifications.tell_state_of_decision(self, target)

    def _read_under_lock(self):
        """Hold the offer, so that nobody takes another step or saves meanwhile, and read the version as it now is."""
        self.offer.lock()
        offer = self.offer
        self.refresh_from_db()
        self.offer = offer

    @transaction.atomic
    def _move(self, sources, target, step, *, by, reason="", seen=None, complete=False, **changes):
        """Change the status and log it, or raise if somebody else was faster or changed the text since edit `seen`.

        `complete` demands that nothing is missing.
        """
        self._read_under_lock()
        if self.status not in sources:
            raise StepNotAllowed(_("Nothing changed: this offer has already moved on."))
        if seen is not None and seen != self.edit_number:
            raise StepNotAllowed(_("Nothing changed: the text is not the one you opened. Please read it again."))
        if complete and (missing := self.what_is_missing()):
            raise ValidationError(missing)
        before = self.status
        OfferVersion.objects.filter(pk=self.pk).update(status=target, **changes)
        self.offer.status_changes.create(
            version=self, step=step, from_status=before, to_status=target, by=by, reason=reason
        )
        self.refresh_from_db(fields=["status", *changes])
