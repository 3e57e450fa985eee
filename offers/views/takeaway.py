"""The filtered list in other forms than a page: the same parameters, the same offers."""

import json
import logging
from itertools import chain
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import InvalidPage, Paginator
from django.http import FileResponse, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from contacts.spreadsheet import csv_text
from offers import feeds, offline_pack, records, tables
from offers.api import examples
from offers.api.openapi import CHANGES, LARGEST_LIMIT
from offers.documents import CONTENT_SECURITY_POLICY
from offers.filters import OfferFilter

logger = logging.getLogger(__name__)

FEED_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_not_required
@require_safe
def list_csv(request):
    _parameters, keys = _chosen(request)
    lines = tables.csv_lines(keys, codes=request.GET.get("columns") == "codes")
    response = StreamingHttpResponse(_said_if_cut_off(lines), content_type="text/csv; charset=utf-8; header=present")
    return _as_file(response, keys, "csv")


@login_not_required
@require_safe
def list_xlsx(request):
    parameters, keys = _chosen(request)
    if request.method == "HEAD":
        # No workbook is made to say how long it would be.
        response = StreamingHttpResponse(content_type=XLSX)
    else:
        response = FileResponse(tables.xlsx_file(keys, _page_of(parameters)), content_type=XLSX)
    return _as_file(response, keys, "xlsx")


@login_not_required
@require_safe
def list_json(request):
    parameters, keys = _chosen(request)
    response = StreamingHttpResponse(_json_parts(keys, _page_of(parameters)), content_type="application/json")
    return _counted(response, len(keys))


@login_not_required
@require_safe
@conditional_page
def list_atom(request):
    chosen = OfferFilter(request.GET)
    keys = feeds.newest_change_first(chosen.qs).values_list("pk", flat=True)
    pages = Paginator(keys, FEED_PAGE)
    try:
        page = pages.page(request.GET.get("page") or 1)
    except InvalidPage:
        return redirect(records.with_query(request.path, chosen.parameters()))
    content = feeds.atom(page, records.read(page.object_list), chosen.parameters())
    return _counted(HttpResponse(content, content_type=feeds.CONTENT_TYPE), pages.count)


@login_not_required
@require_safe
def data(request):
    """What can be taken away, how, and on what terms."""
    context = {
        "filters": [
            (name, field.label, [(value, label) for value, label in getattr(field, "choices", []) if value])
            for name, field in OfferFilter(QueryDict()).form.fields.items()
        ],
        "list_examples": examples.of_lists(),
        "api_examples": examples.of_api(),
        "changes": CHANGES,
        "disclaimer": settings.PORTAL_DISCLAIMER,
        "terms": records.TERMS,
        "feed_page": FEED_PAGE,
        "largest_limit": LARGEST_LIMIT,
        "embed_url": records.absolute(reverse("offers:embed")),
        "embed_origins": settings.EMBED_ORIGINS,
        "edition": offline_pack.current(),
    }
    return render(request, "offers/data.html", context)


def _chosen(request):
    """What the list is narrowed by, and the keys of the offers in the order of the catalogue."""
    chosen = OfferFilter(request.GET)
    return chosen.parameters(), records.keys_of(chosen.ranked())


def _page_of(parameters):
    return records.absolute(records.with_query(reverse("offers:catalogue"), parameters))


def _said_if_cut_off(lines):
    """The lines of a table and, should there be no more in the middle of it, one that says so.

    What breaks off while it is sent reaches the reader like a whole answer, and
    half a table looks like one.
    """

    def told():
        try:
            yield from lines
        except Exception:
            logger.exception("A table of offers was cut off while it was sent")
            yield csv_text([[sentence]])

    sentence = _("This table is not complete: something went wrong while it was sent. Please take it again.")
    return told()


def _json_parts(keys, address):
    """The whole file in pieces. Cut off anywhere, it is no JSON."""
    head = {
        "generated_at": timezone.now().isoformat(timespec="seconds"),
        "address": address,
        "disclaimer": str(settings.PORTAL_DISCLAIMER),
        "terms": str(records.TERMS),
    }
    lines = records.in_pieces(keys, lambda offer: json.dumps(records.as_json(offer), ensure_ascii=False))
    return chain([f'{json.dumps(head, ensure_ascii=False)[:-1]}, "offers": ['], _listed(lines))


def _listed(pieces):
    """The members of the list, and after its end how many they are: what has just been withdrawn is left out."""
    count, separator = 0, "\n"
    for lines in pieces:
        if lines:
            yield separator + ",\n".join(lines)
            count, separator = count + len(lines), ",\n"
    yield f'\n], "count": {count}}}\n'


def _as_file(response, keys, suffix):
    """A download whose name says what it is and of which day: in ASCII, and in the language in use (RFC 5987)."""
    today = timezone.localdate().isoformat()
    translated = quote(f"{_('Offers of assistance')} {today}.{suffix}", safe="")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"offers-{today}.{suffix}\"; filename*=UTF-8''{translated}"
    )
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Robots-Tag"] = "noindex"
    return _counted(response, len(keys))


def _counted(response, count):
    response.headers["X-Total-Count"] = str(count)
    return response
