"""A version of an offer: one wording, from draft to publication."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import name_suffix
from offers.working_days import working_days_after

from .choices import EDITABLE, OPEN, RefusalGround, Step, Timing, VersionStatus
from .errors import StaleEdit, StepNotAllowed, demand_reason
from .note_verbale import in_log
from .partners import OfferPartner
from .translations import TRANSLATED, words_of
from .wording import DESCRIPTION_MAX, DESCRIPTION_MIN, Wording

PERIOD_OUT_OF_ORDER = _("The last day comes before the first.")


def oldest_claim():
    """Whoever has said before then that they are looking at a version has surely gone on to something else."""
    return timezone.now() - timedelta(minutes=settings.CLAIM_MINUTES)


def written_out(*, condition):
    """What must hold once a version has left the desk; a draft may be incomplete."""
    return Q(status__in=EDITABLE) | condition


class OfferVersionQuerySet(models.QuerySet):
    def open(self):
        """Being written or reviewed, of offers that have not ended."""
        return self.filter(status__in=OPEN, offer__ended_as="")

    def newest_wordings_of(self, state):
        """One for each offer of the State that has not ended: what is being written or reviewed, else what is live."""
        current = self.filter(offer__state=state, offer__ended_as="", status__in=[*OPEN, VersionStatus.PUBLISHED])
        newest = current.filter(offer=OuterRef("offer")).order_by("-number").values("pk")[:1]
        return current.filter(pk=Subquery(newest)).order_by("offer__reference")

    def on_behalf(self):
        """Entered by the ISU for a State that has sent a note verbale."""
        return self.exclude(note_verbale="")

    def readable_by_isu(self):
        """Whatever a State has handed in and is not writing at again, and what the ISU has entered for it."""
        return self.exclude(status__in=EDITABLE, note_verbale="")

    def known_to_isu(self):
        """That have been handed in at some time, or that the ISU has entered; not all are readable now."""
        return self.filter(Q(submitted_at__isnull=False) | ~Q(note_verbale=""))

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

    @property
    def is_readable_by_isu(self):
        """As `readable_by_isu()` asks of many."""
        return not self.is_editable or bool(self.note_verbale)

    @property
    def is_open(self):
        """Being written or reviewed, unless the offer has ended."""
        return self.status in OPEN

    @property
    def is_awaiting_review(self):
        """As `awaiting_review()` asks of many."""
        return self.status == VersionStatus.SUBMITTED and not self.offer.has_ended

    def may_be_published_by(self, user):
        """By somebody else than whoever has written it, unless it is written on a note verbale."""
        return user.pk != self.author_id or bool(self.note_verbale)

    @property
    def paper(self):
        """The note verbale on which the ISU has entered it, in words; "" for what the State writes itself."""
        return in_log(self.note_verbale, self.note_verbale_date)

    # In which language it is read

    @cached_property
    def all_translations(self):
        return list(self.translations.with_language())

    @property
    def translation(self):
        """Into the language now in use; None where there is none, or that language is the original's."""
        language = name_suffix()
        if self.original_language and self.original_language.code == language:
            return None
        return next((each for each in self.all_translations if each.language.code == language), None)

    @property
    def words(self):
        """What it says in words, by field, as far as possible in the language now in use: text and its language."""
        return words_of(self, self.translation)

    @property
    def foreign_language(self):
        """The name of the language of its title, where a reader of the one in use has to be told; else ""."""
        is_foreign = self.words["title"].lang not in {"", name_suffix()}
        return self.original_language.name if is_foreign else ""

    @property
    def is_change(self):
        """Another wording of an offer that has been published before."""
        return self.offer.versions.filter(
            number__lt=self.number, status__in=[VersionStatus.PUBLISHED, VersionStatus.SUPERSEDED]
        ).exists()

    @property
    def answer_due(self):
        """The day by which the ISU has promised to answer."""
        return working_days_after(timezone.localdate(self.submitted_at), settings.ISU_REPLY_WORKING_DAYS)

    # Who is looking at it

    @property
    def looked_at_by(self):
        """Who at the ISU is looking at it; nobody any more once the claim has run out."""
        return self.claimed_by if self.claimed_at and self.claimed_at > oldest_claim() else None

    def claim(self, *, by):
        """Tell the others that this officer is looking at it now. Of two, the one who came first is named."""
        nobody_else = Q(claimed_by=None) | Q(claimed_by=by) | Q(claimed_at__lte=oldest_claim())
        OfferVersion.objects.awaiting_review().filter(nobody_else, pk=self.pk).update(
            claimed_by=by, claimed_at=timezone.now()
        )
        self.refresh_from_db(fields=["claimed_by", "claimed_at"])

    def release(self, *, by):
        """The officer is no longer looking at it."""
        OfferVersion.objects.filter(pk=self.pk, claimed_by=by).update(claimed_by=None, claimed_at=None)
        self.refresh_from_db(fields=["claimed_by", "claimed_at"])

    # Links by which the State shows it to others

    def begin_links(self):
        """Let links show this version. A second time changes nothing: links that were given stay good."""
        # Against a colleague who ends links meanwhile, and against a version that has just been decided on.
        shown = OfferVersion.objects.open().filter(pk=self.pk)
        shown.filter(preview_key="").update(preview_key=secrets.token_urlsafe(32))
        if not shown.exists():
            raise StepNotAllowed(_("Nothing changed: this offer has already moved on."))
        self.refresh_from_db(fields=["preview_key"])

    def end_links(self):
        """No link that was given before shows this version any more."""
        OfferVersion.objects.filter(pk=self.pk).update(preview_key="")
        self.preview_key = ""

    # Writing

    @transaction.atomic
    def claim_edit(self, seen, *, by=None):
        """Take the right to overwrite edit number `seen`, or raise StaleEdit. `by` is who writes.

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
        if by is not None:
            self._taken_over_by(by)

    def _taken_over_by(self, by):
        """What the State itself writes or hands in is its own, even if the ISU has begun it on a note verbale.

        From then on the ISU can no longer write at it, and who publishes it needs somebody else's text, as always.
        """
        if not self.note_verbale or by.is_isu:
            return
        with translation.override(settings.LANGUAGE_CODE):
            reason = gettext("Now written by the State itself. %(paper)s") % {"paper": self.paper}
        self.author, self.note_verbale, self.note_verbale_date = by, "", None
        self.save(update_fields=["author", "note_verbale", "note_verbale_date"])
        self.offer.status_changes.create(
            version=self, step=Step.TAKE_BACK, from_status=self.status, to_status=self.status, by=by, reason=reason
        )

    def copy_for(self, offer, *, author, **paper):
        """A draft for `offer` with the same content, partners, links, documents and translations."""
        copy = OfferVersion(offer=offer, number=offer.versions.count() + 1, author=author, **paper)
        for field in Wording._meta.local_fields:
            setattr(copy, field.name, getattr(self, field.name))
        copy.save()
        for field in Wording._meta.local_many_to_many:
            getattr(copy, field.name).set(getattr(self, field.name).all())
        for part in [*self.partners.all(), *self.links.all(), *self.documents.all(), *self.translations.all()]:
            part.pk, part._state.adding, part.version = None, True, copy
            if isinstance(part, OfferPartner) and offer != self.offer:
                # A State agrees to be named in one offer, not in whatever is made from it.
                part.accepted_on, part.accepted_by, part.acceptance_reference = None, None, ""
                part.declined_on, part.declined_by = None, None
            part.save()
        return copy

    # Steps of the moderation path. Nothing else writes `status`.

    @transaction.atomic
    def submit(self, *, by, seen=None, note=""):
        """Hand the version as it was read at edit `seen` to the ISU with a note.

        Raises ValidationError with what is still missing.
        """
        from offers import notifications

        self._read_under_lock()
        self._taken_over_by(by)
        OfferPartner.objects.take_over_answers(self)
        asked = OfferPartner.objects.to_be_asked(self)
        self._move(
            EDITABLE,
            VersionStatus.SUBMITTED,
            Step.SUBMIT,
            by=by,
            seen=seen,
            submitted_at=timezone.now(),
            note_to_isu=note,
            complete=True,
            details=[partner.in_log(asked=True) for partner in asked],
        )
        notifications.tell_isu_of_submission(self)
        notifications.ask_partners(self, asked)

    def take_back(self, *, by):
        """Open a version for editing again before the ISU has decided."""
        self._move([VersionStatus.SUBMITTED], VersionStatus.DRAFT, Step.TAKE_BACK, by=by)

    def send_back(self, *, by, reason, seen):
        self._decide(VersionStatus.RETURNED, Step.SEND_BACK, by=by, reason=reason, seen=seen)

    def refuse(self, *, by, reason, seen, ground=RefusalGround.OTHER):
        """Close the version; log and letter say the ground and the reason."""
        with translation.override(settings.LANGUAGE_CODE):
            logged = f"{RefusalGround(ground).label}: {reason}"
        self._decide(
            VersionStatus.REFUSED, Step.REFUSE, by=by, reason=reason, seen=seen, logged=logged, refusal_ground=ground
        )

    @transaction.atomic
    def correct(self, *, by, seen, changes):
        """The ISU corrects small things in the words of a version that waits for its decision; the State is told.

        `changes` maps the language of a translation ("" for the original) and the name of a field to the new text.
        Raises ValidationError if something would be missing then.
        """
        from offers import notifications

        self._read_under_lock()
        self._must_stand([VersionStatus.SUBMITTED], seen)
        texts = {"": self} | {words.language.code: words for words in self.translations.select_related("language")}
        corrections = []
        for (language, name), after in changes.items():
            words = texts.get(language)
            if words is not None and (before := getattr(words, name)) != after:
                setattr(words, name, after)
                corrections.append({"language": language, "field": name, "before": before, "after": after})
        if not corrections:
            raise StepNotAllowed(_("Nothing changed: the words are the same as before."))
        for language in {correction["language"] for correction in corrections} - {""}:
            texts[language].save(update_fields=TRANSLATED)
        touched = {correction["field"] for correction in corrections} | {"translations"}
        if missing := {name: why for name, why in self.what_is_missing().items() if name in touched}:
            raise ValidationError(missing)
        self.edit_number += 1
        self.save(update_fields=["edit_number", *TRANSLATED])
        change = self.offer.status_changes.create(
            version=self,
            step=Step.STAFF_EDIT,
            from_status=self.status,
            to_status=self.status,
            by=by,
            changes=corrections,
        )
        notifications.tell_state_of_correction(change)

    @transaction.atomic
    def publish(self, *, by, seen):
        """Make this version the live one, the former one superseded, in one transaction."""
        from offers import notifications
        from offers.search import index

        self._read_under_lock()
        if not self.may_be_published_by(by):
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

    def _decide(self, target, step, *, by, reason, seen, logged="", **changes):
        """`logged` is what the log says, if it is more than the reason."""
        from offers import notifications

        demand_reason(reason)
        with transaction.atomic():
            self._move(
                [VersionStatus.SUBMITTED],
                target,
                step,
                by=by,
                reason=logged or reason,
                seen=seen,
                decided_at=timezone.now(),
                decided_by=by,
                decision_reason=reason,
                **changes,
            )
            notifications.tell_state_of_decision(self, target)

    def _read_under_lock(self):
        """Hold the offer, so that nobody takes another step or saves meanwhile, and read the version as it now is."""
        self.offer.lock()
        offer = self.offer
        self.refresh_from_db()
        self.offer = offer

    def _must_stand(self, sources, seen):
        """Raise if somebody else was faster, or changed the text since edit `seen`."""
        if self.status not in sources:
            raise StepNotAllowed(_("Nothing changed: this offer has already moved on."))
        if seen is not None and seen != self.edit_number:
            raise StepNotAllowed(_("Nothing changed: the text is not the one you opened. Please read it again."))

    @transaction.atomic
    def _move(self, sources, target, step, *, by, reason="", seen=None, complete=False, details=(), **changes):
        """Change the status and log it, or raise if somebody else was faster or changed the text since edit `seen`.

        `complete` demands that nothing is missing; `details` are kept in the log.
        """
        self._read_under_lock()
        self._must_stand(sources, seen)
        # Whatever happens to it, nobody is looking at it any more.
        changes |= {"claimed_by": None, "claimed_at": None}
        if complete and (missing := self.what_is_missing()):
            raise ValidationError(missing)
        before = self.status
        OfferVersion.objects.filter(pk=self.pk).update(status=target, **changes)
        self.offer.status_changes.create(
            version=self, step=step, from_status=before, to_status=target, by=by, reason=reason, changes=list(details)
        )
        self.refresh_from_db(fields=["status", *changes])
