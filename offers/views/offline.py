"""The files of the offline copy."""

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404
from django.views.decorators.http import condition, require_safe

from offers import offline_pack
from offers.documents import CONTENT_SECURITY_POLICY

CONTENT_TYPES = {".html": "text/html; charset=utf-8", ".csv": "text/csv; charset=utf-8; header=present"}


def _etag(request, filename):
    file = offline_pack.find(filename)
    return f'"{file.sha256}"' if file else None


def _made_at(request, filename):
    file = offline_pack.find(filename)
    return file.made_at if file else None


@login_not_required
@require_safe
@condition(etag_func=_etag, last_modified_func=_made_at)
def offline_file(request, filename):
    file = offline_pack.find(filename)
    try:
        content = file and file.path.open("rb")
    except FileNotFoundError:
        # A newer edition has just taken its place.
        content = None
    if not content:
        raise Http404
    response = FileResponse(
        content,
        as_attachment=True,
        filename=file.name,
        content_type=CONTENT_TYPES.get(file.path.suffix, "text/plain; charset=utf-8"),
    )
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Robots-Tag"] = "noindex"
    return response
