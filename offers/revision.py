"""Keeps the revision of the catalogue in step with what public pages print, and things made from it under its mark."""

from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import timezone
from django.utils.translation import get_language

from contacts.models import Closure, ContactPoint, Language, Region, RegionalBody, RelatedSource, State, StateLink

from .models import Area, CatalogueRevision, Form, Resource, StatusChange

# Every step of an offer writes a row of the log. What the index writes changes the revision there.
PRINTED = (
    StatusChange, Resource, Area, Form, State, StateLink, RelatedSource, Region, RegionalBody, ContactPoint,
    Language, Closure,
)  # fmt: skip


def watch():
    """Change the revision whenever one of these rows, or what it is related to, is saved or deleted."""
    for model in PRINTED:
        post_save.connect(_change, sender=model, dispatch_uid=f"revision {model.__name__} saved")
        post_delete.connect(_change, sender=model, dispatch_uid=f"revision {model.__name__} deleted")
        for field in model._meta.many_to_many:
            through = getattr(model, field.name).through
            m2m_changed.connect(_change, sender=through, dispatch_uid=f"revision {through.__name__}")


def _change(action="post_", **kwargs):
    # Of the several signals about related rows, those after the fact.
    if action.startswith("post_"):
        CatalogueRevision.change()


_kept = {}


def kept(name, make):
    """What `make` gives, in the language now in use and on this day; made anew when the catalogue has changed."""
    mark, key = (CatalogueRevision.current(), timezone.localdate()), (name, get_language())
    found = _kept.get(key)
    if found is None or found[0] != mark:
        found = _kept[key] = mark, make()
    return found[1]
