"""Translations of the version that is being written: each language has a page of its own."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import writers_only
from contacts.models import Language
from offers.content import label_of
from offers.differences import Difference
from offers.forms.translations import LanguageForm, TranslationForm, texts_of
from offers.models import StaleEdit, to_translate

from .own_offers import cannot_be_edited, own_offer
from .steps import take_step


@writers_only
@require_safe
def translations(request, reference):
    """Which there are, how complete they are, and one more."""
    offer = own_offer(request, reference)
    version = offer.open_version
    if version is None or not version.is_editable:
        return cannot_be_edited(request)
    form = LanguageForm(version, request.GET if "language" in request.GET else None)
    if form.is_valid():
        return redirect("offers:translation", reference, form.cleaned_data["language"].code)
    context = {
        "offer": offer,
        "version": version,
        "translations": version.all_translations,
        "asked": len(to_translate(version)),
        "form": form,
    }
    return render(request, "offers/translation_list.html", context)


@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def translation(request, reference, code):
    """The words of one language beside those of the original."""
    offer = own_offer(request, reference)
    language = get_object_or_404(Language, code=code)
    version = offer.open_version
    if request.method != "POST":
        if version is None or not version.is_editable:
            return cannot_be_edited(request)
        if version.original_language_id in {None, language.pk}:
            return redirect("offers:translations", reference)
        return _translation_page(request, offer, TranslationForm(version, language))
    # Submitted or ended by a colleague meanwhile: saving is then refused, with what was typed shown.
    form = TranslationForm(version or offer.versions.last(), language, request.POST)
    if not form.is_valid():
        return _translation_page(request, offer, form)
    try:
        form.save(by=request.user)
    except StaleEdit:
        return _conflict_page(request, offer, form)
    messages.success(request, _("The translation is saved."))
    return redirect("offers:translations", reference)


def _translation_page(request, offer, form, *, status=200, **context):
    context |= {"offer": offer, "version": form.version, "language": form.language, "form": form}
    return render(request, "offers/translation_form.html", context, status=status)


def _conflict_page(request, offer, form):
    """Somebody else saved in between: show both texts, and keep what was typed in the form."""
    theirs = offer.open_version or offer.versions.last()
    data = request.POST.copy()
    data["edit_number"] = theirs.edit_number
    again = TranslationForm(theirs, form.language, data)
    again.is_valid()
    saved = texts_of(again.translation)
    conflicts = [
        Difference(name, label_of(name), saved[name], text, form.language.code)
        for name, text in form.typed.items()
        if saved[name] != text
    ]
    return _translation_page(request, offer, again, status=409, conflicts=conflicts, theirs=theirs)


@writers_only
@require_POST
def remove_translation(request, reference, code):
    offer = own_offer(request, reference)
    version = offer.open_version
    if version is None or not version.is_editable:
        return cannot_be_edited(request)

    @transaction.atomic
    def remove():
        version.claim_edit(version.edit_number, by=request.user)
        version.translations.filter(language__code=code).delete()

    return take_step(request, remove, _("The translation is removed."), "offers:translations", reference)
