"""What is made from the events. Rows are replaced as a whole, never incremented: doing it twice changes nothing."""

from django.db import models
from django.db.models import Exists, OuterRef, Sum

from ..recording.exclusions import Reason
from .needs import UnmetNeedTerm


class Figures(models.Model):
    """One metric, seen along one dimension, for one value of it."""

    metric = models.CharField(max_length=30)
    dimension = models.CharField(max_length=20)
    value = models.CharField(max_length=170, blank=True)
    total = models.PositiveIntegerField()
    # After the double-click rule.
    total_dc = models.PositiveIntegerField()
    # Different offers per visitor and clock hour.
    unique_session = models.PositiveIntegerField()
    visitor_days = models.PositiveIntegerField()
    visits = models.PositiveIntegerField()
    rules_version = models.CharField(max_length=40)

    class Meta:
        abstract = True


class Daily(Figures):
    """The figures of a day."""

    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "metric", "dimension", "value"], name="daily_once")]
        indexes = [models.Index(fields=["dimension", "metric", "day"], name="daily_by_dimension")]

    def __str__(self):
        return f"{self.day} {self.metric} {self.dimension}={self.value}: {self.total}"


class Monthly(Figures):
    """The sums of a month that is over, for long periods; made anew when one of its days changes."""

    month = models.DateField(help_text="Its first day.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "metric", "dimension", "value"], name="monthly_once")]
        indexes = [models.Index(fields=["dimension", "metric", "month"], name="monthly_by_dimension")]
        verbose_name_plural = "monthly"

    def __str__(self):
        return f"{self.month:%Y-%m} {self.metric} {self.dimension}={self.value}: {self.total}"


# What fewer daily visitors have searched for could tell of one of them.
FEWEST_VISITORS = 3
# On a page, and so many at most are put in order at a time.
SEARCHES_SHOWN = 50


class SearchTermQuerySet(models.QuerySet):
    def ungrouped(self):
        """Of no need so far."""
        grouped = UnmetNeedTerm.objects.filter(language=OuterRef("language"), key=OuterRef("key"))
        return self.filter(~Exists(grouped))

    def grouped(self):
        return self.filter(key__in=UnmetNeedTerm.objects.order_by().values("key"))

    def between(self, period):
        """Of these days, each search once, with the sums of its days and the most visitors first."""
        return (
            self.filter(day__gte=period.first, day__lte=period.last)
            .values("language", "key", "words", "filters")
            .annotate(searches=Sum("n"), unfound=Sum("zero_n"), visitors=Sum("visitor_days"))
            .order_by("-visitors", "-unfound", "words", "filters", "language")
        )

    def unfound(self, period):
        """Without a result at least once, and made by enough visitors to be shown."""
        return self.between(period).filter(visitors__gte=FEWEST_VISITORS, unfound__gt=0)


class SearchTermDaily(models.Model):
    """How often something was searched for on a day. Nobody is shown what fewer than three visitors asked for."""

    day = models.DateField()
    language = models.CharField(max_length=10, blank=True)
    words = models.CharField(max_length=200, blank=True)
    filters = models.CharField(max_length=500, blank=True)
    # A short mark of words and filters, since both together are too long for an index.
    key = models.CharField(max_length=32)
    n = models.PositiveIntegerField()
    zero_n = models.PositiveIntegerField()
    visitor_days = models.PositiveIntegerField()

    objects = SearchTermQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "language", "key"], name="search_term_daily_once")]
        indexes = [models.Index(fields=["key", "day"], name="search_term_daily_key")]

    def __str__(self):
        return f"{self.day} {self.words or self.filters}: {self.n}"


class DailyExcluded(models.Model):
    day = models.DateField()
    reason = models.CharField(max_length=30, choices=Reason)
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "reason"], name="daily_excluded_once")]

    def __str__(self):
        return f"{self.day} {self.reason}: {self.n}"


class Completeness(models.Model):
    """How much of a day the figures rest on."""

    day = models.DateField(primary_key=True)
    # Minutes in which at least one worker was recording.
    minutes_ingested = models.PositiveSmallIntegerField()
    lost = models.PositiveIntegerField()
    torn = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    # Where the events come from, besides the portal itself.
    imported = models.BooleanField(default=False)
    generated = models.BooleanField(default=False)
    # Requests that were counted, and those that the access log of the web server says should have been.
    reconciled = models.PositiveIntegerField(null=True)
    loggable = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name_plural = "completeness"

    def __str__(self):
        return f"{self.day}: {self.minutes_ingested} minutes"
