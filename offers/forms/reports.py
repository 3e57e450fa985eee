from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models.reports import NOTE_MAX

from .fields import ShortField


class ReportDoneForm(forms.Form):
    note = ShortField(
        label=_("Note"),
        max_length=NOTE_MAX,
        required=False,
        help_text=_("Optional; seen by the ISU only."),
    )
