"""Offices answer enquiries from the links in their letters, without an account."""

from django.http import Http404

from offers.signed_links import reached_by_signed_link


@reached_by_signed_link("offers/enquiry_link_failed.html")
def enquiry_of_office(request, token):
    raise Http404
