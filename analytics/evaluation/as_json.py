"""A report as text, and the same report from the text: what is frozen is this text, byte for byte."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import UnionType
from typing import get_args, get_origin, get_type_hints

from ..periods import Period
from ..tables import Column, Table
from .report import Chart, Judgement, Report, Section

PARTS = (Report, Section, Judgement, Chart, Table, Column, Period)


def to_json(report):
    """With sorted keys, and nothing that JSON cannot say: the same report is always the same text."""
    return json.dumps(_plain(report), ensure_ascii=False, sort_keys=True, allow_nan=False, indent=1) + "\n"


def from_json(text):
    return _made(Report, json.loads(text))


def hash_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value):
    if isinstance(value, PARTS):
        return {column.name: _plain(getattr(value, column.name)) for column in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | Fraction):
        return float(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    # Words that wait to be translated, choices, and what says itself, such as "3 of 7".
    return str(value)


def _made(kind, value):
    """What stands in a field of that kind. A field that came later has its default in an older text."""
    if isinstance(kind, UnionType):
        if value is None:
            return None
        kind = get_args(kind)[0]
    if is_dataclass(kind):
        kinds = get_type_hints(kind)
        return kind(**{name: _made(kinds[name], entry) for name, entry in value.items()})
    if kind is date:
        return date.fromisoformat(value)
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if inner[-1] is ...:
            return tuple(_made(inner[0], entry) for entry in value)
        return tuple(_made(part, entry) for part, entry in zip(inner, value, strict=True))
    # The cells of a row.
    return tuple(value) if kind is tuple else value
