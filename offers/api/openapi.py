"""The description of the API (OpenAPI 3.1), made from the very lists of fields that the answers are made from."""

from datetime import date

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from offers import kinds, records
from offers.filters import OfferFilter

from . import listings
from .answers import JSON, PROBLEM

VERSION = "1.0"
# What a program that reads the API has to know, the latest first.
CHANGES = [("1.0", date(2026, 11, 24), _("The first version."))]
DEFAULT_LIMIT, LARGEST_LIMIT = 20, 100  # rows on a page
# The parameters that narrow offers and resources; others are left out of account.
FILTERS = tuple(OfferFilter.base_filters)

SCHEMAS = {
    "Offer": records.FIELDS,
    "Resource": listings.RESOURCE,
    "State": listings.STATE,
    "Body": listings.BODY,
    "Contact": listings.CONTACT,
    "Term": listings.TERM,
}


def document():
    return {
        "openapi": "3.1.0",
        "info": {
            "title": str(settings.PORTAL_NAME),
            "version": VERSION,
            "summary": "Non-financial mine action assistance that States Parties have available, and whom to ask.",
            "description": f"{records.TERMS} {settings.PORTAL_DISCLAIMER}",
            "contact": {"email": settings.ISU_EMAIL},
        },
        "servers": [{"url": settings.PORTAL_URL}],
        "paths": _paths(),
        "components": {
            "schemas": {
                **{name: kinds.schema_of(fields) for name, fields in SCHEMAS.items()},
                "Index": _index(),
                "Problem": _problem(),
            },
            "responses": {
                "NotModified": {"description": "You have it already: its ETag is the one you named in If-None-Match."},
                "BadRequest": _refusal("A parameter has a value that is not understood; “parameter” names it."),
                "NotFound": _refusal("There is no such thing, or it is not public today."),
                "Gone": _refusal("The offer was in the catalogue and is no longer available."),
            },
        },
    }


def _paths():
    pages = [
        {
            "name": "limit",
            "in": "query",
            "description": "How many at most.",
            "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
        },
        {
            "name": "cursor",
            "in": "query",
            "description": "From the address in “next”; not to be made or changed.",
            "schema": {"type": "string"},
        },
    ]
    narrowed = [*_filters(), *pages]
    offer, state = (reverse(f"api:{name}", args=["X"])[:-2] for name in ("offer", "state"))
    return {
        reverse("api:index"): _get("index", "Where everything is", _ref("Index")),
        reverse("api:openapi"): _get("description", "This description", {"type": "object"}),
        reverse("api:offers"): _get("offers", "Offers, newest first", _list_of("Offer", paged=True), narrowed),
        f"{offer}{{reference}}/": _get(
            "offer", "One offer", _ref("Offer"), [_in_path("reference", "Such as PFP-2027-0042.")], ["NotFound", "Gone"]
        ),
        reverse("api:resources"): _get(
            "resources", "What organisations offer elsewhere", _list_of("Resource", paged=True), narrowed
        ),
        reverse("api:states"): _get("states", "States Parties", _list_of("State")),
        f"{state}{{iso3}}/": _get(
            "state", "A State that has joined", _ref("State"), [_in_path("iso3", "Such as CHE.")], ["NotFound"]
        ),
        reverse("api:bodies"): _get("bodies", "Regional bodies", _list_of("Body")),
        reverse("api:contacts"): _get("contacts", "Contact points", _list_of("Contact")),
        reverse("api:areas"): _get("areas", "Areas of implementation", _list_of("Term")),
        reverse("api:forms"): _get("forms", "Forms of assistance", _list_of("Term")),
    }


def _get(name, summary, schema, parameters=(), refusals=()):
    refusals = refusals or (["BadRequest"] if parameters else [])
    statuses = {"BadRequest": "400", "NotFound": "404", "Gone": "410"}
    headers = {"ETag": {"description": "Changes with the content.", "schema": {"type": "string"}}}
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": list(parameters),
            "responses": {
                "200": {"description": summary, "headers": headers, "content": {JSON: {"schema": schema}}},
                "304": {"$ref": "#/components/responses/NotModified"},
                **{statuses[refusal]: {"$ref": f"#/components/responses/{refusal}"} for refusal in refusals},
            },
        }
    }


def _filters():
    """Those of the catalogue, with all values they know. An empty one chooses nothing, as in the form there."""
    for name, field in OfferFilter(QueryDict()).form.fields.items():
        parameter = {"name": name, "in": "query", "description": str(field.label)}
        if hasattr(field, "choices"):
            values = list(dict.fromkeys(["", *(str(value) for value, _label in field.choices)]))
            items = {"type": "string", "enum": values}
            parameter |= {"schema": {"type": "array", "items": items}, "style": "form", "explode": True}
        elif isinstance(field, forms.DateField):
            parameter["schema"] = {"anyOf": [{"type": "string", "format": "date"}, {"const": ""}]}
        else:
            parameter["schema"] = {"type": "string"}
        yield parameter


def _in_path(name, description):
    schema = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def _list_of(name, *, paged=False):
    count = {"type": "integer", "minimum": 0, "description": "How many there are on all pages together."}
    following = {"type": ["string", "null"], "format": "uri", "description": "The next page, if there is one."}
    return kinds.described(
        {
            "count": count,
            **({"next": following} if paged else {}),
            "disclaimer": {"type": "string"},
            "items": {"type": "array", "items": _ref(name)},
        }
    )


def _index():
    addresses = ("documentation", "description")
    return kinds.described(
        {
            "version": {"type": "string"},
            **{name: {"type": "string", "format": "uri"} for name in addresses},
            "disclaimer": {"type": "string"},
            "terms": {"type": "string"},
            "lists": {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}},
        }
    )


def _problem():
    return {
        "type": "object",
        "description": "Problem details, RFC 9457.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What is wrong and what to do, in English."},
            "parameter": {"type": "string", "description": "The parameter that is not understood."},
        },
        "required": ["type", "title", "status", "detail"],
    }


def _refusal(description):
    return {"description": description, "content": {PROBLEM: {"schema": _ref("Problem")}}}
