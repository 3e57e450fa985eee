"""Whether the addresses that the portal links to answer."""

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import RelatedSource, StateLink

from .resources import Resource
from .revision import CatalogueRevision

# An address is tried at most once in this time; a little less than a day, so that a run each morning tries it again.
REST = timedelta(hours=20)

SENTENCES = {
    "address": gettext_lazy("This is no address of the web that can be tried."),
    "name": gettext_lazy("No server of this name is known."),
    "resolver": gettext_lazy("The name could not be looked up."),
    "private": gettext_lazy("The name leads into a private network."),
    "connection": gettext_lazy("The server does not answer, or breaks off."),
    "slow": gettext_lazy("The server takes too long to answer."),
    "certificate": gettext_lazy("The server cannot prove who it is: its certificate is not accepted."),
    "redirects": gettext_lazy("The address leads from one to the next without end."),
}
# The server may do so to all programs: only a person can tell what the page shows.
TURNED_AWAY = {"401", "403", "407", "429", "451"}
UNDECIDED = {*TURNED_AWAY, "resolver"}


class LinkCheckQuerySet(models.QuerySet):
    def broken(self):
        """Those that did not answer when they were last tried, the oldest trouble first."""
        return self.filter(broken_since__isnull=False).order_by("broken_since", "url")

    def undecided(self):
        """Those of which a program could not tell."""
        return self.filter(broken_since=None).exclude(problem="").order_by("url")

    def recent(self):
        return self.filter(checked_at__gt=timezone.now() - REST)


class LinkCheck(models.Model):
    """The last time that an address was tried, wherever it is linked."""

    url = models.URLField(_("address"), max_length=500, unique=True)
    checked_at = models.DateTimeField(_("tried"))
    # Empty: it answers. Else the number of an HTTP status, or one of `SENTENCES`.
    problem = models.CharField(_("what is wrong"), max_length=200, blank=True)
    broken_since = models.DateTimeField(_("broken since"), null=True)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        ordering = ["url"]
        verbose_name = _("checked address")
        verbose_name_plural = _("checked addresses")

    def __str__(self):
        return self.url

    @property
    def since(self):
        return self.broken_since or self.checked_at

    @property
    def problem_in_words(self):
        if self.problem in TURNED_AWAY:
            return _("The server turns programs away (status %(status)s).") % {"status": self.problem}
        if self.problem.startswith("4"):
            return _("The server says that there is no such page (status %(status)s).") % {"status": self.problem}
        if self.problem.isdigit():
            return _("The server fails (status %(status)s).") % {"status": self.problem}
        return SENTENCES.get(self.problem, self.problem)

    @classmethod
    def record(cls, url, problem):
        """Write down how a try ended; tells whether the address has broken since the one before.

        Where the address answers, the links that lead to it are checked as of today.
        """
        now = timezone.now()
        with transaction.atomic():
            before = cls.objects.select_for_update().filter(url=url).first()
            broken_before = before and before.broken_since
            is_broken = bool(problem) and problem not in UNDECIDED
            values = {
                "checked_at": now,
                "problem": problem,
                "broken_since": (broken_before or now) if is_broken else None,
            }
            cls.objects.update_or_create(url=url, defaults=values)
            if not problem:
                today = timezone.localdate(now)
                links = (model.objects.filter(url=url) for model in (StateLink, RelatedSource, Resource))
                if sum(found.exclude(checked_on=today).update(checked_on=today) for found in links):
                    CatalogueRevision.change()
        return is_broken and not broken_before
