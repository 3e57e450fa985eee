"""Keys of visitors and the secrets they are made from."""

import json
import stat
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from analytics.recording.visitors import (
    bounds_of,
    day_secrets,
    forget_old_secrets,
    reporting_day,
    visitor_key,
)

from .conftest import CHROME, FIREFOX, ZURICH, Visitor

HOME = "/en/about/"


def keys(lines):
    return [json.loads(line).get("visitor") for line in lines()]


def test_the_same_browser_has_the_same_key_all_day_and_another_one_the_next(clock, visitor, lines):
    visitor.get(HOME)
    clock.shift(timedelta(hours=13, minutes=59))
    visitor.get(HOME)
    clock.shift(timedelta(minutes=1))
    visitor.get(HOME)

    morning, evening, next_day = keys(lines)
    assert morning == evening
    assert next_day not in {None, morning}


def test_another_address_browser_or_person_has_another_key(norlander, sudlander, lines):
    visitors = [
        Visitor(),
        Visitor(address="192.0.2.2"),
        Visitor(user_agent=FIREFOX),
        Visitor(user=norlander),
        Visitor(user=sudlander),
    ]
    for visitor in visitors:
        visitor.get(HOME)

    assert None not in keys(lines)
    assert len(set(keys(lines))) == 5


def test_a_person_has_one_key_wherever_they_sign_in(norlander, lines):
    Visitor(user=norlander).get(HOME)
    Visitor(user=norlander, address="192.0.2.2", user_agent=FIREFOX).get(HOME)

    assert len(set(keys(lines))) == 1


def test_forging_the_address_does_not_make_new_visitors(settings, visitor, lines):
    settings.TRUSTED_PROXY_COUNT = 1
    for forged in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        visitor.get(HOME, headers={"x-forwarded-for": f"{forged}, 203.0.113.5"})

    assert len(set(keys(lines))) == 1
    assert None not in keys(lines)


def test_without_a_trusted_address_a_view_is_counted_without_a_key(settings, visitor, lines):
    settings.TRUSTED_PROXY_COUNT = 1
    visitor.get(HOME)

    assert keys(lines) == [None]


def test_only_the_owner_can_read_the_secret(settings, clock, visitor):
    visitor.get(HOME)

    [path] = settings.ANALYTICS_SECRETS.iterdir()
    assert path.name == "2027-03-04"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.ANALYTICS_SECRETS.stat().st_mode) == 0o700
    assert len(path.read_bytes()) == 32


def test_workers_share_the_secret_and_the_first_to_make_it_wins(clock):
    at = datetime.now(ZURICH).timestamp()
    mine = day_secrets.of(at)
    day_secrets.reset()  # as in another process

    assert day_secrets.of(at) == mine
    assert len(mine) == 32


def test_the_secret_goes_an_hour_after_midnight(settings, clock, visitor):
    def secrets():
        return sorted(path.name for path in settings.ANALYTICS_SECRETS.iterdir())

    visitor.get(HOME)
    clock.move_to(datetime(2027, 3, 5, 0, 30, tzinfo=ZURICH))
    visitor.get(HOME)
    forget_old_secrets()
    assert secrets() == ["2027-03-04", "2027-03-05"]

    clock.move_to(datetime(2027, 3, 5, 1, 0, tzinfo=ZURICH))
    visitor.get(HOME)
    assert secrets() == ["2027-03-05"]


def test_the_ingest_command_forgets_secrets_even_if_nobody_comes(settings, clock, visitor):
    visitor.get(HOME)
    clock.move_to(datetime(2027, 3, 5, 1, 1, tzinfo=ZURICH))
    call_command("analytics_ingest", verbosity=0)

    assert list(settings.ANALYTICS_SECRETS.iterdir()) == []


def test_without_a_secret_views_are_counted_without_a_key(settings, clock, visitor, lines):
    settings.ANALYTICS_SECRETS.parent.mkdir(exist_ok=True)
    settings.ANALYTICS_SECRETS.write_text("not a folder")
    visitor.get(HOME)
    settings.ANALYTICS_SECRETS.unlink()
    visitor.get(HOME)
    clock.shift(60)
    visitor.get(HOME)

    blocked, still_waiting, recovered = keys(lines)
    assert (blocked, still_waiting) == (None, None)
    assert recovered is not None


def test_a_broken_secret_is_not_used(settings, clock):
    settings.ANALYTICS_SECRETS.mkdir(parents=True)
    (settings.ANALYTICS_SECRETS / "2027-03-04").write_bytes(b"short")

    assert day_secrets.of(datetime.now(ZURICH).timestamp()) is None
    assert visitor_key(None, None, b"\xc0\x00\x02\x01", CHROME) is None


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 23), ("2027-10-31", 25), ("2027-03-04", 24)])
def test_a_day_is_a_day_in_zurich(day, hours):
    day = datetime.fromisoformat(day).date()
    first, last = (moment.timestamp() for moment in bounds_of(day))

    assert last - first == hours * 3600
    assert reporting_day(first) == reporting_day(last - 1) == day
    assert reporting_day(first - 1) == day - timedelta(days=1)
    assert reporting_day(last) == day + timedelta(days=1)
