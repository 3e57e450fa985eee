"""Files kept for an hour because the form they came with had another error, so that nobody sends them twice."""

from django.db import transaction

from .documents import safe_filename
from .models import HeldUpload, StaleEdit


@transaction.atomic
def hold(upload, *, user, version):
    """Keep a file that has been checked, in place of what the person had kept for this version before."""
    HeldUpload.objects.filter(user=user, version=version).forget()
    return HeldUpload.objects.create(
        user=user, version=version, file=upload, filename=safe_filename(upload.name), size=upload.size
    )


def hand_over(held, document):
    """Give the file to the document, or raise StaleEdit if somebody has it already; belongs in a transaction."""
    if not held.take():
        raise StaleEdit(f"The file {held.pk} is no longer kept.")
    document.file, document.filename, document.size = held.file.name, held.filename, held.size
