"""Counts of all facets against counting one by one, over offers that differ at random."""

import random
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from contacts.models import State
from offers.filters import OfferFilter
from offers.models import FacetSet, Offer, Recipients
from offers.search import facets, index
from tests import factories

AREAS = ["area.risk_education", "area.victim_assistance", "area.victim_assistance.rehabilitation"]
FORMS = ["form.equipment", "form.training", "form.training.course"]
REGIONS = ["011", "012", "021"]
PAYS = ["free", "provider:fees", "provider:travel"]
DELIVERY = ["provider_centre", "remote", "regional"]
SOUTH = ["south_south", "triangular", "seeking"]
LANGUAGES = ["en", "fr", "ar"]
FRESHNESS = ["fresh", "due", "overdue"]
WORDS = ["zeppelin", "balloon", "kite"]


@pytest.fixture(scope="module")
def module_crowd(django_db_setup, django_db_blocker):
    """Forty offers that differ in everything that can be chosen, and how to tell what each of them has."""
    chance = random.Random(7)
    with django_db_blocker.unblock(), transaction.atomic():
        regions = {code: factories.RegionFactory(un_m49=code, name_en=f"Region {code}") for code in REGIONS}
        states = [factories.StateFactory(region=chance.choice(list(regions.values()))) for _ in range(4)]
        for region in regions.values():
            factories.StateFactory(region=region)
        languages = {code: factories.LanguageFactory(code=code, name_en=f"Language {code}") for code in LANGUAGES}
        areas = {code: factories.AreaFactory(code=code) for code in AREAS}
        forms = {code: factories.FormFactory(code=code) for code in FORMS}
        authors = {state: factories.UserFactory(state=state) for state in states}
        officer = factories.UserFactory(role="isu_officer")
        for _number in range(40):
            state = chance.choice(states)
            factories.make_offer(
                state=state,
                author=authors[state],
                by=officer,
                title=" ".join(chance.sample(WORDS, chance.randint(1, 3))),
                primary_area=areas[chance.choice(AREAS)],
                more_areas=[areas[code] for code in chance.sample(AREAS, chance.randint(0, 2))],
                form=forms[chance.choice(FORMS)],
                **chance.choice(
                    [
                        {"recipients": Recipients.ALL},
                        {
                            "recipients": Recipients.SELECTED,
                            "recipient_regions": [regions[code] for code in chance.sample(REGIONS, 2)],
                        },
                        {"recipients": Recipients.SELECTED, "recipient_states": chance.sample(states, 2)},
                    ]
                ),
                pays_fees=chance.choice(["provider", "recipient", ""]),
                pays_travel=chance.choice(["provider", ""]),
                delivery_modes=chance.sample(DELIVERY, chance.randint(1, 2)),
                cooperation=chance.choice(["none", "south_south", "triangular"]),
                funding_partner=chance.choice(["", "sought"]),
                languages=[languages[code] for code in chance.sample(LANGUAGES, chance.randint(0, 2))],
                original_language=languages[chance.choice(LANGUAGES)],
                starts_on=chance.choice([None, timezone.localdate() + timedelta(days=30)]),
                confirmed_days_ago=chance.choice([1, 1, 1, 200, 220, 300]),
            )
        yield states
        transaction.set_rollback(True)


@pytest.fixture
def crowd(module_crowd, db):
    return module_crowd


def has(offer, name, value):
    """Does the offer have the value, by its own fields and not by the index?"""
    version = offer.live_version
    if name == "area":
        return any(area.is_within(value) for area in version.areas)
    if name == "form":
        return version.form.is_within(value)
    if name == "state":
        return offer.state.iso3 == value
    if name in {"region", "recipient"} and version.recipients == Recipients.ALL:
        return True
    if name == "region":
        named = {state.region for state in version.recipient_states.all()} | set(version.recipient_regions.all())
        return value in {region.un_m49 for region in named}
    if name == "recipient":
        state = State.objects.get(iso3=value)
        return state in version.recipient_states.all() or state.region in version.recipient_regions.all()
    if name == "language":
        return version.languages.filter(code=value).exists()
    if name == "written":
        return version.original_language.code == value
    if name == "delivery":
        return value in version.delivery_modes
    if name == "south":
        return version.funding_partner == "sought" if value == "seeking" else version.cooperation == value
    if name == "freshness":
        return offer.freshness == value
    if value == "free":
        return version.is_free_to_recipient
    return value.removeprefix("provider:") in version.paid_by_provider


def chosen_by(offers, words, selection, *, but=None):
    return [
        offer
        for offer in offers
        if all(word in offer.live_version.title.split() for word in words)
        and all(any(has(offer, name, value) for value in values) for name, values in selection.items() if name != but)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_counts_are_those_of_counting_one_by_one(client, crowd, seed):
    chance = random.Random(seed)
    states = [state.iso3 for state in crowd]
    values = {
        "area": AREAS, "form": FORMS, "recipient": states, "pays": PAYS, "language": LANGUAGES, "region": REGIONS,
        "delivery": DELIVERY, "south": SOUTH, "state": states, "written": LANGUAGES, "freshness": FRESHNESS,
    }  # fmt: skip
    words = chance.sample(WORDS, chance.choice([0, 0, 1, 2]))
    selection = {
        name: chance.sample(some, chance.randint(1, 2)) for name, some in values.items() if chance.random() < 0.3
    }
    public = list(Offer.objects.public().order_by("reference"))

    response = client.get(reverse("offers:catalogue"), {"q": " ".join(words)} | selection)

    expected = chosen_by(public, words, selection)
    assert response.context["total"] == len(expected)
    assert response.headers["X-Total-Count"] == str(len(expected))
    assert OfferFilter(response.wsgi_request.GET).qs.count() == len(expected)
    for name, some in values.items():
        (found,) = (found for found in response.context["facets"] if found.name == name)
        listed = {option.value: option.count for option in found.options}
        others = chosen_by(public, words, selection, but=name)
        for value in some:
            number = sum(has(offer, name, value) for offer in others)
            # States and languages without any are not listed, unless they are what was chosen.
            assert listed.get(value, 0) == number, (name, value)
    for suggestion in response.context["suggestions"]:
        assert suggestion.count == int(client.get(suggestion.url).headers["X-Total-Count"]) > 0


@pytest.mark.parametrize("seed", range(5))
def test_pairs_of_values_are_counted_one_by_one_too(crowd, seed):
    region = random.Random(seed).choice(REGIONS)
    offers = facets.narrowed(Offer.objects.public(), facets.REGION, [region])

    pairs = facets.cross(offers, facets.AREA, facets.FORM)

    some = list(offers)
    for area in AREAS:
        for form in FORMS:
            number = sum(has(offer, "area", area) and has(offer, "form", form) for offer in some)
            assert pairs.get((area, form), 0) == number


def test_sets_of_values_are_shared_and_never_written_twice(crowd):
    before = FacetSet.objects.count()

    index.rebuild()

    assert FacetSet.objects.count() == before
    assert FacetSet.objects.filter(facet="form").count() <= len(FORMS)
