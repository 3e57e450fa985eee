"""Every public page says whether it is counted."""

from django.core.checks import Error, Tags, register
from django.urls import URLPattern, get_resolver

from .actions import is_declared


@register(Tags.urls)
def public_pages_are_declared(app_configs, **kwargs):
    return [
        Error(
            f"The public address '{route}' ({name or 'without a name'}) is in neither list of analytics.actions.",
            hint="Name it in ACTIONS, or in NOT_COUNTED if it shows no page of the portal.",
            id="analytics.E001",
        )
        for route, name, view in _views(get_resolver())
        if not getattr(view, "login_required", True) and not is_declared(name)
    ]


def _views(resolver, route="", namespace=""):
    """Route, full name and view of every address below the resolver."""
    for entry in resolver.url_patterns:
        here = f"{route}{entry.pattern}"
        if isinstance(entry, URLPattern):
            yield here, f"{namespace}{entry.name or ''}", entry.callback
        else:
            yield from _views(entry, here, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
