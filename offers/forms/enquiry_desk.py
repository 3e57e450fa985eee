"""What the desks are asked beside the answers: why the ISU ends an enquiry, and what it was told."""

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models import Side
from offers.models.enquiry_choices import REASON_MAX

from .enquiries import OutcomeForm
from .fields import Textarea, TextField


class RefuseForm(forms.Form):
    reason = TextField(
        label=_("Reason"),
        max_length=REASON_MAX,
        widget=Textarea({"rows": 3}),
        help_text=_("Kept in the log for the ISU. The sender is not written to, who may be a robot."),
        error_messages={"required": _("Say why it is not passed on, for colleagues who read this later.")},
    )


class CloseForm(forms.Form):
    reason = TextField(
        label=_("Reason"),
        max_length=REASON_MAX,
        widget=Textarea({"rows": 3}),
        help_text=_("Kept in the log for the ISU. Nobody is written to."),
        error_messages={"required": _("Say why nothing more is expected, for colleagues who read this later.")},
    )


class TelephoneForm(OutcomeForm):
    """What one of the sides has told the ISU."""

    side = forms.ChoiceField(
        label=_("Who told you?"),
        choices=Side,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose the side that told you.")),
    )
    field_order = ["side", "kind", "helped", "missing"]
