"""Public pages are made once for each revision of the catalogue and then handed out again.

A page is kept under its address, the day and the mark of the revision (see
`CatalogueRevision`), which is asked of the database for every request. So a
change is seen by the next request in every process, whichever process made it,
and what has become old is never asked for again.

Kept is only what a visitor without a session is given in full (status 200)
and without a cookie. Pages are kept in the memory of each process. The
middlewares around this one, such as the counting of use, see every request as
if the page had just been made.
"""

import gzip
import hashlib
import re

import brotli
from django.conf import settings
from django.core.cache import caches
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag

from contacts import closing
from offers.models import CatalogueRevision

# Pages of these depend on nothing but the catalogue.
NAMESPACES = {"contacts", "offers", "api"}
LONGEST_ADDRESS = 500  # characters; what is longer is nobody's bookmark
# Of the whole scale, what is still quick for a page that is made while somebody waits.
BROTLI_QUALITY, GZIP_LEVEL = 5, 6


class PageCache:
    def __init__(self, get_response):
        self.get_response = get_response
        self.cache = caches["pages"]

    def __call__(self, request):
        response = self.get_response(request)
        key = getattr(request, "page_to_keep", None)
        if key is None or not may_be_kept(response):
            return response
        page = Page.of(response)
        self.cache.set(key, page)
        return page.answer(request)

    def process_view(self, request, view, args, kwargs):
        if not is_public_page(request, view):
            return None
        # The mark is read before the catalogue: a change in between makes a page that is never asked for.
        key = self.key(request)
        if page := self.cache.get(key):
            return page.answer(request)
        request.page_to_keep = key
        return None

    @staticmethod
    def key(request):
        # Whether the portal is closed may be known late; what was made in between is not asked for either.
        closure = str(closing.closure())
        parts = (CatalogueRevision.current(), str(timezone.localdate()), closure, request.get_full_path())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_public_page(request, view):
    return (
        request.method in {"GET", "HEAD"}
        and not getattr(view, "login_required", True)
        and request.resolver_match.namespace in NAMESPACES
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and len(request.get_full_path()) <= LONGEST_ADDRESS
    )


def may_be_kept(response):
    """A whole page that is the same for everybody; one with a form sets the cookie that protects the form."""
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "no-store" not in response.headers.get("Cache-Control", "")
        and "Cookie" not in response.headers.get("Vary", "")
        and "Content-Encoding" not in response.headers
        and "Content-Disposition" not in response.headers
    )


class Page:
    """The answer with its headers, compressed in both ways that browsers understand."""

    def __init__(self, headers, gzipped, brotlied, etag):
        self.headers, self.gzipped, self.brotlied, self.etag = headers, gzipped, brotlied, etag

    @classmethod
    def of(cls, response):
        content = response.content
        return cls(
            dict(response.headers.items()),
            gzip.compress(content, GZIP_LEVEL, mtime=0),
            brotli.compress(content, quality=BROTLI_QUALITY),
            hashlib.sha256(content).hexdigest()[:32],
        )

    def answer(self, request):
        """In the best encoding that the browser takes, or 304 if it has the page already."""
        accepted = request.headers.get("Accept-Encoding", "")
        if takes(accepted, "br"):
            content, encoding = self.brotlied, "br"
        elif takes(accepted, "gzip"):
            content, encoding = self.gzipped, "gzip"
        else:
            content, encoding = gzip.decompress(self.gzipped), ""
        response = HttpResponse(content, headers=self.headers | {"Content-Length": str(len(content))})
        if encoding:
            response.headers["Content-Encoding"] = encoding
        patch_vary_headers(response, ["Accept-Encoding"])
        # One mark for each encoding: they are different bytes.
        response.headers["ETag"] = etag = quote_etag(f"{self.etag}{encoding}")
        answer = get_conditional_response(request, etag=etag, response=response)
        # Those who have the page already are told the same about it, and counted alike.
        for name, value in self.headers.items():
            if not name.startswith("Content-"):
                answer.headers.setdefault(name, value)
        return answer


def takes(accepted, encoding):
    """Does the header Accept-Encoding name it, and not with the weight 0?"""
    for part in accepted.split(","):
        name, _semicolon, weight = part.strip().partition(";")
        if name.strip().lower() == encoding:
            return not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)
    return False
