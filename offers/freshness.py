"""Is it still valid? What a State is asked to confirm, by letter or at its desk, and whom the ISU asks at last.

A cycle begins with each confirmation. In it a State gets at most one letter about an offer at each of the
three stages, and the ISU may write to the Permanent Mission once. The row that says so (`Reminder`) and the
letter in the outbox are written in one transaction.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.models import ContactPoint, State, User

from . import notifications, signed_links
from .models import (
    Freshness,
    Offer,
    OfferContactPoint,
    OutgoingMail,
    Reminder,
    ReminderStage,
    StatusChange,
    Step,
    StepNotAllowed,
)
from .reminding import Letter, hold

PURPOSE = "confirm offers"
# A last day that the State has set is named in a letter that goes out anyway if it comes within so many days.
ENDS_SOON_DAYS = 30
# From here on the ISU may write to the Permanent Mission.
TO_ESCALATE = (Freshness.OVERDUE, Freshness.SUSPENDED)


def hidden_from(offer):
    """The day on which it leaves the catalogue, or has left it, unless it is confirmed; None if it ends before that."""
    day = offer.confirmed_on + timedelta(days=settings.OFFER_SUSPENDED_DAYS)
    return day if day <= offer.valid_until else None


def unconfirmed(state=None):
    """Standing offers of States Parties that have reached a stage after FRESH, the longest unconfirmed first."""
    offers = Offer.objects.standing().with_staleness().filter(staleness__gt=0).longest_unconfirmed_first()
    return offers.filter(state=state) if state else offers


def to_remind(state=None):
    """Of these, what letters are about: illustrative records are nobody's to confirm."""
    return unconfirmed(state).filter(is_sample=False)


def _reminded(offers, stages=None):
    """The reminders of the present cycle: {offer key: [reminders, the last one last]}."""
    cycles = {offer.pk: offer.confirmed_on for offer in offers}
    found = defaultdict(list)
    reminders = Reminder.objects.filter(offer__in=cycles).order_by("sent_at", "pk")
    for reminder in reminders.filter(stage__in=stages) if stages else reminders:
        if reminder.cycle == cycles[reminder.offer_id]:
            found[reminder.offer_id].append(reminder)
    return found


def _without_letter(offers):
    """Those whose present stage no letter has told of."""
    reminded = _reminded(offers)
    return [offer for offer in offers if offer.freshness not in {each.stage for each in reminded[offer.pk]}]


# Letters to a State


def states_to_remind():
    """States with an offer whose present stage no letter has told of. Earlier stages that were missed stay so."""
    waiting = {offer.state_id for offer in _without_letter(list(to_remind().select_related("state")))}
    return State.objects.filter(pk__in=waiting).in_name_order()


def letter_to(state):
    """One letter about all these offers, or None. It says in a number what waits since earlier letters."""
    offers = list(to_remind(state).select_related("state", "live_version"))
    named = _without_letter(offers)
    if not named:
        return None
    stage = max((offer.freshness for offer in named), key=list(Freshness).index)
    at_stage = [offer for offer in named if offer.freshness == stage]
    recipients = addresses_of([state], offers)[state.pk]
    token = signed_links.sign(PURPOSE, [state.pk, [offer.pk for offer in offers]])

    def write():
        notifications.ask_state_to_confirm(
            stage,
            recipients,
            token,
            state=state,
            lines=[(offer, offer.live_version.title, hidden_from(offer)) for offer in named],
            at_stage=len(at_stage),
            first_hidden=min(filter(None, map(hidden_from, at_stage)), default=None),
            waiting=len(offers) - len(named),
            ending=ends_soon(state),
        )

    return Letter(
        about=f"{state}, {stage.value}: {', '.join(offer.reference for offer in named)}",
        recipients=recipients,
        reminders=[Reminder(offer=offer, stage=offer.freshness, cycle=offer.confirmed_on) for offer in named],
        write=write,
    )


