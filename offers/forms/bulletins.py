"""What the ISU says in a bulletin, and of which period it tells."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import language_tag
from offers.models.bulletins import FIRST_LANGUAGE, NOTE_MAX, TITLE_MAX

from .fields import DateInput, LineField, Textarea, TextField


class PeriodForm(forms.Form):
    """Two days that have passed: what is published today would be missed by this bulletin and by the next."""

    first_day = forms.DateField(
        label=_("First day"), widget=DateInput, error_messages={"required": _("Give the first day of the period.")}
    )
    last_day = forms.DateField(
        label=_("Last day"), widget=DateInput, error_messages={"required": _("Give the last day of the period.")}
    )

    def clean_last_day(self):
        day = self.cleaned_data["last_day"]
        if day >= timezone.localdate():
            raise forms.ValidationError(
                _("The last day is yesterday or earlier. What is published today belongs to the next bulletin.")
            )
        return day

    def clean(self):
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day comes before the first."))
        return self.cleaned_data

    @property
    def period(self):
        return {name: self.cleaned_data[name] for name in ("first_day", "last_day")}


class ChoiceForm(PeriodForm):
    """The period, and which of its offers stay; those that are not ticked are left out."""

    edit_number = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, bulletin, data=None):
        period = {"first_day": bulletin.first_day, "last_day": bulletin.last_day}
        super().__init__(data, initial=period | {"edit_number": bulletin.edit_number})
        offers = list(bulletin.candidates().for_cards())
        named = {row.offer_id for row in bulletin.offers.all()}
        ticked = named if data is None else {offer.pk for offer in offers if str(offer.pk) in data.getlist("offers")}
        self.chosen = [offer.pk for offer in offers if offer.pk in ticked]
        # Each offer, whether it is ticked, and whether it is named in what is saved.
        self.boxes = [(offer, offer.pk in ticked, offer.pk in named) for offer in offers]
        self.left_the_catalogue = len(named - {offer.pk for offer in offers})


class NoteForm(forms.Form):
    """A title and paragraphs in one language. Emptied, there is no note."""

    edit_number = forms.IntegerField(widget=forms.HiddenInput)
    title = LineField(label=_("Title"), max_length=TITLE_MAX, required=False)
    text = TextField(
        label=_("Note"),
        max_length=NOTE_MAX,
        required=False,
        widget=Textarea({"rows": 14}),
        help_text=_("Plain text. An empty line begins a new paragraph."),
    )

    def __init__(self, bulletin, language, data=None):
        self.bulletin, self.language = bulletin, language
        note = bulletin.notes_by_language.get(language)
        self.saved = {"title": note.title, "text": note.text} if note else {"title": "", "text": ""}
        super().__init__(data, initial=self.saved | {"edit_number": bulletin.edit_number})
        for name in self.saved:
            self.fields[name].widget.attrs["lang"] = language_tag(language)

    @property
    def typed(self):
        """As it would be saved."""
        return {name: self.cleaned_data.get(name, "") for name in self.saved}

    def clean(self):
        title, text = self.typed.values()
        others = self.bulletin.notes_by_language.keys() - {FIRST_LANGUAGE}
        if text and not title and "title" not in self.errors:
            self.add_error("title", _("Give the note a title."))
        elif self.language == FIRST_LANGUAGE and others and not (title or text or self.errors):
            raise forms.ValidationError(_("The other languages need the English note. Empty them first."))
        elif self.language != FIRST_LANGUAGE and FIRST_LANGUAGE not in self.bulletin.notes_by_language:
            raise forms.ValidationError(_("Write the English note first: whoever reads another language gets it."))
        return self.cleaned_data

    def differences(self):
        """Of each field that is saved in other words than those typed, its label and both texts."""
        return [
            (self[name], saved, typed)
            for (name, saved), typed in zip(self.saved.items(), self.typed.values(), strict=True)
            if saved != typed
        ]
