"""What a State asked to be named as partner answers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models import PartnerAnswer

from .fields import Textarea, TextField
from .steps import READ_AGAIN


class DeclineForm(forms.Form):
    # The answer that was read: a colleague may have given another one meanwhile.
    seen = forms.ChoiceField(
        choices=PartnerAnswer,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(["required", "invalid_choice"], READ_AGAIN),
    )
    reason = TextField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=Textarea({"rows": 2}),
        help_text=_("Optional; sent to the State that makes the offer, and seen by the ISU."),
    )
