import calendar
from datetime import date

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..figures import first_month
from ..periods import months_between
from ..visitors import reporting_zone


class PeriodForm(forms.Form):
    """Whole months, the last twelve unless others are asked for."""

    use_required_attribute = False

    def __init__(self, parameters):
        self.today = timezone.localdate(timezone=reporting_zone())
        this_month = self.today.replace(day=1)
        begin = months_between(this_month.replace(year=this_month.year - 1), this_month)[1]
        months = months_between(min(first_month() or begin, begin), this_month)
        super().__init__({"from": f"{begin:%Y-%m}", "to": f"{this_month:%Y-%m}"} | parameters.dict())
        choices = [(f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in reversed(months)]
        problem = _("Choose a month from the list.")
        # `from` can be no attribute in Python, so the fields are not declared in the class.
        for name, label in (("from", _("From")), ("to", _("To"))):
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, error_messages={"invalid_choice": problem, "required": problem}
            )

    def clean(self):
        cleaned = super().clean()
        if not self.errors and cleaned["from"] > cleaned["to"]:
            self.add_error("to", _("The last month comes before the first."))
        return cleaned

    @property
    def days(self):
        """First and last day of the period; in the present month the last is today."""
        first, last = (date.fromisoformat(f"{self.cleaned_data[name]}-01") for name in ("from", "to"))
        return first, min(last.replace(day=calendar.monthrange(last.year, last.month)[1]), self.today)
