"""Reports as they were frozen."""

from functools import cached_property

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from ..evaluation.as_json import from_json, hash_of, to_json
from ..periods import Period


class AlreadyFrozen(Exception):
    """Somebody else has frozen an edition of that number meanwhile, or the same person by a second click."""


class ReportEdition(models.Model):
    """An evaluation report with all its figures, which never changes (`analytics/append_only.py`).

    What turned out to be wrong is said by the next edition.
    """

    number = models.PositiveIntegerField(unique=True)
    first = models.DateField()
    last = models.DateField()
    language = models.CharField(max_length=10)
    # The whole report as JSON with sorted keys: a text, so that the database gives back the very bytes of the hash.
    figures = models.TextField()
    sha256 = models.CharField(max_length=64)
    rules_version = models.CharField(max_length=40)
    note = models.CharField(max_length=300, blank=True)
    frozen_at = models.DateTimeField(default=timezone.now)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="report_edition_order")]

    def __str__(self):
        return f"{self.number}: {self.first} – {self.last}"

    @classmethod
    def freeze(cls, report, *, by, note="", number=None):
        """Keep the report for good under the next number.

        `number` is the one that the person saw it would get: if it has been given away meanwhile, nothing is frozen.
        Two at once take numbers one after the other, without a gap.
        """
        text = to_json(report)
        while True:
            following = (cls.objects.aggregate(last=Max("number"))["last"] or 0) + 1
            if number not in (None, following):
                raise AlreadyFrozen(f"Edition {number} is not the next one.")
            try:
                with transaction.atomic():
                    return cls.objects.create(
                        number=following,
                        first=report.period.first,
                        last=report.period.last,
                        language=report.language,
                        figures=text,
                        sha256=hash_of(text),
                        rules_version=report.rules_version,
                        note=note,
                        frozen_by=by,
                    )
            except IntegrityError:
                if not cls.objects.filter(number=following).exists():
                    raise

    @property
    def period(self):
        return Period(self.first, self.last)

    @cached_property
    def report(self):
        """As it was frozen: pages and files of the edition print this and ask nothing else."""
        return from_json(self.figures)
