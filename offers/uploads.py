"""Files kept for an hour because the form they came with had another error, so that nobody sends them twice.

Who deletes the row has the file: a document that takes it over, or the erasing of what has been forgotten.
"""

from functools import partial

from django.db import transaction

from .documents import safe_filename
from .models import HeldUpload, StaleEdit


def hold(upload, *, user, version):
    """Keep a file that has been checked, in place of what the person had kept for this version before."""
    with transaction.atomic():
        for former in HeldUpload.objects.filter(user=user, version=version):
            forget(former)
        return HeldUpload.objects.create(
            user=user, version=version, file=upload, filename=safe_filename(upload.name), size=upload.size
        )


def hand_over(held, document):
    """Give the file to the document, or raise StaleEdit if somebody has it already; belongs in a transaction."""
    if not _take_row(held):
        raise StaleEdit(f"The file {held.pk} is no longer kept.")
    document.file, document.filename, document.size = held.file.name, held.filename, held.size


@transaction.atomic
def forget(held):
    """Remove the file with its row, unless a document has taken it over."""
    if _take_row(held):
        transaction.on_commit(partial(held.file.storage.delete, held.file.name))
        return True
    return False


def _take_row(held):
    taken, _rows = HeldUpload.objects.filter(pk=held.pk).delete()
    return bool(taken)
