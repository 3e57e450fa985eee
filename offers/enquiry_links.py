"""The links in letters by which sender and offices see an enquiry and take their steps, without an account."""

from contacts.models import ContactPoint

from . import signed_links
from .models import Enquiry

# An enquiry is open for at most some months; its personal data are gone, and with them the link, a year later.
LINK_DAYS = 600
OF_SENDER, OF_OFFICE = "enquiry_sender", "enquiry_office"


def link_for_sender(enquiry):
    return signed_links.sign(OF_SENDER, enquiry.pk)


def enquiry_of_sender(token):
    """Raises LinkExpired when the enquiry, or who sent it, is not known any more, or was not confirmed in time."""
    key = signed_links.read(OF_SENDER, token, days=LINK_DAYS)
    enquiries = Enquiry.objects.with_subject().exclude(pk__in=Enquiry.objects.to_forget().values("pk"))
    enquiry = enquiries.filter(pk=key, erased_at=None).first()
    if enquiry is None:
        raise signed_links.LinkExpired
    return enquiry


def link_for_office(enquiry, point):
    return signed_links.sign(OF_OFFICE, [enquiry.pk, point.pk, point.email])


def enquiry_of_office(token):
    """The enquiry and the office.

    A link ends with the mailbox that it was sent to, with the office's place in the directory, and with the enquiry.
    """
    key, point_key, email = signed_links.read(OF_OFFICE, token, days=LINK_DAYS)
    point = ContactPoint.objects.listed().with_details().filter(pk=point_key, email=email).first()
    enquiry = Enquiry.objects.with_subject().filter(pk=key, erased_at=None, holders__contact_point=point).first()
    if point is None or enquiry is None:
        raise signed_links.LinkExpired
    return enquiry, point
