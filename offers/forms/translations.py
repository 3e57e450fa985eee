"""The words of an offer in a further language."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contacts.models import Language
from offers.content import label_of
from offers.models import TRANSLATED, OfferTranslation, to_translate
from offers.models.translations import NEEDED

from .fields import words_field


class TranslationForm(forms.Form):
    """The words of a translation beside those of the original; they may be saved at any completeness."""

    edit_number = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, version, language, data=None):
        translation = version.translations.filter(language=language).first() or OfferTranslation(version=version)
        super().__init__(data, initial={"edit_number": version.edit_number} | texts_of(translation))
        self.version, self.language, self.translation = version, language, translation
        # What was typed before somebody took the words out of the original is kept as well.
        asked = [*to_translate(version), *(name for name in TRANSLATED if data and data.get(name, "").strip())]
        for name in TRANSLATED:
            if name in asked:
                self.fields[name] = self._field(name)

    def _field(self, name):
        label = label_of(name)
        if name in NEEDED:
            label = _("%(label)s (needed to submit)") % {"label": label}
        field = words_field(name, label=label)
        field.widget.attrs |= {"lang": self.language.code, "dir": "rtl" if self.language.right_to_left else "ltr"}
        return field

    @property
    def rows(self):
        """Pairs of what the original says and the field for it."""
        return [(getattr(self.version, name), self[name]) for name in TRANSLATED if name in self.fields]

    def clean(self):
        if self.version.original_language_id == self.language.pk:
            raise forms.ValidationError(
                _("The offer itself is written in this language now. Copy what you need from here into the offer.")
            )
        return super().clean()

    @property
    def typed(self):
        """By field, the text as it would be saved."""
        return {name: self.cleaned_data[name] for name in TRANSLATED if name in self.cleaned_data}

    @transaction.atomic
    def save(self, *, by):
        """Write it over the edit that was opened, or raise StaleEdit and write nothing."""
        self.version.claim_edit(self.cleaned_data["edit_number"], by=by)
        self.version.translations.update_or_create(language=self.language, defaults=self.typed)


def texts_of(translation):
    return {name: getattr(translation, name) for name in TRANSLATED}


class LanguageForm(forms.Form):
    """Into which further language?"""

    language = forms.ModelChoiceField(
        Language.objects.none(),
        label=_("Language of the translation"),
        to_field_name="code",
        error_messages={
            "required": _("Choose the language of the translation."),
            "invalid_choice": _("Choose a language of the list; those that are there already stand above."),
        },
    )

    def __init__(self, version, data=None):
        super().__init__(data)
        there = version.translations.values("language")
        self.fields["language"].queryset = (
            Language.objects.in_name_order().exclude(pk=version.original_language_id).exclude(pk__in=there)
        )
