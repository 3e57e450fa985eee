"""Headers that every response carries, and who may keep a copy of it."""

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware

from . import errors

# Nothing inline, nothing from elsewhere. The order is fixed so that a test can compare the whole value.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors {}",
        "base-uri 'none'",
    ]
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class SecurityHeaders:
    """Stands outermost, so that errors and static files carry the headers too; a view may set a stricter policy.

    A view that other websites may show says so by its attribute `may_be_framed`
    (see `offers.views.embedded`); all that follows from it is done here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        ancestors = settings.EMBED_ORIGINS if may_be_framed(request, response) else []
        policy = CONTENT_SECURITY_POLICY.format(" ".join(ancestors) or "'none'")
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if ancestors else "same-origin")
        if ancestors:
            # It knows no list of websites; browsers would read it beside the policy.
            del response.headers["X-Frame-Options"]
        # Instead of the name of the application server.
        response.headers.setdefault("Server", "portal")
        return response


def may_be_framed(request, response):
    view = request.resolver_match and request.resolver_match.func
    return getattr(view, "may_be_framed", False) and response.status_code in (200, 304)


class CacheRules:
    """Pages for people with a session are kept by nobody; public pages are asked for again each time.

    The presence of the cookie decides, not the session itself: reading that
    would cost a query and make every public page vary by visitor.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in response.cookies:
            response.headers["Cache-Control"] = "private, no-store"
        else:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


class LoginRequired(LoginRequiredMiddleware):
    """Closes the site by default.

    On public pages nobody without a session is looked up: that would make the
    pages vary by visitor.
    """

    def process_view(self, request, view_func, view_args, view_kwargs):
        is_public = not getattr(view_func, "login_required", True)
        if is_public and settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class ErrorPages:
    """Give bare refusals, such as 405 for a wrong method, a page that a person can read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code in errors.BARE_STATUSES and not response.streaming and not response.content:
            page = errors.page(request, response.status_code)
            if "Allow" in response.headers:
                page.headers["Allow"] = response.headers["Allow"]
            return page
        return response
