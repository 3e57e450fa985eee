"""An offer: one kind of assistance a State can give, with an identity that never changes."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, IntegerField, Prefetch, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import closing
from contacts.models import Language, Region, RegionalBody, State
from contacts.models.reference import SUFFIXES, name_suffix

from .choices import Cooperation, Ending, Freshness, FundingPartner, Step, VersionStatus
from .errors import StepNotAllowed, demand_reason
from .log import StatusChange
from .note_verbale import paper_of
from .partners import OfferPartner
from .parts import OfferLink
from .references import ReferenceCounter
from .revision import CatalogueRevision
from .taxonomy import Area, Form
from .translations import prefetch_translations
from .versions import OfferVersion
from .wording import months_after


def stages_of_age():
    """The stages after FRESH, each with the days since the confirmation on which it begins."""
    return [
        (Freshness.DUE, settings.OFFER_DUE_DAYS),
        (Freshness.OVERDUE, settings.OFFER_OVERDUE_DAYS),
        (Freshness.SUSPENDED, settings.OFFER_SUSPENDED_DAYS),
    ]


def within_last_day(on):
    """A last day that the State has set comes in any case; the other waits while nobody can confirm."""
    clock = closing.clock(on)
    within = Q(valid_until__gte=on)
    return within if clock == on else within | Q(live_version__valid_until=None, valid_until__gte=clock)


class OfferQuerySet(models.QuerySet):
    def standing(self, on=None):
        """Published, not ended, within their last day, of States Parties; suspended ones included."""
        on = on or timezone.localdate()
        return self.filter(
            within_last_day(on), live_version__isnull=False, ended_as="", state__in=State.objects.parties(on)
        )

    def public(self, on=None):
        """What the catalogue may show: standing, and confirmed recently enough."""
        on = on or timezone.localdate()
        last = closing.clock(on) - timedelta(days=settings.OFFER_SUSPENDED_DAYS)
        return self.standing(on).filter(confirmed_on__gt=last)

    def counted(self):
        """What figures are made of: real offers. A demonstration has made-up ones only, and counts these."""
        return self.filter(is_sample=settings.DEMO)

    def with_staleness(self, on=None):
        """With the number of stages that have passed since the confirmation: 0 for fresh, 3 for suspended."""
        on = closing.clock(on or timezone.localdate())
        stages = enumerate(days for _stage, days in stages_of_age())
        return self.annotate(
            staleness=Case(
                *(When(confirmed_on__gt=on - timedelta(days=days), then=number) for number, days in stages),
                default=len(stages_of_age()),
                output_field=IntegerField(),
            )
        )

    def published_between(self, first, last):
        """Of which a wording was published on one of these days; `is_new` says of each whether it was the first."""
        published = StatusChange.objects.filter(step=Step.PUBLISH, at__date__range=(first, last))
        return self.filter(pk__in=published.values("offer")).annotate(is_new=Q(first_published_on__gte=first))

    def by_freshness(self, freshness, on=None):
        """Standing offers of that freshness."""
        return self.standing(on).with_staleness(on).filter(staleness=list(Freshness).index(freshness))

    def available(self, first=None, last=None):
        """To be had on some day between the two, of which either may be left out, and still to be asked for."""
        offers = self.filter(Q(live_version__deadline=None) | Q(live_version__deadline__gte=timezone.localdate()))
        if first:
            offers = offers.filter(Q(live_version__ends_on=None) | Q(live_version__ends_on__gte=first))
            offers = offers.filter(valid_until__gte=first)
        if last:
            offers = offers.filter(Q(live_version__starts_on=None) | Q(live_version__starts_on__lte=last))
        return offers

    def south_south(self):
        """South-South or triangular cooperation."""
        return self.exclude(live_version__cooperation=Cooperation.NONE)

    def seeking_funding_partner(self):
        return self.filter(live_version__funding_partner=FundingPartner.SOUGHT)

    def last_confirmed_first(self):
        return self.order_by("-confirmed_on", "reference")

    def longest_unconfirmed_first(self):
        return self.order_by("confirmed_on", "reference")

    @transaction.atomic
    def confirm(self, *, by, reason=""):
        """The State says that these offers still stand; each is confirmed and logged once a day.

        Returns those that were confirmed, and the others each with a sentence that says why not.
        """
        today = timezone.localdate()
        offers = list(self.select_for_update().prefetch_related("state", "live_version").order_by("pk"))
        logged = StatusChange.objects.filter(offer__in=offers, step=Step.CONFIRM, at__date=today)
        logged = set(logged.values_list("offer", flat=True))
        confirmed, refused = [], []
        for offer in offers:
            if refusal := offer.why_not_confirmed(logged_today=offer.pk in logged):
                refused.append((offer, refusal))
            else:
                offer.set_clock()
                confirmed.append(offer)
        if confirmed:
            self.model.objects.bulk_update(confirmed, ["confirmed_on", "valid_until"])
            StatusChange.objects.bulk_create(
                StatusChange(offer=offer, version=offer.live_version, step=Step.CONFIRM, by=by, reason=reason)
                for offer in confirmed
            )
            # Rows that are written together send no signals.
            CatalogueRevision.change()
        return confirmed, refused

    def known_to_isu(self):
        """That a State has handed in at some time, or that the ISU has entered for it."""
        return self.filter(pk__in=OfferVersion.objects.known_to_isu().values("offer"))

    def called(self, words):
        """By that reference, or with all the words in a title that the ISU may read."""
        titled = OfferVersion.objects.readable_by_isu()
        for word in words.split():
            titled = titled.filter(title__icontains=word)
        return self.filter(Q(reference__icontains=words) | Q(pk__in=titled.values("offer")))

    def by_state(self):
        return self.order_by(f"state__position_{name_suffix()}", "state__iso3", "reference")

    def ever_published(self):
        return self.filter(live_version__isnull=False)

    def of_focal_point(self, user):
        """All offers of the State the person writes for today, in whatever status."""
        return self.filter(state__in=State.objects.represented_by(user))

    def written_by(self, user):
        """Whose open version the person may write today: of the own State; for the ISU, begun on a State's behalf.

        What a State itself is writing belongs to the State alone.
        """
        if user.is_isu:
            return self.filter(pk__in=OfferVersion.objects.open().on_behalf().values("offer"))
        return self.of_focal_point(user)

    def for_cards(self):
        """With all that a result card prints, in a fixed number of queries."""
        return self.select_related(
            "state", "live_version__primary_area", "live_version__form", "live_version__original_language"
        ).prefetch_related("live_version__languages", prefetch_translations("live_version__translations"))

    def for_records(self):
        """With all that lists, feeds and the API say of an offer, in a fixed number of queries.

        Of reference data little more than code and names is fetched: a term comes once for each offer that has it.
        What there may be several of comes as lists, such as `all_languages`: half of the time would go into
        querysets that nobody narrows.
        """
        states = named(State, "iso3", *(f"position_{language}" for language in SUFFIXES.values()))
        languages, areas = named(Language, "code"), named(Area, "code")
        plain = {
            "original_language": languages,
            "form": named(Form, "code"),
            # The version puts these two together.
            "primary_area": areas,
            "more_areas": areas,
        }
        as_lists = {
            "languages": languages,
            "recipient_regions": named(Region, "un_m49"),
            "recipient_groups": named(RegionalBody, "short_name", names="group_name"),
            "recipient_states": states,
            "links": OfferLink.objects.all(),
        }
        partners = OfferPartner.objects.named().prefetch_related(Prefetch("state", states))
        return self.select_related("live_version").prefetch_related(
            Prefetch("state", states),
            *(Prefetch(f"live_version__{relation}", rows) for relation, rows in plain.items()),
            *(Prefetch(f"live_version__{relation}", rows, f"all_{relation}") for relation, rows in as_lists.items()),
            Prefetch("live_version__partners", partners, "named_partners"),
            prefetch_translations("live_version__translations"),
        )


def named(model, *fields, names="name"):
    """Rows of reference data with nothing but these fields and their names in six languages."""
    return model.objects.only(*fields, *(f"{names}_{language}" for language in SUFFIXES.values()))


class Offer(models.Model):
    reference = models.CharField(_("reference"), max_length=20, unique=True, editable=False)
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="offers", verbose_name=_("State"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    live_version = models.OneToOneField(
        OfferVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    first_published_on = models.DateField(_("first published on"), null=True, blank=True, editable=False)
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True, editable=False)
    # The last day ends at midnight in the portal's time zone.
    valid_until = models.DateField(_("stands until"), null=True, blank=True, editable=False)
    ended_as = models.CharField(_("ended as"), max_length=20, choices=Ending, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    ended_reason = models.TextField(_("reason"), blank=True, editable=False)
    is_sample = models.BooleanField(_("illustrative record"), default=False, editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["reference"]
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(
                name="offer_live_has_dates",
                condition=Q(live_version=None)
                | Q(confirmed_on__isnull=False, valid_until__isnull=False, first_published_on__isnull=False),
                violation_error_message=_("A published offer has been confirmed and has a last day."),
            ),
            models.CheckConstraint(
                name="offer_ended_has_time",
                condition=Q(ended_as="", ended_at=None) | (~Q(ended_as="") & Q(ended_at__isnull=False)),
                violation_error_message=_("An offer that has ended says when."),
            ),
        ]
        indexes = [models.Index(fields=["confirmed_on"], name="offer_confirmed_on")]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return reverse("offers:detail", args=[self.reference])

    @classmethod
    def begin(cls, *, state, by, is_sample=False, note_verbale="", note_verbale_date=None):
        """A new offer with an empty first draft; by the ISU on a State's behalf, on the note verbale of the State."""
        paper = paper_of(state, by, note_verbale, note_verbale_date)
        with transaction.atomic():
            offer = cls.objects.create(reference=ReferenceCounter.next("PFP"), state=state, is_sample=is_sample)
            version = offer.versions.create(number=1, author=by, **paper)
            offer._log_draft(version, by=by)
        return offer

    @classmethod
    @transaction.atomic
    def begin_once(cls, *, state, by, **paper):
        """What the first of two presses has begun, as long as nothing is written in it; otherwise a new offer."""
        # One after the other, or two presses at the same moment would not see each other's draft.
        State.objects.select_for_update().get(pk=state.pk)
        begun = {"note_verbale": "", "note_verbale_date": None} | paper
        untouched = OfferVersion.objects.open().filter(
            offer__state=state, author=by, number=1, edit_number=1, title="", status=VersionStatus.DRAFT, **begun
        )
        version = untouched.select_related("offer").order_by("pk").last()
        return version.offer if version else cls.begin(state=state, by=by, **paper)

    @property
    def open_version(self):
        """The version being written or reviewed, or None."""
        return self.versions.open().first()

    @property
    def has_ended(self):
        return bool(self.ended_as)

    @property
    def standing_in_words(self):
        """Where the offer stands with the public, for lists; "" if it was never published."""
        if self.has_ended:
            return self.get_ended_as_display()
        if self.live_version_id is None:
            return ""
        if not self.state.is_party():
            return _("Hidden: not a State Party")
        if self.is_expired:
            return _("Ended on its last day")
        return self.freshness.label if self.is_suspended else _("In the catalogue")

    @property
    def can_be_taken_down(self):
        return self.live_version_id is not None and not self.has_ended

    @property
    def can_be_undone(self):
        return self.undo_until is not None and timezone.now() <= self.undo_until

    @property
    def undo_until(self):
        """Until when an ending by the State can be undone; None where there is none, or the ISU has taken it down."""
        if self.ended_as in ("", Ending.TAKEN_DOWN):
            return None
        return self.ended_at + timedelta(hours=settings.UNDO_HOURS)

    @property
    def is_expired(self):
        today = timezone.localdate()
        if self.valid_until is None or self.valid_until >= today:
            return False
        # As in `within_last_day`.
        clock = closing.clock(today)
        return clock == today or self.valid_until < clock or self.live_version.valid_until is not None

    @property
    def has_outlived_its_last_day(self):
        """The State itself has said until when it stands; a confirmation does not move that day."""
        return self.live_version is not None and self.live_version.valid_until is not None and self.is_expired

    @property
    def freshness(self):
        # After its last day an offer ages no further: what was hidden then stays hidden.
        age = (min(closing.clock(timezone.localdate()), self.valid_until) - self.confirmed_on).days
        return next((stage for stage, days in reversed(stages_of_age()) if age >= days), Freshness.FRESH)

    @property
    def is_suspended(self):
        """Hidden from the catalogue until the State confirms it, or for as long as the State is not a party."""
        return self.freshness == Freshness.SUSPENDED or not self.state.is_party()

    # Steps

    def lock(self, *, ended=False):
        """Hold the row for the rest of the transaction and read it afresh.

        Raises if the offer has ended; with `ended`, if it has not.
        """
        fresh = Offer.objects.select_for_update().get(pk=self.pk)
        if fresh.has_ended and not ended:
            raise StepNotAllowed(_("Nothing changed: this offer has ended."))
        if ended and not fresh.has_ended:
            raise StepNotAllowed(_("Nothing changed: this offer has not ended, or has been brought back already."))
        self.refresh_from_db()

    def edit(self, *, by, note_verbale="", note_verbale_date=None):
        """The open version, or a new one copied from the live one (from the last one if none was ever live).

        The ISU, on a State's behalf, opens only what it has itself begun on the same note verbale.
        """
        paper = paper_of(self.state, by, note_verbale, note_verbale_date)
        with transaction.atomic():
            self.lock()
            version = self.open_version
            if version is None:
                version = (self.live_version or self.versions.last()).copy_for(self, author=by, **paper)
                self._log_draft(version, by=by)
            elif by.is_isu and any(getattr(version, name) != value for name, value in paper.items()):
                raise StepNotAllowed(
                    _(
                        "Nothing changed: the State is writing a new version of this offer itself, or one entered on "
                        "another note verbale is still open. Only one can be open at a time."
                    )
                )
        return version

    def clone(self, *, by, note_verbale="", note_verbale_date=None):
        """A new offer of the same State that begins with this one's words."""
        paper = paper_of(self.state, by, note_verbale, note_verbale_date)
        with transaction.atomic():
            # What the State itself is writing is not for the ISU to copy.
            newest = self.versions.readable_by_isu() if by.is_isu else self.versions.all()
            source = (None if by.is_isu else self.open_version) or self.live_version or newest.last()
            if source is None:
                raise StepNotAllowed(_("Nothing changed: the State is still writing this offer."))
            offer = Offer.objects.create(
                reference=ReferenceCounter.next("PFP"), state=self.state, is_sample=self.is_sample
            )
            version = source.copy_for(offer, author=by, **paper)
            offer._log_draft(version, by=by)
        return offer

    def make_live(self, version):
        """Point to the version that has just been published; called by its `publish` step only."""
        self.live_version = version
        self.first_published_on = self.first_published_on or timezone.localdate()
        self._start_clock()

    def confirm(self, *, by, reason=""):
        """The State says that the published offer still stands, whether or not it is writing a new version."""
        with transaction.atomic():
            _confirmed, refused = Offer.objects.filter(pk=self.pk).confirm(by=by, reason=reason)
            for _offer, refusal in refused:
                raise StepNotAllowed(refusal)
            self.refresh_from_db()
            self._tell_state_of_entry(Step.CONFIRM, by=by, reason=reason)

    def why_not_confirmed(self, *, logged_today=False):
        """Why a confirmation would change nothing, as a sentence for the person; None if it would."""
        if self.has_ended:
            return _("Nothing changed: this offer has ended.")
        if self.live_version is None or not self.state.is_party():
            return _("Nothing changed: this offer is not in the catalogue.")
        if self.has_outlived_its_last_day:
            return _("Nothing changed: the last day of this offer has passed. Change the last day.")
        if logged_today and self.confirmed_on == timezone.localdate():
            return _("Nothing changed: this offer has already been confirmed today.")
        return None

    def withdraw(self, *, by, reason=""):
        """Take the offer out of the catalogue at once; no moderation. Can be undone for some hours."""
        self._end_by_state(Ending.WITHDRAWN, Step.WITHDRAW, by=by, reason=reason)

    def fulfil(self, *, by, reason=""):
        """The assistance has been given and is no longer available. Can be undone for some hours."""
        self._end_by_state(Ending.FULFILLED, Step.FULFIL, by=by, reason=reason)

    def bring_back(self, *, by, reason=""):
        """Undo an ending, so that all is as before, an open version too.

        What the State has ended, within some hours, by the State; by the ISU only if it had itself entered that on
        the State's behalf. What the ISU has taken down, at any time, by the ISU.
        """
        from offers import notifications
        from offers.search import index

        with transaction.atomic():
            self.lock(ended=True)
            if refusal := self._why_not_brought_back(by):
                raise StepNotAllowed(refusal)
            self.ended_as, self.ended_at, self.ended_reason = "", None, ""
            self.save(update_fields=["ended_as", "ended_at", "ended_reason"])
            self._log(Step.BRING_BACK, by=by, version=self.live_version, reason=reason)
            index.write_offer(self)
            notifications.tell_of_return(self, by=by)

    def may_be_brought_back_by(self, user):
        return self.has_ended and self._why_not_brought_back(user) is None

    def _why_not_brought_back(self, by):
        if self.ended_as == Ending.TAKEN_DOWN and by.is_isu:
            return None
        if self.ended_as == Ending.TAKEN_DOWN:
            return _("Nothing changed: the ISU has taken this offer down. Please write to the ISU.")
        if by.is_isu and not self.status_changes.filter(step=self.ended_by_step).last().by.is_isu:
            return _("Nothing changed: the State itself has ended this offer, so only the State brings it back.")
        if not self.can_be_undone:
            return _(
                "Nothing changed: it is too late to bring this offer back. It can be copied, and the copy be submitted."
            )
        return None

    @property
    def ended_by_step(self):
        return {Ending.WITHDRAWN: Step.WITHDRAW, Ending.FULFILLED: Step.FULFIL, Ending.TAKEN_DOWN: Step.TAKE_DOWN}[
            self.ended_as
        ]

    def take_down(self, *, by, reason):
        """The ISU takes a published offer out of the catalogue at once, and tells the State why."""
        from offers import notifications

        demand_reason(reason)
        with transaction.atomic():
            self.lock()
            if self.live_version is None:
                raise StepNotAllowed(_("Nothing changed: this offer is not in the catalogue."))
            self._end(Ending.TAKEN_DOWN, Step.TAKE_DOWN, by=by, reason=reason)
            notifications.tell_state_of_taking_down(self)

    def set_clock(self):
        """The days that follow from a confirmation today; not saved."""
        self.confirmed_on = timezone.localdate()
        self.valid_until = self.live_version.valid_until or months_after(
            self.confirmed_on, settings.OFFER_DEFAULT_MONTHS
        )

    def _start_clock(self):
        self.set_clock()
        self.save(update_fields=["live_version", "first_published_on", "confirmed_on", "valid_until"])

    def _end_by_state(self, ending, step, *, by, reason):
        from offers import notifications

        with transaction.atomic():
            self._end(ending, step, by=by, reason=reason)
            notifications.tell_isu_of_ending(self, by=by)
            self._tell_state_of_entry(step, by=by, reason=reason)

    def _end(self, ending, step, *, by, reason):
        from offers.search import index

        with transaction.atomic():
            self.lock()
            self.ended_as, self.ended_at, self.ended_reason = ending, timezone.now(), reason
            self.save(update_fields=["ended_as", "ended_at", "ended_reason"])
            self._log(step, by=by, version=self.live_version, reason=reason)
            index.remove_offer(self)

    def _log_draft(self, version, *, by):
        """A draft is begun; the log keeps the note verbale, whatever becomes of the version."""
        self._log(Step.BEGIN, by=by, version=version, to_status=VersionStatus.DRAFT, reason=version.paper)
        self._tell_state_of_entry(Step.BEGIN, by=by, reason=version.paper)

    def _tell_state_of_entry(self, step, *, by, reason):
        """What the ISU enters in a State's name, the State is told."""
        from offers import notifications

        if by is not None and by.is_isu:
            notifications.tell_state_of_entry(self, step, reason)

    def _log(self, step, *, by, version=None, to_status="", reason=""):
        self.status_changes.create(step=step, by=by, version=version, to_status=to_status, reason=reason)
