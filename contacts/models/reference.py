"""What all reference data have in common: six names, and a memory of what was shipped."""

from typing import NamedTuple

from django.db import models
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

SUFFIXES = {"ar": "ar", "en": "en", "es": "es", "fr": "fr", "ru": "ru", "zh-hans": "zh"}


def name_suffix():
    """The ending of the `name_…` and `position_…` fields for the language now in use."""
    return SUFFIXES.get(get_language() or "en", "en")


def language_tag(code):
    """The code of a language as it is written outside of addresses: "zh-hans" is zh-Hans."""
    return to_locale(code).replace("_", "-")


class SixLanguages(models.Model):
    """A name in the six languages of the United Nations; an empty one falls back to English."""

    name_en = models.CharField(_("name in English"), max_length=200)
    name_fr = models.CharField(_("name in French"), max_length=200, blank=True)
    name_es = models.CharField(_("name in Spanish"), max_length=200, blank=True)
    name_ar = models.CharField(_("name in Arabic"), max_length=200, blank=True)
    name_ru = models.CharField(_("name in Russian"), max_length=200, blank=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    @property
    def name(self):
        return getattr(self, f"name_{name_suffix()}") or self.name_en

    @property
    def names(self):
        """All names that are known, English first, each once."""
        known = (getattr(self, f"name_{suffix}") for suffix in ("en", "fr", "es", "ar", "ru", "zh"))
        return list(dict.fromkeys(filter(None, known)))


class Placed(NamedTuple):
    """What became of one shipped row."""

    row: models.Model
    created: bool
    changed: list  # names of the fields that now say something else
    kept: list  # names of the fields in which an administrator's edit stands against what is shipped


class ReferenceData(models.Model):
    """Rows that ship with the portal and that administrators may correct afterwards."""

    shipped = models.JSONField(
        default=dict,
        editable=False,
        help_text="The values as last loaded: a later load updates only what nobody has edited since.",
    )

    class Meta:
        abstract = True

    @classmethod
    def place(cls, key, values, members=None):
        """Create the row, or bring it up to date where it still says what was shipped before.

        `key` maps the identifying fields, `values` the others, both to plain
        values (a relation by its `…_id`); `members` maps many-to-many relations
        to the rows that belong to them. Of those, single members are compared:
        one that was added or taken out by hand stays so.
        """
        values, members = key | values, members or {}
        row = cls._find(key) or cls(**key)
        created, last = row.pk is None, row.shipped
        shipped, changed, kept = dict(last), [], []
        for name, value in values.items():
            field = cls._meta.get_field(name)
            shipped[name] = _as_text(field, value)
            present = field.value_to_string(row)
            if present == shipped[name]:
                continue
            # What is shipped for the first time may replace the default, which nobody has chosen.
            if present != last.get(name, _as_text(field, field.get_default())):
                kept.append(name)
                continue
            setattr(row, field.attname, value)
            changed.append(name)
        for name, rows in members.items():
            shipped[name] = sorted(member.pk for member in rows)
        if created or changed or shipped != last:
            row.shipped = shipped
            row.save(update_fields=None if created else [*changed, "shipped"])
        for name in members:
            before, now, present = set(last.get(name, [])), set(shipped[name]), row._member_keys(name)
            wanted = (present | (now - before)) - (before - now)
            getattr(row, name).add(*wanted - present)
            getattr(row, name).remove(*present - wanted)
            if wanted != present:
                changed.append(name)
            if wanted != now:
                kept.append(name)
        return Placed(row, created, changed, kept)

    @classmethod
    def _find(cls, key):
        """The row with that key, or the one that was shipped with it and then given another."""
        renamed = {f"shipped__{name}": value for name, value in key.items()}
        return cls.objects.filter(**key).first() or cls.objects.filter(**renamed).first()

    def _member_keys(self, name):
        return set(getattr(self, name).order_by().values_list("pk", flat=True))


def _as_text(field, value):
    """The value as the database would give it back, dates and keys as text."""
    return field.value_to_string(_Holder(field, value))


class _Holder:
    """Stands for a row in `Field.value_to_string`, which reads the attribute of a field."""

    def __init__(self, field, value):
        setattr(self, field.attname, value)
