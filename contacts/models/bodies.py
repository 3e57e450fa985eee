"""Regional bodies: organisations, centres and groups that serve several States."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from .reference import ReferenceData, SixLanguages, name_suffix
from .states import Region, State


class BodyKind(models.TextChoices):
    CONVENTION_SECRETARIAT = "convention_secretariat", _("Secretariat of the Convention")
    REGIONAL_ORGANIZATION = "regional_organization", _("Regional organisation")
    TRAINING_CENTRE = "training_centre", _("Training centre")
    TEST_CENTRE = "test_centre", _("Test centre")
    PROGRAMME = "programme", _("Programme")
    INTERNATIONAL_ORGANIZATION = "international_organization", _("International organisation")
    UN_ENTITY = "un_entity", _("United Nations entity")
    CIVIL_SOCIETY_NETWORK = "civil_society_network", _("Civil society network")
    COORDINATION_COUNCIL = "coordination_council", _("Coordination council")
    DONOR_GROUP = "donor_group", _("Group of donors")

    @property
    def heading(self):
        """Above a list of bodies of this kind."""
        return HEADINGS.get(self, self.label)


HEADINGS = {
    BodyKind.REGIONAL_ORGANIZATION: _("Regional organisations"),
    BodyKind.TRAINING_CENTRE: _("Training centres"),
    BodyKind.TEST_CENTRE: _("Test centres"),
    BodyKind.PROGRAMME: _("Programmes"),
    BodyKind.INTERNATIONAL_ORGANIZATION: _("International organisations"),
    BodyKind.UN_ENTITY: _("United Nations entities"),
    BodyKind.CIVIL_SOCIETY_NETWORK: _("Civil society networks"),
    BodyKind.COORDINATION_COUNCIL: _("Coordination councils"),
    BodyKind.DONOR_GROUP: _("Groups of donors"),
}


def slug_of(short_name):
    """A short name as it stands in addresses: "EU/EEAS" is eu-eeas."""
    return slugify(re.sub(r"\W+", "-", short_name))


class RegionalBodyQuerySet(models.QuerySet):
    def serving(self, state):
        """Bodies that list the State itself, or a region it lies in; worldwide ones are left out."""
        return self._listing(State.objects.filter(pk=state.pk), state.region)

    def serving_region(self, region):
        """Bodies that list the region, one it lies in, or a State that lies in it; worldwide ones are left out."""
        return self._listing(State.objects.filter(region=region), region)

    def _listing(self, states, region):
        areas = [area.pk for area in region.lineage]
        return self.filter(
            Q(pk__in=RegionalBody.states.through.objects.filter(state__in=states.values("pk")).values("regionalbody"))
            | Q(pk__in=RegionalBody.regions.through.objects.filter(region__in=areas).values("regionalbody"))
        )

    def with_slug(self, slug):
        """The body with that address, or none. The few short names are compared here, so that there is one rule."""
        names = self.order_by("pk").values_list("pk", "short_name")
        return self.filter(pk__in=[key for key, short_name in names if slug_of(short_name) == slug][:1])

    def groups(self):
        """Bodies by whose States recipients can be named: ASEAN, ECOWAS, French-speaking States …"""
        return self.exclude(group_name_en="")


class RegionalBody(SixLanguages, ReferenceData):
    short_name = models.CharField(_("short name"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=40, choices=BodyKind)
    host_city = models.CharField(_("seat"), max_length=100, blank=True)
    host_state = models.ForeignKey(
        State,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hosted_bodies",
        verbose_name=_("host State"),
    )
    serves = models.CharField(_("serves"), max_length=300, blank=True, help_text=_("In words, as the body says it."))
    worldwide = models.BooleanField(_("serves all regions"), default=False)
    # What the States it serves are called together; empty if recipients are not named by this body.
    group_name_en = models.CharField(_("name of the group of States in English"), max_length=200, blank=True)
    group_name_fr = models.CharField(_("name of the group of States in French"), max_length=200, blank=True)
    group_name_es = models.CharField(_("name of the group of States in Spanish"), max_length=200, blank=True)
    group_name_ar = models.CharField(_("name of the group of States in Arabic"), max_length=200, blank=True)
    group_name_ru = models.CharField(_("name of the group of States in Russian"), max_length=200, blank=True)
    group_name_zh = models.CharField(_("name of the group of States in Chinese"), max_length=200, blank=True)
    regions = models.ManyToManyField(Region, blank=True, related_name="bodies", verbose_name=_("regions served"))
    states = models.ManyToManyField(State, blank=True, related_name="bodies", verbose_name=_("States served"))
    role = models.TextField(_("role in mine action"), blank=True)
    website = models.URLField(_("website"), max_length=500, blank=True)
    as_of = models.CharField(_("as of"), max_length=10, blank=True)
    verified = models.BooleanField(_("role or seat is verified"), default=False)
    note = models.TextField(_("note"), blank=True)

    objects = RegionalBodyQuerySet.as_manager()

    class Meta:
        ordering = ["short_name"]
        verbose_name = _("regional body")
        verbose_name_plural = _("regional bodies")

    def clean(self):
        if not self.slug or RegionalBody.objects.exclude(pk=self.pk).with_slug(self.slug).exists():
            raise ValidationError(
                {"short_name": _("Give a short name with Latin letters that differ from those of all other bodies.")}
            )

    @property
    def slug(self):
        return slug_of(self.short_name)

    @property
    def group_name(self):
        return getattr(self, f"group_name_{name_suffix()}") or self.group_name_en
