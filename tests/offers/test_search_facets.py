"""Counts of all facets against counting one by one, over offers that differ at random."""

import random

import pytest
from django.db import transaction
from django.urls import reverse

from offers.filters import OfferFilter
from offers.models import Offer, Recipients
from tests import factories

AREAS = ["area.risk_education", "area.victim_assistance", "area.victim_assistance.rehabilitation"]
FORMS = ["form.equipment", "form.training", "form.training.course"]
REGIONS = ["011", "012", "021"]
PAYS = ["free", "provider:fees", "provider:travel"]
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
                    ]
                ),
                pays_fees=chance.choice(["provider", "recipient", ""]),
                pays_travel=chance.choice(["provider", ""]),
                confirmed_days_ago=chance.choice([1, 1, 1, 200, 300]),
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
    if name == "region":
        chosen = version.recipient_regions.values_list("un_m49", flat=True)
        return version.recipients == Recipients.ALL or value in chosen
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


@pytest.mark.parametrize("seed", range(25))
def test_counts_are_those_of_counting_one_by_one(client, crowd, seed):
    chance = random.Random(seed)
    values = {"area": AREAS, "form": FORMS, "state": [state.iso3 for state in crowd], "region": REGIONS, "pays": PAYS}
    words = chance.sample(WORDS, chance.choice([0, 0, 1, 2]))
    selection = {
        name: chance.sample(some, chance.randint(1, 2)) for name, some in values.items() if chance.random() < 0.4
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
            # States without any are not listed, unless they are what was chosen.
            assert listed.get(value, 0) == number, (name, value)
    for suggestion in response.context["suggestions"]:
        assert suggestion.count == int(client.get(suggestion.url).headers["X-Total-Count"]) > 0
