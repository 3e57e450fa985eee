"""Working days: Monday to Friday. Public holidays differ from State to State and are not known here."""

from datetime import timedelta

SATURDAY = 5


def working_days_after(day, count):
    """The last of so many working days after `day`, which itself does not count."""
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            count -= 1
    return day
