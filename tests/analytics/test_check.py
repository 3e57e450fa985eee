"""`analytics_check` finds what does not fit together, and says nothing when all is well."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analytics.models import Batch, Completeness, Daily, DailyExcluded, DirtyDay, Event, Monthly
from analytics.recording.visitors import day_secrets

from .made_events import make_event, make_figures

pytestmark = pytest.mark.django_db
DAY = date(2027, 3, 3)


@pytest.fixture
def sound(clock, spool_folder):
    """Two days and a month that is over, all counted; every minute of the day that is past was recorded."""
    for day in (date(2027, 2, 27), DAY):
        make_event(day)
        make_event(day, visitor=6, flags=32)
        make_event(day, visitor=7, action=11)
    call_command("analytics_rollup", verbosity=0)
    spool_folder.mkdir()
    days = [date(2027, 2, 27) + timedelta(days=number) for number in range(5)]
    Completeness.objects.all().delete()
    Completeness.objects.bulk_create(
        Completeness(day=day, minutes_ingested=1440, lost=0, torn=0, rejected=0) for day in days
    )


def check(capsys):
    """What is wrong, what is to be looked at, and whether the command ends well."""
    capsys.readouterr()
    try:
        call_command("analytics_check")
        well = True
    except CommandError:
        well = False
    lines = capsys.readouterr().out.splitlines()
    found = {mark: "\n".join(line for line in lines if line.startswith(mark)) for mark in ("WRONG", "LOOK")}
    assert well == (not found["WRONG"])
    return found["WRONG"], found["LOOK"]


def test_nothing_is_said_of_what_is_sound(sound, capsys):
    assert check(capsys) == ("", "")
    call_command("analytics_check")
    assert capsys.readouterr().out == "What is recorded, counted and kept is as it should be.\n"


def test_an_empty_portal_is_sound(clock, capsys):
    assert check(capsys) == ("", "")


def delete_a_figure():
    Daily.objects.filter(day=DAY, metric="guidance").delete()


def delete_an_exclusion():
    DailyExcluded.objects.filter(day=DAY).delete()


def lose_an_event():
    Event.objects.filter(day=DAY, visitor=5).delete()


def store_uncounted():
    make_event(date(2027, 3, 2))
    DirtyDay.objects.all().delete()
    Completeness.objects.filter(day=date(2027, 3, 2)).delete()


def change_a_month():
    Monthly.objects.filter(metric="view", dimension="language").update(total=F("total") + 1)


def change_a_day_of_a_month():
    Daily.objects.filter(day__month=2, metric="view", dimension="all").update(visits=F("visits") + 1)


def leave_a_day_dirty():
    Batch.objects.create(file="a", slot=timezone.now(), loaded_at=timezone.now() - timedelta(minutes=11))
    DirtyDay.mark([DAY], "ingest")


def keep_keys():
    make_event(date(2027, 1, 28))
    call_command("analytics_rollup", verbosity=0)


WRONGS = {
    delete_a_figure: "1 counted and 1 excluded are not 3",
    delete_an_exclusion: "2 counted and 0 excluded are not 3",
    lose_an_event: "2 counted and 1 excluded are not 2",
    store_uncounted: "2027-03-02: 1 event(s) were never counted",
    change_a_month: "2027-02: the sums of the month",
    change_a_day_of_a_month: "2027-02: the sums of the month",
    leave_a_day_dirty: "1 day(s) wait to be counted",
    keep_keys: "visitor keys older than 35 days",
}


def test_what_is_wrong_is_found(sound, capsys):
    for break_it, words in WRONGS.items():
        with transaction.atomic():
            break_it()
            wrong, _look = check(capsys)
            transaction.set_rollback(True)
        assert words in wrong, break_it.__name__
        assert wrong.count("WRONG") == 1, wrong
    assert check(capsys)[0] == ""


def test_a_day_that_waits_to_be_counted_is_not_wrong_yet(sound, capsys):
    make_event(DAY)

    assert check(capsys)[0] == ""


def test_files_and_secrets_that_stay_are_wrong(sound, settings, spool_folder, clock, capsys):
    (spool_folder / "20270304T0849-host-1-00000000.ndjson").write_text("x" * 90)
    assert "oldest file in the spool is of 2027-03-04 08:49" in check(capsys)[0]
    settings.ANALYTICS_SPOOL_BYTES = 100
    assert "nearly full" in check(capsys)[0]
    (spool_folder / "20270304T0849-host-1-00000000.ndjson").unlink()

    day_secrets.of(timezone.now().timestamp())
    assert check(capsys)[0] == ""
    clock.shift(timedelta(days=1))
    assert "1 secret(s) of former days" in check(capsys)[0]


def test_losses_gaps_and_other_rules_are_told_and_are_not_wrong(sound, capsys):
    Batch.objects.create(file="a", slot=timezone.now(), rejected=2, torn=1, lost=4)
    Completeness.objects.filter(day=DAY).update(minutes_ingested=1367)
    Completeness.objects.filter(day=date(2027, 3, 1)).update(minutes_ingested=1368)
    Completeness.objects.filter(day=date(2027, 3, 2)).update(minutes_ingested=0, imported=True)
    Completeness.objects.filter(day=date(2027, 2, 28)).delete()
    Daily.objects.filter(day=DAY).update(rules_version="2 Europe/Zurich")
    wrong, look = check(capsys)

    assert wrong == ""
    assert "3 line(s) of the last day could not be read" in look
    assert "4 view(s) of the last day could not be recorded" in look
    assert "recorded on: 2027-02-28, 2027-03-03." in look
    assert "From 2027-03-03 to 2027-03-03 there are figures made by other rules of counting: 2 Europe/Zurich" in look


@pytest.mark.parametrize(("number", "is_told"), [(400, False), (401, True)])
def test_a_month_with_far_more_than_those_before_is_told(clock, capsys, number, is_told):
    """More than three times the mean of up to twelve months, and a hundred."""
    days = [date(2026, month, 1) for month in range(1, 13)]
    Daily.objects.bulk_create(make_figures(day, "request", total=100) for day in days)
    Daily.objects.bulk_create([make_figures(date(2027, 1, 1), "request", total=100)])
    Daily.objects.bulk_create([make_figures(date(2027, 2, 1), "request", total=number)])

    assert (f"2027-02: {number} requests, far more" in check(capsys)[1]) == is_told
