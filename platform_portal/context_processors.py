"""What the frame of every page needs."""

from django.conf import settings
from django.contrib.messages import get_messages
from django.utils.functional import SimpleLazyObject

from contacts import closing
from contacts.models import language_tag


def page_frame(request):
    """Name of the portal, language bar, addresses of the page, and who is signed in.

    The canonical address leaves out the query; a view whose list depends on it
    gives a `canonical_url` of its own. What follows the language in it is the
    same in all languages, and without any language leads to the browser's.

    `signed_in` is None without a session cookie, and nothing of the session is
    read then: a public page must not vary by visitor.
    """
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES and hasattr(request, "user")
    return {
        "portal_name": settings.PORTAL_NAME,
        "portal_disclaimer": settings.PORTAL_DISCLAIMER,
        "isu_email": settings.ISU_EMAIL,
        "demo": settings.DEMO,
        "closure": SimpleLazyObject(closing.closure),
        "languages": [(code, name, _path_in(request, code)) for code, name in settings.LANGUAGES],
        "address": f"{settings.PORTAL_URL}{request.get_full_path()}",
        "canonical_url": f"{settings.PORTAL_URL}{request.path}",
        "after_language": f"{len(settings.PORTAL_URL) + 1 + len(request.path.lstrip('/').partition('/')[0])}:",
        "homes": [
            *((language_tag(code), f"{settings.PORTAL_URL}/{code}") for code, _ in settings.LANGUAGES),
            ("x-default", settings.PORTAL_URL),
        ],
        "signed_in": SimpleLazyObject(lambda: request.user if request.user.is_authenticated else None)
        if has_session
        else None,
        "messages": SimpleLazyObject(lambda: list(get_messages(request))) if has_session else [],
    }


def _path_in(request, language):
    """The present address, query included, under another language's prefix."""
    _empty, _sep, rest = request.get_full_path().lstrip("/").partition("/")
    return f"/{language}/{rest}"
