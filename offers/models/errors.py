"""Why a step is not taken, or a text not saved."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

REASON_NEEDED = _("Give a reason: the State needs to know it.")


class StepNotAllowed(Exception):
    """The offer has moved on, or the person may not take this step; says why in a sentence for the person."""


class StaleEdit(Exception):
    """Somebody else saved the version since it was opened."""


def demand_reason(reason):
    """Raise ValidationError if the ISU decides without a word to the State."""
    if not reason.strip():
        raise ValidationError({"reason": REASON_NEEDED})
