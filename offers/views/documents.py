"""The documents of an offer that is being written."""

from django.conf import settings
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts.access import writers_only
from offers import uploads
from offers.forms.documents import DocumentForm
from offers.models import HeldUpload
from offers.models.choices import EDITABLE

from .own_offers import own_offer
from .steps import posted, take_step


@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request, reference):
    """The documents of the version being written: what there is, and one more."""
    offer = own_offer(request, reference)
    version = get_object_or_404(offer.versions.open().filter(status__in=EDITABLE))
    held = HeldUpload.objects.usable_by(request.user, version).first()
    form = DocumentForm(posted(request), request.FILES or None, held=held)
    if request.method == "POST":
        if form.is_valid():
            return take_step(
                request,
                lambda: form.save_to(version, by=request.user),
                _("The document is attached."),
                "offers:documents",
                reference,
            )
        if form.sound_file:
            held = uploads.hold(form.sound_file, user=request.user, version=version)
            form = DocumentForm(request.POST, held=held)
    context = {
        "offer": offer,
        "version": version,
        "documents": version.documents.select_related("language"),
        "form": form,
        "minutes": settings.HELD_UPLOAD_MINUTES,
    }
    return render(request, "offers/offer_documents.html", context)


@writers_only
@require_POST
def remove_document(request, reference, pk):
    """Take a document off the version; the file stays, since other versions may show it."""
    offer = own_offer(request, reference)
    version = get_object_or_404(offer.versions.open().filter(status__in=EDITABLE))
    document = get_object_or_404(version.documents, pk=pk)

    @transaction.atomic
    def remove():
        version.claim_edit(version.edit_number, by=request.user)
        document.delete()

    return take_step(request, remove, _("The document is removed."), "offers:documents", reference)