def ends_soon(state):
    """Standing offers whose last day, set by the State itself, is near: a confirmation does not move it."""
    until = timezone.localdate() + timedelta(days=ENDS_SOON_DAYS)
    offers = Offer.objects.standing().filter(state=state, is_sample=False, live_version__valid_until__lte=until)
    return offers.select_related("live_version").order_by("valid_until", "reference")


def addresses_of(states, offers):
    """Whom to write to about these offers: {key of the State: addresses}.

    The focal points, and those offices of the State itself that the published versions name; each once.
    """
    found = {state.pk: {} for state in states}
    people = User.objects.focal_points().filter(membership__state__in=found)
    for state, email in people.values_list("membership__state", "email"):
        found[state].setdefault(email.lower(), email)
    named = OfferContactPoint.objects.filter(version__in=[offer.live_version_id for offer in offers])
    offices = ContactPoint.objects.open().filter(pk__in=named.values("contact_point"), state__in=found, is_sample=False)
    for state, email in offices.order_by("pk").values_list("state", "email"):
        found[state].setdefault(email.lower(), email)
    return {state: list(addresses.values()) for state, addresses in found.items()}


# What is shown to whoever may confirm


@dataclass
class Row:
    """One offer in a list to confirm; the note says how it stands, or why it is not to be ticked."""

    offer: Offer
    may_be_ticked: bool
    note: str

    @property
    def is_public(self):
        return not (self.offer.is_suspended or self.offer.is_expired or self.offer.has_ended)


def rows_of_desk(state):
    """All offers of the State that were published and have not ended, the longest unconfirmed first."""
    today = timezone.localdate()
    logged = StatusChange.objects.filter(offer__state=state, step=Step.CONFIRM, at__date=today)
    logged = set(logged.values_list("offer", flat=True))
    offers = _as_rows(Offer.objects.filter(state=state, ended_as=""))
    return [_row(offer, done=offer.pk in logged and offer.confirmed_on == today) for offer in offers]


def rows_of_letter(state, keys):
    """The offers a letter was about, as they stand today; what has been confirmed since is not asked again."""
    offers = _as_rows(Offer.objects.filter(state=state, pk__in=keys))
    return [_row(offer, done=offer.freshness == Freshness.FRESH and not offer.is_expired) for offer in offers]


def _as_rows(offers):
    offers = offers.ever_published().select_related("state", "live_version__original_language")
    return offers.longest_unconfirmed_first()


def _row(offer, *, done):
    if offer.has_ended:
        return Row(offer, False, offer.get_ended_as_display())
    if offer.has_outlived_its_last_day:
        note = _("Its last day was %(day)s. To offer it again, sign in and change the last day.")
        return Row(offer, False, note % {"day": _day(offer.valid_until)})
    if done:
        return Row(offer, False, _("Already confirmed on %(day)s.") % {"day": _day(offer.confirmed_on)})
    return Row(offer, True, _how_it_stands(offer))


def _how_it_stands(offer):
    if offer.is_expired:
        return _("It left the catalogue after %(day)s and comes back when it is confirmed.") % {
            "day": _day(offer.valid_until)
        }
    if offer.freshness == Freshness.SUSPENDED:
        return _("Hidden since %(day)s; it comes back when it is confirmed.") % {"day": _day(hidden_from(offer))}
    if offer.live_version.valid_until:
        return _("It ends on %(day)s, the last day that your State has set.") % {"day": _day(offer.valid_until)}
    if offer.freshness != Freshness.FRESH:
        return _("It leaves the catalogue on %(day)s unless it is confirmed.") % {"day": _day(hidden_from(offer))}
    return _("In the catalogue.")


def _day(day):
    return date_format(day, "DATE_FORMAT")


# The board of the ISU


@dataclass
class StateOnBoard:
    state: State
    lines: list
    # Addresses to which a letter could not be delivered since the last one was written.
    failed: list
    has_addresses: bool

    @property
    def needs_address(self):
        return not self.has_addresses and any(not line.offer.is_sample for line in self.lines)

    @property
    def to_escalate(self):
        return [line.offer for line in self.lines if line.may_be_escalated]


