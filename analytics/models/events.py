"""What was recorded. Rows are only ever added, and go when they are old enough."""

from datetime import UTC, datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..recording.actions import Action
from ..recording.audience import Audience, Referrer
from ..recording.exclusions import Flag


class Surface(models.TextChoices):
    HTML = "html", _("Pages")
    EXPORT = "export", _("Files")
    FEED = "feed", _("Feeds")
    API = "api", _("Answers to programs")
    EMBED = "embed", _("Lists on other websites")


class EventKind(models.TextChoices):
    """More about two actions: where a link led, and whose contact points were shown."""

    MONITOR = "monitor", _("Landmine Monitor")
    ARTICLE_7 = "article_7", _("Article 7 reports")
    CRPD = "crpd", _("Bodies of the Convention on the Rights of Persons with Disabilities")
    CONVENTION = "convention", _("The Convention's website")
    OTHER = "other", _("Other websites")
    NATIONAL = "national", _("National contact points")
    REGIONAL = "regional", _("Regional contact points")
    ISU = "isu", _("The ISU")


class BatchKind(models.TextChoices):
    LIVE = "live", _("Recorded by the portal")
    IMPORT = "import", _("Taken over from an access log")
    GENERATED = "generated", _("Generated for demonstration")


class Batch(models.Model):
    """What was taken in at one go: a spool file, or an access log."""

    kind = models.CharField(max_length=10, choices=BatchKind, default=BatchKind.LIVE)
    file = models.CharField(max_length=150, unique=True)
    sha256 = models.CharField(max_length=64)
    # The minute in which a spool file was written.
    slot = models.DateTimeField(null=True)
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
    kind = models.CharField(max_length=20, choices=EventKind, blank=True)
    flags = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["day", "action"], name="event_day_action")]

    def __str__(self):
        return f"{self.moment:%Y-%m-%d %H:%M:%S} {Action(self.action).metric} {Flag(self.flags)!r}"

    @property
    def moment(self):
        return datetime.fromtimestamp(self.at / 1_000_000, UTC)


class Search(models.Model):
    """What a search asked for; goes with the visitor keys, after a few weeks."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="search")
    # In one spelling, without what could be an address, a telephone number or a number of a person.
    words = models.CharField(max_length=200, blank=True)
    # As in the address of the catalogue: parameters and codes it knows, in its order, without the words.
    filters = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "searches"

    def __str__(self):
        return self.words or self.filters


class DeadEnd(models.Model):
    """An address that another website leads to and the portal does not have."""

    id = models.UUIDField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="dead_ends", db_index=False)
    at = models.BigIntegerField(help_text="Microseconds since 1970 (UTC).")
    day = models.DateField(help_text="In the reporting time zone.")
    path = models.CharField(max_length=200)
    referrer = models.CharField(max_length=20, choices=Referrer)

    class Meta:
        indexes = [models.Index(fields=["day"], name="dead_end_day")]

    def __str__(self):
        return self.path


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
