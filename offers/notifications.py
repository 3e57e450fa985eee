"""Letters of the portal. Each becomes a row of the outbox in the transaction of its cause."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from contacts.models import User


def tell_isu_of_submission(version):
    _send("submitted", [settings.ISU_EMAIL], version, "offers:review", version.pk)


def tell_state_of_decision(version, decision):
    """To every focal point of the State; `decision` is published, returned or refused."""
    offer = version.offer
    page = {"published": ("offers:detail", offer.reference), "returned": ("offers:edit", offer.reference)}
    focal_points = User.objects.filter(is_active=True, membership__state=offer.state)
    recipients = [user.email for user in focal_points.order_by("pk")]
    _send(decision, recipients, version, *page.get(decision, ("offers:desk",)))


def tell_isu_of_mistake(report):
    """The ISU can answer straight to the reporter, who has no copy."""
    _write("mistake", [settings.ISU_EMAIL], "offers:reports", report=report, reply_to=report.email)


def _send(event, recipients, version, page, *arguments):
    _write(event, recipients, page, *arguments, version=version, offer=version.offer, state=version.offer.state)


@translation.override(settings.LANGUAGE_CODE)
def _write(event, recipients, page, *arguments, reply_to="", **context):
    """In the language of the portal, not in that of whoever pressed the button."""
    context |= {
        "url": f"{settings.PORTAL_URL}{reverse(page, args=arguments)}",
        "portal_name": settings.PORTAL_NAME,
        "isu_email": settings.ISU_EMAIL,
        "working_days": settings.ISU_REPLY_WORKING_DAYS,
    }
    # A subject is one line, whatever a title may hold.
    subject = " ".join(render_to_string(f"offers/email/{event}_subject.txt", context).split())
    body = render_to_string(f"offers/email/{event}_body.txt", context)
    for recipient in recipients:
        EmailMessage(subject, body, to=[recipient], reply_to=[reply_to] if reply_to else None).send()