@dataclass
class LineOnBoard:
    offer: Offer
    days: int
    last_letter: Reminder | None
    escalated_at: object

    @property
    def may_be_escalated(self):
        return self.offer.freshness in TO_ESCALATE and not self.escalated_at and not self.offer.is_sample


def count_by_stage():
    """How many standing offers are at each stage, all four named."""
    counts = dict.fromkeys(Freshness, 0)
    offers = Offer.objects.standing().with_staleness().order_by()
    for staleness, count in offers.values_list("staleness").annotate(Count("pk")):
        counts[list(Freshness)[staleness]] = count
    return counts


def board(stage=None):
    """The unconfirmed offers, or those at one stage, by State; in a fixed number of queries."""
    offers = Offer.objects.by_freshness(stage).longest_unconfirmed_first() if stage else unconfirmed()
    offers = list(offers.select_related("state", "live_version"))
    states = State.objects.filter(pk__in={offer.state_id for offer in offers}).in_name_order()
    addresses, reminded = addresses_of(states, offers), _reminded(offers)
    lines = defaultdict(list)
    for offer in offers:
        lines[offer.state_id].append(_line(offer, reminded[offer.pk]))
    failed = _failures(addresses, lines)
    return [StateOnBoard(state, lines[state.pk], failed[state.pk], bool(addresses[state.pk])) for state in states]


def _line(offer, reminders):
    escalated = [each for each in reminders if each.stage == ReminderStage.ESCALATED]
    letters = [each for each in reminders if each.stage != ReminderStage.ESCALATED]
    return LineOnBoard(
        offer,
        days=(timezone.localdate() - offer.confirmed_on).days,
        last_letter=letters[-1] if letters else None,
        escalated_at=escalated[-1].sent_at if escalated else None,
    )


def _failures(addresses, lines):
    """{key of the State: addresses that did not take a letter since the State's last one was written}."""
    last = {
        state: max((line.last_letter.sent_at for line in of_state if line.last_letter), default=None)
        for state, of_state in lines.items()
    }
    begun = min(filter(None, last.values()), default=None)
    given_up = OutgoingMail.objects.filter(failed_at__isnull=False, created_at__gte=begun) if begun else ()
    given_up = [(mail.created_at, {address.lower() for address in mail.recipients}) for mail in given_up]
    return {
        state: [
            address
            for address in addresses[state]
            if last.get(state) and any(at >= last[state] and address.lower() in to for at, to in given_up)
        ]
        for state in addresses
    }


# The Permanent Mission


def to_escalate(state):
    """Overdue or suspended offers about which the Permanent Mission has not been written to in this cycle."""
    offers = list(to_remind(state).select_related("state", "live_version"))
    escalated = _reminded(offers, [ReminderStage.ESCALATED])
    return [offer for offer in offers if offer.freshness in TO_ESCALATE and not escalated[offer.pk]]


def mark_of(offers):
    """What a page carries, so that nobody sends a letter about other offers than those it showed."""
    return " ".join(str(offer.pk) for offer in offers)


def letter_to_mission(state, offers):
    """The proposal: subject and text."""
    return notifications.proposal_to_mission(
        state, [(offer, offer.live_version.title, hidden_from(offer)) for offer in offers]
    )


@transaction.atomic
def write_to_mission(state, *, seen, text):
    """Send the text, or raise StepNotAllowed if the offers to write about are not those that were seen."""
    hold(state)
    offers = to_escalate(state)
    if not offers:
        raise StepNotAllowed(_("Nothing was sent: the Permanent Mission has been written to, or all is confirmed."))
    if seen != mark_of(offers):
        raise StepNotAllowed(
            _("Nothing was sent: the list of offers has changed since you read it. Please read it again.")
        )
    subject, _proposal = letter_to_mission(state, offers)
    Reminder.objects.bulk_create(
        Reminder(offer=offer, stage=ReminderStage.ESCALATED, cycle=offer.confirmed_on) for offer in offers
    )
    notifications.write_to_mission(state, subject, text)
