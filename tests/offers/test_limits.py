"""How many messages visitors may send, with a clock that stands still."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as portal
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.test import RequestFactory

from offers.limits import LimitReached, count_message


@pytest.fixture(autouse=True)
def clock(settings):
    """A quarter past ten; an hour begins on the hour."""
    limits = [("network", 2, 3600), ("email", 3, 3600), ("all", 5, 3600)]
    settings.VISITOR_LIMITS = {"greeting": limits, "other": limits}
    with time_machine.travel(datetime(2027, 3, 4, 10, 15, tzinfo=UTC), tick=False) as clock:
        yield clock


def send(address="192.0.2.1", kind="greeting", email=""):
    """Seconds to wait, or 0 if the message was taken."""
    try:
        count_message(kind, RequestFactory().post("/", REMOTE_ADDR=address), email)
    except LimitReached as limit:
        return limit.wait
    return 0


def test_one_address_sends_a_few_and_then_waits_for_the_full_hour(clock):
    assert [send(), send(), send()] == [0, 0, 45 * 60]

    clock.shift(timedelta(minutes=44, seconds=59.5))
    assert send() == 1
    clock.shift(timedelta(seconds=0.5))
    assert send() == 0


def test_counting_goes_on_beyond_the_minutes_for_which_a_cache_keeps_things(clock):
    send()
    clock.shift(timedelta(minutes=20))
    send()
    clock.shift(timedelta(minutes=20))

    assert send() == 5 * 60


def test_another_address_or_another_kind_of_message_has_its_own_count():
    send(), send()

    assert send(address="192.0.2.2") == 0
    assert send(kind="other") == 0


def test_one_mailbox_gets_a_few_from_wherever_they_are_sent():
    sent = [send(address=f"192.0.2.{number}", email=f"{'DELEGATE' if number % 2 else 'delegate'}@example.org")
            for number in range(4)]  # fmt: skip

    assert sent == [0, 0, 0, 45 * 60]
    assert send(address="192.0.2.9", email="other@example.org") == 0


def test_all_together_send_no_more_than_a_mailbox_can_bear():
    assert [send(address=f"192.0.2.{number}") for number in range(6)] == [0] * 5 + [45 * 60]


def test_no_counter_is_forgotten_because_of_many_others():
    counters = [f"counter-{number}" for number in range(400)]
    for name in counters:
        cache.set(name, 1)

    assert len(cache.get_many(counters)) == 400


def test_one_address_alone_does_not_use_up_the_messages_of_all():
    for _ in range(20):
        send()

    assert send(address="192.0.2.2") == 0


def test_a_forged_address_has_no_count_of_its_own(settings):
    settings.TRUSTED_PROXY_COUNT = 1

    def send_forged(forged):
        request = RequestFactory().post("/", headers={"x-forwarded-for": f"{forged}, 203.0.113.5"})
        count_message("greeting", request)

    send_forged("10.0.0.1"), send_forged("10.0.0.2")
    with pytest.raises(LimitReached):
        send_forged("10.0.0.3")


def test_where_no_address_is_told_only_the_count_of_all_holds(settings):
    settings.TRUSTED_PROXY_COUNT = 1

    assert [send() for _ in range(6)] == [0] * 5 + [45 * 60]


def test_the_cache_holds_no_address(settings, tmp_path):
    settings.CACHES = {
        "default": {"BACKEND": "tests.offers.test_limits.ListingCache", "LOCATION": str(tmp_path)},
    }
    ListingCache.keys = set()
    send(address="203.0.113.77")

    assert len(ListingCache.keys) == 2
    for key in ListingCache.keys:
        assert "203.0.113.77" not in key
        assert bytes([203, 0, 113, 77]).hex() not in key


def test_a_cache_that_does_not_work_stops_no_message_and_is_noted(settings, tmp_path, caplog):
    broken = tmp_path / "file"
    broken.write_text("not a folder")
    settings.CACHES = {"default": portal.CACHES["default"] | {"LOCATION": broken}}

    with caplog.at_level(logging.ERROR):
        assert [send(address="203.0.113.77") for _ in range(9)] == [0] * 9

    assert "the cache does not work" in caplog.text
    assert "203.0.113.77" not in caplog.text


class ListingCache(LocMemCache):
    """Remembers under which keys something was kept."""

    keys = set()

    def add(self, key, *args, **kwargs):
        self.keys.add(key)
        return super().add(key, *args, **kwargs)
