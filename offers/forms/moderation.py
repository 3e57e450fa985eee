"""What the ISU is asked when it decides."""

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models import TRANSLATED, RefusalGround

from .fields import LineField, words_field
from .steps import ReasonForm


class RefusalForm(ReasonForm):
    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=RefusalGround,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the ground on which it is refused.")},
    )
    field_order = ["ground", "reason"]


class AcceptanceForm(forms.Form):
    reference = LineField(
        label=_("Reference of the paper"),
        max_length=100,
        help_text=_("For example the number and date of the note verbale in which the State accepts."),
        error_messages={"required": _("Give the reference of the paper in which the State accepts.")},
    )


class WordsForm(forms.Form):
    """The words of a version, or of its translation, as far as it has any; choices and dates are the State's alone."""

    def __init__(self, version, data=None, *, translation=None):
        words = translation or version
        self.translated_into = translation and translation.language
        self.language = translation.language.code if translation else ""
        prefix = f"words-{self.language}" if translation else "words"
        super().__init__(data, prefix=prefix, initial={name: getattr(words, name) for name in TRANSLATED})
        written_in = self.translated_into or version.original_language
        for name in TRANSLATED:
            # What has been typed is shown again, even if the State has erased the field meanwhile.
            if self.initial[name] or self.data.get(self.add_prefix(name)):
                self.fields[name] = words_field(name)
                if written_in:
                    self.fields[name].widget.attrs["lang"] = written_in.code

    @property
    def typed(self):
        """The new words, for the step, by language and name of the field."""
        return {(self.language, name): self.cleaned_data[name] for name in self.fields if name in self.cleaned_data}
