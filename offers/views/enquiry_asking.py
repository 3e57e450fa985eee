"""Visitors ask: about an offer, a State or an office, or say what they need; and follow what becomes of it."""

from django.http import Http404

from offers.signed_links import reached_by_signed_link


@reached_by_signed_link("offers/enquiry_link_failed.html")
def enquiry_of_sender(request, token):
    raise Http404
