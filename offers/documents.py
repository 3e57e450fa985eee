"""Documents that a State attaches to an offer: PDF and Word, checked by what they are, not by what they say."""

import re
import unicodedata
import zipfile
import zlib
from pathlib import PurePosixPath, PureWindowsPath

from django.core.exceptions import ValidationError
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

LARGEST = 2 * 1024 * 1024  # bytes
LARGEST_UNPACKED = 20 * 1024 * 1024  # bytes
MOST_PARTS = 1000  # files inside a Word document
BLOCK = 64 * 1024  # bytes
CONTENTS_OF_WORD = "[Content_Types].xml"

# At either end of a PDF, and as far as browsers look to guess what a file is.
LOOKED_AT = 1024  # bytes
MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|iframe|svg|img|a\b)", re.IGNORECASE)

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
    """A head and an end of a PDF, and nothing at the beginning that a browser could take for a page."""
    upload.seek(0)
    head = upload.read(LOOKED_AT)
    upload.seek(max(0, upload.size - LOOKED_AT))
    return head.startswith(b"%PDF-") and b"%%EOF" in upload.read() and not MARKUP.search(head)


def _is_word_document(upload):
    """A zip file with Word's parts, not too large unpacked, without paths that lead out of it and without macros."""
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            return _has_words_parts(archive) and _unpacks_as_declared(archive)
    # What zipfile says of versions, names, sizes, packings and passwords that it cannot read.
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, RuntimeError, EOFError, OSError):
        return False


def _has_words_parts(archive):
    parts = archive.infolist()
    names = {part.filename for part in parts}
    return (
        {CONTENTS_OF_WORD, "word/document.xml"} <= names
        and len(parts) <= MOST_PARTS
        and sum(part.file_size for part in parts) <= LARGEST_UNPACKED
        and {part.compress_type for part in parts} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        and not any(name.startswith(("/", "\\")) or ".." in PurePosixPath(name).parts for name in names)
        and not any(name.lower().endswith("vbaproject.bin") for name in names)
    )


def _unpacks_as_declared(archive):
    """Does each part come out as large as it says it is? Never unpacks more than is allowed in all."""
    left = LARGEST_UNPACKED
    for part in archive.infolist():
        declared, part.file_size = part.file_size, left + 1  # zipfile would stop at what is declared
        with archive.open(part) as unpacked:
            size, is_contents = 0, part.filename == CONTENTS_OF_WORD
            while block := unpacked.read(BLOCK):
                size += len(block)
                if size > declared or (is_contents and b"macroEnabled" in block):
                    return False
        if size != declared:
            return False
        left -= size
    return True


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
