"""Events as they happened, and the daily figures made from them.

Events are only ever added. All other rows are replaced as a whole, never
incremented, so that doing something twice changes nothing.
"""

from datetime import UTC, datetime

from django.db import models
from django.utils import timezone

from .actions import Action
from .audience import Audience, Referrer
from .exclusions import Flag, Reason


class Surface(models.TextChoices):
    HTML = "html", "HTML"


class Batch(models.Model):
    """One spool file that was taken in."""

    file = models.CharField(max_length=150, unique=True)
    sha256 = models.CharField(max_length=64)
    # The minute in which the file was written.
    slot = models.DateTimeField()
    lines = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    # A last line without its end: the process died, or the disk was full, while it was written.
    torn = models.PositiveIntegerField(default=0)
    # Lines that the worker could not write, as it tells itself.
    lost = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["slot"], name="batch_slot")]

    def __str__(self):
        return self.file


class Event(models.Model):
    """One page that was asked for. Holds no address, browser, query string or user.

    What it says of the offer is copied when it is taken in: an offer that is
    classified anew later must not rewrite history. Codes, not relations, for
    the same reason; an empty one means that it does not apply.
    """

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="events", db_index=False)
    at = models.BigIntegerField(help_text="Microseconds since 1970 (UTC): exact, and compared alike by every database.")
    day = models.DateField(help_text="In the reporting time zone.")
    action = models.PositiveSmallIntegerField(choices=Action)
    offer = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=3, blank=True)
    region = models.CharField(max_length=3, blank=True)
    area = models.CharField(max_length=80, blank=True)
    form = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, blank=True)
    surface = models.CharField(max_length=10, choices=Surface, default=Surface.HTML)
    audience = models.CharField(max_length=20, choices=Audience, default=Audience.ANONYMOUS)
    referrer = models.CharField(max_length=20, choices=Referrer, default=Referrer.NONE)
    visitor = models.BigIntegerField(null=True)
    flags = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["day", "action"], name="event_day_action")]

    def __str__(self):
        return f"{self.moment:%Y-%m-%d %H:%M:%S} {Action(self.action).metric} {Flag(self.flags)!r}"

    @property
    def moment(self):
        return datetime.fromtimestamp(self.at / 1_000_000, UTC)


class DirtyDay(models.Model):
    """A day whose events have changed since it was counted.

    Whoever changes events writes the row last in the same transaction, even if
    it is there already. Counting a day begins with deleting it. So each waits
    for the other, and no event can slip in between unnoticed.
    """

    day = models.DateField(primary_key=True)
    reason = models.CharField(max_length=20)

    def __str__(self):
        return f"{self.day} ({self.reason})"

    @classmethod
    def mark(cls, days, reason):
        # In one order, so that two that mark the same days do not wait for each other.
        rows = [cls(day=day, reason=reason) for day in sorted(days)]
        cls.objects.bulk_create(rows, update_conflicts=True, unique_fields=["day"], update_fields=["reason"])


class Daily(models.Model):
    """The figures of a day: one metric, seen along one dimension, for one value of it."""

    day = models.DateField()
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
        constraints = [models.UniqueConstraint(fields=["day", "metric", "dimension", "value"], name="daily_once")]
        indexes = [models.Index(fields=["dimension", "metric", "day"], name="daily_by_dimension")]

    def __str__(self):
        return f"{self.day} {self.metric} {self.dimension}={self.value}: {self.total}"


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

    class Meta:
        verbose_name_plural = "completeness"

    def __str__(self):
        return f"{self.day}: {self.minutes_ingested} minutes"
