"""Regional bodies: their addresses, and whom they serve."""

import pytest
from django.core.exceptions import ValidationError

from contacts.models import Region, RegionalBody, State
from tests.reference_data import reference_data  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference_data")]


def test_each_of_the_44_bodies_has_an_address_of_its_own():
    bodies = list(RegionalBody.objects.all())

    assert len({body.slug for body in bodies}) == len(bodies) == 44
    for body in bodies:
        assert RegionalBody.objects.with_slug(body.slug).get() == body


@pytest.mark.parametrize(
    ("short_name", "slug"),
    [("EU/EEAS", "eu-eeas"), ("HPSS (ex-IMATC)", "hpss-ex-imatc"), ("GICHD francophone", "gichd-francophone")],
)
def test_the_address_is_the_short_name_in_small_letters(short_name, slug):
    assert RegionalBody(short_name=short_name).slug == slug


@pytest.mark.parametrize("slug", ["", "nobody", "EU-EEAS"])
def test_another_address_leads_to_no_body(slug):
    assert not RegionalBody.objects.with_slug(slug).exists()


@pytest.mark.parametrize("short_name", ["EU EEAS", "eu-eeas", "مركز", "!"])
def test_a_short_name_that_would_have_no_address_of_its_own_is_refused(short_name):
    body = RegionalBody(short_name=short_name, name_en="A body", kind="un_entity")

    with pytest.raises(ValidationError) as refusal:
        body.full_clean()

    assert list(refusal.value.message_dict) == ["short_name"]


def test_a_body_may_be_saved_again_under_its_own_short_name():
    RegionalBody.objects.get(short_name="EU/EEAS").full_clean(exclude=["shipped"])


def test_a_body_serves_a_state_exactly_if_the_state_is_served_by_it():
    served = {
        body.pk: set(State.objects.served_by(body).values_list("pk", flat=True)) for body in RegionalBody.objects.all()
    }

    for state in State.objects.select_related("region__parent__parent"):
        serving = set(RegionalBody.objects.serving(state).values_list("pk", flat=True))
        assert serving == {body for body, states in served.items() if state.pk in states}, state


def test_a_body_serves_a_region_exactly_if_it_serves_a_state_that_lies_in_it():
    regions = {
        body.pk: set(Region.objects.of_states(State.objects.served_by(body)).values_list("pk", flat=True))
        for body in RegionalBody.objects.all()
    }

    for region in Region.objects.for_filters().select_related("parent__parent"):
        serving = set(RegionalBody.objects.serving_region(region).values_list("pk", flat=True))
        assert serving == {body for body, served in regions.items() if region.pk in served}, region
