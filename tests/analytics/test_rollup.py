"""Counting a day again gives the same; a day that is closed stays as it is."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from analytics.counting import rollup
from analytics.counting.rollup import FiguresDoNotAddUp, count_day, dirty_days, term_key
from analytics.models import (
    Batch,
    BatchKind,
    Completeness,
    Daily,
    DailyExcluded,
    DirtyDay,
    Event,
    Search,
    SearchTermDaily,
)
from analytics.recording.actions import Action
from analytics.recording.exclusions import Flag

from .conftest import Visitor, count, total
from .made_events import make_event


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


# What else is counted


def test_contacts_and_links_are_counted_by_kind(clock, db):
    for kind, visitor in (("national", 5), ("national", 6), ("regional", 6), ("", 7)):
        make_event(action=Action.CONTACT_REVEALED, offer="PFP-1", kind=kind, visitor=visitor)
    make_event(action=Action.LINK_OUT, kind="monitor")
    call_command("analytics_rollup", verbosity=0)

    assert total("contact_revealed", "kind", "national") == total("contact_revealed", "kind", "national", "visits") == 2
    assert total("contact_revealed", "kind", "regional") == 1
    assert total("link_out", "kind", "monitor") == 1
    assert total("contact_revealed") == 4


def test_machine_use_has_a_line_of_its_own_whatever_the_program_is_called(clock, db):
    """Programs make no visits, and are no burst however fast they are."""
    for _ in range(30):
        make_event(action=Action.API, surface="api", flags=Flag.CRAWLER_DETECT | Flag.SHAPE, offer="PFP-1")
    make_event(action=Action.FEED, surface="feed", visitor=None)
    make_event(action=Action.FEED, surface="feed", flags=Flag.NOT_SHOWN | Flag.SHAPE)
    make_event(action=Action.PAGE)
    call_command("analytics_rollup", verbosity=0)

    assert (total("machine"), total("api"), total("feed")) == (31, 30, 1)
    assert total("machine", "surface", "api") == 30
    assert total("machine", figure="visits") == total("unlinked") == 0
    assert total("view") == total("view", figure="visits") == 1
    assert dict(DailyExcluded.objects.values_list("reason", "n")) == {"not_shown": 1}


def test_what_was_searched_for_is_counted_by_words_filters_and_language(clock, db):
    def search(words="mines", action=Action.SEARCH, filters="", **values):
        event = make_event(action=action, words=words, **values)
        Search.objects.filter(event=event).update(filters=filters)

    search()
    search(hour=11)
    search(visitor=6, action=Action.SEARCH_ZERO)
    search(visitor=None)
    search(language="fr")
    search(filters="area=area.survey_clearance")
    # Neither robots, nor who goes too fast.
    search(visitor=8, flags=Flag.COUNTER)
    for _ in range(20):
        search(visitor=9)
    call_command("analytics_rollup", verbosity=0)

    rows = SearchTermDaily.objects.order_by("-n", "language", "filters")
    assert list(rows.values_list("language", "words", "filters", "n", "zero_n", "visitor_days")) == [
        ("en", "mines", "", 4, 1, 2),
        ("en", "mines", "area=area.survey_clearance", 1, 0, 1),
        ("fr", "mines", "", 1, 0, 1),
    ]
    keys = rows.values_list("key", flat=True)
    assert keys[0] == keys[2] == term_key("mines", "")
    assert keys[1] == term_key("mines", "area=area.survey_clearance")
    call_command("analytics_rollup", day=[timezone.localdate()], verbosity=0)
    assert rows.count() == 3


def test_a_day_says_where_its_events_come_from(clock, db):
    day = timezone.localdate()
    for kind in (BatchKind.IMPORT, BatchKind.GENERATED):
        batch = Batch.objects.create(file=kind, kind=kind)
        make_event(day, batch=batch)
        day -= timedelta(days=1)
    make_event(day, batch=Batch.objects.create(file="live", slot=timezone.now() - timedelta(days=2), lost=3))
    call_command("analytics_rollup", verbosity=0)

    days = Completeness.objects.order_by("day").values_list("imported", "generated", "minutes_ingested", "lost")
    assert list(days) == [(False, False, 1, 3), (False, True, 0, 0), (True, False, 0, 0)]


def test_counting_again_keeps_what_the_access_log_told(counted_day):
    Completeness.objects.update(reconciled=3, loggable=4)
    call_command("analytics_rollup", day=[counted_day], verbosity=0)

    assert Completeness.objects.values_list("reconciled", "loggable").get() == (3, 4)
