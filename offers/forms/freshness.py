"""What is asked of whoever confirms offers, and of the ISU before it writes to a Permanent Mission."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import Textarea, TextField

NOTHING_TICKED = _("Tick the offers that are still valid.")


class ConfirmForm(forms.Form):
    """The offers that were ticked, of those that were shown; the page prints the boxes itself."""

    offers = forms.TypedMultipleChoiceField(
        label=_("Offers that are still valid"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": NOTHING_TICKED, "invalid_choice": NOTHING_TICKED},
    )

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        # All that were shown, since what may be ticked can change before the button is pressed.
        self.fields["offers"].choices = [(row.offer.pk, row.offer.reference) for row in rows]
        self.ticked = self.data.getlist("offers") if self.is_bound else None

    def is_ticked(self, row):
        return self.ticked is None or str(row.offer.pk) in self.ticked


class MissionLetterForm(forms.Form):
    # The offers that were read about: nobody sends a letter about others.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    text = TextField(
        label=_("Text of the letter"),
        max_length=5000,
        widget=Textarea({"rows": 24}),
        help_text=_("It is sent as it stands here. Answers go to the mailbox of the ISU."),
        error_messages={"required": _("Write the text of the letter.")},
    )
