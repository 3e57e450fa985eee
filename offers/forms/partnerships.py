"""What a State asked to be named as partner answers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models import PartnerAnswer

from .fields import Textarea, TextField


class DeclineForm(forms.Form):
    # The answer that was read: a colleague may have given another one meanwhile.
    seen = forms.ChoiceField(choices=PartnerAnswer, widget=forms.HiddenInput)
    reason = TextField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=Textarea({"rows": 2}),
        help_text=_("Optional; sent to the State that makes the offer, and seen by the ISU."),
    )
