"""Offices answer enquiries from the links in their letters, without an account."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from offers.enquiry_links import enquiry_of_office as read_link
from offers.enquiry_log import Reader, log_of
from offers.models import Actor
from offers.signed_links import reached_by_signed_link

from .enquiry_steps import AnsweringSteps
from .steps import posted


@reached_by_signed_link("offers/enquiry_link_failed.html")
@require_http_methods(["GET", "HEAD", "POST"])
def enquiry_of_office(request, token):
    """What is asked, how it stands, and a form for each step that the office may take."""
    enquiry, point = read_link(token)
    steps = AnsweringSteps(enquiry, Actor(office=point), posted(request))
    if request.method == "POST":
        steps.take()
    context = {
        "enquiry": enquiry,
        "point": point,
        "steps": steps,
        "holders": enquiry.current_holders,
        "log": log_of(enquiry, Reader.OFFICE),
        "noindex": True,
    }
    return render(request, "offers/enquiry_of_office.html", context, status=steps.status)
