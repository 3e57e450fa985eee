"""The references that offers get, each once."""

from django.db import models, transaction
from django.utils import timezone


class ReferenceCounter(models.Model):
    """The last number given in a series in a year."""

    series = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="reference_counter_once")]

    def __str__(self):
        return f"{self.series}-{self.year}-{self.last:04d}"

    @classmethod
    def next(cls, series):
        """The next reference, such as PFP-2027-0042. Numbers may be skipped, never given twice."""
        with transaction.atomic():
            counter, _created = cls.objects.select_for_update().get_or_create(
                series=series, year=timezone.localdate().year
            )
            counter.last += 1
            counter.save()
        return str(counter)
