"""A State is asked whether it may be named as partner in another State's offer."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.access import focal_points_only
from offers.content import answers, public_text_of
from offers.forms.partnerships import DeclineForm
from offers.models import OfferPartner, PartnerAnswer

from .steps import take_step


def _request_to_own_state(request, pk):
    """What the own State is asked, as it now stands: the letter may have named an earlier version."""
    named = get_object_or_404(OfferPartner.objects.select_related("version"), state=request.user.state, pk=pk)
    partner = OfferPartner.objects.about(request.user.state).same_request(named).last()
    if partner is None:
        raise Http404
    return partner


@focal_points_only
@require_safe
def partnership(request, pk):
    """What the own State is asked to be named in, or is named in."""
    partner = _request_to_own_state(request, pk)
    return _page(request, partner, DeclineForm(initial={"seen": partner.answer}))


def _page(request, partner, form):
    context = {
        "partner": partner,
        "version": partner.version,
        "offer": partner.version.offer,
        "state": partner.version.offer.state,
        # Others who are asked at the same time have not agreed that anybody should read of it.
        "groups": answers(partner.version, public_text_of),
        "form": form,
        "is_open": partner.answer == PartnerAnswer.NONE,
        "is_accepted": partner.answer == PartnerAnswer.ACCEPTED,
    }
    return render(request, "offers/offer_partnership.html", context)


@focal_points_only
@require_POST
def accept_partnership(request, pk):
    """The own State agrees to be named as partner in another State's offer."""
    partner = _request_to_own_state(request, pk)
    return take_step(
        request,
        lambda: partner.accept(by=request.user, seen=PartnerAnswer.NONE),
        _("Your State may now be named as partner in this offer."),
    )


@focal_points_only
@require_POST
def decline_partnership(request, pk):
    """The own State does not want to be named, or no longer."""
    partner = _request_to_own_state(request, pk)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        if form.has_error("seen"):
            # Of a form that was kept after a session what was read is not known: it is read now.
            form.data = form.data.copy()
            form.data["seen"] = partner.answer
        return _page(request, partner, form)
    return take_step(
        request,
        lambda: partner.decline(by=request.user, **form.cleaned_data),
        _("Your State is not named as partner in this offer. The State that makes it is told."),
    )
