"""What there is to do at the desk of a State, sorted by urgency."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.models import ContactPoint

from .bounces import dead_offices
from .links import broken_links_in_offers_of
from .models import (
    ContactProposal,
    Ending,
    Enquiry,
    Freshness,
    MistakeReport,
    Offer,
    OfferPartner,
    OfferVersion,
    ProposalKind,
    VersionStatus,
)
from .models.choices import OPEN

EXPIRES_SOON = 60  # days


@dataclass
class Task:
    """One offer on the desk: how it stands in words, since when, and what can be done."""

    offer: Offer
    version: OfferVersion
    status: str
    tone: str = ""
    note: str = ""
    reason: str = ""
    steps: tuple = ()
    # The partner States that the version names, and how they have answered.
    partners: list = field(default_factory=list)


@dataclass
class Work:
    to_do: list = field(default_factory=list)
    drafts: list = field(default_factory=list)
    waiting: list = field(default_factory=list)
    published: list = field(default_factory=list)
    ended: list = field(default_factory=list)
    # Requests of other States to name this one, and those it has accepted.
    partnerships: list = field(default_factory=list)
    accepted: list = field(default_factory=list)
    # Whether it has an office that can answer, or has proposed one; without one no offer can be submitted.
    has_office: bool = True
    office_proposed: bool = False
    # How many of its offices have not confirmed their details for a year, and what visitors say of their details.
    offices_to_confirm: int = 0
    reports_about_offices: int = 0
    # How many have a mailbox that does not take letters.
    dead_mailboxes: int = 0
    # Links in its public offers that did not answer when they were last tried.
    broken_links: list = field(default_factory=list)
    # How many enquiries wait for an answer of its offices, and how many of them are past the promised day.
    enquiries: int = 0
    late_enquiries: int = 0

    @property
    def tasks(self):
        return [*self.to_do, *self.drafts, *self.waiting, *self.published, *self.ended]

    @property
    def confirmable(self):
        """How many offers may be confirmed."""
        return sum("confirm" in task.steps for task in [*self.to_do, *self.published])

    @property
    def needs_action(self):
        return bool(
            self.to_do
            or self.partnerships
            or self.needs_office
            or self.offices_to_confirm
            or self.reports_about_offices
            or self.dead_mailboxes
            or self.broken_links
            or self.enquiries
        )

    @property
    def needs_office(self):
        return not (self.has_office or self.office_proposed)

    @property
    def has_offers(self):
        return bool(self.tasks)


def work_of(state):
    """All offers of a State, each in one list, what needs action first."""
    offices = ContactPoint.objects.open().filter(state=state)
    proposed = ContactProposal.objects.waiting().filter(state=state, kind=ProposalKind.NEW)
    has_office = offices.exists()
    work = Work(
        has_office=has_office,
        office_proposed=not has_office and proposed.exists(),
        partnerships=_once_per_offer(OfferPartner.objects.asked_of(state)),
        accepted=_once_per_offer(OfferPartner.objects.accepted_by_state(state)),
        offices_to_confirm=offices.filter(is_sample=False).needing_confirmation().count(),
        dead_mailboxes=dead_offices().filter(state=state).count(),
        reports_about_offices=MistakeReport.objects.open()
        .filter(contact_point__state=state, contact_point__closed_on=None, suspicious=False)
        .count(),
        broken_links=list(broken_links_in_offers_of(state)),
        **_enquiries(state),
    )
    offers = Offer.objects.filter(state=state).select_related("state", "live_version").order_by("reference")
    newest = {
        version.offer_id: version for version in OfferVersion.objects.filter(offer__state=state).order_by("number")
    }
    for offer in offers:
        _place(work, offer, newest[offer.pk])
    partners = defaultdict(list)
    for partner in OfferPartner.objects.filter(version__offer__state=state).exclude(state=None).select_related("state"):
        partners[partner.version_id].append(partner)
    for task in work.tasks:
        task.partners = partners[task.version.pk]
    return work


def _enquiries(state):
    late = Count("pk", filter=Q(due_on__lt=timezone.localdate()))
    return Enquiry.objects.with_office_of(state).waiting().aggregate(enquiries=Count("pk"), late_enquiries=late)


def _once_per_offer(partners):
    """The same request stands in the live version and in the one that waits: the newer text is the one to read."""
    latest = {
        (partner.version.offer_id, partner.role): partner
        for partner in partners.select_related("version__offer__state")
    }
    return list(latest.values())


def _day(moment):
    return date_format(timezone.localdate(moment))


def _place(work, offer, version):
    status = version.get_status_display()
    if offer.has_ended:
        note = _("Ended on %(date)s") % {"date": _day(offer.ended_at)}
        work.ended.append(Task(offer, version, offer.get_ended_as_display(), note=note, reason=_why_taken_down(offer)))
        return
    if version.status == VersionStatus.RETURNED:
        note = _("Returned on %(date)s") % {"date": _day(version.decided_at)}
        work.to_do.append(Task(offer, version, status, "warn", note, version.decision_reason, ("edit",)))
    elif version.status == VersionStatus.DRAFT:
        note = _("Saved on %(date)s") % {"date": _day(version.saved_at)}
        work.drafts.append(Task(offer, version, status, note=note, steps=("edit",)))
    elif version.status == VersionStatus.SUBMITTED:
        note = _("Submitted on %(since)s; the ISU answers by %(due)s.") % {
            "since": _day(version.submitted_at),
            "due": date_format(version.answer_due),
        }
        work.waiting.append(Task(offer, version, status, "info", note, steps=("take_back",)))
    elif version.status == VersionStatus.REFUSED and offer.live_version is None:
        note = _("Refused on %(date)s") % {"date": _day(version.decided_at)}
        work.ended.append(Task(offer, version, status, note=note, reason=version.decision_reason, steps=("change",)))
    if offer.live_version:
        _place_live(work, offer, version)


def _why_taken_down(offer):
    return offer.ended_reason if offer.ended_as == Ending.TAKEN_DOWN else ""


def _place_live(work, offer, newest):
    """What stands in the catalogue; a newer version that the ISU has refused is told of, until another is begun."""
    version, today = offer.live_version, timezone.localdate()
    has_open_version = newest.pk != version.pk and newest.status in OPEN
    # Confirming it twice a day would change nothing.
    confirm = ("confirm",) if offer.confirmed_on < today else ()
    steps = confirm if has_open_version else (*confirm, "change")
    # A last day that the State has set is moved by changing it, not by confirming.
    useful = tuple(step for step in steps if step != "confirm") if version.valid_until else steps
    confirmed = _("Confirmed on %(date)s") % {"date": date_format(offer.confirmed_on)}
    last_day = _("Stands until %(date)s") % {"date": date_format(offer.valid_until)}
    if offer.is_expired:
        work.to_do.append(Task(offer, version, _("Ended on its last day"), "warn", last_day, steps=useful))
    elif offer.freshness != Freshness.FRESH:
        work.to_do.append(Task(offer, version, offer.freshness.label, "warn", confirmed, steps=steps))
    elif offer.valid_until <= today + timedelta(days=EXPIRES_SOON):
        work.to_do.append(Task(offer, version, _("Ends soon"), "warn", last_day, steps=useful))
    elif newest.status == VersionStatus.REFUSED:
        note = _("The last change was refused on %(date)s") % {"date": _day(newest.decided_at)}
        work.published.append(
            Task(offer, version, _("In the catalogue"), "good", note, newest.decision_reason, steps=steps)
        )
    else:
        work.published.append(Task(offer, version, _("In the catalogue"), "good", confirmed, steps=steps))
