"""What the frame of every page needs."""

from django.conf import settings
from django.contrib.messages import get_messages
from django.utils.functional import SimpleLazyObject


def page_frame(request):
    """Name of the portal, language bar, and who is signed in.

    `signed_in` is None without a session cookie, and nothing of the session is
    read then: a public page must not vary by visitor.
    """
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES and hasattr(request, "user")
    return {
        "portal_name": settings.PORTAL_NAME,
        "isu_email": settings.ISU_EMAIL,
        "demo": settings.DEMO,
        "languages": [(code, name, _path_in(request, code)) for code, name in settings.LANGUAGES],
        "signed_in": SimpleLazyObject(lambda: request.user if request.user.is_authenticated else None)
        if has_session
        else None,
        "messages": SimpleLazyObject(lambda: list(get_messages(request))) if has_session else [],
    }


def _path_in(request, language):
    """The present address, query included, under another language's prefix."""
    _empty, _sep, rest = request.get_full_path().lstrip("/").partition("/")
    return f"/{language}/{rest}"
