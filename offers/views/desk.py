"""The desk of a focal point: the offers of the own State, and the steps that need no text."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import focal_points_only, writers_only
from offers.forms.steps import EndingForm
from offers.models import Offer, StepNotAllowed
from offers.work import work_of

from .own_offers import own_offer
from .steps import posted, take_step


def start(request):
    """Where a person lands after signing in."""
    if request.user.is_isu:
        return redirect("offers:isu_home")
    return redirect("offers:desk")


@focal_points_only
@require_safe
def desk(request):
    state = request.user.state
    context = {"state": state, "work": work_of(state), "kept_posts": request.user.kept_posts.all()}
    return render(request, "offers/desk.html", context)


@focal_points_only
@require_POST
def new(request):
    offer = Offer.begin_once(state=request.user.state, by=request.user)
    return redirect("offers:edit", offer.reference)


# Steps: each takes one and returns to the desk.


@focal_points_only
@require_POST
def change(request, reference):
    """Begin a new version of a published offer; the live one stays public."""
    offer = own_offer(request, reference)
    try:
        offer.edit(by=request.user)
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
        return redirect("offers:start")
    return redirect("offers:edit", reference)


@writers_only
@require_POST
def take_back(request, reference):
    offer = own_offer(request, reference)
    version = offer.versions.last()
    return take_step(request, lambda: version.take_back(by=request.user), _("The offer is open for editing again."))


@focal_points_only
@require_POST
def confirm(request, reference):
    offer = own_offer(request, reference)
    return take_step(
        request, lambda: offer.confirm(by=request.user), _("Thank you. The offer is confirmed as of today.")
    )


@focal_points_only
@require_POST
def clone(request, reference):
    offer = own_offer(request, reference).clone(by=request.user)
    messages.success(request, _("This is a copy. Change what is different, the form of assistance for example."))
    return redirect("offers:edit", offer.reference)


@focal_points_only
@require_POST
def bring_back(request, reference):
    """Undo an ending of the own State."""
    offer = own_offer(request, reference)
    return take_step(
        request, lambda: offer.bring_back(by=request.user), _("The offer is back, and all is as it was before.")
    )


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def end(request, reference, ending):
    """Ask once, then withdraw the offer or mark it as fulfilled."""
    offer = own_offer(request, reference)
    form = EndingForm(posted(request))
    if request.method == "POST" and form.is_valid():
        step = offer.withdraw if ending == "withdraw" else offer.fulfil
        return take_step(
            request,
            lambda: step(by=request.user, reason=form.cleaned_data["reason"]),
            _("The offer is withdrawn.") if ending == "withdraw" else _("The offer is marked as fulfilled."),
        )
    context = {"offer": offer, "form": form, "ending": ending, "undo_hours": settings.UNDO_HOURS}
    return render(request, "offers/offer_end.html", context)
