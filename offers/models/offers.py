"""An offer: one kind of assistance a State can give, with an identity that never changes."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, IntegerField, Prefetch, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Language, Region, RegionalBody, State
from contacts.models.reference import SUFFIXES

from .choices import Cooperation, Ending, Freshness, FundingPartner, Step, VersionStatus
from .parts import OfferLink, OfferPartner
from .taxonomy import Area, Form
from .versions import OfferVersion, StepNotAllowed
from .wording import months_after


class ReferenceCounter(models.Model):
    """The last number given in a series in a year."""

    series = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="reference_counter_once")]

    def __str__(self):
        return f"{self.series}-{self.year}-{self.last:04d}"

    @classmethod
    def next(cls, series):
        """The next reference, such as PFP-2027-0042. Numbers may be skipped, never given twice."""
        with transaction.atomic():
            counter, _created = cls.objects.select_for_update().get_or_create(
                series=series, year=timezone.localdate().year
            )
            counter.last += 1
            counter.save()
        return str(counter)


def stages_of_age():
    """The stages after FRESH, each with the days since the confirmation on which it begins."""
    return [
        (Freshness.DUE, settings.OFFER_DUE_DAYS),
        (Freshness.OVERDUE, settings.OFFER_OVERDUE_DAYS),
        (Freshness.SUSPENDED, settings.OFFER_SUSPENDED_DAYS),
    ]


class OfferQuerySet(models.QuerySet):
    def standing(self, on=None):
        """Published, not ended, within their last day, of States Parties; suspended ones included."""
        on = on or timezone.localdate()
        return self.filter(
            live_version__isnull=False, ended_as="", valid_until__gte=on, state__in=State.objects.parties(on)
        )

    def public(self, on=None):
        """What the catalogue may show: standing, and confirmed recently enough."""
        on = on or timezone.localdate()
        return self.standing(on).filter(confirmed_on__gt=on - timedelta(days=settings.OFFER_SUSPENDED_DAYS))

    def with_staleness(self, on=None):
        """With the number of stages that have passed since the confirmation: 0 for fresh, 3 for suspended."""
        on = on or timezone.localdate()
        stages = enumerate(days for _stage, days in stages_of_age())
        return self.annotate(
            staleness=Case(
                *(When(confirmed_on__gt=on - timedelta(days=days), then=number) for number, days in stages),
                default=len(stages_of_age()),
                output_field=IntegerField(),
            )
        )

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
        ).prefetch_related("live_version__languages")

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
    def begin(cls, *, state, by, is_sample=False):
        """A new offer with an empty first draft."""
        with transaction.atomic():
            offer = cls.objects.create(reference=ReferenceCounter.next("PFP"), state=state, is_sample=is_sample)
            version = offer.versions.create(number=1, author=by)
            offer._log(Step.BEGIN, by=by, version=version, to_status=VersionStatus.DRAFT)
        return offer

    @property
    def open_version(self):
        """The version being written or reviewed, or None."""
        return self.versions.open().first()

    @property
    def has_ended(self):
        return bool(self.ended_as)

    @property
    def is_expired(self):
        return self.valid_until is not None and self.valid_until < timezone.localdate()

    @property
    def freshness(self):
        # After its last day an offer ages no further: what was hidden then stays hidden.
        age = (min(timezone.localdate(), self.valid_until) - self.confirmed_on).days
        return next((stage for stage, days in reversed(stages_of_age()) if age >= days), Freshness.FRESH)

    @property
    def is_suspended(self):
        """Hidden from the catalogue until the State confirms it, or for as long as the State is not a party."""
        return self.freshness == Freshness.SUSPENDED or not self.state.is_party()

    # Steps

    def lock(self):
        """Hold the row for the rest of the transaction and read it afresh, or raise if the offer has ended."""
        fresh = Offer.objects.select_for_update().get(pk=self.pk)
        if fresh.has_ended:
            raise StepNotAllowed(_("Nothing changed: this offer has ended."))
        self.refresh_from_db()

    def edit(self, *, by):
        """The open version, or a new one copied from the live one (from the last one if none was ever live)."""
        with transaction.atomic():
            self.lock()
            version = self.open_version
            if version is None:
                version = (self.live_version or self.versions.last()).copy_for(self, author=by)
                self._log(Step.BEGIN, by=by, version=version, to_status=VersionStatus.DRAFT)
        return version

    def clone(self, *, by):
        """A new offer of the same State that begins with this one's words."""
        with transaction.atomic():
            source = self.open_version or self.live_version or self.versions.last()
            offer = Offer.objects.create(
                reference=ReferenceCounter.next("PFP"), state=self.state, is_sample=self.is_sample
            )
            version = source.copy_for(offer, author=by)
            offer._log(Step.BEGIN, by=by, version=version, to_status=VersionStatus.DRAFT)
        return offer

    def make_live(self, version):
        """Point to the version that has just been published; called by its `publish` step only."""
        self.live_version = version
        self.first_published_on = self.first_published_on or timezone.localdate()
        self._start_clock()

    def confirm(self, *, by):
        """The State says that the published offer still stands."""
        with transaction.atomic():
            self.lock()
            if self.live_version is None or not self.state.is_party():
                raise StepNotAllowed(_("Nothing changed: this offer is not in the catalogue."))
            if self.live_version.valid_until and self.is_expired:
                raise StepNotAllowed(_("Nothing changed: the last day of this offer has passed. Change the last day."))
            self._start_clock()
            self._log(Step.CONFIRM, by=by, version=self.live_version)

    def withdraw(self, *, by, reason=""):
        """Take the offer out of the catalogue at once; no moderation."""
        self._end(Ending.WITHDRAWN, Step.WITHDRAW, by=by, reason=reason)

    def fulfil(self, *, by, reason=""):
        """The assistance has been given and is no longer available."""
        self._end(Ending.FULFILLED, Step.FULFIL, by=by, reason=reason)

    def _start_clock(self):
        self.confirmed_on = timezone.localdate()
        self.valid_until = self.live_version.valid_until or months_after(
            self.confirmed_on, settings.OFFER_DEFAULT_MONTHS
        )
        self.save(update_fields=["live_version", "first_published_on", "confirmed_on", "valid_until"])

    def _end(self, ending, step, *, by, reason):
        from offers.search import index

        with transaction.atomic():
            self.lock()
            self.ended_as, self.ended_at, self.ended_reason = ending, timezone.now(), reason
            self.save(update_fields=["ended_as", "ended_at", "ended_reason"])
            self._log(step, by=by, version=self.live_version, reason=reason)
            index.remove_offer(self)

    def _log(self, step, *, by, version=None, to_status="", reason=""):
        self.status_changes.create(step=step, by=by, version=version, to_status=to_status, reason=reason)
