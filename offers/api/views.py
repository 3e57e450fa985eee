"""The addresses of the API. Each gives plain values; `answers_programs` makes the response of them."""

import re

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from contacts.models import ContactPoint, RegionalBody, State
from offers import kinds, records
from offers.filters import OfferFilter
from offers.models import Area, Form, Offer, Resource

from . import listings, openapi
from .answers import Problem, answers_programs
from .openapi import DEFAULT_LIMIT, LARGEST_LIMIT

# Not the key alone: nobody should come to rely on what it means.
CURSOR = Signer(salt="offers.api.cursor")


@answers_programs
def index(request):
    lists = ["offers", "resources", "states", "bodies", "contacts", "areas", "forms"]
    return {
        "version": openapi.VERSION,
        "documentation": records.absolute(reverse("offers:data")),
        "description": records.absolute(reverse("api:openapi")),
        "disclaimer": str(settings.PORTAL_DISCLAIMER),
        "terms": str(records.TERMS),
        "lists": {name: records.absolute(reverse(f"api:{name}")) for name in lists},
    }


@answers_programs
def description(request):
    return openapi.document()


@answers_programs
def offers(request):
    chosen = _chosen(request)
    keys, page = _page(request, chosen, chosen.qs)
    return page | {"items": [records.as_json(offer) for offer in records.read(keys)]}


@answers_programs
def offer(request, reference):
    key = Offer.objects.public().filter(reference=reference).values_list("pk", flat=True).first()
    if found := key and records.read([key]):
        return records.as_json(found[0])
    if Offer.objects.ever_published().filter(reference=reference).exclude(ended_as="").exists():
        raise Problem(410, "No longer available.")
    # The same for what never was, what is being written, and what waits for the State's confirmation.
    raise Problem(404, "No offer with this reference is in the catalogue. Look for it in the list of offers.")


@answers_programs
def resources(request):
    chosen = _chosen(request)
    keys, page = _page(request, chosen, chosen.narrow(Resource.objects.all()))
    rows = Resource.objects.prefetch_related("areas", "forms", "regions", "states", "languages").in_bulk(keys)
    return page | {"items": [kinds.as_json(listings.RESOURCE, rows[key]) for key in keys if key in rows]}


@answers_programs
def states(request):
    return _whole(listings.STATE, _states().parties().in_name_order())


@answers_programs
def state(request, iso3):
    found = _states().filter(iso3=iso3.upper(), joined=True).first()
    if found is None:
        raise Problem(404, "No State with this ISO code has joined the Convention. See the list of States.")
    return kinds.as_json(listings.STATE, found)


@answers_programs
def bodies(request):
    return _whole(listings.BODY, RegionalBody.objects.prefetch_related("regions", "states").order_by("short_name"))


@answers_programs
def contacts(request):
    return _whole(listings.CONTACT, ContactPoint.objects.listed().with_details().in_reading_order())


@answers_programs
def areas(request):
    return _whole(listings.TERM, Area.objects.selectable())


@answers_programs
def forms(request):
    return _whole(listings.TERM, Form.objects.selectable())


@answers_programs
def not_found(request):
    raise Problem(404, f"There is nothing at this address. See {records.absolute(reverse('api:index'))} for what is.")


def _states():
    return State.objects.prefetch_related("region", "links")


def _whole(fields, rows):
    items = [kinds.as_json(fields, row) for row in rows]
    return {"count": len(items), "disclaimer": str(settings.PORTAL_DISCLAIMER), "items": items}


def _chosen(request):
    """As on the page of the catalogue, but a program is told what is not understood."""
    chosen = OfferFilter(request.GET)
    for name in openapi.FILTERS:
        if name in chosen.ignored:
            raise Problem(
                400,
                f"The parameter “{name}” has a value that is not understood here. See openapi.json for those that are.",
                parameter=name,
            )
    return chosen


def _page(request, chosen, rows):
    """The keys of a page, and what the answer says of it.

    Newest first by key, which never changes: whatever is published, confirmed
    or withdrawn while somebody turns the pages, each row comes once.
    """
    limit, after = _limit(request), _after(request)
    count = rows.count()
    if after is not None:
        rows = rows.filter(pk__lt=after)
    keys = list(rows.order_by("-pk").values_list("pk", flat=True)[: limit + 1])
    following = None
    if len(keys) > limit:
        keys.pop()
        parameters = chosen.parameters()
        parameters["limit"], parameters["cursor"] = limit, CURSOR.sign_object(keys[-1])
        following = records.absolute(f"{request.path}?{parameters.urlencode()}")
    return keys, {"count": count, "next": following, "disclaimer": str(settings.PORTAL_DISCLAIMER)}


def _limit(request):
    values = request.GET.getlist("limit")
    if not values:
        return DEFAULT_LIMIT
    if len(values) > 1 or not re.fullmatch("[0-9]{1,3}", values[0]) or not 1 <= int(values[0]) <= LARGEST_LIMIT:
        raise Problem(400, f"Give “limit” once, as a whole number between 1 and {LARGEST_LIMIT}.", parameter="limit")
    return int(values[0])


def _after(request):
    values = request.GET.getlist("cursor")
    if not values:
        return None
    try:
        if len(values) > 1:
            raise BadSignature
        return CURSOR.unsign_object(values[0])
    except BadSignature:
        raise Problem(
            400, "Take “cursor” from the address in “next”, and do not change it.", parameter="cursor"
        ) from None
