"""One wording of an offer: all that a State says about it, and whether that is enough."""

import calendar
import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Language, Region, RegionalBody, State

from .choices import (
    COST_ITEMS,
    Condition,
    Cooperation,
    DeliveryMode,
    ExportLicence,
    FundingPartner,
    Payer,
    Recipients,
    SpareParts,
    Timing,
    TransferTerms,
    YesNo,
)
from .taxonomy import Area, Form

DESCRIPTION_MIN, DESCRIPTION_MAX = 150, 1500  # characters

EQUIPMENT_FIELDS = ("transfer_terms", "equipment_condition", "spare_parts", "training_included", "export_licence")

# Amounts of money, not every number beside letters that are also a currency ("2 CAD workstations").
CODE, COIN = r"(?:USD|EUR|CHF|GBP|JPY|AUD|CAD|NOK|SEK|DKK)", r"(?i:dollars?|euros?|francs?|pounds|yen)"
NUMBER, MANY = r"\d[\d.,'\s]*", r"(?i:hundred|thousand|million|billion)s?"
AMOUNT_OF_MONEY = re.compile(
    "|".join(
        [
            rf"\b{CODE}\s?{NUMBER}(?:\d\d|{MANY})",
            rf"\b{NUMBER}(?:\d\d|{MANY})\s?{CODE}\b",
            rf"\b(?:{NUMBER}|{MANY}\s)(?:{MANY}\s?)?(?:\w+\s)?{COIN}\b",
            r"[$€£¥]\s?\d|\d\s?[$€£¥]",
        ]
    )
)


