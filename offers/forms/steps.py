"""What a step of an offer asks of whoever takes it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models.errors import REASON_NEEDED

from .fields import Textarea, TextField

READ_AGAIN = _("Nothing has changed yet. Please read the page again, then press the button.")


class SubmissionForm(forms.Form):
    # The edit that was read: nobody declares for a text that a colleague has changed meanwhile.
    seen = forms.IntegerField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(["required", "invalid"], READ_AGAIN)
    )
    declaration = forms.BooleanField(
        label=_(
            "The offer serves humanitarian purposes, is in line with Articles 1 and 3 of the Convention and with the "
            "export law of the State, and I may make it on the State's behalf."
        ),
        error_messages={"required": _("Confirm the declaration to submit the offer.")},
    )
    note_to_isu = TextField(
        label=_("Note to the ISU"),
        max_length=500,
        required=False,
        widget=Textarea({"rows": 3}),
        help_text=_("Optional; not published."),
    )


class ReasonForm(forms.Form):
    reason = TextField(
        label=_("Reason"),
        max_length=2000,
        widget=Textarea({"rows": 4}),
        help_text=_("The State reads this text as you write it."),
        error_messages={"required": REASON_NEEDED},
    )


class EndingForm(forms.Form):
    reason = TextField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=Textarea({"rows": 2}),
        help_text=_("Optional; seen by your State and the ISU only."),
    )
