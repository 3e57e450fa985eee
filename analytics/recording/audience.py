"""By whom a page was asked for, coarsely, and where the visitor came from."""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Membership

HOME_STATE = "analytics_home_state"


class Audience(models.TextChoices):
    ANONYMOUS = "anonymous", _("Visitors who are not signed in")
    FOCAL_POINT = "focal_point", _("Focal points")
    ISU = "isu", _("ISU")
    # With a session cookie, but nothing on the way to the answer asked whose it is.
    UNKNOWN = "unknown", _("Not known")


class Referrer(models.TextChoices):
    NONE = "none", _("None given")
    INTERNAL = "internal", _("This portal")
    CONVENTION = "convention", _("The Convention's website")
    UNITED_NATIONS = "united_nations", _("Websites of the United Nations")
    SEARCH_ENGINE = "search_engine", _("Search engines")
    OTHER = "other", _("Other websites")


REFERRING_DOMAINS = {
    "apminebanconvention.org": Referrer.CONVENTION,
    "un.org": Referrer.UNITED_NATIONS,
    "unmas.org": Referrer.UNITED_NATIONS,
    "undp.org": Referrer.UNITED_NATIONS,
    "unog.ch": Referrer.UNITED_NATIONS,
    "ungeneva.org": Referrer.UNITED_NATIONS,
}
SEARCH_ENGINES = {
    "baidu", "bing", "brave", "duckduckgo", "ecosia", "google", "naver", "qwant", "seznam", "startpage", "yahoo",
    "yandex",
}  # fmt: skip


def remember_home_state(sender, request, user, **kwargs):
    """Keep the State of a focal point in the session, so that views of the own State's offers are known without SQL.

    Someone who is moved to another State counts as before until the session ends.
    """
    state = Membership.objects.filter(user=user).values_list("state__iso3", flat=True).first()
    if state:
        request.session[HOME_STATE] = state


def remember_the_isu(sender, request, user, **kwargs):
    """For the middleware that marks the browser, so that it is left out even after signing out."""
    request.is_isu_signing_in = user.is_isu


def person_behind(request):
    """Audience, user and home State, from what the request has loaded already: this never asks the database.

    The sign-in middleware loads the user of every request that has a session
    cookie and reaches a view.
    An answer from before it (say, from a cache) to someone with a session
    cookie is UNKNOWN, and excluded: it could be anybody, staff included, and
    must not pass for an anonymous visit.
    """
    user = request.__dict__.get("_cached_user")
    if user is None:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        return (Audience.UNKNOWN if has_session else Audience.ANONYMOUS), None, ""
    if not user.is_authenticated:
        return Audience.ANONYMOUS, None, ""
    if user.is_isu:
        return Audience.ISU, user, ""
    return Audience.FOCAL_POINT, user, request.session.get(HOME_STATE, "")


def referrer_class(request):
    """Which kind of website led here; its address is not kept."""
    address = request.META.get("HTTP_REFERER")
    if not address:
        return Referrer.NONE
    _scheme, _colon, rest = address.partition("://")
    host = rest.partition("/")[0]
    if host == request.META.get("HTTP_HOST", request.META.get("SERVER_NAME")):
        return Referrer.INTERNAL
    return _class_of_host(host[:100].lower())


@lru_cache(maxsize=1000)
def _class_of_host(host):
    labels = host.partition(":")[0].split(".")
    for start in range(len(labels)):
        if found := REFERRING_DOMAINS.get(".".join(labels[start:])):
            return found
    # The country ending differs: google.com, google.ch, google.co.uk.
    return Referrer.SEARCH_ENGINE if SEARCH_ENGINES & set(labels[:-1]) else Referrer.OTHER
