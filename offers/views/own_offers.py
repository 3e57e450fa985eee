"""The offers that the person who has signed in may write."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from offers.models import Offer


def own_offer(request, reference):
    """The offer, if the person may write it; for all others it does not exist."""
    offers = Offer.objects.written_by(request.user).select_related("state", "live_version")
    return get_object_or_404(offers, reference=reference)


def cannot_be_edited(request):
    """Lead away from a page for writing: nothing is being written, or it is with the ISU."""
    messages.warning(request, _("This offer cannot be edited now. The desk shows what can be done with it."))
    return redirect("offers:start")
