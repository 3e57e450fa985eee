from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from offers.forms.fields import DateInput

from ..models import TrialPeriod
from ..periods import Period
from ..recording.visitors import reporting_zone
from ..use.comparison import first_day


@dataclass(frozen=True)
class QuickChoice:
    label: str
    period: Period
    is_chosen: bool

    @property
    def parameters(self):
        return parameters_of(self.period)


def parameters_of(period):
    """The period as it stands in an address."""
    return urlencode({"from": period.first.isoformat(), "to": period.last.isoformat()})


class PeriodForm(forms.Form):
    """Two days, both included; this month and the eleven before it unless others are asked for."""

    use_required_attribute = False

    def __init__(self, parameters):
        self.today = timezone.localdate(timezone=reporting_zone())
        self.usual = Period(months_before(self.today, 11), self.today)
        # Nothing is to be found before, and centuries of empty months would only keep the server busy.
        self.earliest = min(first_day() or self.usual.first, self.usual.first)
        asked = {name: parameters.get(name, "").strip() for name in ("from", "to")}
        usual = {"from": self.usual.first.isoformat(), "to": self.usual.last.isoformat()}
        super().__init__({name: asked[name] or usual[name] for name in usual})
        problem = _("Give the day as year, month and day, such as %(day)s.") % {"day": self.today.isoformat()}
        # `from` can be no attribute in Python, so the fields are not declared in the class.
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = forms.DateField(
                label=label, widget=DateInput, input_formats=["%Y-%m-%d"], error_messages={"invalid": problem}
            )

    def clean(self):
        days = super().clean()
        for name, day in list(days.items()):
            if not self.earliest <= day <= self.today:
                self.add_error(
                    name,
                    _("Choose a day from %(first)s to %(last)s: there are figures of these only.")
                    % {"first": date_format(self.earliest), "last": date_format(self.today)},
                )
        if not self.errors and days["from"] > days["to"]:
            self.add_error("to", _("The last day comes before the first."))
        return days

    @property
    def period(self):
        return Period(self.cleaned_data["from"], self.cleaned_data["to"])

    @property
    def days(self):
        return self.period.first, self.period.last

    @property
    def quick_choices(self):
        """Periods that are often asked for, and those of the trial that have begun."""
        chosen = self.period if self.is_valid() else None
        this_month = self.today.replace(day=1)
        periods = [
            (_("This month"), Period(this_month, self.today)),
            (_("Last month"), Period(months_before(self.today, 1), this_month - timedelta(days=1))),
            (_("Last 3 months"), Period(months_before(self.today, 2), self.today)),
            (_("Last 12 months"), self.usual),
        ]
        for trial in TrialPeriod.objects.filter(first__lte=self.today, last__gte=self.earliest):
            periods.append((trial.name, Period(max(trial.first, self.earliest), min(trial.last, self.today))))
        return [QuickChoice(label, period, period == chosen) for label, period in periods]


def months_before(day, number):
    """The first day of the month that so many months before."""
    month = 12 * day.year + day.month - 1 - number
    return date(month // 12, month % 12 + 1, 1)
