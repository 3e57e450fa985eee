"""What a person has typed in the editor, compared with what was opened and with what is saved by now.

Three texts of a field decide what becomes of it when somebody else has saved meanwhile. What only one of the two
has changed is taken; what both have changed, each in their own way, is for the person to choose.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from django.db import models

from .content import FIELDSETS, partner_in_words, text_of
from .models import OfferVersion, PartnerRole

# Documents are kept on a page of their own.
NAMES = [name for _code, _title, names in FIELDSETS for name in names if name != "documents"]
ROWS = ("partners", "links")
# The fields of the form in which a field of the version is asked, where they are not one and the same.
ASKED_AS = {"more_areas": ("second_area", "third_area")}


@dataclass
class Meeting:
    """What has become of each field that somebody else may have changed: names, in the order of the form."""

    taken: list = field(default_factory=list)  # changed by the other only
    both: list = field(default_factory=list)  # changed by both, and not to the same


def meet(typed, saved):
    """Compare a valid editor with one of the version as it now is."""
    opened, mine, theirs = _marks_in(typed.form.cleaned_data["opened"]), values_of(typed), values_of(saved)
    meeting = Meeting()
    for name in NAMES:
        if mine[name] == theirs[name] or opened.get(name) == _mark(theirs[name]):
            continue
        (meeting.taken if opened.get(name) == _mark(mine[name]) else meeting.both).append(name)
    return meeting


def differing(typed, saved):
    """The names of the fields in which what was typed is not what is saved."""
    mine, theirs = values_of(typed), values_of(saved)
    return [name for name in NAMES if mine[name] != theirs[name]]


def take_over(data, saved, names):
    """What was sent, with what is saved in place of what was typed in these fields."""
    data = data.copy()
    for name in names:
        if name in ROWS:
            _take_over_rows(data, getattr(saved, name))
        elif name in NAMES:
            for asked in ASKED_AS.get(name, (name,)):
                value = saved.form.initial.get(asked)
                values = value if isinstance(value, list | tuple) else [value]
                data.setlist(asked, [plain(value) for value in values if value not in (None, "")])
    return data


def _take_over_rows(data, formset):
    for key in [key for key in data if key.startswith(f"{formset.prefix}-")]:
        del data[key]
    rows = formset.initial
    data[f"{formset.prefix}-TOTAL_FORMS"], data[f"{formset.prefix}-INITIAL_FORMS"] = len(rows) + formset.extra, 0
    for number, row in enumerate(rows):
        for name, value in row.items():
            data[f"{formset.prefix}-{number}-{name}"] = plain(value)


# Values, without the words of any language


def plain(value):
    """The value as a form would send it; several in one order, whatever order they came in."""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, list | tuple | models.QuerySet):
        return sorted(plain(one) for one in value)
    return "" if value is None else str(value)


def values_of(editor):
    """What each field says: in the version if nothing was sent, otherwise what was typed."""
    said = editor.form.cleaned_data if editor.form.is_bound else editor.form.initial
    values = {}
    for name in NAMES:
        if name in ROWS:
            formset = getattr(editor, name)
            values[name] = plain([[plain(value) for value in row.values()] for row in formset.rows])
        elif name in ASKED_AS:
            values[name] = [value for value in plain([said[asked] for asked in ASKED_AS[name]]) if value]
        else:
            values[name] = plain(said[name])
    return values


def marks_of(editor):
    """A short mark of what each field says, to be sent along with the form."""
    return " ".join(f"{name}:{_mark(value)}" for name, value in values_of(editor).items())


def _mark(value):
    return sha256(repr(value).encode()).hexdigest()[:12]


def _marks_in(text):
    return dict(pair.split(":", 1) for pair in text.split() if ":" in pair)


# Words, for the person who has to choose


def saved_text(version, name):
    if name == "partners":  # whether they have accepted is not typed
        rows = version.partners.select_related("state")
        return "\n".join(partner_in_words(partner, partner.get_role_display()) for partner in rows)
    return text_of(version, name)


def typed_text(editor, name):
    """What was typed, in the same words as a saved version."""
    cleaned = editor.form.cleaned_data
    if name == "partners":
        return "\n".join(
            partner_in_words(row["state"] or row["organisation"], PartnerRole(row["role"]).label)
            for row in editor.partners.rows
        )
    if name == "links":
        return "\n".join(f"{row['title']} {row['url']}".strip() for row in editor.links.rows)
    if name == "more_areas":
        areas = [cleaned[asked] for asked in ASKED_AS[name] if cleaned[asked]]
        return "\n".join(str(area) for area in sorted(areas, key=lambda area: area.position))
    if OfferVersion._meta.get_field(name).many_to_many:
        rows = cleaned[name].order_by(*cleaned[name].model._meta.ordering)
        return "\n".join(row.group_name if name == "recipient_groups" else str(row) for row in rows)
    return text_of(editor.form.instance, name)
