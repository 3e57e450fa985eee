"""What tests of several pages have in common."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine


@pytest.fixture
def clock():
    """Stands still on a Thursday at a quarter past ten until a test moves it."""
    with time_machine.travel(datetime(2027, 3, 4, 10, 15, tzinfo=ZoneInfo("Europe/Zurich")), tick=False) as clock:
        yield clock
