"""What was looked for and not found, put in order by the ISU."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UnmetNeed(models.Model):
    """Searches that ask for the same thing, and what was done about it."""

    name = models.CharField(
        _("Need"), max_length=100, unique=True, error_messages={"unique": _("There is a need with this name already.")}
    )
    action = models.CharField(_("Action taken"), max_length=500, blank=True)
    acted_on = models.DateField(_("Date"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(action="", acted_on=None) | (~Q(action="") & Q(acted_on__isnull=False)),
                name="unmet_need_action_has_date",
                violation_error_message=_("Give both the action and its date, or neither."),
            )
        ]

    def __str__(self):
        return self.name


class UnmetNeedTerm(models.Model):
    """A search that asks for a need."""

    need = models.ForeignKey(UnmetNeed, on_delete=models.CASCADE, related_name="terms")
    language = models.CharField(max_length=10, blank=True)
    words = models.CharField(max_length=200, blank=True)
    filters = models.CharField(max_length=500, blank=True)
    # As in SearchTermDaily.
    key = models.CharField(max_length=32)

    class Meta:
        ordering = ["words", "filters"]
        constraints = [models.UniqueConstraint(fields=["language", "key"], name="unmet_need_term_once")]

    def __str__(self):
        return self.words or self.filters
