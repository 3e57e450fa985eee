"""What the pages with a form for visitors have in common."""

import math

from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from offers.limits import LimitReached, count_message


def form_page(request, form, template, page, *, kind, receive, sent, email=""):
    """Show a form, or take it; it keeps what was typed until the message is received.

    `receive` keeps the message and returns whether it is new: only what is new counts against the limit of its
    kind, and what is beyond the limit leaves nothing behind. `email` names the field whose address has a count of
    its own. `sent` is the address of the page that thanks.
    """
    wait = 0  # seconds
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                if receive():
                    count_message(kind, request, form.cleaned_data[email] if email else "")
        except LimitReached as limit:
            wait = limit.wait
            form.add_error(None, _wait_in_words(wait))
        else:
            return redirect(sent)
    response = render(request, template, page | {"form": form, "noindex": True}, status=429 if wait else 200)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _wait_in_words(seconds):
    minutes = math.ceil(seconds / 60)
    return ngettext(
        "Too many messages have been sent in a short time, so yours has not been sent yet. Your text is kept below: "
        "wait %(minutes)d minute, then press the button again.",
        "Too many messages have been sent in a short time, so yours has not been sent yet. Your text is kept below: "
        "wait %(minutes)d minutes, then press the button again.",
        minutes,
    ) % {"minutes": minutes}
