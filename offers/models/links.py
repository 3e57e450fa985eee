"""Whether the addresses that the portal links to answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LinkCheck(models.Model):
    """The last time that an address was tried, wherever it is linked."""

    url = models.URLField(_("address"), max_length=500, unique=True)
    checked_at = models.DateTimeField(_("tried"))
    # Empty: it answers.
    problem = models.CharField(_("what is wrong"), max_length=200, blank=True)
    broken_since = models.DateTimeField(_("broken since"), null=True)

    class Meta:
        ordering = ["url"]
        verbose_name = _("checked address")
        verbose_name_plural = _("checked addresses")

    def __str__(self):
        return self.url
