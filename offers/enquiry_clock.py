"""What the clock does with enquiries: moves on what nobody answers, asks what came of it, closes."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from .models import Enquiry, EnquiryAct

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    name: str
    due: Callable  # the enquiries whose time has come
    step: Callable  # of one of them, in a transaction of its own: looks again, and returns whether it was due


def _question(name, act):
    return Duty(name, lambda: Enquiry.objects.to_ask(act), lambda enquiry: enquiry.ask_outcome(act))


# In this order, so that nothing is closed before the last question is asked.
DUTIES = [
    Duty("moved on", lambda: Enquiry.objects.to_move_on(), lambda enquiry: enquiry.move_on()),
    _question("asked again", EnquiryAct.ASKED_AGAIN),
    _question("asked", EnquiryAct.ASKED_FIRST),
    Duty("closed", lambda: Enquiry.objects.to_close(), lambda enquiry: enquiry.close_if_due()),
]


def follow(duty):
    """Do it for all enquiries that are due, and yield each with None once it is certain.

    What goes wrong with one is yielded with its exception: the others are done.
    """
    for enquiry in list(duty.due()):
        try:
            done = duty.step(enquiry)
        except Exception as error:
            logger.exception("The enquiry %s could not be %s", enquiry, duty.name)
            yield enquiry, error
        else:
            if done:
                yield enquiry, None
