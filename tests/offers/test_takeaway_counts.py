"""Every form of a list holds what its page counts, over offers that differ at random."""

import json
import random

import pytest
from django.urls import reverse

from tests.offers.test_search_facets import AREAS, FORMS, PAYS, REGIONS, WORDS, crowd, module_crowd  # noqa: F401
from tests.offers.test_takeaway import FORMATS, address_of, body, csv_rows, feed, take, xlsx_rows


@pytest.mark.once
@pytest.mark.parametrize("seed", range(50))
def test_every_form_of_a_list_holds_what_its_page_counts(client, crowd, seed):  # noqa: F811
    chance = random.Random(seed)
    values = {"area": AREAS, "form": FORMS, "state": [state.iso3 for state in crowd], "region": REGIONS, "pays": PAYS}
    parameters = {"q": " ".join(chance.sample(WORDS, chance.choice([0, 0, 1, 2])))} | {
        name: chance.sample(some, chance.randint(1, 2)) for name, some in values.items() if chance.random() < 0.4
    }
    query = address_of(parameters)

    total = int(client.get(f"{reverse('offers:catalogue')}?{query}").headers["X-Total-Count"])
    taken = {form: take(client, form, query) for form in FORMATS}
    answer = client.get(f"{reverse('api:offers')}?{query}&limit=100").json()

    assert {form: int(response.headers["X-Total-Count"]) for form, response in taken.items()} == dict.fromkeys(
        FORMATS, total
    )
    references = [row["Reference"] for row in csv_rows(taken["csv"])]
    assert len(references) == total
    assert [row["Reference"] for row in xlsx_rows(taken["xlsx"])] == references
    listed = json.loads(body(taken["json"]))
    assert listed["count"] == total
    assert [offer["reference"] for offer in listed["offers"]] == references
    parsed = feed(taken["atom"])
    assert parsed.feed.opensearch_totalresults == str(total)
    assert {entry.id.rpartition("/")[2] for entry in parsed.entries} == set(references)
    assert answer["count"] == total
    assert {offer["reference"] for offer in answer["items"]} == set(references)


def test_a_file_keeps_the_order_of_the_page(client, crowd):  # noqa: F811
    shown = [offer.reference for offer in client.get(reverse("offers:catalogue")).context["offers"]]

    for query in ["", "sort=newest"]:
        shown = [offer.reference for offer in client.get(f"{reverse('offers:catalogue')}?{query}").context["offers"]]
        taken = [row["Reference"] for row in csv_rows(take(client, "csv", query))]
        assert taken[: len(shown)] == shown
