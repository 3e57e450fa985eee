"""What the public may know of an offer's past: how the published wording changed, and when.

Never who, never why, and nothing of what was not published.
"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import prefetch_related_objects
from django.utils import timezone

from .content import ONLY_WHILE_IT_STANDS, public_text_of
from .differences import differences
from .models import VersionStatus, prefetch_translations

# All that puts a version into words, so that many versions need no more queries than two.
PARTS = (
    "primary_area", "form", "original_language", "more_areas", "recipient_regions", "recipient_groups",
    "recipient_states", "languages", "partners__state", "links", "documents__language", "contact_points__state",
    "contact_points__regional_body",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A newer wording took the place of the one before."""

    on: date
    differences: list

    @property
    def labels(self):
        return [difference.label for difference in self.differences]


def changes_of(offer, most):
    """The last changes of the published wording, at most so many, the newest first.

    One that says the same in other hidden parts, such as a partner who has not
    accepted, is no change for the public.
    """
    versions = offer.versions.filter(status__in=[VersionStatus.PUBLISHED, VersionStatus.SUPERSEDED])
    versions = list(versions.order_by("-number")[: most + 1])
    if len(versions) > 1:
        prefetch_related_objects(versions, *PARTS, prefetch_translations("translations"))
    left_out = ONLY_WHILE_IT_STANDS if offer.is_expired else set()
    changes = (
        Change(
            timezone.localdate(newer.decided_at),
            [found for found in differences(older, newer, public_text_of) if found.name not in left_out],
        )
        for newer, older in pairwise(versions)
    )
    return [change for change in changes if change.differences]
