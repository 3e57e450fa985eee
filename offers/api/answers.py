"""What all addresses of the API have in common: read-only, open to pages of other websites, the same for everybody."""

import json
from functools import wraps
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

METHODS = "GET, HEAD, OPTIONS"
MAX_AGE = 300  # seconds
JSON, PROBLEM = "application/json", "application/problem+json"


class Problem(Exception):
    """What is wrong with a request, and what to do about it (RFC 9457)."""

    def __init__(self, status, detail, **more):
        super().__init__(detail)
        self.status, self.detail, self.more = status, detail, more


def answers_programs(view):
    """The view gives plain values, or raises a Problem; this makes the response of it.

    Sentences are in English whatever the visitor's browser asks for. Nobody is
    signed in here and nothing is changed, so no token guards a POST against
    what a 405 refuses anyway.
    """

    @login_not_required
    @csrf_exempt
    @wraps(view)
    def answer(request, *args, **kwargs):
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers={"Allow": METHODS, "Access-Control-Max-Age": "86400"})
            del response.headers["Content-Type"]
        elif request.method not in METHODS.split(", "):
            response = _problem(Problem(405, "This API can only be read. Use GET."))
            response.headers["Allow"] = METHODS
        else:
            try:
                with override("en"):
                    content = _as_bytes(view(request, *args, **kwargs))
            except Problem as problem:
                response = _problem(problem)
            except SuspiciousOperation:
                response = _problem(Problem(400, "The address has too many parameters, or cannot be read."))
            else:
                response = HttpResponse(content, content_type=JSON)
                response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Expose-Headers"] = "ETag"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Content-Language"] = "en"
        return response

    return answer


def _problem(problem):
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    return HttpResponse(_as_bytes(body | problem.more), status=problem.status, content_type=PROBLEM)


def _as_bytes(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
