"""Pages of States, regional bodies and coverage with the data that ship with the portal."""

import pytest
from django.urls import reverse
from django.utils import translation

from contacts.models import RegionalBody
from offers.coverage import coverage
from tests.reference_data import reference_data  # noqa: F401

from .test_places import main_of, state_page

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("reference_data")]


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh-hans"])
def test_a_state_is_named_in_six_languages_each_marked_as_its_own(client, language):
    with translation.override(language):
        page = main_of(state_page(client, "khm"))

    for code, name in [
        ("ar", "كمبوديا"), ("en", "Cambodia"), ("es", "Camboya"), ("fr", "Cambodge"),
        ("ru", "Камбоджа"), ("zh-hans", "柬埔寨"),
    ]:  # fmt: skip
        assert f'<bdi lang="{code}">{name}</bdi>' in page


@pytest.mark.parametrize("iso3", ["khm", "fin", "lbn", "vat", "nru"])
def test_the_page_of_every_kind_of_state_reads_without_empty_parts(client, iso3):
    """A party, one that has left, one that has joined but not yet entered, and two with names of their own kind."""
    response = state_page(client, iso3)

    assert response.status_code == 200
    assert "None" not in main_of(response)
    assert '<bdi lang="en"></bdi>' not in main_of(response)


def test_every_body_is_in_the_list_under_its_kind_and_has_a_page(client):
    response = client.get(reverse("offers:body_list"))
    page = main_of(response)

    for body in RegionalBody.objects.all():
        address = reverse("offers:body_detail", args=[body.slug])
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
    assert sum(len(bodies) for _kind, bodies in response.context["kinds"]) == 44
    for kind, bodies in response.context["kinds"]:
        assert {body.kind for body in bodies} == {kind}


def test_victim_assistance_and_its_components_stand_beside_clearance():
    codes = [line.area.code for line in coverage().lines]

    tops = [code for code in codes if code.count(".") == 1]
    assert tops[:2] == ["area.survey_clearance", "area.victim_assistance"]
    assert len(tops) == len(set(tops)) == 11
    for top in tops[:2]:
        parts = [code for code in codes if code.startswith(f"{top}.")]
        assert len(parts) > 5
        assert codes.index(parts[0]) == codes.index(top) + 1
        assert codes.index(parts[-1]) == codes.index(top) + len(parts)
    assert not [code for code in codes if code.startswith("area.national_capacity.")]


def test_without_offers_every_top_area_is_named_as_blank_and_its_components_with_it(client):
    response = client.get(reverse("offers:coverage"))

    assert [area.level for area in response.context["coverage"].blanks] == [1] * 11
    page = response.content.decode()
    assert "No offer yet in:" in page
    assert "0 offers" in page
