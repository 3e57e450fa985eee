"""What was looked for and not found, put in order by the ISU."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offers.models import StaleEdit, StepNotAllowed


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

    def get_absolute_url(self):
        return reverse("analytics:need", args=[self.pk])

    # Steps. Each holds the row, so that a need is not discarded while somebody takes searches into it.

    @classmethod
    @transaction.atomic
    def take_in_under(cls, name, searches, *, by):
        """Under the need of that name, which begins with it if there is none; gives need and number taken in."""
        need = (
            cls.objects.filter(name__iexact=name).first()
            or cls.objects.get_or_create(name=name, defaults={"by": by})[0]
        )
        return need, need.take_in(searches)

    @transaction.atomic
    def take_in(self, searches):
        """Rows of language, key, words and filters; what belongs to a need by now stays there. Gives the number."""
        if not type(self).objects.select_for_update().filter(pk=self.pk).exists():
            raise StepNotAllowed(_("Nothing changed: somebody has deleted this need."))
        before = self.terms.count()
        self.terms.bulk_create(
            [UnmetNeedTerm(need=self, **search) for search in searches],
            ignore_conflicts=True,
        )
        return self.terms.count() - before

    def change(self, *, seen, by, **values):
        """Its name, the action taken and the date, unless somebody has changed them since they were `seen`."""
        try:
            with transaction.atomic():
                changed = type(self).objects.filter(pk=self.pk, at=seen).update(by=by, at=timezone.now(), **values)
        except IntegrityError as error:
            # Two at once: the form has looked for the name, and somebody else was faster to take it.
            raise StepNotAllowed(_("There is a need with this name already.")) from error
        if not changed:
            raise StaleEdit

    @transaction.atomic
    def discard(self):
        """Only an empty one; that it is gone already is no problem."""
        need = type(self).objects.select_for_update().filter(pk=self.pk).first()
        if need and need.terms.exists():
            raise StepNotAllowed(_("Take out its searches first: a need that has any cannot be deleted."))
        if need:
            need.delete()


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
