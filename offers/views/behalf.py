"""The ISU enters for a State what the State has asked for in a note verbale, and finds all offers it knows of."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts.access import isu_only
from offers.forms.behalf import Act, ActForm, NewOnBehalfForm, OfferSearchForm
from offers.models import Offer, OfferVersion, StepNotAllowed

from .steps import posted
from .versions import offer_known_to_isu

OFFERS_ON_PAGE = 50


@isu_only
@require_safe
def isu_offers(request):
    """All offers the ISU knows of, by State; before them what is open here on behalf of States."""
    form = OfferSearchForm(request.GET)
    offers = Offer.objects.known_to_isu().by_state().select_related("state", "live_version")
    page = Paginator(form.narrow(offers), OFFERS_ON_PAGE).get_page(request.GET.get("page"))
    # Of each offer the newest version that the ISU knows of, and the newest it may read.
    newest, readable = {}, {}
    for version in OfferVersion.objects.known_to_isu().filter(offer__in=list(page)).order_by("number"):
        newest[version.offer_id] = version
        if version.is_readable_by_isu:
            readable[version.offer_id] = version
    on_behalf = OfferVersion.objects.open().on_behalf().select_related("offer__state", "author")
    context = {
        "form": form,
        "rows": [(offer, offer.live_version or readable.get(offer.pk), newest[offer.pk]) for offer in page],
        "page_obj": page,
        "paginator": page.paginator,
        "is_narrowed": form.is_narrowed,
        "on_behalf": on_behalf.order_by("saved_at"),
    }
    return render(request, "offers/behalf_offers.html", context)


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def begin_on_behalf(request):
    """A new offer of a State that has sent it on paper."""
    form, notice = NewOnBehalfForm(posted(request)), ""
    if request.method == "POST" and form.is_valid():
        try:
            offer = Offer.begin_once(state=form.cleaned_data["state"], by=request.user, **form.paper)
            return redirect("offers:edit", offer.reference)
        except StepNotAllowed as refusal:
            notice = str(refusal)
    context = {"form": form, "notice": notice}
    return render(request, "offers/behalf_new.html", context, status=409 if notice else 200)


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def act(request, reference):
    """What a State asks for about one of its offers, on its note verbale."""
    offer = offer_known_to_isu(reference)
    form, notice = ActForm(posted(request), offer=offer), ""
    if request.method == "POST" and form.is_valid():
        try:
            return _act(request, offer, form)
        except StepNotAllowed as refusal:
            notice = str(refusal)
            offer.refresh_from_db()
    version = offer.live_version or offer.versions.readable_by_isu().last()
    context = {"offer": offer, "state": offer.state, "version": version, "form": form, "notice": notice}
    return render(request, "offers/behalf_act.html", context, status=409 if notice else 200)


def _act(request, offer, form):
    by, asked = request.user, form.cleaned_data["act"]
    if asked == Act.CHANGE:
        offer.edit(by=by, **form.paper)
        return redirect("offers:edit", offer.reference)
    if asked == Act.CLONE:
        return redirect("offers:edit", offer.clone(by=by, **form.paper).reference)
    if asked == Act.CONFIRM:
        offer.confirm(by=by, reason=form.paper_in_words)
        done = _("The offer is confirmed as of today, on behalf of the State.")
    elif asked == Act.WITHDRAW:
        offer.withdraw(by=by, reason=form.words)
        done = _("The offer is withdrawn, on behalf of the State.")
    else:
        offer.fulfil(by=by, reason=form.words)
        done = _("The offer is marked as fulfilled, on behalf of the State.")
    messages.success(request, done)
    return redirect("offers:isu_offer", offer.reference)
