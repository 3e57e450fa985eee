"""What the ISU sees of letters: which have not arrived and why, what waits, and mailboxes that take none. No text."""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint

from .bounces import code_of, dead_offices
from .models import Bounce, OutgoingMail

SHOWN = 50
SHOWN_DAYS = 30
LATE_AFTER = timedelta(hours=1)

# What letters are about: by the names of their templates, and "account" for those that accounts need.
CAUSES = {
    "account": _("Account"),
    "submitted": _("Offer handed in"),
    "published": _("Offer published"),
    "returned": _("Offer returned for changes"),
    "refused": _("Offer refused"),
    "corrected": _("Words of an offer corrected"),
    "entered": _("Entered on behalf of the State"),
    "taken_down": _("Offer taken down"),
    "ended": _("Offer withdrawn or fulfilled"),
    "brought_back": _("Offer brought back"),
    "partner_asked": _("State asked to be named as partner"),
    "partner_declined": _("Partnership declined"),
    "due": _("Request to confirm offers"),
    "overdue": _("Request to confirm offers"),
    "suspended": _("Offers hidden until they are confirmed"),
    "escalation": _("Letter to a Permanent Mission"),
    "verify": _("Request to confirm the details of an office"),
    "contact_proposed": _("Proposal about a contact point"),
    "contact_decided": _("Decision about a contact point"),
    "mistake": _("Report of a mistake"),
    "enquiry_confirm": _("Enquiry: address to be confirmed"),
    "enquiry_held": _("Enquiry held for the ISU"),
    "enquiry_to_answer": _("Enquiry to be answered"),
    "enquiry_passed": _("Enquiry handed over to others"),
    "enquiry_copy": _("Enquiry, as a copy"),
    "enquiry_on_its_way": _("Enquiry: who has it now"),
    "enquiry_acknowledged": _("Enquiry: receipt acknowledged"),
    "enquiry_answered": _("Enquiry: answer"),
    "enquiry_declined": _("Enquiry declined"),
    "enquiry_taken_back": _("Enquiry taken back"),
    "enquiry_done": _("Enquiry: told that somebody else has answered"),
    "enquiry_outcome": _("Enquiry: what came of it"),
    "sign_up": _("Alerts: address to be confirmed"),
    "alerts_link": _("Alerts: link to one's own list"),
    "digest": _("Alert"),
    "bulletin": _("Bulletin"),
    "survey": _("Survey of national contact points"),
}

# The most telling code first: of RFC 3463 as far as it goes, then of SMTP.
REASONS = [
    (("5.1.1", "5.1.0", "5.1.3", "5.1.10", "550", "553"), _("There is no such mailbox.")),
    (("5.1.2", "5.4.4"), _("There is no such domain.")),
    (("5.1.6", "551"), _("The mailbox has moved.")),
    (("5.2.1",), _("The mailbox is closed.")),
    (("5.2.2", "4.2.2", "552", "452"), _("The mailbox is full.")),
    (("5.7.", "4.7."), _("The mail server of the receiver does not want this letter, or letters of the portal.")),
    (("5.3.4", "5.2.3"), _("The letter is too large.")),
    (("5",), _("The mail server of the receiver has refused the letter.")),
    (("4",), _("The mail server of the receiver has put the letter off.")),
]
NOT_REACHED = _("The mail server could not be reached, or broke off.")


@dataclass(frozen=True)
class Row:
    """One letter of the list."""

    mail: OutgoingMail
    about: str
    url: str  # to what it is about, if the ISU has a page of it
    offices: list  # contact points to which the addresses belong

    @property
    def cause(self):
        return CAUSES.get(self.mail.cause, self.mail.cause)

    @property
    def reason(self):
        return reason_of(self.mail.last_error)


def reason_of(answer):
    """In words, from the answer of a mail server or our own note."""
    code = code_of(answer) if answer[:1].isdigit() else ""
    return next((words for codes, words in REASONS if code and code.startswith(codes)), NOT_REACHED)


def rows(mails):
    """Letters, with all that is printed of them, in a fixed number of queries."""
    mails = list(mails.defer("raw").annotate(has_text=~Q(raw=b"")).select_related("settled_by")[:SHOWN])
    addresses = {address.lower() for mail in mails for address in mail.recipients}
    points = ContactPoint.objects.annotate(mailbox=Lower("email")).filter(mailbox__in=addresses)
    offices = {}
    for point in points.select_related("state", "regional_body"):
        offices.setdefault(point.mailbox, []).append(point)
    return [
        Row(mail, *_about(mail), [point for address in mail.recipients for point in offices.get(address.lower(), [])])
        for mail in mails
    ]


# Of an offer, an enquiry or a State. What else letters say there is for programs.
REFERENCE = re.compile(r"(?P<series>PFP|ENQ)-\d{4}-\d{4,}|[A-Z]{3}")
PAGES = {"PFP": "offers:isu_offer", "ENQ": "offers:enquiry"}


def _about(mail):
    """The reference, and the page that the ISU has of it, if there is one."""
    match = REFERENCE.fullmatch(mail.about)
    page = match and PAGES.get(match["series"])
    return mail.about if match else "", reverse(page, args=[mail.about]) if page else ""


def late():
    """Still waiting an hour after they were written; the oldest first."""
    return OutgoingMail.objects.waiting().filter(created_at__lte=timezone.now() - LATE_AFTER)


def recently_settled():
    since = timezone.now() - timedelta(days=SHOWN_DAYS)
    return OutgoingMail.objects.settled().filter(settled_at__gte=since, settled_by__isnull=False)


def figures():
    """Of the last 30 days: letters written, those that have left, wait and did not arrive."""
    since = timezone.now() - timedelta(days=SHOWN_DAYS)
    return OutgoingMail.objects.filter(created_at__gte=since).aggregate(
        written=Count("pk"),
        sent=Count("pk", filter=Q(sent_at__isnull=False, failed_at=None)),
        waiting=Count("pk", filter=Q(sent_at=None, failed_at=None)),
        given_up=Count("pk", filter=Q(failed_at__isnull=False)),
    )


def offices_without_mailbox():
    """Contact points whose mailbox does not take letters, each with what was said of it last."""
    offices = list(dead_offices().select_related("state", "regional_body").in_reading_order())
    bounces = Bounce.objects.of([point.email for point in offices]).order_by("at", "pk")
    last = {bounce.email: bounce for bounce in bounces}
    return [(point, last[point.email.lower()]) for point in offices]
