"""The page that says what can be taken away, and how."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from contacts.models import State
from offers.api import examples
from tests import factories
from tests.offers.test_takeaway import body
from tests.reference_data import reference_data  # noqa: F401

pytestmark = pytest.mark.once


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_example_of_the_page_can_be_run(client, reference_data, language):  # noqa: F811
    factories.make_offer(state=State.objects.get(iso3="CHE"))
    page = client.get(f"/{language}/data/")
    shown = [*page.context["list_examples"], *page.context["api_examples"]]

    assert not page.cookies
    assert len(shown) >= 10
    for example in shown:
        assert example.path in example.command
        assert escape(example.command) in page.content.decode()
        response = client.get(example.path)
        assert response.status_code == 200, example.path
        assert body(response)
    assert {example.path for example in examples.of_api()} == {example.path for example in page.context["api_examples"]}


@pytest.mark.django_db
def test_the_page_lists_every_filter_with_its_values(client, reference_data):  # noqa: F811
    page = client.get("/en/data/")

    parameters = client.get(reverse("api:openapi")).json()["paths"]["/api/v1/offers/"]["get"]["parameters"]
    listed = {name: [value for value, _label in values] for name, _label, values in page.context["filters"]}
    assert [*listed, "limit", "cursor"] == [parameter["name"] for parameter in parameters]
    assert "form.training" in listed["form"]
    for parameter in parameters:
        values = parameter["schema"].get("items", {}).get("enum", [])
        assert [value for value in values if value] == listed.get(parameter["name"], [])
