"""Counting a day again gives the same; a day that is closed stays as it is."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from analytics import rollup
from analytics.models import Completeness, Daily, DailyExcluded, DirtyDay, Event
from analytics.rollup import FiguresDoNotAddUp, count_day, dirty_days

from .conftest import Visitor, count, total


@pytest.fixture
def counted_day(clock, visitor, make_offer):
    offer = make_offer()
    visitor.get(offer.get_absolute_url())
    visitor.get(reverse("offers:catalogue"))
    Visitor(user_agent="curl/8.5.0 (x86_64)").get(offer.get_absolute_url())
    count()
    return timezone.localdate()


def rows():
    figures = Daily.objects.order_by("metric", "dimension", "value").values_list(
        "day", "metric", "dimension", "value", "total", "total_dc", "unique_session", "visitor_days", "visits"
    )
    return list(figures), list(DailyExcluded.objects.values_list("day", "reason", "n"))


def test_counting_again_changes_nothing(counted_day):
    before = rows()
    call_command("analytics_rollup", day=[counted_day], verbosity=0)

    assert rows() == before
    assert len(before[0]) > 10


def test_counted_and_excluded_together_are_all_events(counted_day):
    DirtyDay.mark([counted_day], "asked")

    count = count_day(counted_day)
    assert (count.events, count.excluded) == (3, 1)
    assert Event.objects.count() == 3


def test_figures_that_do_not_add_up_are_not_kept(monkeypatch, counted_day, capsys):
    before = rows()
    DirtyDay.mark([counted_day], "asked")
    with monkeypatch.context() as broken:
        broken.setattr(rollup, "_write", lambda day, figures: None)
        with pytest.raises(FiguresDoNotAddUp):
            count_day(counted_day)
        with pytest.raises(CommandError):
            call_command("analytics_rollup")

    assert "are not 3 events" in capsys.readouterr().err
    assert rows() == before
    assert dirty_days() == [counted_day]


def test_killed_while_counting_the_day_stays_dirty_with_its_old_figures(monkeypatch, counted_day):
    def die(day):
        raise KeyboardInterrupt

    before = rows()
    DirtyDay.mark([counted_day], "asked")
    with monkeypatch.context() as killed:
        killed.setattr(rollup, "_note_completeness", die)
        with pytest.raises(KeyboardInterrupt):
            call_command("analytics_rollup", verbosity=0)

    assert rows() == before
    assert dirty_days() == [counted_day]


def test_a_day_that_another_run_has_counted_is_left_alone(counted_day):
    assert count_day(counted_day) is None


def test_a_day_whose_events_are_gone_has_no_figures(counted_day):
    Event.objects.all().delete()
    call_command("analytics_rollup", day=[counted_day], verbosity=0)

    assert rows() == ([], [])


def test_a_closed_day_is_not_counted_again(counted_day, clock):
    before = rows()
    clock.shift(timedelta(days=35))
    with pytest.raises(CommandError, match="closed"):
        call_command("analytics_rollup", day=[counted_day])

    assert rows() == before
    assert dirty_days() == []


def test_the_command_says_what_it_did(counted_day, capsys):
    call_command("analytics_rollup", day=[counted_day])

    output = capsys.readouterr().out
    assert "2027-03-04 (1 of 1): 3 event(s), 1 of them excluded" in output
    assert "1 day(s) up to date." in output


def test_completeness_counts_minutes_and_losses(clock, visitor, spool_folder):
    visitor.get("/en/about/")
    clock.shift(60)
    visitor.get("/healthz")
    (spool_folder / "20270304T0800-host-1-00000000.ndjson").write_text('{"lost":4}\nnonsense\n{"torn')
    count()

    day = Completeness.objects.get()
    assert (day.minutes_ingested, day.lost, day.torn, day.rejected) == (3, 4, 1, 1)
    count()
    day.refresh_from_db()
    assert (day.minutes_ingested, day.lost, day.torn, day.rejected) == (3, 4, 1, 1)
    assert total("view") == 1
