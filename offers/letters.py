"""How a letter is written: two templates make its subject and its text, the outbox does the rest."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation


def write(event, recipients, page, *arguments, language="", reply_to="", cc=(), about="", headers=None, **context):
    """A letter of its own to each of them, in the language of the portal unless another is given.

    Never in that of whoever has pressed the button. `page` and `arguments` are the address that the letter leads to;
    `about` is the reference of what it is about.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        subject, body = text_of(event, page, *arguments, **context)
        for recipient in recipients:
            send(
                subject, body, recipient, cause=event, about=about, headers=headers, cc=cc,
                reply_to=[reply_to] if reply_to else None,
            )  # fmt: skip


def send(subject, body, recipient, *, cause, about="", **options):
    """Put one letter into the outbox, in the language now in use."""
    message = EmailMessage(subject, body, to=[recipient], **options)
    message.cause, message.about = cause, about
    message.send()


def text_of(event, page, *arguments, **context):
    """Subject and text of a letter, in the language now in use."""
    context |= {
        "url": address_of(page, *arguments),
        "desk_url": address_of("offers:desk"),
        "portal_name": settings.PORTAL_NAME,
        "isu_email": settings.ISU_EMAIL,
        "working_days": settings.ISU_REPLY_WORKING_DAYS,
    }
    # A subject is one line, whatever a title may hold.
    subject = " ".join(render_to_string(f"offers/email/{event}_subject.txt", context).split())
    # With "" a plain text again: a page that prints it must not take it for markup that is known to be safe.
    return subject, render_to_string(f"offers/email/{event}_body.txt", context) + ""


def address_of(page, *arguments):
    """Whole, under the language now in use."""
    return f"{settings.PORTAL_URL}{reverse(page, args=arguments)}"
