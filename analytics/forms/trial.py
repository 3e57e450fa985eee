"""What the ISU enters about the trial: periods, targets, reasons, milestones and costs."""

from django import forms
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from offers.forms.fields import DateInput, LineField, ShortField, Textarea, TextField

from ..indicators.measures import Unit
from ..indicators.verdicts import least_cases, needs_cases, unit_of
from ..models import IndicatorTarget, Milestone, MonthCost, TrialPeriod, VerdictReason
from ..trial import unit_in_words

LONGEST_YEARS = 5


def longest(model, name):
    return model._meta.get_field(name).max_length


class TrialPeriodForm(forms.ModelForm):
    """A name and days that lie ahead; once there are targets, the name alone."""

    name = ShortField(
        label=_("Name"), max_length=longest(TrialPeriod, "name"), help_text=_("Such as “First year of the trial”.")
    )

    class Meta:
        model = TrialPeriod
        fields = ["name", "first", "last"]
        widgets = {"first": DateInput, "last": DateInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.has_targets = bool(self.instance.pk) and self.instance.targets.exists()
        if self.has_targets:
            del self.fields["first"], self.fields["last"]

    def clean_name(self):
        name = self.cleaned_data["name"]
        if TrialPeriod.objects.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a period with this name already."))
        return name

    def clean_first(self):
        first = self.cleaned_data["first"]
        if first <= timezone.localdate() and first != self.initial.get("first"):
            raise forms.ValidationError(
                _("Targets are set before a period begins, so its first day is tomorrow or later.")
            )
        return first

    def clean(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last.year - first.year > LONGEST_YEARS:
            self.add_error("last", _("A period has at most five years. Check the year of the last day."))
        return self.cleaned_data

    def save_by(self, user):
        """The period, or None with the reason among the errors: somebody was faster."""
        if not self.instance.pk:
            self.instance.made_by = user
        try:
            with transaction.atomic():
                return self.save()
        except IntegrityError:
            self.add_error(
                None,
                _("Nothing was saved: somebody else has just set a target for this period, or used this name."),
            )
            return None


class TargetForm(forms.ModelForm):
    document = LineField(
        label=_("Document that set it"),
        max_length=longest(IndicatorTarget, "document"),
        help_text=_(
            "A document of the Committee on the Enhancement of Cooperation and Assistance or of a Meeting of the "
            "States Parties, with its number and date."
        ),
        error_messages={"required": _("Name the document that set the target.")},
    )

    class Meta:
        model = IndicatorTarget
        fields = ["met_at", "partly_at", "baseline", "min_n", "document"]

    def __init__(self, indicator, *args, **kwargs):
        self.indicator = indicator
        super().__init__(*args, initial={"min_n": least_cases(indicator)}, **kwargs)
        unit = unit_in_words(indicator)
        self.fields["met_at"].help_text = unit
        self.fields["partly_at"].help_text = _("%(unit)s At most as much as above.") % {"unit": unit}
        self.fields["baseline"].help_text = _("%(unit)s What it was before, if that is known.") % {"unit": unit}
        if needs_cases(indicator):
            self.fields["min_n"].help_text = _("On fewer cases the verdict is “not enough data”.")
        else:
            # All there is is counted, so no case can be missing.
            del self.fields["min_n"]

    def clean(self):
        if unit_of(self.indicator) == Unit.SHARE:
            for name in ("met_at", "partly_at", "baseline"):
                if (value := self.cleaned_data.get(name)) is not None and value > 100:
                    self.add_error(name, _("A share is 100 per cent at most."))
        return self.cleaned_data

    @property
    def values(self):
        return {"min_n": 0} | self.cleaned_data


class ReasonForm(forms.ModelForm):
    reason = TextField(
        label=_("Reason"),
        max_length=longest(VerdictReason, "reason"),
        widget=Textarea({"rows": 4}),
        error_messages={"required": _("Say why the target was not met.")},
    )
    action = TextField(
        label=_("Proposed action"),
        max_length=longest(VerdictReason, "action"),
        widget=Textarea({"rows": 4}),
        error_messages={"required": _("Say what you propose to do.")},
    )

    class Meta:
        model = VerdictReason
        fields = ["reason", "action"]


class MilestoneForm(forms.ModelForm):
    name = ShortField(
        label=_("What happened"),
        max_length=longest(Milestone, "name"),
        error_messages={"required": _("Say what happened on that day.")},
    )

    class Meta:
        model = Milestone
        fields = ["day", "name"]
        widgets = {"day": DateInput}

    def save_once(self):
        """False, with the reason among the errors, if it has just been added by somebody else."""
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            self.add_error(None, _("This is on the list already."))
            return False
        return True


class CostForm(forms.ModelForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    note = ShortField(
        label=_("Note"),
        max_length=longest(MonthCost, "note"),
        required=False,
        help_text=_("Optional, such as what took unusually long."),
    )

    class Meta:
        model = MonthCost
        fields = ["hours", "hosting", "note"]

    def __init__(self, month, cost, data=None):
        super().__init__(data, instance=cost, initial={"seen": cost.mark if cost else ""})
        self.month = month
        self.fields["hours"].help_text = _("Of everybody at the ISU together, for %(month)s.") % {
            "month": date_format(month, "YEAR_MONTH_FORMAT")
        }

    @property
    def values(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
