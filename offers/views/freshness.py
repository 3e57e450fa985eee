"""Still valid? The State says so at its desk or by a link from a letter; the ISU sees who has not."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from contacts.access import focal_points_only, isu_only
from contacts.models import State
from offers import freshness
from offers.forms.freshness import ConfirmForm, MissionLetterForm
from offers.models import Freshness, Offer, StepNotAllowed
from offers.signed_links import LinkInvalid, reached_by_signed_link, read

from .steps import posted


def _thanks(confirmed):
    return ngettext(
        "Thank you. %(count)d offer is confirmed as of today.",
        "Thank you. %(count)d offers are confirmed as of today.",
        len(confirmed),
    ) % {"count": len(confirmed)}


def _boxes(rows, form):
    return [(row, form.is_ticked(row)) for row in rows]


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_all(request):
    """ "Everything is still correct": the whole list of the own State, confirmed with one press."""
    state = request.user.state
    rows = freshness.rows_of_desk(state)
    form = ConfirmForm(posted(request), rows=rows)
    if request.method == "POST" and form.is_valid():
        offers = Offer.objects.of_focal_point(request.user).filter(pk__in=form.cleaned_data["offers"])
        confirmed, refused = offers.confirm(by=request.user)
        if confirmed:
            messages.success(request, _thanks(confirmed))
        for offer, refusal in refused:
            messages.warning(request, f"{offer.reference}: {refusal}")
        return redirect("offers:start")
    context = {"state": state, "boxes": _boxes(rows, form), "form": form}
    return render(request, "offers/confirm_all.html", context | {"any_to_tick": any(r.may_be_ticked for r in rows)})


@reached_by_signed_link("offers/confirm_failed.html")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_by_link(request, token):
    """Without an account: the offers of one State that a letter was about."""
    data = read(freshness.PURPOSE, token, days=settings.CONFIRM_LINK_DAYS)
    state = State.objects.filter(pk=data[0]).first()
    if state is None:
        raise LinkInvalid
    if not state.is_party():
        return render(request, "offers/confirm_failed.html", {"not_party": state, "noindex": True}, status=410)
    rows = freshness.rows_of_letter(state, data[1])
    form = ConfirmForm(posted(request), rows=rows)
    thanks = ""
    if request.method == "POST" and form.is_valid():
        confirmed = _confirm_from_letter(state, form.cleaned_data["offers"], rows)
        thanks = _thanks(confirmed) if confirmed else _("Nothing had to be done: all of this was confirmed already.")
        rows = freshness.rows_of_letter(state, data[1])
    context = {
        "state": state,
        "boxes": _boxes(rows, form),
        "form": form,
        "thanks": thanks,
        "any_to_tick": any(row.may_be_ticked for row in rows),
        "noindex": True,
    }
    return render(request, "offers/confirm_by_link.html", context)


def _confirm_from_letter(state, ticked, rows):
    open_to_it = [row.offer.pk for row in rows if row.may_be_ticked and row.offer.pk in ticked]
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("Confirmed from a letter to the offices of %(state)s") % {"state": state}
    confirmed, _refused = Offer.objects.filter(state=state, pk__in=open_to_it).confirm(by=None, reason=reason)
    return confirmed


@isu_only
@require_safe
def board_page(request):
    """Which offers wait for a confirmation, by State."""
    stage = request.GET.get("stage", "")
    stage = Freshness(stage) if stage in Freshness and stage != Freshness.FRESH else None
    counts = freshness.count_by_stage()
    context = {
        "stage": stage,
        "counts": [(value.label, value.value, count) for value, count in counts.items()],
        "waiting": sum(count for value, count in counts.items() if value != Freshness.FRESH),
        "states": freshness.board(stage),
    }
    return render(request, "offers/isu_freshness.html", context)


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def mission(request, iso3):
    """The letter to the Permanent Mission of a State, to be read over and sent."""
    state = get_object_or_404(State.objects.parties(), iso3__iexact=iso3)
    form = MissionLetterForm(posted(request))
    notice = ""
    if request.method == "POST" and form.is_valid() and state.mission_email:
        try:
            freshness.write_to_mission(state, seen=form.cleaned_data["seen"], text=form.cleaned_data["text"])
        except StepNotAllowed as refusal:
            notice = str(refusal)
        else:
            done = _("The letter to the Permanent Mission of %(state)s is on its way.")
            messages.success(request, done % {"state": state})
            return redirect("offers:freshness")
    offers = freshness.to_escalate(state)
    subject, proposal = freshness.letter_to_mission(state, offers)
    if request.method == "POST":
        # What was typed stays; what it is about is told anew.
        form.data = form.data.copy()
        form.data["seen"] = freshness.mark_of(offers)
    else:
        form = MissionLetterForm(initial={"text": proposal, "seen": freshness.mark_of(offers)})
    context = {
        "state": state,
        "offers": offers,
        "subject": subject,
        "form": form,
        "notice": notice,
        "admin_url": reverse("admin:contacts_state_change", args=[state.pk])
        if settings.ADMIN_ENABLED and request.user.is_staff
        else "",
    }
    return render(request, "offers/isu_freshness_mission.html", context, status=409 if notice else 200)
