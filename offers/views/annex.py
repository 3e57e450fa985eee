"""The annex to a note verbale, to print or in Word: for the own State, and at the ISU for any."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.access import focal_points_only, isu_only
from contacts.models import State
from offers.annex import annex_of, row_of
from offers.word import as_download


@focal_points_only
@require_safe
def annex(request):
    return _page(request, request.user.state, file=reverse("offers:annex_word"))


@focal_points_only
@require_safe
def annex_word(request):
    return _file(request.user.state)


@isu_only
@require_safe
def isu_annexes(request):
    """The States whose annex the ISU can send to a capital."""
    return render(request, "offers/annex_states.html", {"states": State.objects.parties().in_name_order()})


@isu_only
@require_safe
def isu_annex(request, iso3):
    template = reverse("offers:template_for_state", args=[iso3])
    return _page(request, _state(iso3), file=reverse("offers:isu_annex_word", args=[iso3]), template=template)


@isu_only
@require_safe
def isu_annex_word(request, iso3):
    return _file(_state(iso3))


def _state(iso3):
    return get_object_or_404(State.objects.parties(), iso3=iso3.upper())


def _page(request, state, **files):
    annex = annex_of(state)
    context = {"annex": annex, "rows": [(offer, row_of(offer)) for offer in annex.offers]} | files
    return render(request, "offers/annex.html", context)


def _file(state):
    return as_download(annex_of(state).in_word(), f"annex-{state.iso3.lower()}.docx")
