"""What the trial is judged against, what it costs, and why something was not reached."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offers.models import StaleEdit, StepNotAllowed

from ..append_only import TOO_LATE
from ..periods import Period
from .indicators import Indicator


class TrialPeriodQuerySet(models.QuerySet):
    def with_targets(self, indicators):
        """With the number of these indicators that have a target."""
        number = Count("targets__indicator", distinct=True, filter=Q(targets__indicator__in=indicators))
        # What is grouped is not ordered by itself.
        return self.annotate(target_count=number).order_by("-first")


class TrialPeriod(models.Model):
    """A time that is judged against targets."""

    name = models.CharField(_("Name"), max_length=100, unique=True)
    first = models.DateField(_("First day"))
    last = models.DateField(_("Last day"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = TrialPeriodQuerySet.as_manager()

    class Meta:
        ordering = ["-first"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=F("first")),
                name="trial_period_order",
                violation_error_message=_("The last day comes before the first."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("analytics:trial_period", args=[self.pk])

    @property
    def days(self):
        return Period(self.first, self.last)

    @property
    def has_begun(self):
        return self.first <= timezone.localdate()

    @property
    def is_over(self):
        return self.last < timezone.localdate()

    def set_target(self, indicator, *, by, **values):
        """A further row: the last one that was set holds. Refused in words once the period has begun."""
        too_late = _("This period has begun: its targets are fixed, and none can be set any more.")
        if self.has_begun:
            raise StepNotAllowed(too_late)
        try:
            with transaction.atomic():
                return self.targets.create(indicator=indicator, set_by=by, **values)
        except IntegrityError as error:
            # Somebody was faster, or the period has begun since it was read.
            if TOO_LATE in str(error):
                raise StepNotAllowed(too_late) from error
            raise StepNotAllowed(
                _(
                    "A target for this indicator has been set today already, and it cannot be changed. From tomorrow "
                    "on another one can be set, which is then shown beside it."
                )
            ) from error

    def give_reason(self, indicator, *, by, reason, action):
        """A further row, unless the very same has just been said."""
        last = self.reasons.filter(indicator=indicator).last()
        if last is None or (last.reason, last.action) != (reason, action):
            self.reasons.create(indicator=indicator, by=by, reason=reason, action=action)


class IndicatorTarget(models.Model):
    """What an indicator has to reach, agreed before the period.

    The database refuses a target once its period has begun, and any later change (`analytics/append_only.py`):
    a changed target is a new row, shown beside the old one.
    """

    period = models.ForeignKey(TrialPeriod, on_delete=models.PROTECT, related_name="targets")
    indicator = models.CharField(_("Indicator"), max_length=3, choices=Indicator)
    # In the unit of the indicator; shares in per cent.
    baseline = models.DecimalField(_("Baseline"), max_digits=10, decimal_places=2, null=True, blank=True)
    met_at = models.DecimalField(_("Met at"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)])
    partly_at = models.DecimalField(
        _("Partly met at"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)]
    )
    min_n = models.PositiveIntegerField(_("Fewest cases for a verdict"))
    document = models.CharField(_("Document that set it"), max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_on = models.DateField(_("Set on"), default=timezone.localdate, editable=False)

    class Meta:
        ordering = ["indicator", "set_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "indicator", "set_on"],
                name="indicator_target_once_a_day",
                violation_error_message=_("A target for this indicator has been set today already."),
            ),
            models.CheckConstraint(
                condition=Q(partly_at__lte=F("met_at")),
                name="indicator_target_order",
                violation_error_message=_("What is partly met cannot be more than what is met."),
            ),
            models.CheckConstraint(
                condition=~Q(document=""),
                name="indicator_target_has_document",
                violation_error_message=_("Name the document that set the target."),
            ),
        ]

    def __str__(self):
        return f"{self.indicator} {self.period}: {self.met_at}"


class VerdictReason(models.Model):
    """Why a target was not met, and what is proposed; the last one holds, and the former ones stay."""

    period = models.ForeignKey(TrialPeriod, on_delete=models.PROTECT, related_name="reasons")
    indicator = models.CharField(max_length=3, choices=Indicator)
    reason = models.CharField(_("Reason"), max_length=500)
    action = models.CharField(_("Proposed action"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.indicator} {self.period}"


class Milestone(models.Model):
    """A day that explains figures, such as the launch or a Meeting of the States Parties."""

    day = models.DateField(_("Day"))
    name = models.CharField(_("What happened"), max_length=100)

    class Meta:
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "name"],
                name="milestone_once",
                violation_error_message=_("This is on the list already."),
            )
        ]

    def __str__(self):
        return f"{self.day} {self.name}"


class MonthCost(models.Model):
    """What a month cost the ISU."""

    month = models.DateField(_("Month"), unique=True, help_text=_("Its first day."))
    hours = models.DecimalField(_("Hours of work"), max_digits=7, decimal_places=1, validators=[MinValueValidator(0)])
    hosting = models.DecimalField(
        _("Hosting"), max_digits=9, decimal_places=2, validators=[MinValueValidator(0)], help_text=_("In Swiss francs.")
    )
    note = models.CharField(_("Note"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-month"]
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="month_cost_first_day")]

    def __str__(self):
        return f"{self.month:%Y-%m}"

    @property
    def mark(self):
        """What a form names that was opened with these numbers."""
        return self.at.isoformat()

    @classmethod
    def enter(cls, month, *, by, seen, **values):
        """Write what the month cost; StaleEdit if somebody else has written since `seen`, the mark that was read."""
        try:
            with transaction.atomic():
                cost = cls.objects.select_for_update().filter(month=month).first()
                if cost and all(getattr(cost, name) == value for name, value in values.items()):
                    return cost
                if seen != (cost.mark if cost else ""):
                    raise StaleEdit
                values |= {"by": by, "at": timezone.now()}
                if cost is None:
                    # Not `update_or_create`, by which the second of two who enter a month would overwrite the first.
                    return cls.objects.create(month=month, **values)
                for name, value in values.items():
                    setattr(cost, name, value)
                cost.save()
                return cost
        except IntegrityError as error:
            raise StaleEdit from error
