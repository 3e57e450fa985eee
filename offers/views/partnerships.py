"""A State is asked whether it may be named as partner in another State's offer."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.access import focal_points_only
from offers.content import answers
from offers.models import OfferPartner

from .own_offers import take_step


def _asked_partner(request, pk):
    """A request to the own State that still waits for its word."""
    partners = OfferPartner.objects.asked_of(request.user.state).select_related("version__offer__state")
    return get_object_or_404(partners, pk=pk)


@focal_points_only
@require_safe
def partnership(request, pk):
    """What the own State is asked to be named in."""
    partner = _asked_partner(request, pk)
    context = {"partner": partner, "version": partner.version, "groups": answers(partner.version)}
    return render(request, "offers/offer_partnership.html", context)


@focal_points_only
@require_POST
def accept_partnership(request, pk):
    """The own State agrees to be named as partner in another State's offer."""
    partner = _asked_partner(request, pk)
    return take_step(
        request,
        lambda: partner.accept(by=request.user),
        _("Your State may now be named as partner in this offer."),
    )
