"""The details of an office, detail by detail and in words; and writing them, once what was seen still holds."""

import hashlib
import json

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, RegionalBody, State

from .content import Answer
from .differences import Difference
from .models import ContactProposal, StepNotAllowed

# In the order in which they are asked and read.
DETAILS = (
    "office", "function", "email", "email_public", "telephone", "telephone_public", "languages", "mandate_areas",
    "weeks_to_answer", "permanent_mission",
)  # fmt: skip
RELATIONS = ("languages", "mandate_areas")

VISIBLE = {True: _("Shown to everyone"), False: _("Used for the form only")}
# Where the form asks a question, and a table needs a label.
LABELS = {
    "function": _("what the office does"),
    "email_public": _("who sees the mailbox"),
    "telephone_public": _("who sees the telephone number"),
    "mandate_areas": _("areas it answers for"),
}


def verbose_name(name):
    """The label as the log keeps it."""
    return LABELS.get(name) or ContactProposal._meta.get_field(name).verbose_name


def label_of(name):
    """The label of a detail, beginning with a capital letter."""
    label = str(verbose_name(name))
    return capfirst(label)


def text_of(office, name):
    """The detail in words; several values stand one a line."""
    value = getattr(office, name)
    if name in RELATIONS:
        return "\n".join(str(row) for row in value.all())
    if name == "telephone_public" and not office.telephone:
        return ""
    return str(VISIBLE[value] if isinstance(value, bool) else value)


def details_of(office):
    """All details of a contact point, or of a proposal about one, as a list of Answer."""
    return [Answer(name, label_of(name), text_of(office, name)) for name in DETAILS]


def differences_between(before, after):
    """The details in which two offices differ."""
    pairs = (Difference(name, label_of(name), text_of(before, name), text_of(after, name)) for name in DETAILS)
    return [pair for pair in pairs if pair.before != pair.after]


def mark_of(office):
    """A mark that is another one as soon as any detail is: with it a page remembers what it has shown."""
    return mark_of_values(office, {name: getattr(office, name).all() for name in RELATIONS})


def mark_of_values(office, relations):
    """The same for an office whose languages and areas have been chosen, but not saved."""
    values = [str(getattr(office, name)) for name in DETAILS if name not in RELATIONS]
    values += [str(getattr(office, name, None)) for name in ("fallback_id", "closed_on")]
    values += [sorted(row.pk for row in relations[name]) for name in RELATIONS]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:20]


def hold(point, *, seen=None):
    """The contact point, held for the rest of the transaction and read afresh.

    Raises StepNotAllowed if it has closed, or is not what a page with the mark `seen` has shown.
    """
    fresh = ContactPoint.objects.select_for_update().get(pk=point.pk)
    if not fresh.is_open:
        raise StepNotAllowed(_("Nothing changed: this office has closed."))
    if seen is not None and seen != mark_of(fresh):
        raise StepNotAllowed(
            _("Nothing changed: the details are not the ones you opened. Please read them again, and press once more.")
        )
    return fresh


@transaction.atomic
def confirm_details(point, *, by=None, seen=None):
    """All details of the contact point, as a page has shown them, are correct."""
    hold(point, seen=seen).verify(by=by)


@transaction.atomic
def write_details(point, details, *, by, relations, **more):
    """Write these details into a contact point, new or held, and log which; `more` are fields that no State proposes.

    Raises ValidationError where something else already has the mailbox.
    """
    owner = State if point.state_id else RegionalBody
    # Two who enter the same office at once come here one after the other.
    owner.objects.select_for_update(no_key=True).get(pk=point.state_id or point.regional_body_id)
    is_new = point.pk is None
    before = {} if is_new else {name: text_of(point, name) for name in DETAILS}
    changed = [ContactPoint._meta.get_field(name).verbose_name for name in more if getattr(point, name) != more[name]]
    for name, value in (details | more).items():
        setattr(point, name, value)
    point.full_clean()
    point.save()
    for name in RELATIONS:
        getattr(point, name).set(relations[name])
    changed = [verbose_name(name) for name in before if before[name] != text_of(point, name)] + changed
    if is_new or changed:
        point.log(by, changed, is_new=is_new)
    return point
