"""What is kept for a time only is gone afterwards, and the figures stay."""

import os
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from analytics.counting import retention
from analytics.models import (
    Batch,
    BatchKind,
    Completeness,
    Daily,
    DeadEnd,
    DirtyDay,
    Event,
    Search,
    SearchTermDaily,
    UnmetNeed,
)
from analytics.recording.actions import Action
from analytics.recording.visitors import day_secrets
from tests.at_once import at_once

from .conftest import total
from .made_events import make_event

pytestmark = pytest.mark.django_db


def make_searches(day, words, *visitors):
    for visitor in visitors:
        make_event(day, action=Action.SEARCH_ZERO, words=words, visitor=visitor)


def rollup():
    call_command("analytics_rollup", verbosity=0)


def prune(**options):
    call_command("analytics_prune", **({"verbosity": 0} | options))


def today():
    return timezone.localdate()


def figures():
    return list(Daily.objects.order_by("day", "metric", "dimension", "value").values())


def test_after_35_days_nobody_can_be_told_from_another(clock):
    make_event(today())
    make_event(today(), visitor=6)
    rollup()
    before = figures()
    clock.shift(timedelta(days=34))
    prune()
    assert set(Event.objects.values_list("visitor", flat=True)) == {5, 6}

    clock.shift(timedelta(days=1))
    prune()
    assert set(Event.objects.values_list("visitor", flat=True)) == {None}
    assert figures() == before
    assert total("view", figure="visits") == 2


def test_what_waits_to_be_counted_is_counted_before_its_keys_go(clock):
    make_event(today())
    clock.shift(timedelta(days=40))
    prune()

    assert total("view", figure="visits") == 1
    assert Event.objects.get().visitor is None


def test_keys_go_even_if_nothing_can_be_counted(clock, monkeypatch):
    def refuse():
        raise DatabaseError("planted")

    make_event(today())
    clock.shift(timedelta(days=40))
    monkeypatch.setattr("analytics.management.commands.analytics_rollup.dirty_days", refuse)
    with pytest.raises(DatabaseError, match="planted"):
        prune()

    assert Event.objects.get().visitor is None


def test_searches_go_and_only_terms_of_three_visitors_stay(clock):
    first = today()
    make_searches(first, "prosthetics", 1, 2)
    make_searches(first, "a very private question", 1, 2)
    clock.shift(timedelta(days=20))
    make_searches(today(), "prosthetics", 3)
    clock.shift(timedelta(days=14))
    prune()
    assert Search.objects.count() == 5
    assert SearchTermDaily.objects.count() == 3

    clock.shift(timedelta(days=1))
    prune()
    assert set(Search.objects.values_list("event__visitor", flat=True)) == {3}
    assert set(SearchTermDaily.objects.values_list("words", "day")) == {
        ("prosthetics", first),
        ("prosthetics", first + timedelta(days=20)),
    }
    # Once enough have asked for it, it stays known.
    clock.shift(timedelta(days=100))
    prune()
    assert SearchTermDaily.objects.count() == 2
    assert not Search.objects.exists()


@pytest.mark.parametrize("number", [1, 5])
def test_rare_terms_go_in_two_statements_however_many(clock, django_assert_num_queries, number):
    for visitor in range(number):
        make_searches(today(), f"question {visitor}", visitor)
    rollup()
    clock.shift(timedelta(days=40))

    with django_assert_num_queries(2):
        assert list(retention.erase_rare_terms()) == [number]


def test_events_go_after_400_days_and_figures_and_batches_stay(clock, spool_folder):
    batch = Batch.objects.create(file="a", slot=timezone.now())
    make_event(batch=batch)
    DeadEnd.objects.create(id=uuid4(), batch=batch, at=0, day=today(), path="/old", referrer="other")
    quarantine = spool_folder / "quarantine"
    quarantine.mkdir(parents=True)
    old, new = quarantine / "old", quarantine / "new"
    old.touch()
    rollup()
    before = figures()
    clock.shift(timedelta(days=399))
    new.touch()
    now = timezone.now().timestamp()
    os.utime(old, (now - 31 * 86400, now - 31 * 86400))
    os.utime(new, (now - 29 * 86400, now - 29 * 86400))
    prune()
    assert Event.objects.count() == 1
    assert not DeadEnd.objects.exists()
    assert [path.name for path in quarantine.iterdir()] == ["new"]

    clock.shift(timedelta(days=1))
    prune()
    assert not Event.objects.exists()
    assert figures() == before
    assert Batch.objects.count() == 1


def test_a_dry_run_counts_and_erases_nothing(clock, capsys):
    day_secrets.of(timezone.now().timestamp())
    make_searches(today(), "prosthetics", 1)
    rollup()
    clock.shift(timedelta(days=400))
    prune(dry_run=True)

    output = capsys.readouterr().out
    for name in ("key(s) of visitors", "search(es)", "day(s) of rare", "event(s)", "secret(s)"):
        assert f"{name}" in output
    assert output.count(": 1 due, none erased") == 5
    assert Event.objects.filter(visitor=1).count() == Search.objects.count() == SearchTermDaily.objects.count() == 1

    prune()
    assert capsys.readouterr().out.count(": 1 erased") == 5
    prune()
    assert capsys.readouterr().out.count(": 0 erased") == 7


