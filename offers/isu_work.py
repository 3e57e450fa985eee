"""What there is to do at the desk of the ISU today, in the order in which it should be done."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import ContactPoint

from . import moderation
from .models import Freshness, MistakeReport, Offer, OfferVersion, OutgoingMail
from .models.choices import EDITABLE

LETTERS_SHOWN_DAYS = 30


@dataclass(frozen=True)
class Duty:
    """Something that waits for the ISU: how much of it in words, where it is done, and what makes it urgent."""

    text: str
    url: str = ""
    detail: str = ""
    is_urgent: bool = False


def duties(*, by):
    """All that waits today, the most urgent first; what does not wait is left out."""
    found = [_versions(), _proposals(), _reports(), _letters(by), *_unconfirmed(), _offices(), _drafts()]
    return sorted(filter(None, found), key=lambda duty: not duty.is_urgent)


def _versions():
    waiting = list(moderation.waiting_versions())
    text = ngettext("%(n)d offer waits for review", "%(n)d offers wait for review", len(waiting))
    return waiting and _promised(waiting, text)


def _proposals():
    waiting = list(moderation.waiting_proposals())
    number = len(waiting)
    text = ngettext("%(n)d proposal about a contact point waits", "%(n)d proposals about contact points wait", number)
    return waiting and _promised(waiting, text)


def _promised(waiting, text):
    """What States have been promised an answer to."""
    late = sum(each.is_late for each in waiting)
    if late:
        detail = ngettext(
            "%(late)d is later than its State was promised.",
            "%(late)d are later than their States were promised.",
            late,
        ) % {"late": late}
    else:
        due = min(each.due for each in waiting)
        detail = _("The next answer is promised by %(date)s.") % {"date": date_format(due)}
    return Duty(text % {"n": len(waiting)}, reverse("offers:queue"), detail, bool(late))


def _reports():
    number = MistakeReport.objects.open().count()
    text = ngettext("%(n)d report of a mistake is open", "%(n)d reports of mistakes are open", number)
    return number and Duty(text % {"n": number}, reverse("offers:reports"))


def _letters(by):
    since = timezone.now() - timedelta(days=LETTERS_SHOWN_DAYS)
    number = OutgoingMail.objects.filter(failed_at__gte=since).count()
    text = ngettext("%(n)d letter could not be delivered", "%(n)d letters could not be delivered", number)
    detail = ngettext(
        "In the last %(days)d day. An administrator sees to whom.",
        "In the last %(days)d days. An administrator sees to whom.",
        LETTERS_SHOWN_DAYS,
    ) % {"days": LETTERS_SHOWN_DAYS}
    is_shown = by.is_staff and settings.ADMIN_ENABLED
    url = reverse("admin:offers_outgoingmail_changelist") if is_shown else ""
    return number and Duty(text % {"n": number}, url, detail, is_urgent=True)


def _unconfirmed():
    """Illustrative records are nobody's to confirm."""
    stages, board = list(Freshness), reverse("offers:freshness")
    offers = Offer.objects.standing().filter(is_sample=False).with_staleness()
    counts = Counter(stages[staleness] for staleness in offers.values_list("staleness", flat=True))
    number = counts[Freshness.SUSPENDED]
    text = ngettext(
        "%(n)d offer is hidden until its State confirms it",
        "%(n)d offers are hidden until their States confirm them",
        number,
    )
    yield number and Duty(text % {"n": number}, f"{board}?stage={Freshness.SUSPENDED.value}", is_urgent=True)
    number = counts[Freshness.OVERDUE]
    text = ngettext("The confirmation of %(n)d offer is overdue", "The confirmation of %(n)d offers is overdue", number)
    yield number and Duty(text % {"n": number}, f"{board}?stage={Freshness.OVERDUE.value}")


def _offices():
    number = ContactPoint.objects.asked_yearly().needing_confirmation().count()
    text = ngettext(
        "%(n)d office has not confirmed its details for a year",
        "%(n)d offices have not confirmed their details for a year",
        number,
    )
    return number and Duty(text % {"n": number}, reverse("offers:isu_contact_points"))


def _drafts():
    number = OfferVersion.objects.open().on_behalf().filter(status__in=EDITABLE).count()
    text = ngettext(
        "%(n)d offer entered for a State is not submitted yet",
        "%(n)d offers entered for States are not submitted yet",
        number,
    )
    return number and Duty(text % {"n": number}, reverse("offers:isu_offers"))
