"""Visitors ask: about an offer, a State or an office, or say what they need; and follow what becomes of it."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts.models import ContactPoint, State
from offers import enquiry_links
from offers.enquiry_log import Reader, log_of
from offers.filters import OfferFilter
from offers.forms.enquiries import OutcomeForm
from offers.forms.enquiries_asking import EnquiryForm, NeedForm
from offers.models import Enquiry, EnquiryStatus, Side, StepNotAllowed
from offers.models.enquiry_choices import WAITING
from offers.records import with_query
from offers.routing import first_in_line
from offers.search import facets
from offers.signed_links import reached_by_signed_link

from .offers import gone, offers_with_a_page
from .steps import posted
from .visitors import form_page

# Asking


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def enquire(request, reference):
    """About an offer."""
    offer = get_object_or_404(offers_with_a_page(), reference=reference)
    if offer.has_ended or offer.is_suspended or offer.is_expired:
        return _too_late(request, gone(request, offer) if offer.has_ended else redirect(offer))
    about = {"offer": offer, "is_sample": offer.is_sample}
    back = reverse("offers:contact", args=[offer.reference])
    return _form_page(request, about, {"offer": offer, "version": offer.live_version, "back": back})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def enquire_state(request, iso3):
    """To a State: all its offices get it, or, if it has none, those that stand in for it."""
    state = get_object_or_404(State, iso3=iso3.upper())
    if not state.is_party():
        return _too_late(request)
    # Made-up offices answer only where there are no others; in a demonstration also for a State that has none.
    offices = set(ContactPoint.objects.listed().filter(state=state).values_list("is_sample", flat=True))
    is_sample = offices == {True} or (settings.DEMO and not offices)
    back = reverse("offers:state_detail", args=[iso3.lower()])
    return _form_page(request, {"to_state": state, "is_sample": is_sample}, {"state": state, "back": back})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def enquire_contact(request, pk):
    """To one office, national or regional."""
    point = get_object_or_404(ContactPoint.objects.select_related("state", "regional_body"), pk=pk)
    if not ContactPoint.objects.listed().filter(pk=pk).exists():
        return _too_late(request)
    about = {"to_contact_point": point, "is_sample": point.is_sample}
    return _form_page(request, about, {"point": point, "back": reverse("contacts:directory")})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def need(request):
    """Without an offer: what was searched for in vain is filled in already."""
    chosen = OfferFilter(request.GET)
    form = NeedForm(posted(request), initial=_initial(request) | _looked_for(chosen))
    back = with_query(reverse("offers:catalogue"), chosen.parameters())
    return _form_page(request, _a_need(), {"back": back}, form)


@login_not_required
@require_safe
def enquiry_sent(request):
    """The same for everybody: nothing in it tells who has asked what."""
    context = {"noindex": True, "confirm_days": settings.ENQUIRY_CONFIRM_DAYS}
    return render(request, "offers/enquiry_sent.html", context)


def _form_page(request, about, page, form=None):
    """`about` is what the enquiry is about or to whom, `page` what names that on the page."""
    if form is None:
        form = EnquiryForm(posted(request), initial=_initial(request))
    return form_page(
        request, form, "offers/enquiry_form.html", page | _what_happens(Enquiry(**about)),
        kind="enquiry", email="email", receive=partial(_receive, form, about), sent=reverse("offers:enquiry_sent"),
    )  # fmt: skip


def _receive(form, about):
    _enquiry, is_new = Enquiry.receive(key=form.key, **form.values, **about)
    return is_new


def _too_late(request, page=None):
    """Nobody is asked here any more: 404, or the page that says so.

    What somebody has typed meanwhile is kept: the same words can be sent as a need.
    """
    if request.method != "POST":
        if page is None:
            raise Http404
        return page
    page = {"form": NeedForm(request.POST), "back": reverse("offers:catalogue"), "too_late": True, "noindex": True}
    return render(request, "offers/enquiry_form.html", page | _what_happens(Enquiry(**_a_need())), status=410)


def _a_need():
    """In a demonstration it is made up, as all offices are that it can be handed over to there."""
    return {"is_sample": settings.DEMO}


def _initial(request):
    initial = {"language": get_language()}
    if state := request.user.is_authenticated and request.user.state:
        initial |= {"email": request.user.email, "asker_state": state.iso3}
    return initial


def _looked_for(chosen):
    """The answers that a search in the catalogue gives; what has no field of its own becomes words."""
    fields = {"area": facets.AREA, "form": facets.FORM, "country": facets.RECIPIENT}
    answers = {field: chosen.selection[facet][0] for field, facet in fields.items() if facet in chosen.selection}
    answered = {(facet, answers.get(field)) for field, facet in fields.items()}
    words = [chosen.label(*applied) for applied in chosen.applied if applied not in answered]
    return answers | {"message": "\n".join(filter(None, [chosen.words, *map(str, words)]))}


def _what_happens(enquiry):
    """For the sentences that say who reads it, and when."""
    return {
        "is_need": enquiry.is_need,
        "is_sample": enquiry.is_sample,
        "asked": first_in_line(enquiry).points,
        "working_days": settings.ISU_REPLY_WORKING_DAYS,
        "confirm_days": settings.ENQUIRY_CONFIRM_DAYS,
    }


# By the link in a letter, without an account


@reached_by_signed_link("offers/enquiry_link_failed.html")
@require_http_methods(["GET", "HEAD", "POST"])
def enquiry_of_sender(request, token):
    """The sender confirms, follows and takes back the enquiry, and says what came of it."""
    enquiry = enquiry_links.enquiry_of_sender(token)
    act = request.POST.get("act", "")
    latest = enquiry.latest_outcome(Side.ASKER)
    form = OutcomeForm(
        request.POST if act == "outcome" else None,
        initial={name: getattr(latest, name) for name in OutcomeForm.base_fields} if latest else None,
    )
    steps = {
        "confirm": enquiry.confirm,
        "take_back": enquiry.take_back,
        "outcome": lambda: enquiry.record_outcome(side=Side.ASKER, **form.cleaned_data),
    }
    notice = ""
    if act in steps and (act != "outcome" or form.is_valid()):
        try:
            steps[act]()
        except StepNotAllowed as refusal:
            enquiry = enquiry_links.enquiry_of_sender(token)
            notice = str(refusal)
        # Whoever confirms twice finds it confirmed.
        if not notice or (act == "confirm" and enquiry.confirmed_at):
            # The thanks for an outcome stand far below on a telephone.
            page = reverse("offers:enquiry_of_sender", args=[token])
            return redirect(f"{page}#outcome" if act == "outcome" else page)
    return _page_of_sender(request, enquiry, form, latest, notice)


def _page_of_sender(request, enquiry, form, latest, notice):
    heading, sentence = _how_it_stands(enquiry)
    log = log_of(enquiry, Reader.SENDER)
    is_confirmed = enquiry.confirmed_at is not None
    is_open = enquiry.closed_at is None
    context = {
        "enquiry": enquiry,
        "heading": heading,
        "sentence": sentence,
        "notice": notice,
        "holders": enquiry.current_holders if enquiry.is_waiting else [],
        "answers": [line for line in log if line.text],
        "log": log,
        "form": form,
        "latest": latest,
        "may_confirm": not is_confirmed and is_open,
        "may_say_outcome": enquiry.is_waiting or enquiry.may_have_outcome,
        "may_take_back": enquiry.is_waiting or (is_open and enquiry.passed_on_at is None),
        "noindex": True,
    }
    if context["may_confirm"]:
        erased_on = enquiry.created_at + timedelta(days=settings.ENQUIRY_CONFIRM_DAYS)
        context |= _what_happens(enquiry) | {"agreed": _agreed(enquiry), "erased_on": erased_on}
    return render(request, "offers/enquiry_of_sender.html", context, status=409 if notice else 200)


def _agreed(enquiry):
    """Who else may come to know of it, as the sender has ticked."""
    told = []
    if enquiry.copy_national and enquiry.asker_state:
        told.append(_("The contact point of %(state)s gets a copy, if there is one.") % {"state": enquiry.asker_state})
    if enquiry.share_regional:
        told.append(_("A regional body may be asked too."))
    if enquiry.inform_country and enquiry.country and enquiry.country != enquiry.asker_state:
        told.append(_("The contact point of %(state)s is informed, if there is one.") % {"state": enquiry.country})
    return told


def _how_it_stands(enquiry):
    """A heading and a sentence for the sender."""
    if enquiry.closed_at and enquiry.status in (EnquiryStatus.HELD, *WAITING):
        return _("Your enquiry is closed"), _("There was no answer. The ISU can tell you whom else to ask.")
    promise = ""
    if enquiry.due_on:
        promise = (
            _("An answer was promised by %(date)s.") if enquiry.is_late else _("An answer is promised by %(date)s.")
        )
        promise %= {"date": date_format(enquiry.due_on)}
    days = settings.ISU_REPLY_WORKING_DAYS
    return {
        EnquiryStatus.UNCONFIRMED: (
            _("Confirm your enquiry"),
            _("Nothing has been passed on yet. Read it once more, then confirm that it is yours."),
        ),
        EnquiryStatus.HELD: (
            _("The ISU reads your enquiry first"),
            ngettext(
                "Your address is confirmed. The ISU reads your enquiry within %(days)d working day. Once it is passed "
                "on, you get a letter.",
                "Your address is confirmed. The ISU reads your enquiry within %(days)d working days. Once it is passed "
                "on, you get a letter.",
                days,
            )
            % {"days": days},
        ),
        EnquiryStatus.OPEN: (_("Your enquiry has been passed on"), promise),
        EnquiryStatus.ACKNOWLEDGED: (_("Your enquiry is being looked into"), promise),
        EnquiryStatus.ANSWERED: (_("Your enquiry has been answered"), ""),
        EnquiryStatus.DECLINED: (
            _("Your enquiry cannot be met"),
            _("Other States may have what you look for. The ISU can tell you whom else to ask."),
        ),
        EnquiryStatus.REFUSED: (
            _("Your enquiry has not been passed on"),
            _("If you think that this is a mistake, write to the ISU and give the reference."),
        ),
        EnquiryStatus.TAKEN_BACK: (_("You have taken your enquiry back"), _("Nobody is asked to answer it any more.")),
    }[enquiry.status]
