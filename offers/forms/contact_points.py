"""The details of an office: as a State proposes them, and as the ISU writes them into the directory."""

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Language, RegionalBody, State
from offers.clean_text import clean_text
from offers.contact_details import DETAILS, RELATIONS, VISIBLE, mark_of, write_details
from offers.models import Area, ContactProposal

from .fields import ShortField, Textarea, TextField, language_boxes


class MailboxField(forms.EmailField):
    """In small letters, so that one mailbox is not taken for two."""

    def to_python(self, value):
        return super().to_python(clean_text(value or "")).lower()


class VisibilityField(forms.TypedChoiceField):
    """Who sees a detail, asked in words: a box to tick leaves open what it means if it is not ticked."""

    def __init__(self, **kwargs):
        choices = [("yes", VISIBLE[True]), ("no", VISIBLE[False])]
        super().__init__(
            choices=choices,
            coerce=lambda value: value == "yes",
            widget=forms.RadioSelect,
            error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose who sees it.")),
            **kwargs,
        )

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value)


class OfficeForm(forms.ModelForm):
    """What both ask. The details are written by a step, not by the form."""

    office = ShortField(
        label=_("Office"),
        max_length=200,
        help_text=_("An office, never a person: people move, and their names are not for the public."),
        error_messages={"required": _("Give the name of the office.")},
    )
    function = ShortField(
        label=_("What the office does"),
        max_length=200,
        required=False,
        help_text=_("Optional, for example “Requests for training and equipment”."),
    )
    email = MailboxField(
        label=_("Office mailbox"),
        max_length=254,
        help_text=_("One that several people read, and that stays when they move, such as mine-action@example.org."),
        error_messages={
            "required": _("Give the mailbox of the office."),
            "invalid": _("Enter the whole address of the mailbox, such as mine-action@example.org."),
        },
    )
    email_public = VisibilityField(label=_("Who sees the mailbox?"))
    telephone = ShortField(
        label=_("Telephone"),
        max_length=50,
        required=False,
        widget=forms.TextInput({"type": "tel", "dir": "ltr"}),
        help_text=_("Optional, with the code of the country, such as +41 22 555 00 11."),
    )
    telephone_public = VisibilityField(label=_("Who sees the telephone number?"))
    weeks_to_answer = forms.IntegerField(
        label=_("Weeks in which it answers"),
        min_value=1,
        max_value=52,
        error_messages=dict.fromkeys(
            ["required", "invalid", "min_value", "max_value"], _("The time to answer is between 1 and 52 weeks.")
        ),
    )
    permanent_mission = ShortField(
        label=_("Route through the Permanent Mission"),
        max_length=200,
        required=False,
        help_text=_("Optional. Where requests are sent if they should come as a note verbale."),
    )

    class Meta:
        fields = list(DETAILS)
        widgets = {"languages": forms.CheckboxSelectMultiple}

    mandate_areas = forms.ModelMultipleChoiceField(
        Area.objects.none(),
        label=_("Areas it answers for"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Optional. None means all areas."),
    )

    def __init__(self, *args, point=None, **kwargs):
        """`point` is the contact point that the details are of, if there is one already."""
        super().__init__(*args, **kwargs)
        self.point = point
        self.fields["languages"].queryset = Language.objects.in_name_order()
        self.fields["languages"].help_text = _("In which it can be written to.")
        areas = Q(level=1)
        if point:
            areas |= Q(pk__in=point.mandate_areas.values("pk"))
        self.fields["mandate_areas"].queryset = Area.objects.filter(areas)

    @cached_property
    def language_boxes(self):
        answered = ContactPoint.objects.open().exclude(languages=None)
        return language_boxes(self["languages"], answered.values_list("languages", flat=True))

    def clean(self):
        cleaned = super().clean()
        owner = self._owner(cleaned)
        if owner and cleaned.get("email"):
            self._check_mailbox(ContactPoint.objects.filter(**owner, email__iexact=cleaned["email"]))
        return cleaned

    def _check_mailbox(self, offices):
        other = offices.exclude(pk=self.point and self.point.pk).first()
        if other is None:
            return
        if not other.is_open:
            message = _("An office that has closed had this mailbox. Ask the ISU to open it again.")
        elif other.is_national:
            message = _("This State already has a contact point with this mailbox.")
        else:
            message = _("This regional body already has a contact point with this mailbox.")
        self.add_error("email", message)

    @property
    def details(self):
        return {name: self.cleaned_data[name] for name in DETAILS if name not in RELATIONS}

    @property
    def relations(self):
        return {name: self.cleaned_data[name] for name in RELATIONS}


class ProposalForm(OfficeForm):
    note_to_isu = TextField(
        label=_("Note to the ISU"),
        max_length=500,
        required=False,
        widget=Textarea({"rows": 3}),
        help_text=_("Optional; not published."),
    )

    class Meta(OfficeForm.Meta):
        model = ContactProposal
        fields = [*DETAILS, "note_to_isu"]

    def _owner(self, cleaned):
        return {"state": self.instance.state}


class ClosingForm(forms.Form):
    note_to_isu = TextField(
        label=_("Note to the ISU"),
        max_length=500,
        required=False,
        widget=Textarea({"rows": 3}),
        help_text=_("Optional: who answers instead, for example. Not published."),
    )


class ContactPointForm(OfficeForm):
    """For the ISU. What a page has shown is remembered in `seen`, so that nobody overwrites a colleague's change."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    is_confirmed = forms.BooleanField(label=_("The office or its State has confirmed these details"), required=False)

    class Meta(OfficeForm.Meta):
        model = ContactPoint
        # The areas are kept on the other side; see Area.contact_points.
        fields = [*(name for name in DETAILS if name != "mandate_areas"), "fallback"]
        labels = {"fallback": _("If it does not answer, people are sent on to")}

    field_order = [*DETAILS, "fallback", "is_confirmed", "seen"]

    def __init__(self, *args, instance=None, **kwargs):
        # A new one begins with the defaults of the model.
        super().__init__(*args, instance=instance or ContactPoint(), point=instance, **kwargs)
        offices = ContactPoint.objects.listed()
        if instance:
            self.initial |= {"mandate_areas": instance.mandate_areas.all(), "seen": mark_of(instance)}
            if instance.state:
                offices = ContactPoint.objects.usable_by(instance.state)
            offices = offices.exclude(pk=instance.pk)
        offices = offices.select_related("state", "regional_body").in_reading_order()
        self.fields["fallback"].queryset = offices
        self.fields["fallback"].help_text = _("Optional; shown to everyone.")

    def _owner(self, cleaned):
        return {"state": self.point.state} if self.point.state else {"regional_body": self.point.regional_body}

    def write(self, point, *, by):
        """Into a contact point that is new, or held."""
        more = {"fallback": self.cleaned_data["fallback"]}
        if self.cleaned_data["is_confirmed"]:
            more["verified_on"] = timezone.localdate()
        return write_details(point, self.details, by=by, relations=self.relations, **more)


class NewContactPointForm(ContactPointForm):
    state = forms.ModelChoiceField(State.objects.none(), label=_("State"), required=False)
    regional_body = forms.ModelChoiceField(RegionalBody.objects.none(), label=_("Or regional body"), required=False)

    field_order = ["state", "regional_body", *ContactPointForm.field_order]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"].queryset = State.objects.parties().in_name_order()
        self.fields["regional_body"].queryset = RegionalBody.objects.all()
        # Which offices may stand in is known once it is known for whom this one answers.
        del self.fields["fallback"]

    def clean(self):
        cleaned = super().clean()
        if bool(cleaned.get("state")) == bool(cleaned.get("regional_body")) and not (
            self.errors.keys() & {"state", "regional_body"}
        ):
            self.add_error("state", _("A contact point belongs to one State or to one regional body."))
        return cleaned

    def _owner(self, cleaned):
        return {name: cleaned[name] for name in ("state", "regional_body") if cleaned.get(name)}

    def write(self, *, by):
        point = ContactPoint(state=self.cleaned_data["state"], regional_body=self.cleaned_data["regional_body"])
        self.cleaned_data["fallback"] = None
        return super().write(point, by=by)


class OfficeSearchForm(forms.Form):
    q = ShortField(label=_("State, regional body, office or mailbox"), max_length=100, required=False)
    old = forms.BooleanField(label=_("Only those not confirmed for a year"), required=False)

    def chosen(self):
        """What is not understood is left out of account."""
        self.is_valid()
        points = ContactPoint.objects.all()
        if words := self.cleaned_data.get("q"):
            points = points.matching(words)
        if self.cleaned_data.get("old"):
            points = points.asked_yearly().needing_confirmation()
        return points
