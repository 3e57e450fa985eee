"""Pages for what goes wrong. None repeats the address or tells what happened inside."""

import logging
import secrets
import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

logger = logging.getLogger(__name__)

# Refusals that Django sends without a body.
BARE_STATUSES = {405, 410, 413, 429}


def page(request, status, **context):
    response = render(request, f"errors/{status}.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def bad_request(request, exception=None):
    return page(request, 400)


def permission_denied(request, exception=None):
    return page(request, 403)


def page_not_found(request, exception=None):
    return page(request, 404)


def csrf_failure(request, reason=""):
    return page(request, 403, csrf_failed=True)


def server_error(request):
    """500, or 503 when it is the database that cannot be reached.

    Rendered without request, session or database: those may be what is broken.
    """
    out_of_service = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if out_of_service else 500
    reference = secrets.token_hex(4)
    logger.error("Error page %s shown with reference %s", status, reference)
    language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with translation.override(language):
        context = {
            "reference": reference,
            "isu_email": settings.ISU_EMAIL,
            "LANGUAGE_CODE": language,
            "LANGUAGE_BIDI": translation.get_language_bidi(),
        }
        response = HttpResponse(render_to_string(f"errors/{status}.html", context), status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    if out_of_service:
        response.headers["Retry-After"] = "60"  # seconds
    return response
