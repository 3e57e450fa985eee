"""What there is to do at the desk of the ISU today, in the order in which it should be done."""

from collections import Counter
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import ContactPoint

from . import moderation
from .bounces import dead_offices
from .links import with_uses
from .models import Enquiry, EnquiryLevel, Freshness, LinkCheck, MistakeReport, Offer, OfferVersion, OutgoingMail
from .models.choices import EDITABLE


@dataclass(frozen=True)
class Duty:
    """Something that waits for the ISU: how much of it in words, where it is done, and what makes it urgent."""

    text: str
    url: str = ""
    detail: str = ""
    is_urgent: bool = False


def duties():
    """All that waits today, the most urgent first; what does not wait is left out."""
    found = [
        *_enquiries(), _versions(), _proposals(), _reports(), _letters(), _mailboxes(), *_unconfirmed(), _offices(),
        _links(), _drafts(),
    ]  # fmt: skip
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


def _letters():
    number = OutgoingMail.objects.unsettled().count()
    text = ngettext("%(n)d letter could not be delivered", "%(n)d letters could not be delivered", number)
    return number and Duty(text % {"n": number}, reverse("offers:letters"), is_urgent=True)


def _mailboxes():
    number = dead_offices().count()
    text = ngettext(
        "The mailbox of %(n)d office does not take letters",
        "The mailboxes of %(n)d offices do not take letters",
        number,
    )
    return number and Duty(text % {"n": number}, f"{reverse('offers:letters')}#mailboxes", is_urgent=True)


def _enquiries():
    page = reverse("offers:isu_enquiries")
    number = Enquiry.objects.held().count()
    text = ngettext(
        "%(n)d enquiry is held until you have looked at it",
        "%(n)d enquiries are held until you have looked at them",
        number,
    )
    yield number and Duty(text % {"n": number}, page, is_urgent=True)
    waiting = Enquiry.objects.waiting()
    dues = list(waiting.filter(level=EnquiryLevel.ISU).values_list("due_on", flat=True))
    text = ngettext(
        "%(n)d enquiry waits for an answer from the ISU", "%(n)d enquiries wait for an answer from the ISU", len(dues)
    )
    detail = _("The next answer is promised by %(date)s.")
    yield dues and Duty(
        text % {"n": len(dues)},
        f"{page}#at-isu",
        detail % {"date": date_format(dues[0])},
        is_urgent=dues[0] < timezone.localdate(),
    )
    number = waiting.exclude(level=EnquiryLevel.ISU).filter(due_on__lt=timezone.localdate()).count()
    text = ngettext(
        "%(n)d enquiry to an office is past the promised day",
        "%(n)d enquiries to offices are past the promised day",
        number,
    )
    detail = _("They move on by themselves with the next daily run, to the next in line.")
    yield number and Duty(text % {"n": number}, f"{page}?show=late#results", detail)


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


def _links():
    number = len(with_uses(LinkCheck.objects.broken()))
    text = ngettext("%(n)d link to another website is broken", "%(n)d links to other websites are broken", number)
    return number and Duty(text % {"n": number}, reverse("offers:isu_links"))


def _drafts():
    number = OfferVersion.objects.open().on_behalf().filter(status__in=EDITABLE).count()
    text = ngettext(
        "%(n)d offer entered for a State is not submitted yet",
        "%(n)d offers entered for States are not submitted yet",
        number,
    )
    return number and Duty(text % {"n": number}, reverse("offers:isu_offers"))
