from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from offers.forms.fields import DateInput, Textarea, TextField

from ..models import Found, SurveyInvitation, SurveyRound
from ..survey import LONGEST_DAYS

# Less would leave no time between the two letters.
SHORTEST_DAYS = 7
# What may be wrong with a choice.
CHOOSE = ("required", "invalid_choice")


class SurveyRoundForm(forms.ModelForm):
    """Opens a survey; whether one is open already, `SurveyRound.begin` finds out."""

    use_required_attribute = False

    class Meta:
        model = SurveyRound
        fields = ["kind", "closes_on"]
        widgets = {"kind": forms.RadioSelect, "closes_on": DateInput}
        error_messages = {
            "kind": {"required": gettext_lazy("Say whether it is the survey before or after the trial.")},
            "closes_on": {
                "required": gettext_lazy("Enter the last day for answers."),
                "invalid": gettext_lazy("Enter a date such as 2027-03-31."),
            },
        }
        help_texts = {
            "closes_on": gettext_lazy("The last day. Who has not answered by half of the time gets a second letter.")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [choice for choice in self.fields["kind"].choices if choice[0]]

    def clean_closes_on(self):
        day = self.cleaned_data["closes_on"]
        today = timezone.localdate()
        if not today + timedelta(days=SHORTEST_DAYS) <= day <= today + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(
                ngettext(
                    "Choose a day that is at least %(least)d day and at most %(most)d days from today.",
                    "Choose a day that is at least %(least)d days and at most %(most)d days from today.",
                    SHORTEST_DAYS,
                )
                % {"least": SHORTEST_DAYS, "most": LONGEST_DAYS}
            )
        return day


class SurveyAnswerForm(forms.Form):
    """What a national contact point is asked."""

    use_required_attribute = False

    # The answer that was read: nobody overwrites a colleague's unseen.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    elsewhere = forms.ChoiceField(
        label=gettext_lazy("Could you have found this information elsewhere?"),
        help_text=gettext_lazy(
            "What the portal tells: which States offer which assistance, on which conditions, and whom to ask."
        ),
        choices=Found,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(CHOOSE, gettext_lazy("Say whether you could have found it elsewhere.")),
    )
    used = forms.ChoiceField(
        label=gettext_lazy("Have you used the portal?"),
        choices=[
            (Found.YES, gettext_lazy("Yes")),
            (Found.PARTLY, gettext_lazy("A little")),
            (Found.NO, gettext_lazy("No")),
        ],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(CHOOSE, gettext_lazy("Say whether you have used the portal.")),
    )
    comment = TextField(
        label=gettext_lazy("What else should the evaluation know?"),
        help_text=gettext_lazy("Optional; read by the ISU only. Please write nothing personal about anybody."),
        required=False,
        max_length=SurveyInvitation._meta.get_field("comment").max_length,
        widget=Textarea({"rows": 5}),
    )
