"""A form that arrives after the session has ended is kept for its writer and offered again after the next sign-in.

Who was signed in is told by a signed cookie of its own, which outlives the
session, opens nothing, and goes when the person signs out. A form with a wrong
CSRF token never comes here, so nobody can put words into another's mouth.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.dispatch import receiver
from django.urls import reverse

from .models import KeptPost, User

LONGEST = 256 * 1024  # characters, of all fields together
LONGEST_PATH = KeptPost._meta.get_field("path").max_length
MOST = 20  # for each person
COOKIE_AGE = timedelta(days=settings.KEPT_POST_DAYS)
# Of these nothing is worth keeping, or must not be kept: they belong to the page, not to the person's words.
LEFT_OUT = {"csrfmiddlewaretoken", "seen", "kept"}
# Passwords are typed there.
NEVER = ("account_", "admin:")

signer = signing.TimestampSigner(salt="contacts.kept_posts")


class KeepWhatCameTooLate:
    """Stands before the middleware that sends people to the page for signing in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "has_signed_out", False):
            response.delete_cookie(settings.WRITER_COOKIE_NAME)
        elif settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            _remember(request, response)
            _forget_what_was_taken(request, response)
        return response

    def process_view(self, request, view, args, kwargs):
        if request.method != "POST" or not getattr(view, "login_required", True) or request.user.is_authenticated:
            return None
        kept = None if request.resolver_match.view_name.startswith(NEVER) else keep(request)
        return kept and redirect_to_login(reverse("contacts:kept", args=[kept.pk]))


def keep(request):
    """The row in which what was typed is kept, or None if nobody is known to have typed anything."""
    user = _writer(request)
    fields = {
        _storable(name): [_storable(value) for value in values]
        for name, values in request.POST.lists()
        if name not in LEFT_OUT
    }
    length = sum(len(value) for values in fields.values() for value in values)
    if user is None or not 0 < length <= LONGEST or len(request.path) > LONGEST_PATH:
        return None
    kept = KeptPost.objects.create(
        user=user, path=request.path, data={"fields": fields, "files": sorted(map(_storable, request.FILES))}
    )
    newest = KeptPost.objects.filter(user=user).values_list("pk", flat=True)[:MOST]
    KeptPost.objects.filter(user=user).exclude(pk__in=list(newest)).delete()
    return kept


def _storable(text):
    """Without the one character that PostgreSQL takes in no text."""
    return text.replace("\x00", "")


def _writer(request):
    try:
        key = signer.unsign(request.COOKIES.get(settings.WRITER_COOKIE_NAME, ""), max_age=COOKIE_AGE)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=key, is_active=True).first()


def _remember(request, response):
    try:
        # Renewed once a day, or the last signature could be too old when it is needed.
        known = signer.unsign(request.COOKIES.get(settings.WRITER_COOKIE_NAME, ""), max_age=timedelta(days=1))
    except signing.BadSignature:
        known = None
    if known != str(request.user.pk):
        response.set_cookie(
            settings.WRITER_COOKIE_NAME,
            signer.sign(request.user.pk),
            max_age=COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _forget_what_was_taken(request, response):
    """A kept form that was sent again, and led on to another page, has arrived."""
    kept = request.method == "POST" and response.status_code == 302 and request.POST.get("kept", "")
    if kept and kept.isascii() and kept.isdigit() and len(kept) < 19:
        KeptPost.objects.filter(pk=kept, user=request.user, path=request.path).delete()


@receiver(user_logged_out)
def _signed_out(request, **kwargs):
    if request is not None:
        request.has_signed_out = True
