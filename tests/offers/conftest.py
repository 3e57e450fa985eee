"""What tests of several pages have in common."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from aiosmtpd.controller import Controller

from tests.mail_server import Postmaster, delivery_to, free_port


@pytest.fixture
def clock():
    """Stands still on a Thursday at a quarter past ten until a test moves it."""
    with time_machine.travel(datetime(2027, 3, 4, 10, 15, tzinfo=ZoneInfo("Europe/Zurich")), tick=False) as clock:
        yield clock


@pytest.fixture
def postmaster(settings):
    """A mail server on this machine, to which the portal delivers."""
    controller = Controller(Postmaster(), hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.DELIVERY = delivery_to(controller.port)
    yield controller.handler
    controller.stop()
