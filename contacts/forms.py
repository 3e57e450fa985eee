from django import forms
from django.utils.translation import gettext_lazy as _

from .models import ContactPoint, Region, RegionalBody, State


class StateByCodeField(forms.ModelChoiceField):
    """A select of States by ISO code, in the order of the language now in use."""

    def __init__(self, **kwargs):
        super().__init__(queryset=State.objects.none(), to_field_name="iso3", **kwargs)


class RegionByCodeField(forms.ModelChoiceField):
    """A select of the finest regions by M49 code."""

    def __init__(self, **kwargs):
        super().__init__(queryset=Region.objects.none(), to_field_name="un_m49", required=False, **kwargs)


class RegionForm(forms.Form):
    """Which region to look at. A value that is not understood means all."""

    region = RegionByCodeField(label=_("Region"), empty_label=_("All regions"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.for_filters()

    def chosen(self):
        self.is_valid()
        return self.cleaned_data.get("region")


class DirectoryForm(RegionForm):
    """Which contact points to list. A value that is not understood is left out of account."""

    KINDS = {"national": _("National contact points"), "regional": _("Regional contact points")}

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *KINDS.items()])
    serves = StateByCodeField(
        label=_("Who serves this State?"),
        required=False,
        empty_label=_("All States"),
        help_text=_("Its own contact points and those of the regional bodies that serve it."),
    )

    field_order = ["kind", "region", "serves"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["serves"].queryset = State.objects.parties().in_name_order()

    def parameters(self):
        """What is chosen, in an order that does not depend on the visitor's; what is not understood is left out."""
        self.is_valid()
        return {name: self[name].data for name in self.field_order if self.cleaned_data.get(name)}

    def chosen(self):
        """The contact points, in reading order."""
        self.is_valid()
        kind, region, state = (self.cleaned_data.get(name) for name in ("kind", "region", "serves"))
        points = {"national": ContactPoint.objects.national(), "regional": ContactPoint.objects.regional()}.get(
            kind, ContactPoint.objects.listed()
        )
        if region:
            points = points.answering_for(
                State.objects.filter(region=region), RegionalBody.objects.serving_region(region)
            )
        if state:
            points = points.answering_for(State.objects.filter(pk=state.pk), RegionalBody.objects.serving(state))
        return points.with_details().in_reading_order()

    def state_without_office(self):
        """The State that was asked for, if it has no contact point of its own; else None."""
        self.is_valid()
        state = self.cleaned_data.get("serves")
        return state if state and not ContactPoint.objects.national().filter(state=state).exists() else None
