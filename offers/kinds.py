"""Kinds of values that leave the portal: how each is written in a table, in JSON, and in the description of the API."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contacts.models import LinkKind
from contacts.models.reference import SUFFIXES

from .models import TRANSLATED, PartnerRole, YesNo

LANGUAGES = tuple(SUFFIXES.values())
BETWEEN = "; "  # several values in one cell

NAMES = {
    "type": "object",
    "description": "The name in the six languages of the United Nations.",
    "properties": {language: {"type": "string"} for language in LANGUAGES},
    "required": list(LANGUAGES),
    "additionalProperties": False,
}


def described(properties, **more):
    """The schema of an object with exactly these properties."""
    return {
        "type": "object",
        **more,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def names_of(row, prefix="name"):
    """All six names; one that is missing is given in English, as on the pages."""
    english = getattr(row, f"{prefix}_en")
    return {language: getattr(row, f"{prefix}_{language}") or english for language in LANGUAGES}


class Kind:
    """A value that is written as it is; None, or an empty text, is no answer."""

    def __init__(self, schema):
        self.schema = schema

    def json(self, value):
        return None if value == "" else value

    def names(self, name):
        """The machine names of its columns."""
        return [name]

    def labels(self, label):
        return [label]

    def cells(self, value, *, codes=False):
        """What stands in its columns, in the language now in use or in codes that are the same in all languages."""
        return [value]


TEXT = Kind({"type": ["string", "null"]})
ALWAYS_TEXT = Kind({"type": "string"})
ADDRESS = Kind({"type": "string", "format": "uri"})
NUMBER = Kind({"type": ["integer", "null"]})


class Day(Kind):
    def json(self, value):
        return value and value.isoformat()


DAY = Day({"type": ["string", "null"], "format": "date"})


class Flag(Kind):
    def cells(self, value, *, codes=False):
        if codes:
            return ["true" if value else "false"]
        return [_words(YesNo, get_language())["yes" if value else "no"]]


FLAG = Flag({"type": "boolean"})


@cache
def _words(choices, language):
    """The labels by code in that language, which is the one in use."""
    return {code: str(label) for code, label in choices.choices}


class Choice(Kind):
    """One of a closed vocabulary, by its code."""

    def __init__(self, choices):
        self.choices = choices

    @property
    def schema(self):
        return {"type": ["string", "null"], "enum": [*self.choices.values, None], "description": self.vocabulary}

    @property
    def vocabulary(self):
        return "; ".join(f"{choice.value}: {choice.label}" for choice in self.choices)

    def cells(self, value, *, codes=False):
        return [value if codes or not value else _words(self.choices, get_language())[value]]


class Choices(Choice):
    @property
    def schema(self):
        return {
            "type": "array",
            "items": {"type": "string", "enum": self.choices.values, "description": self.vocabulary},
        }

    def cells(self, value, *, codes=False):
        words = _words(self.choices, get_language())
        return [BETWEEN.join(code if codes else words[code] for code in value)]


class Row(Kind):
    """A row of the reference data: its code, and its name in six languages."""

    def __init__(self, code, name="name", *, required=False):
        self.code, self.name = code, name
        one = described({code: {"type": "string"}, "name": NAMES})
        self.schema = one if required else {"anyOf": [one, {"type": "null"}]}

    def json(self, value):
        return value and {self.code: getattr(value, self.code), "name": names_of(value, self.name)}

    def names(self, name):
        return [f"{name}_{self.code}", f"{name}_name"]

    def labels(self, label):
        return [_("%(label)s (code)") % {"label": label}, label]

    def cells(self, value, *, codes=False):
        return ["", ""] if value is None else [getattr(value, self.code), getattr(value, self.name)]


class Rows(Row):
    def __init__(self, code, name="name"):
        super().__init__(code, name, required=True)
        self.schema = {"type": "array", "items": self.schema}

    def json(self, value):
        return [super(Rows, self).json(row) for row in value]

    def cells(self, value, *, codes=False):
        return [BETWEEN.join(getattr(row, attribute) for row in value) for attribute in (self.code, self.name)]


class Links(Kind):
    def json(self, value):
        return [{"title": link.title or None, "url": link.url} for link in value]

    def cells(self, value, *, codes=False):
        return [BETWEEN.join(f"{link.title} {link.url}".strip() for link in value)]


class StateLinks(Links):
    """Links about a State: each of a kind, and not all have a title."""

    def json(self, value):
        return [
            {"kind": link.kind, "title": link.title or None, "url": link.url, "checked_on": DAY.json(link.checked_on)}
            for link in value
        ]


LINKS = Links({"type": "array", "items": described({"title": TEXT.schema, "url": ADDRESS.schema})})

STATE_LINKS = StateLinks(
    {
        "type": "array",
        "items": described(
            {
                "kind": ALWAYS_TEXT.schema | {"enum": LinkKind.values},
                "title": TEXT.schema,
                "url": ADDRESS.schema,
                "checked_on": DAY.schema,
            }
        ),
    }
)


class Translations(Kind):
    """The words in further languages; a table says only in which."""

    def __init__(self):
        self.language = Row("code", required=True)
        texts = {name: (ALWAYS_TEXT if name in ("title", "description") else TEXT).schema for name in TRANSLATED}
        self.schema = {"type": "array", "items": described({"language": self.language.schema, **texts})}

    def json(self, value):
        return [
            {"language": self.language.json(translation.language)} | dict.fromkeys(TRANSLATED) | translation.texts
            for translation in value
        ]

    def cells(self, value, *, codes=False):
        languages = [translation.language for translation in value]
        return [BETWEEN.join(language.code if codes else language.name for language in languages)]


TRANSLATIONS = Translations()


class Partners(Kind):
    def __init__(self):
        self.state, self.role = Row("iso3"), Choices(PartnerRole)

    @property
    def schema(self):
        partner = {"state": self.state.schema, "organisation": TEXT.schema, "role": self.role.schema["items"]}
        return {"type": "array", "items": described(partner)}

    def json(self, value):
        return [
            {
                "state": self.state.json(partner.state),
                "organisation": partner.organisation or None,
                "role": partner.role,
            }
            for partner in value
        ]

    def cells(self, value, *, codes=False):
        words = _words(PartnerRole, get_language())
        return [BETWEEN.join(f"{partner} – {partner.role if codes else words[partner.role]}" for partner in value)]


PARTNERS = Partners()


@dataclass(frozen=True)
class Field:
    """One thing that is said of a row: its name for programs, its label for people, and where it is read."""

    name: str
    label: str | Promise | Callable[[], str]
    kind: Kind
    read: Callable[[Any], Any]

    @property
    def title(self):
        return capfirst(str(self.label() if callable(self.label) else self.label))

    @property
    def schema(self):
        schema = self.kind.schema
        about = schema.get("description")
        return schema | {"description": f"{self.title}. {about}" if about else self.title}


def own(name, label, kind):
    """A field that the row itself has under that name."""
    return Field(name, label, kind, lambda row: getattr(row, name))


def as_json(fields, row):
    return {field.name: field.kind.json(field.read(row)) for field in fields}


def schema_of(fields, **more):
    return described({field.name: field.schema for field in fields}, **more)
