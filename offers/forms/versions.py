"""What is asked on the page of all versions."""

from datetime import datetime, time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .fields import DateInput


class MomentForm(forms.Form):
    """A moment in the past: a day, and perhaps a time; without one, the end of that day."""

    on = forms.DateField(label=_("Day"), widget=DateInput)
    at = forms.TimeField(
        label=_("Time"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=_("In Geneva. Without a time, the end of the day."),
    )

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Choose a day that is not in the future."))
        if day.year < 1900:
            raise forms.ValidationError(_("Choose a day since the year 1900."))
        return day

    @property
    def moment(self):
        """Never later than now: nobody knows yet what will be seen then."""
        clock = self.cleaned_data["at"] or time.max
        return min(timezone.make_aware(datetime.combine(self.cleaned_data["on"], clock)), timezone.now())
