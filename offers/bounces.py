"""Mailboxes that do not take letters: what a mail server says at once, and reports that come back later.

Only what is said of the mailbox itself counts, and for good. A full mailbox (5.2.2, 552), a letter that is too large,
or one that is not wanted (5.7.x) may be another matter tomorrow: such a letter is given up, and the ISU sees it
among the letters that have not arrived, but the next one is sent all the same.

Whoever knows where reports go can make one up. So a report counts only for an address that was written to lately,
and all that follows from it ends by itself, as soon as a letter gets through or the address is changed.
"""

import email
import json
import re
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast, Lower
from django.utils import timezone

from contacts.models import ContactPoint

from .clean_text import clean_text
from .models import Bounce, OutgoingMail, Subscriber

# Of RFC 3463: no such mailbox, domain or address (5.1.7 and 5.1.8 speak of the sender), mailbox closed, domain unknown.
DEAD = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}
# Of SMTP, where a server says no more: no such mailbox, moved away, not a name for a mailbox.
DEAD_WITHOUT_MORE = {"550", "551", "553"}
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)")
# Letters to people of whom the ISU knows nothing more: it cannot mend their address, so it is not asked to.
TO_STRANGERS = {"sign_up", "alerts_link", "digest", "bulletin", "enquiry_confirm"}
# How long after a letter a report about it may come.
REPORT_DAYS = 60
# What is read of a report; beyond that it is the returned letter.
REPORT_BYTES = 256 * 1024
ADDRESSES_IN_REPORT = 50
ANSWER_KEPT = 1000  # characters of what a mail server said


def code_of(answer):
    """The most telling code in what a mail server said, such as "550 5.1.1 No such user" or "5.1.1 No such user"."""
    enhanced = ENHANCED.match(answer) or ENHANCED.match(answer[4:])
    return enhanced[0] if enhanced else answer.partition(" ")[0][:10]


def is_dead(answer):
    """Does the answer say of the mailbox that it is not there, and not only of this letter?"""
    code = code_of(answer)
    return code in DEAD or code in DEAD_WITHOUT_MORE


def give_up(mail, answers, dead):
    """Mark the mail as given up; `answers` says for each recipient why, `dead` whose mailbox takes no letters at all.

    The caller saves it.
    """
    mail.failed_at = timezone.now()
    mail.last_error = answers[mail.recipients[0]]
    for address in dead:
        code, reason = code_of(answers[address]), " ".join(answers[address].split())[:500]
        Bounce.objects.create(email=address.lower(), code=code, reason=reason, cause=mail.cause)
        Subscriber.objects.pause(address)
    if len(dead) == len(answers) and mail.cause in TO_STRANGERS:
        mail.settled_at = mail.failed_at


def got_through(addresses):
    """A letter was taken: whatever was said before, the mailbox is there."""
    Bounce.objects.of(addresses).delete()


def with_returned(points):
    """Contact points, each with whether its mailbox does not take letters (`mailbox_is_dead`)."""
    bounces = Bounce.objects.filter(email=Lower(OuterRef("email")))
    return points.annotate(mailbox_is_dead=Exists(bounces))


def dead_offices():
    """Contact points in the directory whose mailbox does not take letters; illustrative ones are nobody's to mend."""
    return with_returned(ContactPoint.objects.asked_yearly()).filter(mailbox_is_dead=True)


# Reports that come back (RFC 3464)


def read_report(raw):
    """Take in one message from the mailbox of reports; yields a sentence for each thing it says, without addresses."""
    failures = list(_failures(raw))
    if not failures:
        yield "Not a report that a letter could not be delivered; ignored."
    for addresses, answer in failures:
        with transaction.atomic():
            said = _take(addresses, answer)
        yield said


def _take(addresses, answer):
    for address in addresses:
        if (mail := _last_letter_to(address)) is None:
            continue
        if mail.failed_at is None:
            _come_back(mail, address, answer)
        return f"Mail {mail.pk} has come back: {code_of(answer)}"
    return "About an address that has not been written to lately; ignored."


def _come_back(mail, address, answer):
    """It had left, and was given up elsewhere; of several recipients, for this one only."""
    if others := [other for other in mail.recipients if other.lower() != address.lower()]:
        OutgoingMail.objects.filter(pk=mail.pk).update(recipients=others)
        mail.pk = None
    mail.recipients = [address]
    give_up(mail, {address: answer}, [address] if is_dead(answer) else [])
    mail.save()


def _failures(raw):
    """For each recipient that was given up for good: its addresses, and code and words of the mail server."""
    try:
        message = email.message_from_bytes(raw[:REPORT_BYTES])
        if message.get_content_type() != "multipart/report" or not message.is_multipart():
            return
        parts = [part for part in message.get_payload() if part.get_content_type() == "message/delivery-status"]
        blocks = [block for part in parts[:1] if part.is_multipart() for block in part.get_payload()]
        # The first is about the whole message.
        for block in blocks[1 : ADDRESSES_IN_REPORT + 1]:
            code = ENHANCED.match(_said(block, "Status"))
            if _said(block, "Action").lower() == "failed" and code and code[0].startswith("5"):
                # A letter that was passed on is known here by the address it was sent to first.
                addresses = [_address(_said(block, name)) for name in ("Original-Recipient", "Final-Recipient")]
                words = clean_text(_said(block, "Diagnostic-Code"))[:ANSWER_KEPT]
                yield list(filter(None, addresses)), f"{code[0]} {words}"
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        # The parser forgives much, but not everything; what it cannot read is no report.
        return


def _said(block, name):
    return " ".join(str(block.get(name, "")).split())


def _address(said):
    """Of "rfc822; office@example.org"."""
    _kind, _semicolon, address = said.partition(";")
    return clean_text(address).strip().strip("<>")[:320]


def _last_letter_to(address):
    since = timezone.now() - timedelta(days=REPORT_DAYS)
    letters = OutgoingMail.objects.filter(sent_at__gte=since).annotate(to=Cast("recipients", TextField()))
    # The database finds the text, whatever kind it keeps such a list as; which letter it is, is looked at once more.
    for mail in letters.filter(to__icontains=json.dumps(address)).order_by("-sent_at", "-pk").select_for_update():
        if address.lower() in [recipient.lower() for recipient in mail.recipients]:
            return mail
    return None