def test_killed_between_two_portions_the_next_run_goes_on(clock, monkeypatch):
    monkeypatch.setattr(retention, "PORTION", 2)
    for hour in range(5):
        make_event(hour=hour)
    rollup()
    clock.shift(timedelta(days=35))
    portions = retention.erase_visitor_keys()
    assert next(portions) == 2
    assert Event.objects.filter(visitor=None).count() == 2

    assert list(retention.erase_visitor_keys()) == [2, 1]
    assert total("view") == 5


@pytest.mark.django_db(transaction=True)
def test_two_prunings_at_once_erase_everything_once(clock, monkeypatch):
    monkeypatch.setattr(retention, "PORTION", 2)
    for hour in range(5):
        make_event(hour=hour)
    rollup()
    clock.shift(timedelta(days=400))

    done = at_once(*[lambda: sum(retention.erase_events())] * 2)
    assert sum(done) == 5
    assert not Event.objects.exists()


# Taking back


def test_a_batch_that_is_taken_back_leaves_nothing_and_can_be_taken_in_again(clock, monkeypatch, capsys):
    monkeypatch.setattr(retention, "PORTION", 2)
    log = Batch.objects.create(file="access.log", kind=BatchKind.IMPORT)
    for hour in range(3):
        make_event(batch=log, hour=hour)
    make_event(date(2027, 3, 1), batch=log)
    make_event(batch=None, visitor=6)
    rollup()
    assert Completeness.objects.filter(imported=True).count() == 2

    call_command("analytics_unload", "access.log", dry_run=True)
    assert "4 event(s)" in capsys.readouterr().out
    assert Event.objects.count() == 5
    call_command("analytics_unload", "access.log")
    assert "4 of 4 event(s) taken back" in capsys.readouterr().out
    rollup()
    assert total("view") == total("view", figure="visits") == 1
    assert not Batch.objects.exists()
    assert not Completeness.objects.filter(imported=True).exists()
    with pytest.raises(CommandError, match="Nothing was taken in as"):
        call_command("analytics_unload", "access.log")


def test_a_closed_day_is_not_taken_back_if_others_would_lose_their_visits(clock):
    log = Batch.objects.create(file="access.log", kind=BatchKind.IMPORT)
    other = Batch.objects.create(file="other", slot=timezone.now())
    make_event(batch=log)
    make_event(batch=other, visitor=6)
    clock.shift(timedelta(days=35))
    prune()
    with pytest.raises(CommandError, match="2027-03-04"):
        call_command("analytics_unload", str(log.pk))
    assert Event.objects.count() == 2

    other.events.all().delete()
    call_command("analytics_unload", str(log.pk), verbosity=0)
    rollup()
    assert not Daily.objects.exists()


# Counting anew


def test_days_are_counted_anew_unless_they_are_closed(clock, capsys):
    make_event(date(2027, 3, 1))
    make_event(date(2027, 3, 3))
    rollup()
    Daily.objects.all().delete()
    capsys.readouterr()
    with pytest.raises(CommandError, match="closed"):
        call_command("analytics_rebuild", "--from", "2027-01-28", "--to", "2027-03-02")
    with pytest.raises(CommandError, match="before the first"):
        call_command("analytics_rebuild", "--from", "2027-03-02", "--to", "2027-03-01")
    assert not DirtyDay.objects.exists()

    call_command("analytics_rebuild", "--from", "2027-01-29", "--to", "2027-03-02")
    assert total("view") == 1
    assert "2027-03-01 (1 of 1): 1 event(s)" in capsys.readouterr().out


# Forgetting a term


def test_a_term_is_forgotten_wherever_it_is_kept(clock, officer, capsys):
    make_searches(today(), "jane doe", 1, 2, 3)
    make_event(action=Action.SEARCH, words="jane doe", language="fr", visitor=4)
    make_searches(today(), "prosthetics", 1)
    rollup()
    need = UnmetNeed.objects.create(name="Somebody", by=officer)
    for row in SearchTermDaily.objects.all():
        need.terms.create(language=row.language, words=row.words, key=row.key)

    call_command("analytics_forget_term", "  Jane  DOE ", language="fr")
    assert SearchTermDaily.objects.filter(words="jane doe").count() == 1
    call_command("analytics_forget_term", "  Jane  DOE ")
    rollup()
    for model in (Search, SearchTermDaily, need.terms):
        assert set(getattr(model, "objects", model).values_list("words", flat=True)) == {"prosthetics"}
    assert total("search_any") == 5
    with pytest.raises(CommandError):
        call_command("analytics_forget_term", " ")
