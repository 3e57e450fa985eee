"""Searches put in order by need, and what was done about a need."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from offers.forms.fields import DateInput, LineField, ShortField

from ..models import UnmetNeed
from ..models.figures import SEARCHES_SHOWN
from ..use.searches import name_of


class GroupForm(forms.Form):
    """Searches that are ticked, and the need they belong to: one that there is, or a new one."""

    need = forms.ModelChoiceField(
        UnmetNeed.objects.all(),
        label=_("Add them to this need"),
        required=False,
        empty_label=_("A new need, named below"),
        error_messages={"invalid_choice": _("Somebody has deleted this need. Choose another one, or name a new one.")},
    )
    name = ShortField(label=_("Or to a new need, named"), max_length=100, required=False)

    def __init__(self, data=None):
        super().__init__(data)
        # No more than a page shows.
        self.ticked = data.getlist("searches")[:SEARCHES_SHOWN] if data is not None else []

    def clean(self):
        cleaned = super().clean()
        if not self.ticked:
            self.add_error(None, _("Tick at least one search."))
        if not self.errors.keys() & {"need", "name"}:
            if cleaned["need"] and cleaned["name"]:
                self.add_error("name", _("Either choose a need or name a new one; empty one of the two fields."))
            if not cleaned["need"] and not cleaned["name"]:
                self.add_error("need", _("Choose a need, or name a new one below."))
        return cleaned

    def chosen_of(self, searches):
        """Those of the searches that are ticked, with what a need keeps of them."""
        keys = [name.rpartition(":")[2] for name in self.ticked]
        return [
            {name: row[name] for name in ("language", "key", "words", "filters")}
            for row in searches.filter(key__in=keys)
            if name_of(row["language"], row["key"]) in self.ticked
        ]


class NeedForm(forms.ModelForm):
    # When what is being changed was saved, so that nobody overwrites what a colleague has written meanwhile.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = UnmetNeed
        fields = ["name", "action", "acted_on"]
        field_classes = {"name": ShortField, "action": LineField}
        widgets = {"acted_on": DateInput}
        labels = {"acted_on": _("Date of the action")}

    def __init__(self, *args, instance, **kwargs):
        super().__init__(*args, instance=instance, initial={"seen": instance.at.isoformat()}, **kwargs)

    def clean_seen(self):
        try:
            return parse_datetime(self.cleaned_data["seen"])
        except ValueError:
            return None

    def clean_acted_on(self):
        day = self.cleaned_data["acted_on"]
        if day and day > timezone.localdate():
            raise ValidationError(_("Give the date when it was done: today or earlier."))
        return day
