from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models.reports import NOTE_MAX


class ReportDoneForm(forms.Form):
    note = forms.CharField(
        label=_("Note"),
        max_length=NOTE_MAX,
        required=False,
        widget=forms.TextInput({"dir": "auto"}),
        help_text=_("Optional; seen by the ISU only."),
    )
