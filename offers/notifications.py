"""Letters about an offer. Each becomes a row of the outbox in the transaction of its cause."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from contacts.models import User


def tell_isu_of_submission(version):
    _send("submitted", [settings.ISU_EMAIL], version, reverse("offers:review", args=[version.pk]))


def tell_state_of_decision(version, decision):
    """To every focal point of the State; `decision` is published, returned or refused."""
    offer = version.offer
    address = offer.get_absolute_url() if decision == "published" else reverse("offers:desk")
    if decision == "returned":
        address = reverse("offers:edit", args=[offer.reference])
    focal_points = User.objects.filter(is_active=True, membership__state=offer.state)
    _send(decision, [user.email for user in focal_points.order_by("pk")], version, address)


def _send(event, recipients, version, address):
    context = {
        "version": version,
        "offer": version.offer,
        "state": version.offer.state,
        "url": f"{settings.PORTAL_URL}{address}",
        "portal_name": settings.PORTAL_NAME,
        "isu_email": settings.ISU_EMAIL,
        "working_days": settings.ISU_REPLY_WORKING_DAYS,
    }
    # A subject is one line, whatever a title may hold.
    subject = " ".join(render_to_string(f"offers/email/{event}_subject.txt", context).split())
    body = render_to_string(f"offers/email/{event}_body.txt", context)
    for recipient in recipients:
        EmailMessage(subject, body, to=[recipient]).send()
