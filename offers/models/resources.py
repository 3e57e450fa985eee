"""Assistance that organisations and funds offer elsewhere: the portal links, it does not copy."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Language, Region, State

from .taxonomy import Area, Form


class Resource(models.Model):
    title = models.CharField(_("title"), max_length=200)
    body = models.CharField(_("offered by"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    areas = models.ManyToManyField(Area, related_name="resources", verbose_name=_("areas of implementation"))
    forms = models.ManyToManyField(Form, related_name="resources", verbose_name=_("forms of assistance"))
    worldwide = models.BooleanField(_("serves all regions"), default=False)
    regions = models.ManyToManyField(Region, blank=True, related_name="resources", verbose_name=_("regions served"))
    states = models.ManyToManyField(State, blank=True, related_name="resources", verbose_name=_("States served"))
    languages = models.ManyToManyField(Language, blank=True, related_name="+", verbose_name=_("languages"))
    url = models.URLField(_("web address"), max_length=500)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    is_sample = models.BooleanField(_("illustrative record"), default=False, editable=False)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["title", "body"],
                name="resource_once_per_body",
                violation_error_message=_("This body already has a resource with this title."),
            ),
            models.CheckConstraint(
                name="resource_has_a_title",
                condition=~Q(title=""),
                violation_error_message=_("Give the resource a title."),
            ),
        ]
        verbose_name = _("resource elsewhere")
        verbose_name_plural = _("resources elsewhere")

    def __str__(self):
        return self.title
