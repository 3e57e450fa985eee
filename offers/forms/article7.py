from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from offers.article7 import years_of


class YearForm(forms.Form):
    """The calendar year of a report: the last one until April, when it is due, unless another is asked for."""

    use_required_attribute = False

    def __init__(self, parameters, *, state):
        today = timezone.localdate()
        super().__init__({"year": today.year - (today.month <= 4)} | parameters.dict())
        problem = _("Choose a year from the list.")
        self.fields["year"] = forms.TypedChoiceField(
            label=_("Calendar year"),
            choices=[(year, year) for year in years_of(state)],
            coerce=int,
            error_messages={"invalid_choice": problem, "required": problem},
        )
