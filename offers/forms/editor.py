"""The editor of an offer: the form of a version with the rows for partners and links."""

from django import forms
from django.db import transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Language, Region, RegionalBody, State, name_suffix
from offers.content import COSTS, label_of
from offers.models import Area, DeliveryMode, Form, Offer, OfferLink, OfferPartner, OfferVersion
from offers.models.choices import PartnerRole, Payer
from offers.models.parts import validate_web_address
from offers.models.versions import PERIOD_OUT_OF_ORDER
from offers.models.wording import DESCRIPTION_MAX, EQUIPMENT_FIELDS
from offers.typed import marks_of, plain

from .fields import (
    AddressField,
    DateInput,
    GroupsField,
    LineField,
    TermChoiceField,
    Textarea,
    TextField,
    language_boxes,
)

# A busy ministry fills in these and may leave out all others.
NEEDED = ("title", "primary_area", "form", "description", "delivery_modes", "recipients", "contact_points")

LINES = (
    "title", "quantity", "duration", "standards", "providing_body", "institutions", "accessibility", "gender",
    "funding_purpose",
)  # fmt: skip

RECIPIENTS = ("recipient_regions", "recipient_groups", "recipient_states")


class DescriptionField(TextField):
    def __init__(self, **kwargs):
        super().__init__(**kwargs | {"max_length": DESCRIPTION_MAX})


