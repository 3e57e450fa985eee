"""Enquiries at the desks: focal points answer those of their State, the ISU sees to all."""

from django.http import Http404


def enquiry(request, reference):
    raise Http404