def months_after(day, months):
    """The same day of a later month, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def validate_delivery_modes(codes):
    if not isinstance(codes, list) or not set(codes) <= set(DeliveryMode.values) or len(set(codes)) != len(codes):
        raise ValidationError(_("Choose modes of delivery from the list."))


class Wording(models.Model):
    """The content of a version. A copy of an offer takes along every field of this class and no other."""

    # What
    title = models.CharField(_("title"), max_length=120, blank=True)
    primary_area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("main area of implementation"),
        limit_choices_to={"level__gte": 1},
    )
    more_areas = models.ManyToManyField(
        Area,
        blank=True,
        related_name="+",
        verbose_name=_("further areas"),
        limit_choices_to={"level__gte": 1},
        help_text=_("At most two."),
    )
    form = models.ForeignKey(
        Form,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("form of assistance"),
        limit_choices_to={"level__gte": 1},
        help_text=_("Exactly one. Copy the offer to offer another form of assistance as well."),
    )
    description = models.TextField(
        _("description"),
        blank=True,
        validators=[MaxLengthValidator(DESCRIPTION_MAX)],
        help_text=_("Between 150 and 1,500 characters. Say what it is, how much of it, how often and when."),
    )
    quantity = models.CharField(
        _("quantity or capacity"), max_length=200, blank=True, help_text=_("For example: 12 places in each course.")
    )
    duration = models.CharField(_("duration"), max_length=200, blank=True, help_text=_("For example: five weeks."))
    delivery_modes = models.JSONField(
        _("mode of delivery"), default=list, blank=True, validators=[validate_delivery_modes]
    )
    standards = models.CharField(
        _("standards met"),
        max_length=300,
        blank=True,
        help_text=_("For example: IMAS 09.30, EOD level 2, ISPO category II."),
    )
    providing_body = models.CharField(
        _("providing body"),
        max_length=200,
        blank=True,
        help_text=_("The ministry, agency, centre or institute that gives the assistance."),
    )
    transfer_terms = models.CharField(_("donation or loan"), max_length=20, choices=TransferTerms, blank=True)
    equipment_condition = models.CharField(_("new or used"), max_length=20, choices=Condition, blank=True)
    spare_parts = models.CharField(_("spare parts"), max_length=20, choices=SpareParts, blank=True)
    training_included = models.CharField(_("training included"), max_length=3, choices=YesNo, blank=True)
    export_licence = models.CharField(_("export licence"), max_length=20, choices=ExportLicence, blank=True)

    # For whom and where
    recipients = models.CharField(_("for whom"), max_length=10, choices=Recipients, default=Recipients.ALL)
    recipient_regions = models.ManyToManyField(Region, blank=True, related_name="+", verbose_name=_("regions"))
    recipient_groups = models.ManyToManyField(
        RegionalBody,
        blank=True,
        related_name="+",
        verbose_name=_("groups of States"),
        limit_choices_to=~Q(group_name_en=""),
    )
    recipient_states = models.ManyToManyField(State, blank=True, related_name="+", verbose_name=_("States"))
    institutions = models.CharField(
        _("for which institutions"),
        max_length=300,
        blank=True,
        help_text=_("For example: national mine action authorities, rehabilitation centres."),
    )
    prerequisites = models.TextField(_("prerequisites"), max_length=600, blank=True)
    languages = models.ManyToManyField(Language, blank=True, related_name="+", verbose_name=_("languages of delivery"))
    accessibility = models.CharField(
        _("accessibility"),
        max_length=300,
        blank=True,
        help_text=_("What is provided for participants with disabilities."),
    )
    gender = models.CharField(
        _("gender provisions"),
        max_length=300,
        blank=True,
        help_text=_("For example: places kept for women, separate lodging."),
    )
    cooperation = models.CharField(
        _("South-South or triangular"),
        max_length=20,
        choices=Cooperation,
        default=Cooperation.NONE,
        help_text=_("As the State itself describes it."),
    )
    funding_partner = models.CharField(_("funding partner"), max_length=20, choices=FundingPartner, blank=True)
    funding_purpose = models.CharField(
        _("what the money is for"), max_length=300, blank=True, help_text=_("Never an amount.")
    )

    # Availability and conditions
    timing = models.CharField(_("when"), max_length=20, choices=Timing, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    deadline = models.DateField(_("requests until"), null=True, blank=True)
    lead_time_weeks = models.PositiveSmallIntegerField(
        _("lead time in weeks"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(104)],
        help_text=_("Leave empty if it depends on the request."),
    )
    valid_until = models.DateField(
        _("the offer stands until"),
        null=True,
        blank=True,
        help_text=_("Twelve months from publication if left empty; at most 24 months."),
    )
    pays_fees = models.CharField(COST_ITEMS["fees"], max_length=20, choices=Payer, blank=True)
    pays_salary = models.CharField(COST_ITEMS["salary"], max_length=20, choices=Payer, blank=True)
    pays_travel = models.CharField(COST_ITEMS["travel"], max_length=20, choices=Payer, blank=True)
    pays_lodging = models.CharField(COST_ITEMS["lodging"], max_length=20, choices=Payer, blank=True)
    pays_visa_insurance = models.CharField(COST_ITEMS["visa_insurance"], max_length=20, choices=Payer, blank=True)
    pays_freight = models.CharField(COST_ITEMS["freight"], max_length=20, choices=Payer, blank=True)
    pays_customs = models.CharField(COST_ITEMS["customs"], max_length=20, choices=Payer, blank=True)
    pays_maintenance = models.CharField(COST_ITEMS["maintenance"], max_length=20, choices=Payer, blank=True)
    pays_interpretation = models.CharField(COST_ITEMS["interpretation"], max_length=20, choices=Payer, blank=True)

    # Contact
    contact_points = models.ManyToManyField(
        ContactPoint,
        through="OfferContactPoint",
        blank=True,
        related_name="offer_versions",
        verbose_name=_("contact points"),
    )
    original_language = models.ForeignKey(
        Language,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("language of this text"),
    )

    class Meta:
        abstract = True

    @property
    def areas(self):
        """The main area first."""
        return [area for area in [self.primary_area, *self.more_areas.all()] if area]

    @property
    def costs(self):
        """Pairs of cost item and who pays it, both in words; items without an answer are left out."""
        answers = ((label, getattr(self, f"get_pays_{item}_display")()) for item, label in COST_ITEMS.items())
        return [(label, payer) for label, payer in answers if payer]

    @property
    def is_free_to_recipient(self):
        """Every cost item has an answer, and in none does the recipient have anything to pay."""
        return {getattr(self, f"pays_{item}") for item in COST_ITEMS} <= {Payer.PROVIDER, Payer.NOT_APPLICABLE}

    @property
    def paid_by_provider(self):
        """The cost items that the provider says it pays."""
        return [item for item in COST_ITEMS if getattr(self, f"pays_{item}") == Payer.PROVIDER]

    @property
    def delivery_mode_labels(self):
        return [DeliveryMode(code).label for code in self.delivery_modes]

    @property
    def is_about_equipment(self):
        return self.form is not None and self.form.is_within(Form.EQUIPMENT)

    @property
    def equipment_details(self):
        """Pairs of label and answer, both in words; questions without an answer are left out."""
        if not self.is_about_equipment:
            return []
        answers = (
            (capfirst(self._meta.get_field(name).verbose_name), getattr(self, f"get_{name}_display")())
            for name in EQUIPMENT_FIELDS
        )
        return [(label, answer) for label, answer in answers if answer]

    def what_is_missing(self, chosen=None):
        """Why the version cannot be submitted yet: a message for each field, empty if it can.

        `chosen` are the rows of its relations by the names of the fields, for a version that is not saved yet.
        """
        missing, today = {}, timezone.localdate()

        def rows(name):
            return getattr(self, name).all() if chosen is None else chosen[name]

        if not self.title:
            missing["title"] = _("Give the offer a title.")
        if not self.primary_area_id:
            missing["primary_area"] = _("Choose the main area of implementation.")
        if len(rows("more_areas")) > 2:
            missing["more_areas"] = _("Choose at most two further areas.")
        if not self.form_id:
            missing["form"] = _("Choose the form of assistance.")
        if len(self.description) < DESCRIPTION_MIN:
            missing["description"] = _("Describe the offer in at least 150 characters. It now has %(count)d.") % {
                "count": len(self.description)
            }
        if not self.delivery_modes:
            missing["delivery_modes"] = _("Choose at least one mode of delivery.")
        if self.recipients == Recipients.SELECTED and not any(
            rows(name) for name in ("recipient_regions", "recipient_groups", "recipient_states")
        ):
            missing["recipients"] = _("Name the regions, groups or States, or offer it to all States Parties.")
        if self.valid_until and not today <= self.valid_until <= months_after(today, settings.OFFER_LONGEST_MONTHS):
            missing["valid_until"] = _("Choose a day between today and 24 months from now.")
        if self.timing == Timing.DATES and not self.starts_on:
            missing["starts_on"] = _("Give the first day of an offer on fixed dates.")
        offices = [office for office in rows("contact_points") if office.is_open]
        if not offices:
            missing["contact_points"] = _("Choose at least one contact point.")
        elif not any(office.state_id == self.offer.state_id for office in offices):
            missing["contact_points"] = _("Choose at least one contact point of the State itself.")
        missing |= self._money_out_of_place(self)
        return missing | self._what_translations_lack() if chosen is None else missing

    def _money_out_of_place(self, words):
        """The portal is for non-financial assistance, with one exception, and never for amounts.

        `words` are those of the version itself or of a translation.
        """
        found = {}
        if AMOUNT_OF_MONEY.search(words.funding_purpose):
            found["funding_purpose"] = _("Say what the money is for, without an amount.")
        if self.form_id and self.form.code == Form.SOUTH_SOUTH_FUNDING:
            return found
        for name in ("title", "quantity"):
            if AMOUNT_OF_MONEY.search(getattr(words, name)):
                found[name] = _(
                    "This portal is for non-financial assistance. Describe the equipment, expertise, training or "
                    "service, or choose the form “Funding that enables South–South cooperation”."
                )
        return found

    def _what_translations_lack(self):
        """A message that names the languages, since each translation is written on a page of its own."""
        translations = list(self.translations.with_language())
        if translations and not self.original_language_id:
            return {"original_language": _("Choose the language of this text: there are translations of it.")}
        for wrong, message in (
            (
                [each for each in translations if each.language_id == self.original_language_id],
                _("The offer itself is written in this language: %(languages)s. Remove the translation into it."),
            ),
            (
                [each for each in translations if not each.is_complete],
                _("Give each translation a title and a description, or remove it. Not complete yet: %(languages)s."),
            ),
            (
                [each for each in translations if self._money_out_of_place(each)],
                _("Take amounts of money out of the translations as well: %(languages)s."),
            ),
        ):
            if wrong:
                return {"translations": message % {"languages": ", ".join(each.language.name for each in wrong)}}
        return {}