class OfferVersionForm(forms.ModelForm):
    """What a State says about its offer. A draft may be incomplete, so nothing is required here."""

    edit_number = forms.IntegerField(widget=forms.HiddenInput)
    # What each field said when the form was opened, for the case that somebody else saves meanwhile.
    opened = forms.CharField(widget=forms.HiddenInput, required=False)
    second_area = TermChoiceField(Area.objects.none(), label=_("Second area"), required=False)
    third_area = TermChoiceField(Area.objects.none(), label=_("Third area"), required=False)
    delivery_modes = forms.MultipleChoiceField(
        label=_("Mode of delivery"),
        required=False,
        choices=DeliveryMode,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose all that are possible."),
    )
    pays_rest = forms.ChoiceField(
        label=_("All the others"),
        required=False,
        choices=[("", _("Leave them unanswered")), *Payer.choices],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = OfferVersion
        fields = [
            "title", "primary_area", "form", "description", "quantity", "duration", "delivery_modes", "standards",
            "providing_body", *EQUIPMENT_FIELDS, "recipients", *RECIPIENTS, "institutions", "prerequisites",
            "languages", "accessibility", "gender", "cooperation", "funding_partner", "funding_purpose", "timing",
            "starts_on", "ends_on", "deadline", "lead_time_weeks", "valid_until", *COSTS, "contact_points",
            "original_language",
        ]  # fmt: skip
        field_classes = {
            "primary_area": TermChoiceField,
            "form": TermChoiceField,
            "recipient_groups": GroupsField,
            "description": DescriptionField,
            "prerequisites": TextField,
        } | dict.fromkeys(LINES, LineField)
        widgets = (
            {
                "description": Textarea({"rows": 10}),
                "prerequisites": Textarea({"rows": 3}),
                "recipients": forms.RadioSelect,
                "languages": forms.CheckboxSelectMultiple,
                "cooperation": forms.RadioSelect,
                "contact_points": forms.CheckboxSelectMultiple,
                "starts_on": DateInput,
                "ends_on": DateInput,
                "deadline": DateInput,
                "valid_until": DateInput,
            }
            | dict.fromkeys(RECIPIENTS, forms.CheckboxSelectMultiple)
            | dict.fromkeys(COSTS, forms.RadioSelect)
        )
        help_texts = {
            "title": _(
                "Say what is offered and on what. For example: Course in clearing improvised mines, EOD level 2."
            ),
            "description": _(
                "At least 150 characters. Say what it is, how much of it, how often and when. For example: "
                "“A five-week course for instructors, twice a year in March and September, with twelve places each, "
                "at our centre.”"
            ),
            "prerequisites": _("For example: two years of practice in manual clearance, English at level B2."),
            "recipients": _("All States Parties, unless you name some."),
            "languages": _("In which it can be given without an interpreter."),
            "deadline": _("The last day on which it can be asked for."),
            "contact_points": _("The offices that answer whoever asks. At least one of them is of your State."),
            "original_language": _("In which you have written title and description."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        areas = Area.objects.selectable()
        self.fields["primary_area"].queryset = areas
        self.fields["second_area"].queryset = self.fields["third_area"].queryset = areas
        self.fields["form"].queryset = Form.objects.selectable()
        self.fields["recipient_regions"].queryset = Region.objects.for_filters()
        self.fields["recipient_groups"].queryset = RegionalBody.objects.groups()
        self.fields["recipient_states"].queryset = State.objects.parties().in_name_order()
        self.fields["languages"].queryset = Language.objects.in_name_order()
        self.fields["original_language"].queryset = Language.objects.in_name_order()
        self.fields["contact_points"].queryset = ContactPoint.objects.usable_by(
            self.instance.offer.state
        ).select_related("state", "regional_body")
        for name in COSTS:
            self.fields[name].choices = [("", _("Not said")), *Payer.choices]
        for name in NEEDED:
            self.fields[name].label = _("%(label)s (needed to submit)") % {"label": label_of(name)}
        if self.instance.pk:
            self.initial["edit_number"] = self.instance.edit_number
            if self.instance.edit_number == 1 and not self.instance.original_language_id:
                # Most people write in the language in which they use the portal.
                self.initial["original_language"] = Language.objects.filter(code=name_suffix()).first()
            more = list(self.instance.more_areas.all())
            self.initial["second_area"] = more[0].pk if more else None
            self.initial["third_area"] = more[1].pk if len(more) > 1 else None

    # How it is laid out

    @property
    def costs(self):
        return [self[name] for name in COSTS]

    @property
    def payers(self):
        """The heads of the columns of who pays what."""
        return [label for _code, label in self.fields[COSTS[0]].choices]

    @property
    def lacks_own_office(self):
        """Whether the State has no office of its own yet, without which nothing can be submitted."""
        return not ContactPoint.objects.open().filter(state=self.instance.offer.state_id).exists()

    @property
    def equipment(self):
        return [self[name] for name in EQUIPMENT_FIELDS]

    @property
    def more_areas(self):
        return [self["second_area"], self["third_area"]]

    @property
    def recipients_named(self):
        """The three lists to choose recipients from; each takes room only where something is chosen in it."""
        return [(label_of(name), self[name], self._is_open(name)) for name in RECIPIENTS]

    @cached_property
    def language_boxes(self):
        """The boxes to tick for languages: those that are likely, and all others."""
        used = Offer.objects.public().exclude(live_version__languages=None)
        return language_boxes(self["languages"], used.values_list("live_version__languages", flat=True))

    @property
    def opens(self):
        """Which of the parts that take no room until they are needed are open."""
        return {
            "more_areas": any(self._is_open(name) for name in ("second_area", "third_area")),
            "equipment": self.instance.is_about_equipment or any(self._is_open(name) for name in EQUIPMENT_FIELDS),
        }

    def _is_open(self, name):
        return bool(self._chosen(name) or self[name].errors)

    def _chosen(self, name):
        """What is chosen in a field, saved or just sent, as a list of texts."""
        value = self[name].value()
        values = value if isinstance(value, list | tuple) else [value]
        return [plain(value) for value in values if value not in (None, "")]

    # What is acceptable

    def clean_delivery_modes(self):
        """In the order of the list, whatever order they were sent in."""
        chosen = self.cleaned_data["delivery_modes"]
        return [code for code in DeliveryMode.values if code in chosen]

    def clean(self):
        cleaned = super().clean()
        areas = [cleaned.get(name) for name in ("primary_area", "second_area", "third_area")]
        chosen = [area for area in areas if area]
        for name, area in zip(("second_area", "third_area"), areas[1:], strict=True):
            if area and chosen.count(area) > 1:
                self.add_error(name, _("Choose each area once."))
                break
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            # The constraint says so too, but cannot name the field that the summary should lead to.
            self.add_error("ends_on", PERIOD_OUT_OF_ORDER)
        if rest := cleaned.get("pays_rest"):
            cleaned |= {name: rest for name in COSTS if cleaned.get(name) == ""}
        return cleaned

    def save_over(self, seen, *, by):
        """Write over edit number `seen`, or raise StaleEdit; belongs in a transaction."""
        self.instance.claim_edit(seen, by=by)
        self.instance.save(update_fields=[name for name in self._meta.fields if not self._is_relation(name)])
        self._save_m2m()
        self.instance.more_areas.set(
            [self.cleaned_data[name] for name in ("second_area", "third_area") if self.cleaned_data[name]]
        )

    def _is_relation(self, name):
        return self._meta.model._meta.get_field(name).many_to_many


class PartnerForm(forms.Form):
    # A row without it says nothing.
    decisive = "role"

    state = forms.ModelChoiceField(State.objects.none(), label=_("State"), required=False)
    organisation = LineField(label=_("Or organisation"), max_length=200, required=False)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", "---------"), *PartnerRole.choices])

    def __init__(self, *args, states, **kwargs):
        """`states` are the choices, read once for all rows."""
        super().__init__(*args, **kwargs)
        self.fields["state"].queryset = State.objects.parties()
        self.fields["state"].choices = states

    def clean(self):
        cleaned = super().clean()
        state, organisation, role = (cleaned.get(name) for name in ("state", "organisation", "role"))
        if state and organisation:
            self.add_error("organisation", _("Name either a State or an organisation as partner."))
        if (state or organisation) and not role:
            self.add_error("role", _("Choose the role of this partner."))
        if role and not (state or organisation):
            self.add_error("organisation", _("Name the State or the organisation that has this role."))
        return cleaned


class LinkForm(forms.Form):
    decisive = "url"

    url = AddressField(
        label=_("Web address"),
        max_length=500,
        required=False,
        validators=[validate_web_address],
        error_messages={"invalid": validate_web_address.message},
    )
    title = LineField(label=_("Title of the link"), max_length=200, required=False)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("title") and not cleaned.get("url") and "url" not in self.errors:
            self.add_error("url", _("Enter the web address."))
        return cleaned


class RowSet(forms.BaseFormSet):
    @property
    def rows(self):
        """The rows that say something: those that are saved, or those typed if something valid was sent."""
        if not self.is_bound:
            return self.initial
        return [form.cleaned_data for form in self if form.cleaned_data.get(self.form.decisive)]

    @property
    def is_open(self):
        return bool(self.initial) or any(form.has_changed() or form.errors for form in self)


def _set_of(form):
    # Two empty rows wait below those that are filled; saving brings two more.
    return forms.formset_factory(form, RowSet, extra=2, max_num=12, validate_max=True, absolute_max=20)


PartnerFormSet, LinkFormSet = _set_of(PartnerForm), _set_of(LinkForm)


class OfferEditor:
    """The form of a version together with the rows for its partners and links."""

    def __init__(self, version, data=None):
        self.version = version
        self.form = OfferVersionForm(data, instance=version)
        # With `initial` a row that says what is already saved would count as untouched, and be left out.
        partners, links = None, None
        if data is None:
            partners = list(version.partners.values("state", "organisation", "role"))
            links = list(version.links.values("url", "title"))
        states = [("", "---------"), *((state.pk, state.name) for state in State.objects.parties().in_name_order())]
        self.partners = PartnerFormSet(data, prefix="partners", initial=partners, form_kwargs={"states": states})
        self.links = LinkFormSet(data, prefix="links", initial=links)
        if data is None:
            self.form.initial["opened"] = marks_of(self)

    @property
    def parts(self):
        return [self.form, self.partners, self.links]

    @property
    def forms(self):
        """All forms, for the summary of errors."""
        return [self.form, *self.partners.forms, *self.links.forms]

    def is_valid(self):
        # All are asked before the answer, so that all errors show at once.
        valid = [part.is_valid() for part in self.parts]
        return all(valid)

    @property
    def has_errors(self):
        return any(form.errors for form in self.forms) or bool(self.formset_errors)

    @property
    def formset_errors(self):
        """What is wrong with a set of rows as a whole, such as too many of them."""
        return [*self.partners.non_form_errors(), *self.links.non_form_errors()]

    @transaction.atomic
    def save(self, *, by):
        """Write everything at once, or raise StaleEdit and write nothing."""
        self.form.save_over(self.form.cleaned_data["edit_number"], by=by)
        self._save_partners()
        self.version.links.all().delete()
        OfferLink.objects.bulk_create(
            OfferLink(version=self.version, url=row["url"], title=row["title"]) for row in self.links.rows
        )

    def _save_partners(self):
        """Rows that say the same as before stay, and with them the acceptance of a partner State."""
        present = {(p.state_id, p.organisation, p.role): p for p in self.version.partners.all()}
        for row in self.partners.rows:
            key = (row["state"].pk if row["state"] else None, row["organisation"], row["role"])
            if present.pop(key, None) is None:
                OfferPartner.objects.create(
                    version=self.version, state=row["state"], organisation=row["organisation"], role=row["role"]
                )
        for partner in present.values():
            partner.delete()
