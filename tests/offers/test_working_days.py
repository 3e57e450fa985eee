"""Days on which the ISU works."""

from datetime import date

import pytest

from offers.working_days import working_days_after


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 3, 2), 1, date(2026, 3, 3)),  # a Monday
        (date(2026, 3, 2), 5, date(2026, 3, 9)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),  # a Friday
        (date(2026, 3, 7), 1, date(2026, 3, 9)),  # a Saturday
        (date(2026, 3, 8), 5, date(2026, 3, 13)),  # a Sunday
        (date(2026, 12, 30), 3, date(2027, 1, 4)),  # over the end of the year
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
    ],
)
def test_saturdays_and_sundays_are_no_working_days(day, count, expected):
    assert working_days_after(day, count) == expected


def test_as_many_working_days_lie_between_as_were_asked_for():
    for first in range(1, 29):
        day = date(2026, 2, first)
        for count in range(1, 12):
            last = working_days_after(day, count)
            between = [date.fromordinal(number) for number in range(day.toordinal() + 1, last.toordinal() + 1)]

            assert sum(each.isoweekday() <= 5 for each in between) == count
            assert last.isoweekday() <= 5
