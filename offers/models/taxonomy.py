"""The taxonomy: areas of implementation and forms of assistance, each a tree."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, ReferenceData, SixLanguages


class TermQuerySet(models.QuerySet):
    def selectable(self):
        """Without the heading of the facet."""
        return self.filter(level__gte=1)

    def top(self):
        return self.filter(level=1)


class Term(SixLanguages, ReferenceData):
    code = models.CharField(_("code"), max_length=80, unique=True, help_text=_("Dotted path below the facet."))
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    level = models.PositiveSmallIntegerField(_("depth below the facet"), default=1)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=0)
    definition = models.TextField(_("definition in English"), blank=True)
    synonyms = models.TextField(_("search synonyms"), blank=True, help_text=_("One a line, in any language."))
    source = models.CharField(_("source"), max_length=300, blank=True)
    labels_reviewed = models.BooleanField(_("labels read by a native mine action translator"), default=False)
    verified = models.BooleanField(_("the concept is in an official source"), default=False)
    note = models.TextField(_("note"), blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position"]

    def is_within(self, code):
        """Is this the term with that code, or one below it?"""
        return self.code == code or self.code.startswith(f"{code}.")

    @property
    def ancestor_codes(self):
        """Its own code and those above it, without the facet's heading; outermost first."""
        parts = self.code.split(".")
        return [".".join(parts[: depth + 1]) for depth in range(1, len(parts))]


class Area(Term):
    """An area of implementation of the Convention: clearance, risk education, victim assistance …"""

    # Stands here because contacts do not know of areas; read as `contact_point.mandate_areas`.
    contact_points = models.ManyToManyField(
        ContactPoint, blank=True, related_name="mandate_areas", verbose_name=_("contact points with this mandate")
    )

    class Meta(Term.Meta):
        verbose_name = _("area of implementation")
        verbose_name_plural = _("areas of implementation")


class Form(Term):
    """A form of assistance: equipment, training, services …"""

    # The one form in which money may be offered.
    SOUTH_SOUTH_FUNDING = "form.south_south_funding"
    EQUIPMENT = "form.equipment"

    class Meta(Term.Meta):
        verbose_name = _("form of assistance")
        verbose_name_plural = _("forms of assistance")
