"""Forms for visitors, who have no account. What a robot seems to have sent is marked, not refused."""

import uuid

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.utils.translation import gettext_lazy as _

from .forms.fields import MailField, Textarea, TextField
from .models import Frequency
from .models.reports import REPORT_MAX, REPORT_MIN

# Nobody reads a form and writes a sentence in less.
LEAST_SECONDS = 3

signer = TimestampSigner(salt="offers.visitor_forms")


def new_ticket():
    return signer.sign(str(uuid.uuid4()))


class TicketField(forms.Field):
    """The number of the page on which a form is filled in, signed together with the time at which it was opened."""

    widget = forms.HiddenInput

    def __init__(self):
        super().__init__(required=False, initial=new_ticket)

    def clean(self, value):
        """The number, or None if the portal never gave this ticket."""
        try:
            return uuid.UUID(signer.unsign(value or ""))
        except (BadSignature, ValueError):
            return None

    @staticmethod
    def is_of_age(value):
        """Was the page open for long enough to be read?"""
        try:
            signer.unsign(value or "", max_age=LEAST_SECONDS)
        except SignatureExpired:
            return True
        except BadSignature:
            pass
        return False


class VisitorForm(forms.Form):
    """The part that a form for visitors has against robots and double presses; `helper` lays it out."""

    ticket = TicketField()
    # Hidden from people, and tempting for robots.
    subject = forms.Field(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    @property
    def is_suspicious(self):
        """Sent in haste, from a page that the portal never showed, or with an answer where nobody is asked."""
        return bool(self.data.get("subject")) or not TicketField.is_of_age(self.data.get("ticket"))

    @property
    def key(self):
        """The same for the same words from the same page: pressed twice, sent once. Other words are another message."""
        ticket = self.cleaned_data["ticket"]
        words = {name: value for name, value in self.cleaned_data.items() if name not in VisitorForm.base_fields}
        return uuid.uuid5(ticket, repr(sorted(words.items()))) if ticket else uuid.uuid4()

    @property
    def helper(self):
        helper = FormHelper()
        # The page brings the <form> and the summary of errors.
        helper.form_tag = False
        helper.disable_csrf = True
        asked = [name for name in self.fields if name not in VisitorForm.base_fields]
        helper.layout = Layout("ticket", Div("subject", hidden="hidden"), *asked)
        return helper


class MistakeReportForm(VisitorForm):
    text = TextField(
        label=_("What is wrong?"),
        help_text=_("Say what it says now and, if you know, what it should say."),
        min_length=REPORT_MIN,
        max_length=REPORT_MAX,
        widget=Textarea({"rows": 6}),
        error_messages={
            "required": _("Say what is wrong."),
            "min_length": _("Describe the mistake in at least %(limit_value)d characters."),
            "max_length": _(
                "Describe the mistake in at most %(limit_value)d characters. You have written %(show_value)d."
            ),
        },
    )
    email = MailField(
        label=_("Your e-mail address"),
        help_text=_("Optional: only if the ISU may ask you something. It is not published or passed on."),
        required=False,
        error_messages={"invalid": _("Enter an e-mail address such as name@example.org, or leave this empty.")},
    )


class AddressedForm(VisitorForm):
    """Asks for an address to which a letter is written at once, so what a robot seems to have sent is not taken.

    A person who was quick presses once more; by then the page is old enough.
    """

    email = MailField(label=_("Your e-mail address"), error_messages={"required": _("Enter your e-mail address.")})

    def clean(self):
        is_suspicious = self.is_suspicious
        if is_suspicious:
            # What a browser has filled in where nobody is asked would be sent again with the next press.
            self.data = self.data.copy()
            self.data["subject"] = ""
            if self.cleaned_data.get("ticket") is None:
                self.data["ticket"] = new_ticket()
        if is_suspicious and not self.errors:
            raise forms.ValidationError(
                _("Nothing has been sent yet. Please look at what you typed and press the button once more.")
            )
        return super().clean()


class LettersForm(forms.Form):
    """How often letters are wanted, and in which language."""

    frequency = forms.ChoiceField(
        label=_("How often"),
        help_text=_("Of new offers, and only if there are any."),
        choices=Frequency,
        initial=Frequency.WEEKLY,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how often."), "invalid_choice": _("Choose how often from the list.")},
    )
    language = forms.ChoiceField(
        label=_("Language of the letters"),
        choices=settings.LANGUAGES,
        error_messages={
            "required": _("Choose a language."),
            "invalid_choice": _("Choose a language from the list."),
        },
    )


class SignUpForm(LettersForm, AddressedForm):
    wanted = forms.MultipleChoiceField(
        label=_("What would you like to get?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick what you would like to get."),
            "invalid_choice": _("Tick what you would like to get."),
        },
    )

    field_order = ["ticket", "subject", "email", "wanted", "frequency", "language"]

    def __init__(self, *args, is_narrowed, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["wanted"].choices = [
            ("offers", _("New offers in this list") if is_narrowed else _("All new offers")),
            ("bulletin", _("The bulletin of the ISU: what is new, with a note, whenever one appears")),
        ]


class WishesForm(LettersForm):
    """All that a subscriber may change, but for the lists."""

    bulletin = forms.BooleanField(label=_("Also send me the bulletin of the ISU"), required=False)


class LinkForm(AddressedForm):
    """Asks for a letter with the link to what an address gets."""
