"""The editor of an offer: the form of a version with the rows for partners and links, and the form for documents."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.db import transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Language, Region, RegionalBody, State
from offers.content import COSTS, FIELDSETS, label_of
from offers.documents import check_document, safe_filename
from offers.models import Area, DeliveryMode, Form, OfferDocument, OfferLink, OfferPartner, OfferVersion, PartnerRole
from offers.models.parts import validate_web_address
from offers.models.versions import PERIOD_OUT_OF_ORDER
from offers.models.wording import DESCRIPTION_MAX

from .fields import DateInput, GroupsField, TermChoiceField, Textarea

# A busy ministry fills in these and may leave out all others.
NEEDED = ("title", "primary_area", "form", "description", "delivery_modes", "recipients", "contact_points")

TITLES = {code: title for code, title, _names in FIELDSETS}


class OfferVersionForm(forms.ModelForm):
    """What a State says about its offer. A draft may be incomplete, so nothing is required here."""

    edit_number = forms.IntegerField(widget=forms.HiddenInput)
    second_area = TermChoiceField(Area.objects.none(), label=_("Second area"), required=False)
    third_area = TermChoiceField(Area.objects.none(), label=_("Third area"), required=False)
    delivery_modes = forms.MultipleChoiceField(
        label=_("Mode of delivery"), required=False, choices=DeliveryMode, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = OfferVersion
        fields = [
            "title", "primary_area", "form", "description", "quantity", "duration", "delivery_modes", "standards",
            "providing_body", "transfer_terms", "equipment_condition", "spare_parts", "training_included",
            "export_licence", "recipients", "recipient_regions", "recipient_groups", "recipient_states", "institutions",
            "prerequisites", "languages", "accessibility", "gender", "cooperation", "funding_partner",
            "funding_purpose", "timing", "starts_on", "ends_on", "deadline", "lead_time_weeks", "valid_until", *COSTS,
            "contact_points", "original_language",
        ]  # fmt: skip
        field_classes = {"primary_area": TermChoiceField, "form": TermChoiceField, "recipient_groups": GroupsField}
        widgets = {
            "description": Textarea({"rows": 10, "maxlength": DESCRIPTION_MAX}),
            "prerequisites": Textarea({"rows": 3}),
            "recipients": forms.RadioSelect,
            "recipient_regions": forms.CheckboxSelectMultiple,
            "recipient_groups": forms.CheckboxSelectMultiple,
            "recipient_states": forms.SelectMultiple(attrs={"size": 8}),
            "languages": forms.SelectMultiple(attrs={"size": 8}),
            "cooperation": forms.RadioSelect,
            "contact_points": forms.CheckboxSelectMultiple,
            "starts_on": DateInput,
            "ends_on": DateInput,
            "deadline": DateInput,
            "valid_until": DateInput,
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
        self.fields["recipient_states"].help_text = self.fields["languages"].help_text = _(
            "On a computer, hold Ctrl or Command to choose several."
        )
        self.fields["languages"].queryset = Language.objects.in_name_order()
        self.fields["original_language"].queryset = Language.objects.in_name_order()
        self.fields["contact_points"].queryset = ContactPoint.objects.usable_by(
            self.instance.offer.state
        ).select_related("state", "regional_body")
        for name in ("title", "quantity", "duration", "standards", "providing_body", "institutions", "funding_purpose"):
            self.fields[name].widget.attrs["dir"] = "auto"
        for name in NEEDED:
            self.fields[name].label = _("%(label)s (needed to submit)") % {"label": label_of(name)}
        if self.instance.pk:
            self.initial["edit_number"] = self.instance.edit_number
            more = list(self.instance.more_areas.all())
            self.initial["second_area"] = more[0].pk if more else None
            self.initial["third_area"] = more[1].pk if len(more) > 1 else None

    @cached_property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        # The page shows one summary for this form and the formsets together.
        helper.form_show_errors = True
        helper.layout = Layout(
            "edit_number",
            Fieldset(
                TITLES["what"],
                "title", "primary_area",
                Div("second_area", "third_area", css_class="field-row", css_id="id_more_areas"),
                "form", "description",
                Div("quantity", "duration", css_class="field-row"), "delivery_modes", "standards", "providing_body",
                Fieldset(
                    _("Only for equipment and materials"),
                    Div("transfer_terms", "equipment_condition", css_class="field-row"),
                    Div("spare_parts", "training_included", css_class="field-row"),
                    "export_licence",
                ),
            ),
            Fieldset(
                TITLES["whom"],
                "recipients", "recipient_regions", "recipient_groups", "recipient_states", "institutions",
                "prerequisites", "languages", "accessibility", "gender",
                Fieldset(_("South-South cooperation"), "cooperation", "funding_partner", "funding_purpose"),
            ),
            Fieldset(
                TITLES["conditions"],
                "timing", Div("starts_on", "ends_on", css_class="field-row"),
                Div("deadline", "lead_time_weeks", css_class="field-row"), "valid_until",
                Fieldset(_("Who pays what"), Div(*COSTS, css_class="field-row costs")),
            ),
            Fieldset(TITLES["contact"], "contact_points", "original_language"),
        )  # fmt: skip
        return helper

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
        return cleaned

    def save_over(self, seen):
        """Write over edit number `seen`, or raise StaleEdit; belongs in a transaction."""
        self.instance.claim_edit(seen)
        self.instance.save(update_fields=[name for name in self._meta.fields if not self._is_relation(name)])
        self._save_m2m()
        self.instance.more_areas.set(
            [self.cleaned_data[name] for name in ("second_area", "third_area") if self.cleaned_data[name]]
        )

    def _is_relation(self, name):
        return self._meta.model._meta.get_field(name).many_to_many


class PartnerForm(forms.Form):
    state = forms.ModelChoiceField(State.objects.none(), label=_("State"), required=False)
    organisation = forms.CharField(label=_("Or organisation"), max_length=200, required=False)
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
    url = forms.URLField(
        label=_("Web address"),
        max_length=500,
        required=False,
        assume_scheme="https",
        validators=[validate_web_address],
        error_messages={"invalid": validate_web_address.message},
    )
    title = forms.CharField(label=_("Title of the link"), max_length=200, required=False)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("title") and not cleaned.get("url") and "url" not in self.errors:
            self.add_error("url", _("Enter the web address."))
        return cleaned


# Two empty rows wait below those that are filled; saving brings two more.
PartnerFormSet = forms.formset_factory(PartnerForm, extra=2, max_num=12, validate_max=True, absolute_max=20)
LinkFormSet = forms.formset_factory(LinkForm, extra=2, max_num=12, validate_max=True, absolute_max=20)


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
    def save(self):
        """Write everything at once, or raise StaleEdit and write nothing."""
        self.form.save_over(self.form.cleaned_data["edit_number"])
        self._save_partners()
        self.version.links.all().delete()
        OfferLink.objects.bulk_create(
            OfferLink(version=self.version, url=row["url"], title=row["title"])
            for row in self._rows(self.links)
            if row["url"]
        )

    def _save_partners(self):
        """Rows that say the same as before stay, and with them the acceptance of a partner State."""
        present = {(p.state_id, p.organisation, p.role): p for p in self.version.partners.all()}
        for row in self._rows(self.partners):
            if not row["role"]:
                continue
            key = (row["state"].pk if row["state"] else None, row["organisation"], row["role"])
            if present.pop(key, None) is None:
                OfferPartner.objects.create(
                    version=self.version, state=row["state"], organisation=row["organisation"], role=row["role"]
                )
        for partner in present.values():
            partner.delete()

    @staticmethod
    def _rows(formset):
        return [form.cleaned_data for form in formset if form.cleaned_data]


class DocumentForm(forms.ModelForm):
    class Meta:
        model = OfferDocument
        fields = ["title", "language", "file"]
        help_texts = {"file": _("PDF or Word document (.docx), at most 2 MB.")}
        widgets = {"file": forms.FileInput(attrs={"accept": ".pdf,.docx"})}
        error_messages = {
            "title": {"required": _("Give the document a title.")},
            "language": {"required": _("Choose the language the document is written in.")},
            "file": {"required": _("Choose a file."), "empty": _("The file is empty. Choose another one.")},
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].queryset = Language.objects.in_name_order()

    def clean_file(self):
        upload = self.cleaned_data["file"]
        check_document(upload)
        return upload

    def save_to(self, version):
        """Attach the document, or raise StaleEdit if the version can no longer be edited."""
        upload = self.cleaned_data["file"]
        self.instance.version, self.instance.size = version, upload.size
        self.instance.filename = safe_filename(upload.name)
        with transaction.atomic():
            version.claim_edit(version.edit_number)
            self.save()
