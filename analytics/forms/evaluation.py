"""Which report is wanted, and what is said when it is frozen."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from offers.forms.fields import LineField

from ..models import TrialPeriod
from ..periods import Period
from .periods import PeriodForm, QuickChoice


class EvaluationForm(PeriodForm):
    """The days, the period of the trial that began last unless others are asked for; and the language of the report."""

    def __init__(self, parameters, *, language):
        super().__init__(parameters)
        self.trials = list(TrialPeriod.objects.filter(first__lte=self.today))
        self.earliest = min([self.earliest, *(trial.first for trial in self.trials)])
        if self.trials and not (parameters.get("from") or parameters.get("to")):
            days = self._passed(self.trials[0])
            self.data |= {"from": days.first.isoformat(), "to": days.last.isoformat()}
        self.data["language"] = parameters.get("language") or language
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the report"),
            choices=settings.LANGUAGES,
            error_messages={"invalid_choice": _("Choose a language from the list.")},
        )

    def clean(self):
        # The rest are days.
        language = self.cleaned_data.pop("language", None)
        return super().clean() | {"language": language}

    def _passed(self, trial):
        return Period(trial.first, min(trial.last, self.today))

    @property
    def quick_choices(self):
        chosen = self.period if self.is_valid() else None
        periods = [(trial.name, self._passed(trial)) for trial in self.trials]
        periods.append((_("Last 12 months"), self.usual))
        return [QuickChoice(label, period, period == chosen) for label, period in periods]

    @property
    def language(self):
        return self.cleaned_data["language"]


class FreezeForm(forms.Form):
    """What was read, so that nothing else is frozen; and a word on targets that nobody has given a reason for."""

    # Not required: who sends none of them gets the page again, and what to do is said there.
    number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    note = LineField(
        label=_("Note"),
        max_length=300,
        required=False,
        help_text=_("Such as the meeting for which this edition is made. It stands on the edition for good."),
    )

    def __init__(self, *args, without_reason=(), **kwargs):
        super().__init__(*args, **kwargs)
        if without_reason:
            self.fields["without_reasons"] = forms.BooleanField(
                label=_("Freeze it without these reasons"),
                error_messages={
                    "required": _("Give the reasons first, or say that the edition is to be frozen without them.")
                },
            )
