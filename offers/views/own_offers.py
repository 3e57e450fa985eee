"""The offers that the person who has signed in may write, and the steps that lead back to the desk."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect

from offers.models import Offer, StepNotAllowed


def own_offer(request, reference):
    """The offer, if the person may write it; for all others it does not exist."""
    offers = Offer.objects.written_by(request.user).select_related("state", "live_version")
    return get_object_or_404(offers, reference=reference)


def posted(request):
    """The data for a form: an empty POST is an answer too."""
    return request.POST if request.method == "POST" else None


def take_step(request, step, done):
    """Take the step, tell the person how it went, and lead back to the desk."""
    try:
        step()
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("offers:start")
