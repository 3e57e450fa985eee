"""Mail goes through the database: written with its cause or not at all, and sent afterwards by `send_outgoing_mail`.

A mail is kept complete, Message-ID included, so that whatever is sent again after a
breakdown is the same letter to the receiving side. Whoever sends a mail leases it first:
nobody else sends it meanwhile, and it is due again if the sender dies.
"""

import logging
import smtplib
from datetime import timedelta
from email.message import Message
from email.utils import make_msgid, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language

from contacts.models import language_tag
from offers import bounces
from offers.clean_text import clean_text
from offers.html_part import html_of
from offers.models import OutgoingMail

logger = logging.getLogger(__name__)

# How long to wait after each failed attempt: 48 hours in all, then the mail is given up.
DELAYS = [
    *(timedelta(minutes=minutes) for minutes in (1, 4, 10, 15, 30)),
    *(timedelta(hours=hours) for hours in (2, 3, 6, 6, 6, 6, 6, 6, 6)),
]
TIMEOUT = 30  # seconds, for each answer of the mail server; EMAIL_URL may say otherwise: smtp://host:25?timeout=10
# Longer than the slowest conversation about one mail, which has about a dozen answers.
LEASE = timedelta(minutes=15)
# A server that breaks off so often in one run is left alone until the next.
BREAKDOWNS = 3


class OutboxBackend(BaseEmailBackend):
    """Writes each mail into the outbox, in the transaction of the caller."""

    def send_messages(self, email_messages):
        return sum(_keep(message) for message in email_messages)


def _keep(message):
    """Return whether there was anybody to write to. Raises ValueError for a line break in a header or an address."""
    encoding = message.encoding or settings.DEFAULT_CHARSET
    recipients = [_bare_address(address, encoding) for address in message.recipients()]
    if not recipients:
        return False
    letter = _with_html(message)
    domain = _bare_address(message.from_email, encoding).rpartition("@")[2]
    letter.extra_headers = _headers(domain) | message.extra_headers
    OutgoingMail.objects.create(
        # Where the post office reports what it cannot deliver; people answer to the address in the letter itself.
        sender=_bare_address(settings.MAIL_BOUNCE_ADDRESS, encoding),
        recipients=list(dict.fromkeys(recipients)),
        subject=str(message.subject)[:998],
        # Letters of accounts come from elsewhere and do not say.
        cause=getattr(message, "cause", "account"),
        about=getattr(message, "about", ""),
        raw=letter.message().as_bytes(linesep="\r\n"),
    )
    return True


def _headers(domain):
    """What each letter says of itself, unless whoever has written it says otherwise."""
    return {
        # Django would ask the network for the name of this machine, which can take seconds.
        "Message-ID": make_msgid(domain=domain),
        # So that no mailbox answers by itself (RFC 3834); what a person has written says "no".
        "Auto-Submitted": "auto-generated",
        "Content-Language": language_tag(get_language() or settings.LANGUAGE_CODE),
    }


def _with_html(message):
    """The same letter, with its text as HTML beside it; one that is more than plain text stays as it is."""
    if message.content_subtype != "plain" or getattr(message, "alternatives", None):
        return message
    letter = EmailMultiAlternatives(
        message.subject, message.body, message.from_email, message.to, message.bcc,
        attachments=message.attachments, cc=message.cc, reply_to=message.reply_to,
    )  # fmt: skip
    letter.encoding = message.encoding
    letter.attach_alternative(html_of(str(message.subject), str(message.body)), "text/html")
    return letter


def _bare_address(address, encoding):
    return parseaddr(sanitize_address(str(address), encoding))[1]


def due_mails(now):
    """Not sent, not given up, not in another sender's hands; the longest due first."""
    return (
        OutgoingMail.objects.waiting()
        .filter(due_at__lte=now)
        .filter(Q(leased_until=None) | Q(leased_until__lte=now))
        .order_by("due_at", "pk")
    )


def send_due_mails():
    """Try once each mail that is due now, and yield its row as it stands afterwards.

    A mail of whose recipients the server took some and refused others becomes
    several rows, one for each outcome.
    """
    begun = timezone.now()
    connection = _connection()
    breakdowns = 0
    try:
        while breakdowns < BREAKDOWNS and (mail := _lease_next(begun)):
            if mail.attempts > len(DELAYS) + 1:
                yield from _settle(mail, _all(mail, RuntimeError("Every attempt ended before its outcome was known.")))
                continue
            try:
                connection.open()
            except Exception as error:
                # Not the fault of this mail, so the others need not try; they stay due.
                yield from _settle(mail, _all(mail, _Unreachable(error)))
                break
            try:
                refused = _deliver(connection, mail)
            except Exception as error:
                # One mail must not keep the others from leaving, whatever is wrong with it.
                refused = _all(mail, error)
                _hang_up(connection)
                if not isinstance(error, smtplib.SMTPResponseException):
                    breakdowns += 1
                if not isinstance(error, OSError):
                    logger.exception("Mail %s could not be sent", mail.pk)
            yield from _settle(mail, refused)
    finally:
        try:
            connection.close()
        except OSError:
            _hang_up(connection)


class _Unreachable(Exception):
    """No conversation with the mail server came about; says nothing about any mail."""


class _RecipientRefused(smtplib.SMTPResponseException):
    """The mail server knows this recipient, or does not, and will have no mail for it."""


