"""What somebody with a need is asked: what they look for, who they are, and who may know of it."""

from crispy_forms.layout import Layout
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from contacts.models import State
from offers.models import Area, Form
from offers.models.enquiry_choices import MESSAGE_MAX, MESSAGE_MIN
from offers.visitor_forms import VisitorForm

from .fields import MailField, ShortField, TermChoiceField, Textarea, TextField

# In place of a State, for senders who work for none.
ORGANISATION = "organisation"


class EnquiryForm(VisitorForm):
    country = forms.ChoiceField(
        label=_("Where is the assistance needed?"),
        required=False,
        error_messages={"invalid_choice": _("Choose a State from the list, or leave this open.")},
    )
    message = TextField(
        label=_("Your message"),
        help_text=_("What you need, for whom, and by when. Those who are asked read it as you write it."),
        min_length=MESSAGE_MIN,
        max_length=MESSAGE_MAX,
        widget=Textarea({"rows": 8}),
        error_messages={
            "required": _("Say what you need."),
            "min_length": _("Say what you need in at least %(limit_value)d characters."),
        },
    )
    name = ShortField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    organisation = ShortField(
        label=_("Your organisation or office"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "organization"}),
        error_messages={"required": _("Enter the organisation or office for which you ask.")},
    )
    asker_state = forms.ChoiceField(
        label=_("The State for which you ask"),
        error_messages={
            "required": _("Choose your State, or that you ask for an organisation."),
            "invalid_choice": _("Choose a State from the list."),
        },
    )
    email = MailField(
        label=_("Your e-mail address"),
        help_text=_("Those who are asked answer to this address. It is not published."),
        error_messages={"required": _("Enter your e-mail address.")},
    )
    language = forms.ChoiceField(
        label=_("Language of the answer"),
        choices=settings.LANGUAGES,
        error_messages={"required": _("Choose a language."), "invalid_choice": _("Choose a language from the list.")},
    )
    copy_national = forms.BooleanField(
        label=_("Send a copy to my national contact point"),
        help_text=_(
            "The contact point of your State gets your enquiry for its information, and can follow it with the answer."
        ),
        required=False,
        initial=True,
    )
    share_regional = forms.BooleanField(
        label=_("A regional body may read and answer my enquiry"),
        help_text=_("If no national office answers in time, or there is none. Without the tick it goes to the ISU."),
        required=False,
    )
    inform_country = forms.BooleanField(
        label=_("Inform the contact point of the country where the assistance is needed"),
        help_text=_("Only if you have chosen another country than your own State above. It gets your enquiry by mail."),
        required=False,
    )
    may_ask = forms.BooleanField(
        label=_("I may be asked what came of it"),
        help_text=_("By two letters at most, about two and six months later. One press of a button answers them."),
        required=False,
        initial=True,
    )
    may_count = forms.BooleanField(
        label=_("The ISU may count my enquiry"),
        help_text=_("In figures without names: how many ask, and how many are answered."),
        required=False,
        initial=True,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.states = {state.iso3: state for state in State.objects.in_name_order()}
        names = [(iso3, state.name) for iso3, state in self.states.items()]
        organisation = (ORGANISATION, _("None: an international or non-governmental organisation"))
        self.fields["asker_state"].choices = [("", _("Choose")), organisation, *names]
        self.fields["country"].choices = [("", _("In my own State, or not known yet")), *names]

    @property
    def ticks(self):
        """What the sender may agree to."""
        return [field for field in self if isinstance(field.field, forms.BooleanField)]

    def clean_asker_state(self):
        """None for an organisation of no State."""
        return self.states.get(self.cleaned_data["asker_state"])

    def clean_country(self):
        return self.states.get(self.cleaned_data["country"])

    @property
    def helper(self):
        """What is hidden; the page lays out the rest under headings."""
        helper = super().helper
        helper.layout = Layout(*helper.layout.fields[:2])
        return helper

    @property
    def values(self):
        """What an enquiry keeps of it."""
        asked = {name: value for name, value in self.cleaned_data.items() if name not in VisitorForm.base_fields}
        return asked | {"suspicious": self.is_suspicious}


class NeedForm(EnquiryForm):
    """A need, for which no offer was found."""

    area = TermChoiceField(
        label=_("Area of implementation"),
        queryset=Area.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("Not sure, or more than one"),
        error_messages={"invalid_choice": _("Choose an area from the list, or leave this open.")},
    )
    form = TermChoiceField(
        label=_("Form of assistance"),
        queryset=Form.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("Not sure, or more than one"),
        error_messages={"invalid_choice": _("Choose a form from the list, or leave this open.")},
    )

    field_order = ["ticket", "subject", "area", "form"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["share_regional"].help_text = _("The ISU asks national offices otherwise, and answers itself.")
        self.fields["area"].queryset = Area.objects.selectable()
        self.fields["form"].queryset = Form.objects.selectable()
