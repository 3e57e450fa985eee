"""How much the figures of a period rest on: days recorded, what was left out, and links to us that lead nowhere."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from django.conf import settings
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..models import Completeness, DailyExcluded, DeadEnd
from ..recording.audience import Referrer
from ..recording.visitors import bounds_of
from ..tables import Column, Table

# A day of which less was recorded is not complete.
COMPLETE = 0.95
MOST_DEAD_ENDS = 50


@dataclass(frozen=True)
class Recording:
    """What is known of the days of a period."""

    days: tuple[Completeness, ...]
    # Minutes of the period that have passed by now.
    minutes: int

    @classmethod
    def of(cls, period):
        days = Completeness.objects.filter(day__gte=period.first, day__lte=period.last).order_by("day")
        return cls(tuple(days), _minutes(period.first, period.last))

    @property
    def minutes_recorded(self):
        return sum(day.minutes_ingested for day in self.days)

    @property
    def lost(self):
        return sum(day.lost for day in self.days)

    @property
    def unreadable(self):
        return sum(day.torn + day.rejected for day in self.days)

    @property
    def imported(self):
        return sum(day.imported for day in self.days)

    @property
    def generated(self):
        return sum(day.generated for day in self.days)

    @property
    def incomplete(self):
        """Days of which less than 95 per cent of the minutes were recorded."""
        return [row.day for row in self.days if row.minutes_ingested < COMPLETE * _minutes(row.day, row.day)]

    @property
    def warnings(self):
        """What must be said before any number is read."""
        found = []
        if self.generated:
            found.append(
                _("Days whose use was generated for demonstration: %(number)d. These figures are no real use.")
                % {"number": self.generated}
            )
        if self.imported:
            found.append(
                _(
                    "Days taken over from an access log: %(number)d. They hold more robots, and no searches without "
                    "a result."
                )
                % {"number": self.imported}
            )
        return found

    @property
    def table(self):
        """By month; days that are not complete are named."""
        months, incomplete = defaultdict(list), set(self.incomplete)
        for row in self.days:
            months[row.day.replace(day=1)].append(row)
        rows = []
        for month, days in months.items():
            reconciled = [day for day in days if day.loggable]
            rows.append(
                (
                    date_format(month, "YEAR_MONTH_FORMAT"),
                    (
                        len(days),
                        runs([day.day.day for day in days if day.day in incomplete]),
                        sum(day.lost for day in days),
                        sum(day.torn for day in days),
                        sum(day.rejected for day in days),
                        sum(day.imported for day in days),
                        sum(day.generated for day in days),
                        _("%(number)d of %(total)d")
                        % {
                            "number": sum(day.reconciled for day in reconciled),
                            "total": sum(day.loggable for day in reconciled),
                        }
                        if reconciled
                        else None,
                    ),
                )
            )
        columns = (
            Column(_("Days"), _("Days of which something was recorded, or that were counted.")),
            Column(
                _("Dates below 95 %"),
                _(
                    "Days of the month of which less than 95 per cent of the minutes were recorded: nobody came, or "
                    "nothing was recorded."
                ),
            ),
            Column(_("Lost"), _("Views that could not be written, as the portal has noticed itself.")),
            Column(_("Torn"), _("Records cut off because the server stopped while it wrote them.")),
            Column(_("Unreadable"), _("Other records that could not be read.")),
            Column(_("Imported days"), _("Days with views taken over from the access log of the web server.")),
            Column(_("Generated days"), _("Days with use that was made up for demonstration.")),
            Column(
                _("Counted of the access log"),
                _("Requests that were counted, of those that the access log of the web server says should have been."),
            ),
        )
        return Table("completeness", _("How complete the record is"), _("Month"), columns, tuple(rows), adds_up=False)


def _minutes(first, last):
    passed = min(bounds_of(last)[1], timezone.now()) - bounds_of(first)[0]
    return max(0, int(passed.total_seconds() // 60))


def runs(numbers):
    """Ascending numbers in short: 1–3, 7."""
    starts = [number for before, number in pairwise([None, *numbers]) if before is None or number > before + 1]
    ends = [number for number, after in pairwise([*numbers, None]) if after is None or after > number + 1]
    parts = [f"{first}" if first == last else f"{first}–{last}" for first, last in zip(starts, ends, strict=True)]
    return ", ".join(parts)


def left_out(period):
    """The number of requests that are in no figure, by reason."""
    days = DailyExcluded.objects.filter(day__gte=period.first, day__lte=period.last)
    return {reason: [number] for reason, number in days.values_list("reason").annotate(Sum("n"))}


def dead_ends():
    """Addresses that other websites lead to and the portal does not have, most often followed first."""
    today = timezone.localdate()
    rows = (
        DeadEnd.objects.filter(day__gt=today - timedelta(days=settings.ANALYTICS_REBUILD_DAYS))
        .values_list("path", "referrer")
        .annotate(number=Count("pk"))
        .order_by("-number", "path", "referrer")[:MOST_DEAD_ENDS]
    )
    names = dict(Referrer.choices)
    return Table(
        "dead-ends",
        _("Broken links to the portal"),
        _("Address"),
        (
            Column(_("Led there"), _("What kind of website the visitor came from. Its address is not kept.")),
            Column(_("Times"), _("How often it was followed.")),
        ),
        tuple((path, (str(names.get(referrer, referrer)), number)) for path, referrer, number in rows),
        adds_up=False,
        note=_(
            "Of the last %(days)d days, whatever the period above; at most %(most)d addresses. Whoever keeps such a "
            "page may be asked to mend the link."
        )
        % {"days": settings.ANALYTICS_REBUILD_DAYS, "most": MOST_DEAD_ENDS},
    )
