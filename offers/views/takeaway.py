"""The filtered list in other forms than a page: the same parameters, the same offers."""

import json
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

from offers import feeds, offline_pack, records, tables
from offers.api import examples
from offers.api.openapi import CHANGES, LARGEST_LIMIT
from offers.documents import CONTENT_SECURITY_POLICY
from offers.filters import OfferFilter

FEED_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_not_required
@require_safe
def list_csv(request):
    _parameters, keys = _chosen(request)
    lines = tables.csv_lines(keys, codes=request.GET.get("columns") == "codes")
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8; header=present")
    return _as_file(response, keys, "csv")


@login_not_required
@require_safe
def list_xlsx(request):
    parameters, keys = _chosen(request)
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
        return redirect(feeds.with_query(request.path, chosen.parameters()))
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
    return records.absolute(feeds.with_query(reverse("offers:catalogue"), parameters))


def _json_parts(keys, address):
    head = {
        "count": len(keys),
        "generated_at": timezone.now().isoformat(timespec="seconds"),
        "address": address,
        "disclaimer": str(settings.PORTAL_DISCLAIMER),
        "terms": str(records.TERMS),
    }
    lines = records.in_pieces(keys, lambda offer: json.dumps(records.as_json(offer), ensure_ascii=False))
    return chain([f'{json.dumps(head, ensure_ascii=False)[:-1]}, "offers": ['], _separated(lines), ["\n]}\n"])


def _separated(pieces):
    separator = "\n"
    for lines in pieces:
        if lines:
            yield separator + ",\n".join(lines)
            separator = ",\n"


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
