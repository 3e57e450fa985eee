"""Documents that a State attaches to an offer: PDF and Word, checked by what they are, not by what they say."""

import unicodedata
import zipfile
from pathlib import PurePosixPath, PureWindowsPath

from django.core.exceptions import ValidationError
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

LARGEST = 2 * 1024 * 1024  # bytes
LARGEST_UNPACKED = 20 * 1024 * 1024  # bytes
MOST_PARTS = 1000  # files inside a Word document

CONTENT_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
# A document is saved by the visitor, never shown by the portal.
CONTENT_SECURITY_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def check_document(upload):
    """Refuse in words whatever is not a sound PDF or Word document of at most 2 MB."""
    suffix = PurePosixPath(upload.name).suffix.lower()
    if suffix not in CONTENT_TYPES:
        raise ValidationError(_("Choose a PDF or a Word document (.docx)."))
    if not upload.size:
        raise ValidationError(_("The file is empty. Choose another one."))
    if upload.size > LARGEST:
        raise ValidationError(_("The file is larger than 2 MB. Make it smaller, or link to it instead."))
    sound = _is_pdf(upload) if suffix == ".pdf" else _is_word_document(upload)
    upload.seek(0)
    if not sound:
        raise ValidationError(
            _("The file is damaged or is not what its name says. Save it again as PDF or Word document.")
        )


def _is_pdf(upload):
    upload.seek(0)
    return upload.read(5) == b"%PDF-"


def _is_word_document(upload):
    """A zip file with Word's parts, not too large unpacked, without paths that lead out of it and without macros."""
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            parts = archive.infolist()
    # The last two are what zipfile says of versions and names that it cannot read.
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False
    names = {part.filename for part in parts}
    return (
        {"[Content_Types].xml", "word/document.xml"} <= names
        and len(parts) <= MOST_PARTS
        and sum(part.file_size for part in parts) <= LARGEST_UNPACKED
        and not any(name.startswith(("/", "\\")) or ".." in PurePosixPath(name).parts for name in names)
        and not any(name.lower().endswith("vbaproject.bin") for name in names)
    )


def safe_filename(name):
    """The last part of the person's file name, without control and direction characters."""
    name = PureWindowsPath(PurePosixPath(name).name).name
    name = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C")
    return name[-200:] or "document"


def send_document(document):
    """The file as a download under the name it was given by the State."""
    suffix = PurePosixPath(document.file.name).suffix
    response = FileResponse(
        document.file.open("rb"),
        as_attachment=True,
        filename=document.filename,
        content_type=CONTENT_TYPES.get(suffix, "application/octet-stream"),
    )
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Robots-Tag"] = "noindex"
    return response
