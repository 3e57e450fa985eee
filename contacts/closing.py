"""When the trial has ended: the portal can be read, nothing is written any more, and no clock runs on.

Whether it is closed, pages may know some seconds too late, so that reading costs no statement; whatever would write
asks the database.
"""

import math
import time

from django.db.models.signals import post_save
from django.shortcuts import render

from .kept_posts import LEFT_OUT, NEVER
from .models import Closure
from .models.kept import SHORTEST_TEXT

SAFE = {"GET", "HEAD", "OPTIONS"}
# What is taken all the same, and why.
STILL_TAKEN = {
    **dict.fromkeys(
        ("account_login", "account_logout", "account_reauthenticate", "admin:login", "admin:logout"),
        "Who has an account goes on reading what is theirs.",
    ),
    **dict.fromkeys(
        (
            "account_reset_password",
            "account_reset_password_from_key",
            "account_change_password",
            "account_set_password",
        ),
        "An account must stay safe for as long as it opens something.",
    ),
    "offers:alerts_unsubscribe": "Nobody is kept from having an address erased.",
    "contacts:discard_kept": "Nobody is kept from having words erased.",
    "offers:send_mails": "In a demonstration: letters that are written still leave.",
    "analytics:counting": "Nobody is kept from not being counted.",
    **dict.fromkeys(
        (
            "analytics:trial_cost",
            "analytics:trial_reason",
            "analytics:trial_milestones",
            "analytics:remove_milestone",
            "analytics:freeze_edition",
            "analytics:searches",
            "analytics:need",
            "analytics:delete_need",
            "analytics:take_out",
            "analytics:survey",
            "analytics:survey_answer",
        ),
        "The evaluation is written after the end of the trial.",
    ),
}
# Forms for visitors: told before anybody writes.
FORMS = {
    "offers:enquire", "offers:enquire_state", "offers:enquire_contact", "offers:need", "offers:report",
    "offers:report_contact", "offers:alerts", "analytics:feedback",
}  # fmt: skip

LATE = 10  # seconds
_known = {"until": -math.inf, "closure": None}


def closure():
    """The closure that holds, or None, as it was within the last seconds."""
    if time.monotonic() >= _known["until"]:
        remember(Closure.objects.current(), time.monotonic() + LATE)
    return _known["closure"]


def remember(closure, until):
    _known.update(until=until, closure=closure)


def _forget(**kwargs):
    remember(None, -math.inf)


post_save.connect(_forget, sender=Closure, dispatch_uid="contacts.closing")


def clock(day):
    """The day by which what has to be confirmed is reckoned: nobody can confirm anything after the closing."""
    found = closure()
    return min(day, found.day) if found else day


def nothing_done(closure):
    """What commands say that write to people or change the catalogue."""
    return f"The portal is read-only since {closure.closed_at:%Y-%m-%d}: nothing was done."


class ReadOnly:
    """Refuses what would write, with a page that says since when and why, and gives back what was typed."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        name = request.resolver_match.view_name
        if request.method in SAFE:
            found = name in FORMS and closure()
        else:
            found = name not in STILL_TAKEN and Closure.objects.current()
        return _page(request, found, name) if found else None


def _page(request, closure, name):
    context = {"closed": closure, "words": [] if name.startswith(NEVER) else _words(request.POST), "noindex": True}
    response = render(request, "contacts/closed.html", context, status=503)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _words(posted):
    """What was typed and is longer than a choice or a date, to be copied."""
    left_out = LEFT_OUT | {"ticket"}
    values = (value.strip() for name, values in posted.lists() if name not in left_out for value in values)
    return [value for value in values if len(value) >= SHORTEST_TEXT]
