"""What was on offer in a period, to be set against what was asked for."""

from collections import Counter
from datetime import timedelta

from offers.models import Offer

from ..snapshots import at_end

# An offer that has come lately had no time to be found.
DAYS_TO_BE_FOUND = 30


def top(code):
    """The topmost area or form that a code belongs to: below the facet, the first part names it."""
    return ".".join(code.split(".")[:2])


def offers_by_area_and_form(period):
    """The number of published offers by topmost area and form at the end of the period, or None if it is not known."""
    end = at_end(period, "S")
    if end.day is None:
        return None
    found = Counter()
    for pair, (number, _none) in end.along("S2", "area_form").items():
        area, form = pair.split("|")
        found[top(area), top(form)] += number
    return found


def offers_long_enough(period):
    """References of offers that are in the catalogue and were so for 30 days at the end of the period."""
    since = period.last - timedelta(days=DAYS_TO_BE_FOUND)
    offers = Offer.objects.counted().public().filter(first_published_on__lte=since)
    return set(offers.order_by().values_list("reference", flat=True))
