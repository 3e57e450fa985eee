"""What there is to do at the desk of a State, sorted by urgency."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import Freshness, Offer, OfferPartner, OfferVersion, VersionStatus

EXPIRES_SOON = 60  # days


@dataclass
class Task:
    """One offer on the desk: how it stands in words, since when, and what can be done."""

    offer: Offer
    version: OfferVersion
    status: str
    tone: str = ""
    since: object = None
    reason: str = ""
    steps: tuple = ()


@dataclass
class Work:
    to_do: list = field(default_factory=list)
    drafts: list = field(default_factory=list)
    waiting: list = field(default_factory=list)
    published: list = field(default_factory=list)
    ended: list = field(default_factory=list)
    partnerships: list = field(default_factory=list)

    @property
    def is_empty(self):
        return not any(vars(self).values())


def work_of(state):
    """All offers of a State, each in one list, what needs action first."""
    work = Work(partnerships=list(OfferPartner.objects.asked_of(state).select_related("version__offer__state")))
    offers = Offer.objects.filter(state=state).select_related("state", "live_version").order_by("reference")
    newest = {
        version.offer_id: version for version in OfferVersion.objects.filter(offer__state=state).order_by("number")
    }
    for offer in offers:
        _place(work, offer, newest[offer.pk])
    return work


def _place(work, offer, version):
    if offer.has_ended:
        work.ended.append(Task(offer, version, offer.get_ended_as_display(), since=offer.ended_at))
        return
    if version.status == VersionStatus.RETURNED:
        work.to_do.append(
            Task(
                offer,
                version,
                version.get_status_display(),
                "warn",
                version.decided_at,
                version.decision_reason,
                ("edit",),
            )
        )
    elif version.status == VersionStatus.DRAFT:
        work.drafts.append(Task(offer, version, version.get_status_display(), "", version.saved_at, "", ("edit",)))
    elif version.status == VersionStatus.SUBMITTED:
        work.waiting.append(
            Task(offer, version, version.get_status_display(), "info", version.submitted_at, "", ("take_back",))
        )
    elif version.status == VersionStatus.REFUSED and offer.live_version is None:
        work.ended.append(
            Task(
                offer,
                version,
                version.get_status_display(),
                "",
                version.decided_at,
                version.decision_reason,
                ("change",),
            )
        )
    if offer.live_version:
        _place_live(work, offer, has_open_version=version.pk != offer.live_version_id and version.status in _OPEN)


_OPEN = {VersionStatus.DRAFT, VersionStatus.RETURNED, VersionStatus.SUBMITTED}


def _place_live(work, offer, *, has_open_version):
    version, today = offer.live_version, timezone.localdate()
    steps = ("confirm",) if has_open_version else ("confirm", "change")
    if offer.is_expired:
        useful = steps[1:] if version.valid_until else steps
        work.to_do.append(Task(offer, version, _("Ended on its last day"), "warn", offer.valid_until, "", useful))
    elif offer.freshness != Freshness.FRESH:
        work.to_do.append(Task(offer, version, offer.freshness.label, "warn", offer.confirmed_on, "", steps))
    elif offer.valid_until <= today + timedelta(days=EXPIRES_SOON):
        # A last day that the State has set is moved by changing it, not by confirming.
        useful = steps[1:] if version.valid_until else steps
        work.to_do.append(Task(offer, version, _("Ends soon"), "warn", offer.valid_until, "", useful))
    else:
        work.published.append(Task(offer, version, _("In the catalogue"), "good", offer.confirmed_on, "", steps))
