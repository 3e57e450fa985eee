"""What stands in the letters of the outbox."""

import email
from email.policy import default

from offers.models import OutgoingMail


def message_of(mail):
    return email.message_from_bytes(bytes(mail.raw), policy=default)


def text_of(mail):
    """The plain text."""
    return message_of(mail).get_body(["plain"]).get_content().replace("\r\n", "\n")


def html_of(mail):
    return message_of(mail).get_body(["html"]).get_content().replace("\r\n", "\n")


def letters_to(address):
    """Those of one address, the oldest first."""
    return [mail for mail in OutgoingMail.objects.order_by("pk") if address in mail.recipients]
