"""Rows of events and figures, where it does not matter how they came about."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from analytics.models import Daily, DirtyDay, Event, Search
from analytics.recording.actions import Action
from analytics.recording.middleware import new_id

from .conftest import ZURICH


def make_event(day=None, hour=10, *, words=None, **values):
    """By one visitor at that hour of the day, today unless it is said; the day is marked dirty."""
    day = day or timezone.localdate()
    at = datetime(day.year, day.month, day.day, hour, tzinfo=ZURICH).timestamp()
    facts = {"action": Action.PAGE, "language": "en", "visitor": 5} | values
    event = Event.objects.create(id=UUID(new_id(at)), at=round(at * 1_000_000), day=day, **facts)
    if words is not None:
        Search.objects.create(event=event, words=words)
    DirtyDay.mark([day], "made")
    return event


def make_figures(day, metric="view", dimension="all", value="", **numbers):
    figures = dict.fromkeys(("total", "total_dc", "unique_session", "visitor_days", "visits"), 0) | numbers
    return Daily(day=day, metric=metric, dimension=dimension, value=value, rules_version="3 Europe/Zurich", **figures)
