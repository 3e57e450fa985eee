import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.forms.fields import Textarea, TextField
from offers.visitor_forms import VisitorForm

from ..models import Feedback, Found


class FeedbackForm(VisitorForm):
    """One question, for visitors."""

    found = forms.ChoiceField(
        label=Feedback._meta.get_field("found").verbose_name,
        choices=Found,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer."), "invalid_choice": _("Choose one of the three answers.")},
    )
    comment = TextField(
        label=_("What was missing?"),
        help_text=_(
            "Optional. Nobody can answer you here, so please write no name, no address and nothing personal about "
            "yourself or others."
        ),
        required=False,
        max_length=Feedback._meta.get_field("comment").max_length,
        widget=Textarea({"rows": 4}),
    )

    @property
    def key(self):
        """The same for the same page: whoever goes back and answers otherwise has changed the answer."""
        return self.cleaned_data["ticket"] or uuid.uuid4()
