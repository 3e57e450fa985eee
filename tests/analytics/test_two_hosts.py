"""Two machines serve the portal: each has a spool of its own, and they count together."""

import socket

import pytest

from analytics.models import Batch, Completeness
from analytics.recording.spool import spool
from analytics.recording.visitors import day_secrets

from .conftest import count, total


@pytest.fixture
def on_host(monkeypatch, settings, tmp_path):
    """Become the web server of that machine; `secrets` is the folder of the day's secrets."""

    def become(name, secrets):
        monkeypatch.setattr(socket, "gethostname", lambda: name)
        settings.ANALYTICS_SPOOL, settings.ANALYTICS_SECRETS = tmp_path / name / "spool", tmp_path / secrets
        spool.close()
        spool.reset()
        day_secrets.reset()

    return become


@pytest.mark.parametrize(
    ("secrets", "visitor_days"),
    # Where the folder of secrets is shared, a visitor is known on both machines.
    [(["shared", "shared"], 1), (["north", "south"], 2)],
)
def test_what_two_machines_have_recorded_is_counted_together(clock, visitor, on_host, secrets, visitor_days):
    for name, folder in zip(["north", "south"], secrets, strict=True):
        on_host(name, folder)
        visitor.get("/en/about/")
        clock.shift(10)
        visitor.get("/en/states/")
        count()

    assert {name.split("-")[1] for name in Batch.objects.values_list("file", flat=True)} == {"north", "south"}
    assert total("view") == 4
    assert total("view", figure="visitor_days") == visitor_days
    # The same minute, though two machines were at work in it.
    assert Completeness.objects.get().minutes_ingested == 1
