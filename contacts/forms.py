from django import forms
from django.utils.translation import gettext_lazy as _

from .models import ContactPoint, RegionalBody, State


class StateByCodeField(forms.ModelChoiceField):
    """A select of States by ISO code, in the order of the language now in use."""

    def __init__(self, **kwargs):
        super().__init__(queryset=State.objects.none(), to_field_name="iso3", **kwargs)


class DirectoryForm(forms.Form):
    """Which contact points to list. A value that is not understood is left out of account."""

    KINDS = {"national": _("National contact points"), "regional": _("Regional contact points")}

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *KINDS.items()])
    serves = StateByCodeField(
        label=_("Who serves this State?"),
        required=False,
        empty_label=_("All States"),
        help_text=_("Its own contact points and those of the regional bodies that serve it."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["serves"].queryset = State.objects.parties().in_name_order()

    def chosen(self):
        self.is_valid()
        kind, state = self.cleaned_data.get("kind"), self.cleaned_data.get("serves")
        points = {"national": ContactPoint.objects.national(), "regional": ContactPoint.objects.regional()}.get(
            kind, ContactPoint.objects.listed()
        )
        if state:
            bodies = RegionalBody.objects.serving(state).values("pk")
            points = points.filter(state=state) | points.filter(regional_body__in=bodies)
        return points.select_related("state", "regional_body").prefetch_related("languages").in_reading_order()
