"""The days that figures are about."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Period:
    """From the first to the last day, both included, in the reporting time zone."""

    first: date
    last: date

    @property
    def days(self):
        return (self.last - self.first).days + 1

    @property
    def months(self):
        """The first days of the months it touches."""
        return months_between(self.first, self.last)

    @property
    def year_before(self):
        return Period(_year_before(self.first), _year_before(self.last))

    @property
    def just_before(self):
        """As many days, up to the day before it begins."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def months_between(first, last):
    """The first days of the months from the one to the other, both included."""
    start, end = (12 * day.year + day.month - 1 for day in (first, last))
    return [date(number // 12, number % 12 + 1, 1) for number in range(start, end + 1)]


def _year_before(day):
    # The last of February stays the last of February.
    if (day + timedelta(days=1)).day == 1:
        return (day + timedelta(days=1)).replace(year=(day + timedelta(days=1)).year - 1) - timedelta(days=1)
    return day.replace(year=day.year - 1)
