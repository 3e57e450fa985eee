"""What the ISU enters on a State's behalf, and the note verbale on which it does."""

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import State
from offers.models import Offer
from offers.models.note_verbale import in_log

from .fields import DateInput, LineField, ShortField, Textarea, TextField


class NoteVerbaleForm(forms.Form):
    """The number and the date of the paper."""

    note_verbale = LineField(
        label=_("Number of the note verbale"),
        max_length=100,
        error_messages={"required": _("Give the number of the note verbale.")},
    )
    note_verbale_date = forms.DateField(
        label=_("Date of the note verbale"),
        widget=DateInput,
        error_messages={"required": _("Give the date of the note verbale.")},
    )

    def clean_note_verbale_date(self):
        day = self.cleaned_data["note_verbale_date"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("The date of the note verbale cannot be in the future."))
        return day

    @property
    def paper(self):
        """As the steps that begin a version take it."""
        return {name: self.cleaned_data[name] for name in ("note_verbale", "note_verbale_date")}

    @property
    def paper_in_words(self):
        """As the log keeps it."""
        return in_log(*self.paper.values())


class OfferSearchForm(forms.Form):
    """Which of the offers the ISU knows of; what is not understood narrows nothing."""

    q = ShortField(
        label=_("Title or reference"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"type": "search", "dir": "auto"}),
    )
    state = forms.ModelChoiceField(State.objects.none(), label=_("State"), required=False, to_field_name="iso3")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = Offer.objects.known_to_isu().order_by()
        self.fields["state"].queryset = State.objects.filter(pk__in=known.values("state")).in_name_order()
        self.fields["state"].empty_label = _("All States")
        self.is_valid()

    @property
    def is_narrowed(self):
        return any(self.cleaned_data.values())

    def narrow(self, offers):
        if state := self.cleaned_data.get("state"):
            offers = offers.filter(state=state)
        if words := self.cleaned_data.get("q"):
            offers = offers.called(words)
        return offers


class NewOnBehalfForm(NoteVerbaleForm):
    state = forms.ModelChoiceField(
        State.objects.none(), label=_("State Party"), error_messages={"required": _("Choose the State Party.")}
    )
    field_order = ["state", "note_verbale", "note_verbale_date"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"].queryset = State.objects.parties().in_name_order()


class Act(models.TextChoices):
    """What a State may ask the ISU to do with an offer."""

    CONFIRM = "confirm", _("Confirm that it still stands")
    CHANGE = "change", _("Change it: write a new version")
    WITHDRAW = "withdraw", _("Withdraw it")
    FULFIL = "fulfil", _("Mark it as fulfilled")
    CLONE = "clone", _("Copy it: begin a new offer with the same words")


class ActForm(NoteVerbaleForm):
    act = forms.ChoiceField(
        label=_("What does the State ask for?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what the State asks for."),
            "invalid_choice": _("This cannot be done with the offer as it now stands. Choose from the list."),
        },
    )
    reason = TextField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=Textarea({"rows": 2}),
        help_text=_("Optional, for withdrawing or marking as fulfilled. Seen by the State and the ISU only."),
    )
    field_order = ["act", "note_verbale", "note_verbale_date", "reason"]

    def __init__(self, *args, offer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["act"].choices = [(act.value, act.label) for act in acts_on(offer)]

    @property
    def words(self):
        """For the log: the note verbale, and what the State says."""
        return "\n".join(filter(None, [self.paper_in_words, self.cleaned_data["reason"]]))


def acts_on(offer):
    """What can be done with an offer as it now stands."""
    if offer.has_ended:
        return [Act.CLONE]
    if offer.live_version is None:
        return [Act.CHANGE, Act.WITHDRAW, Act.CLONE]
    return list(Act)
