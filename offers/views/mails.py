"""The mails of a demonstration, which go into files: so that whoever tries the portal can open the links in them."""

import email
import re
from collections import namedtuple
from datetime import datetime
from email.policy import default
from functools import wraps
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from offers import outbox
from offers.html_part import CONTENT_SECURITY_POLICY, linked

SHOWN = 50
FILES = "django.core.mail.backends.filebased.EmailBackend"
# As Django ends each mail in a file; a line of dashes in a letter is not followed by a header.
BETWEEN = re.compile(rb"\n-{79}\n(?=[A-Z][A-Za-z-]*: |\Z)")

Mail = namedtuple("Mail", ["file", "number", "message", "at", "paragraphs"])


def for_trials(view):
    """Anywhere but on a machine on which the portal is tried or developed, there is no such page."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not (settings.DEMO or settings.DEBUG):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@for_trials
@require_safe
def mails(request):
    context = {
        "mails": list(islice(_mails(), SHOWN)),
        "shown": SHOWN,
        "waiting": outbox.due_mails(timezone.now()).count(),
        "go_into_files": _folder() is not None,
        "noindex": True,
    }
    return render(request, "offers/mail_list.html", context)


@for_trials
@require_safe
def mail_html(request, file, number):
    """The HTML of a mail as it looks."""
    mail = next((mail for mail in _mails() if (mail.file, mail.number) == (file, number)), None)
    part = mail and mail.message.get_body(["html"])
    if part is None:
        raise Http404
    return HttpResponse(part.get_content(), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


@for_trials
@require_POST
def send_mails(request):
    """What waits, at once instead of within a minute."""
    for _mail in outbox.send_due_mails():
        pass
    return redirect("offers:mails")


def _folder():
    """Where mails are put; None where they leave through a mail server."""
    is_folder = settings.DELIVERY["EMAIL_BACKEND"] == FILES
    return Path(settings.DELIVERY["EMAIL_FILE_PATH"]) if is_folder else None


def _mails():
    """The newest first; their files bear the time in their names."""
    folder = _folder()
    paths = sorted(folder.iterdir(), reverse=True) if folder and folder.is_dir() else []
    for path in paths:
        at = datetime.fromtimestamp(path.stat().st_mtime, timezone.get_current_timezone())
        raws = [raw for raw in BETWEEN.split(path.read_bytes()) if raw.strip()]
        for number, raw in reversed(list(enumerate(raws))):
            message = email.message_from_bytes(raw, policy=default)
            text = message.get_body(["plain"])
            yield Mail(path.name, number, message, at, _paragraphs(text.get_content() if text else ""))


def _paragraphs(text):
    """Each for itself, since a message in a letter may run in the other direction."""
    return [linked(paragraph.strip("\n")) for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()]
