"""Links in letters that let somebody without an account do one thing.

A token says what the link is for and nothing secret; whoever holds it has the right it gives, until it
has grown old. What it gives right to is looked up when it is used, so that a right can end before that.
"""

from datetime import timedelta
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt


class LinkInvalid(Exception):
    """Cut off while it was copied, or made up."""


class LinkExpired(Exception):
    """Of ours, and too old, or ended in another way."""


def sign(purpose, data):
    """The token of a link; `data` is what JSON can say. A token for one purpose opens nothing else."""
    return signing.dumps(data, salt=f"offers.signed_links:{purpose}", compress=True)


def read(purpose, token, *, days):
    """What was signed at most so many days ago, or raise LinkExpired or LinkInvalid."""
    try:
        return signing.loads(token, salt=f"offers.signed_links:{purpose}", max_age=timedelta(days=days))
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, ValueError) as error:
        # A ValueError: signed for this purpose, but not as a text that can be read.
        raise LinkInvalid from error


def reached_by_signed_link(template):
    """For views that read a token and let LinkExpired and LinkInvalid rise; `template` then says what to do.

    The link alone gives the right: whoever has signed in is nobody here. It replaces the token against
    forgery too, since whoever could forge the form would have to know the link; browsers that keep the
    address to themselves do not say either from which page a form comes.
    """

    def decorate(view):
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def reached(request, *args, **kwargs):
            request.user = AnonymousUser()
            try:
                response = view(request, *args, **kwargs)
            except (LinkExpired, LinkInvalid) as failure:
                is_expired = isinstance(failure, LinkExpired)
                context = {"expired": is_expired, "noindex": True}
                response = render(request, template, context, status=410 if is_expired else 404)
            response.headers["X-Robots-Tag"] = "noindex"
            response.headers["Cache-Control"] = "private, no-store"
            response.headers["Referrer-Policy"] = "no-referrer"
            return response

        return reached

    return decorate
