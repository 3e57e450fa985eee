"""Websites of others on mine action and on the rights of persons with disabilities."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .reference import ReferenceData, SixLanguages
from .states import Language, LinkKind


class RelatedSourceQuerySet(models.QuerySet):
    def of_all_states(self, kinds):
        """The first source of each of these kinds, by kind: where to look when a State has no link of its own."""
        found = {}
        for source in self.filter(kind__in=kinds).prefetch_related("languages"):
            found.setdefault(source.kind, source)
        return found


class RelatedSource(SixLanguages, ReferenceData):
    """Where more is to be found, about all States or about none in particular."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=LinkKind, default=LinkKind.OTHER)
    description = models.CharField(_("description"), max_length=300, help_text=_("One sentence, in English."))
    url = models.URLField(_("address"), max_length=500)
    languages = models.ManyToManyField(Language, blank=True, related_name="+", verbose_name=_("languages"))
    position = models.PositiveSmallIntegerField(_("position in lists"), default=100)
    checked_on = models.DateField(
        _("checked on"), null=True, blank=True, help_text=_("When the address was last seen to answer.")
    )

    objects = RelatedSourceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name_en"]
        verbose_name = _("related source")
        verbose_name_plural = _("related sources")
