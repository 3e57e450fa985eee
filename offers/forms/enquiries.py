"""What the side that is asked says of an enquiry, at its desk or from the link in a letter; and what came of it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models import OutcomeKind
from offers.models.enquiry_choices import ANSWER_MAX, REASON_MAX

from .fields import Textarea, TextField


class AnswerForm(forms.Form):
    text = TextField(
        label=_("Your answer"),
        max_length=ANSWER_MAX,
        widget=Textarea({"rows": 8}),
        help_text=_("The portal sends it to the sender as you write it."),
        error_messages={"required": _("Write the answer that the sender is to read.")},
    )


class DeclineForm(forms.Form):
    reason = TextField(
        label=_("Reason"),
        max_length=REASON_MAX,
        widget=Textarea({"rows": 4}),
        help_text=_("The sender reads it as you write it."),
        error_messages={"required": _("Say why, so that the sender knows whether to ask somebody else.")},
    )


class HandOverForm(forms.Form):
    to = forms.ChoiceField(
        label=_("To whom?"),
        error_messages=dict.fromkeys(
            ["required", "invalid_choice"], _("Choose to whom the enquiry is handed over; one of the list.")
        ),
    )
    note = TextField(
        label=_("Note"),
        max_length=REASON_MAX,
        required=False,
        widget=Textarea({"rows": 3}),
        help_text=_("Optional; for those who are to answer, not for the sender."),
    )

    def __init__(self, *args, places, **kwargs):
        """`places` are the destinations to choose from, such as `routing.places()`."""
        super().__init__(*args, **kwargs)
        self.places = {place.key: place for place in places}
        self.fields["to"].choices = [("", _("Choose")), *self._in_groups()]

    def _in_groups(self):
        """The choices, by who would answer then."""
        groups = {}
        for key, place in self.places.items():
            groups.setdefault(place.level.label, []).append((key, str(place)))
        return list(groups.items())

    def clean_to(self):
        """The destination itself."""
        return self.places[self.cleaned_data["to"]]


class OutcomeForm(forms.Form):
    """For either side, and for the ISU when it was told by telephone."""

    kind = forms.ChoiceField(
        label=_("What came of it?"),
        choices=OutcomeKind,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose one of the four answers.")),
    )
    helped = TextField(
        label=_("What helped?"),
        max_length=REASON_MAX,
        required=False,
        widget=Textarea({"rows": 3}),
        help_text=_("Optional; seen by the ISU only."),
    )
    missing = TextField(
        label=_("What was missing?"),
        max_length=REASON_MAX,
        required=False,
        widget=Textarea({"rows": 3}),
        help_text=_("Optional; seen by the ISU only."),
    )
