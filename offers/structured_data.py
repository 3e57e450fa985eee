"""What search engines read of a page beside its text: the words of schema.org, as JSON-LD.

Nothing that could name a person, no address of a mailbox, and no price.
"""

import json

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from contacts.models import language_tag

from .models import Recipients, Timing
from .records import SAMPLE_LABEL, absolute, changed_on, confirmed_on

CONTEXT = "https://schema.org"
# So that no text can end the element it stands in.
ESCAPES = {ord(character): f"\\u{ord(character):04X}" for character in "<>&\u2028\u2029"}


def as_json(data):
    return mark_safe(json.dumps({"@context": CONTEXT} | data, ensure_ascii=False).translate(ESCAPES))


def portal():
    """The portal, and how it is searched."""
    return {
        "@type": "WebSite",
        "name": str(settings.PORTAL_NAME),
        "url": absolute(reverse("offers:home")),
        "inLanguage": language_tag(get_language()),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": absolute(f"{reverse('offers:catalogue')}?q={{words}}"),
            },
            "query-input": "required name=words",
        },
    }


def page_of(offer):
    """The page of a public offer, whose subject is a service that a State provides."""
    version, words = offer.live_version, offer.live_version.words
    url = absolute(offer.get_absolute_url())
    return _without_empty(
        {
            "@type": "WebPage",
            "@id": url,
            "url": url,
            "name": words["title"].text,
            "inLanguage": words["title"].lang,
            "datePublished": offer.first_published_on.isoformat(),
            "dateModified": changed_on(offer).isoformat(),
            "lastReviewed": confirmed_on(offer),
            "isPartOf": {
                "@type": "WebSite",
                "name": str(settings.PORTAL_NAME),
                "url": absolute(reverse("offers:home")),
            },
            "mainEntity": _service(offer, version, words),
        }
    )


def _service(offer, version, words):
    return {
        "@type": "Service",
        "identifier": offer.reference,
        "name": words["title"].text,
        "description": words["description"].text,
        "disambiguatingDescription": " ".join(
            [*([f"{SAMPLE_LABEL}."] if offer.is_sample else []), str(settings.PORTAL_DISCLAIMER)]
        ),
        "serviceType": version.form.name,
        "category": [area.name for area in version.areas],
        "provider": _provider(offer.state, words["providing_body"].text),
        "areaServed": _recipients(version),
        "audience": _audience(words["institutions"].text),
        "availableChannel": {
            "@type": "ServiceChannel",
            "serviceUrl": absolute(reverse("offers:contact", args=[offer.reference])),
            "availableLanguage": [
                {"@type": "Language", "name": language.name, "alternateName": language.code}
                for language in version.languages.all()
            ],
        },
        "offers": _period(offer, version),
    }


def _provider(state, body):
    country = {"@type": "Country", "name": state.name, "identifier": state.iso3}
    return {"@type": "GovernmentOrganization", "name": body or state.name, "location": country}


def _audience(institutions):
    return institutions and {"@type": "Audience", "audienceType": institutions}


def _recipients(version):
    if version.recipients == Recipients.ALL:
        return Recipients.ALL.label
    return [
        *({"@type": "AdministrativeArea", "name": region.name} for region in version.recipient_regions.all()),
        *(group.group_name for group in version.recipient_groups.all()),
        *(
            {"@type": "Country", "name": state.name, "identifier": state.iso3}
            for state in version.recipient_states.all()
        ),
    ]


def _period(offer, version):
    """How long the offer stands and, where it has fixed dates, when the assistance can be had."""
    on_dates = version.timing == Timing.DATES
    return {
        "@type": "Offer",
        "validFrom": offer.first_published_on.isoformat(),
        "validThrough": min(filter(None, [offer.valid_until, version.deadline])).isoformat(),
        "availabilityStarts": version.starts_on.isoformat() if on_dates and version.starts_on else "",
        "availabilityEnds": version.ends_on.isoformat() if on_dates and version.ends_on else "",
    }


def _without_empty(value):
    """Nothing is said of what the State has left open."""
    if isinstance(value, dict):
        cleaned = {key: _without_empty(part) for key, part in value.items()}
        return {key: part for key, part in cleaned.items() if part not in ("", [], {})}
    if isinstance(value, list):
        return [_without_empty(part) for part in value]
    return "" if value is None else str(value)