def _all(mail, error):
    return dict.fromkeys(mail.recipients, error)


def _connection():
    """To where mails leave; `settings.DELIVERY` is the parsed EMAIL_URL."""
    delivery = settings.DELIVERY
    options = {"timeout": TIMEOUT} | {name.lower(): value for name, value in delivery.get("OPTIONS", {}).items()}
    return get_connection(
        delivery["EMAIL_BACKEND"],
        host=delivery.get("EMAIL_HOST"),
        port=delivery.get("EMAIL_PORT"),
        username=delivery.get("EMAIL_HOST_USER"),
        password=delivery.get("EMAIL_HOST_PASSWORD"),
        use_tls=delivery.get("EMAIL_USE_TLS"),
        use_ssl=delivery.get("EMAIL_USE_SSL"),
        file_path=delivery.get("EMAIL_FILE_PATH"),
        **options,
    )


def _lease_next(begun):
    """The next due mail, taken so that nobody else sends it, or None."""
    while mail := due_mails(begun).first():
        until = timezone.now() + LEASE
        # The update asks once more whether the mail is due: of two senders, one changes a row.
        if due_mails(begun).filter(pk=mail.pk).order_by().update(leased_until=until, attempts=F("attempts") + 1):
            mail.refresh_from_db()
            return mail
    return None


def _deliver(connection, mail):
    """Hand over one mail. Returns {recipient: error} for those whom the server refused."""
    if not isinstance(connection, smtp.EmailBackend):
        connection.send_messages([_Letter(mail)])
        return {}
    server = connection.connection
    try:
        # Not `send_messages`, which keeps to itself that only some recipients were refused.
        answers = server.sendmail(mail.sender, mail.recipients, bytes(mail.raw))
    except smtplib.SMTPRecipientsRefused as error:
        # A server that goes away in the middle has not been asked about all of them.
        answers = dict.fromkeys(mail.recipients, (421, b"The server ended the conversation.")) | error.recipients
    if server.sock is None:
        _hang_up(connection)
    return {recipient: _RecipientRefused(*answer) for recipient, answer in answers.items()}


def _hang_up(connection):
    """End the connection without a word: the server may have stopped answering."""
    if isinstance(connection, smtp.EmailBackend) and connection.connection:
        connection.connection.close()
        connection.connection = None


class _Letter(EmailMessage):
    """A mail in the form in which Django's backends take one."""

    def __init__(self, mail):
        super().__init__(from_email=mail.sender, to=mail.recipients)
        self.raw = bytes(mail.raw)

    def message(self):
        return _Exactly(self.raw)


class _Exactly(Message):
    """Prints the very bytes that were kept; parsing and printing them again could fold lines elsewhere."""

    def __init__(self, raw):
        super().__init__()
        self.raw = raw

    def as_bytes(self, unixfrom=False, linesep="\n"):
        return self.raw.replace(b"\r\n", linesep.encode())


def _settle(mail, refused):
    """Write down what came of an attempt; returns the rows, one for each outcome."""
    now = timezone.now()
    last = mail.attempts > len(DELAYS)
    sent = [recipient for recipient in mail.recipients if recipient not in refused]
    failed = [recipient for recipient, error in refused.items() if last or _is_final(error)]
    postponed = [recipient for recipient in refused if recipient not in failed]
    raw = mail.raw
    rows = []
    with transaction.atomic():
        current = OutgoingMail.objects.select_for_update().filter(pk=mail.pk).first()
        if current is None:
            # Erased meanwhile, by whoever does not want it any more; it must not come back.
            return []
        if refused and (current.sent_at or current.leased_until != mail.leased_until):
            # This attempt outlasted its lease and another sender took over; what it finds out counts.
            return []
        for recipients in filter(None, [sent, failed, postponed]):
            if rows:
                mail = OutgoingMail(
                    sender=mail.sender,
                    subject=mail.subject,
                    cause=mail.cause,
                    about=mail.about,
                    created_at=mail.created_at,
                    attempts=mail.attempts,
                )
            mail.recipients = recipients
            mail.leased_until = None
            # What has left is not kept: letters carry links that let people in.
            mail.raw = b"" if recipients is sent else raw
            if recipients is sent:
                mail.sent_at, mail.last_error = now, ""
                bounces.got_through(sent)
            elif recipients is failed:
                answers = {recipient: _in_words(refused[recipient]) for recipient in failed}
                bounces.give_up(mail, answers, [recipient for recipient in failed if _is_dead(refused[recipient])])
            else:
                mail.due_at, mail.last_error = now + DELAYS[mail.attempts - 1], _in_words(refused[recipients[0]])
            mail.save()
            rows.append(mail)
    return rows


def _is_final(error):
    """5xx: the server will not take this mail however often it is tried."""
    return isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600


def _is_dead(error):
    """Said of the recipient, and not of the letter, which comes later in the conversation."""
    return isinstance(error, _RecipientRefused) and _is_final(error) and bounces.is_dead(_in_words(error))


def _in_words(error):
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        text = text.decode(errors="replace") if isinstance(text, bytes) else text
        return clean_text(f"{error.smtp_code} {text}")[: bounces.ANSWER_KEPT]
    if isinstance(error, _Unreachable):
        return f"The mail server could not be reached: {error}"
    return f"{type(error).__name__}: {error}"
