"""The log of an enquiry, as each of its readers may see it: nobody but the ISU sees who the people were."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import EnquiryAct, EnquiryLevel, Side


class Reader(models.TextChoices):
    SENDER = "sender", gettext_lazy("Sender")
    OFFICE = "office", gettext_lazy("Side that is asked")
    COPIED = "copied", gettext_lazy("Authority that has a copy")
    ISU = "isu", gettext_lazy("Implementation Support Unit")


# Answers and reasons that were written for the sender; notes for those who are to answer; all else is the ISU's own.
FOR_ALL = {EnquiryAct.ANSWERED, EnquiryAct.DECLINED}
TEXTS = {
    Reader.SENDER: FOR_ALL,
    Reader.COPIED: FOR_ALL,
    Reader.OFFICE: FOR_ALL | {EnquiryAct.HANDED_OVER},
    Reader.ISU: set(EnquiryAct),
}
# What one side says came of it, the other is not told; a match both know of.
OUTCOMES = {Reader.SENDER: {Side.ASKER}, Reader.OFFICE: {Side.OFFICE}, Reader.COPIED: set(), Reader.ISU: set(Side)}


@dataclass(frozen=True)
class Line:
    at: datetime
    label: str
    who: str  # an office, the ISU or a focal point; empty for the sender and the clock
    to: str  # the offices it went to, as they were called then, or the ISU
    said: str  # an outcome, in words
    text: str  # an answer, a reason or a note, in whatever language


def log_of(enquiry, reader):
    """The lines for the reader, the first step first, in one query."""
    steps = enquiry.steps.select_related("by__membership__state")
    return [
        Line(
            at=step.at,
            label=step.get_act_display(),
            who=_who(step, reader),
            to=step.get_to_level_display() if step.to_level == EnquiryLevel.ISU else step.to_offices,
            said=_said(step),
            text=step.reason if step.act in TEXTS[reader] else "",
        )
        for step in steps
        if step.act != EnquiryAct.OUTCOME or step.side in OUTCOMES[reader]
    ]


def _who(step, reader):
    if step.by is None or (step.office and reader != Reader.ISU):
        return step.office
    if reader == Reader.ISU:
        return str(step.by)
    if step.by.is_isu:
        return _("Implementation Support Unit")
    membership = getattr(step.by, "membership", None)
    return _("Focal point of %(state)s") % {"state": membership.state} if membership else _("Focal point")


def _said(step):
    if not step.outcome:
        return ""
    return f"{step.get_side_display()}: {step.get_outcome_display()}"
