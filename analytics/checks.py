"""Every public page says whether it is counted, and what is recorded stays where and as long as the portal promises."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.urls import URLPattern, get_resolver

from .recording.actions import is_declared

# Days, as the page "What we count and why" and the record of processing promise them; events for less than 25 months.
LONGEST = {"ANALYTICS_REBUILD_DAYS": 35, "ANALYTICS_EVENT_DAYS": 760, "ANALYTICS_QUARANTINE_DAYS": 30}


@register(Tags.urls)
def public_pages_are_declared(app_configs, **kwargs):
    return [
        Error(
            f"The public address '{route}' ({name or 'without a name'}) is in neither list of its actions.",
            hint="Name it in ACTIONS, or in NOT_COUNTED if it shows no page of the portal.",
            id="analytics.E001",
        )
        for route, name, view in _views(get_resolver())
        if not getattr(view, "login_required", True) and not is_declared(name)
    ]


@register()
def nothing_is_kept_too_long(app_configs, **kwargs):
    return [
        Error(f"{name} is {getattr(settings, name)}; it must lie between 1 and {longest}.", id="analytics.E002")
        for name, longest in LONGEST.items()
        if not 1 <= getattr(settings, name) <= longest
    ]


@register()
def nothing_recorded_is_served(app_configs, **kwargs):
    served = [Path(folder).resolve() for folder in (settings.STATIC_ROOT, settings.MEDIA_ROOT) if folder]
    return [
        Error(
            f"{name} lies below a folder whose files can be fetched from the web server.",
            hint="Move it, for instance beside the folder.",
            id="analytics.E003",
        )
        for name in ("ANALYTICS_SPOOL", "ANALYTICS_SECRETS")
        if any(Path(getattr(settings, name)).resolve().is_relative_to(folder) for folder in served)
    ]


@register()
def the_reporting_zone_is_known(app_configs, **kwargs):
    try:
        ZoneInfo(settings.ANALYTICS_TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return [Error(f"ANALYTICS_TIME_ZONE: there is no zone {settings.ANALYTICS_TIME_ZONE!r}.", id="analytics.E004")]
    return []


def _views(resolver, route="", namespace=""):
    """Route, full name and view of every address below the resolver."""
    for entry in resolver.url_patterns:
        here = f"{route}{entry.pattern}"
        if isinstance(entry, URLPattern):
            yield here, f"{namespace}{entry.name or ''}", entry.callback
        else:
            yield from _views(entry, here, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
