"""The coverage page: every number is that of the list it leads to, and blanks are seen."""

import random

import pytest
from django.urls import reverse

from offers.coverage import coverage
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

AREAS = [
    "area.survey_clearance", "area.survey_clearance.mechanical", "area.victim_assistance",
    "area.victim_assistance.rehabilitation", "area.risk_education",
]  # fmt: skip
FORMS = ["form.training", "form.equipment", "form.equipment.detection", "form.services"]


@pytest.fixture
def many_offers(make_offer, norland, sudland):
    """Offers of all kinds at random, hidden ones among them; the seed is fixed."""
    chance = random.Random(7)
    areas = [factories.AreaFactory(code=code) for code in AREAS]
    forms = [factories.FormFactory(code=code) for code in FORMS]
    group = factories.RegionalBodyFactory(states=[sudland], group_name_en="The South")
    for number in range(25):
        chosen = chance.sample(areas, chance.randint(1, 3))
        whom = chance.choice(
            [
                {},
                {"recipients": "selected", "recipient_states": [norland]},
                {"recipients": "selected", "recipient_regions": [norland.region, sudland.region]},
                {"recipients": "selected", "recipient_groups": [group]},
            ]
        )
        make_offer(
            primary_area=chosen[0],
            more_areas=chosen[1:],
            form=chance.choice(forms),
            confirmed_days_ago=400 if number % 6 == 5 else 0,
            status="submitted" if number % 7 == 6 else "published",
            **whom,
        )
    return norland.region, sudland.region


def cells_of(covered):
    for line in covered.lines:
        yield from line.cells
        yield line.total
    yield from covered.totals
    yield covered.total


@pytest.mark.parametrize("of_region", [None, 0, 1])
def test_each_number_is_that_of_the_list_it_leads_to(client, many_offers, of_region):
    covered = coverage(None if of_region is None else many_offers[of_region])

    cells = list(cells_of(covered))
    assert sum(cell.count > 0 for cell in cells) > 15
    for cell in cells:
        assert int(client.get(cell.url).headers["X-Total-Count"]) == cell.count, cell


def test_an_offer_with_two_areas_counts_in_both_rows_and_once_in_the_last(make_offer):
    clearance, care = (factories.AreaFactory(code=code) for code in (AREAS[1], AREAS[3]))
    make_offer(primary_area=clearance, more_areas=[care])

    covered = coverage()

    assert {line.area.code: line.total.count for line in covered.lines} == dict.fromkeys(AREAS[:4], 1)
    assert [cell.count for cell in covered.totals] == [1]
    assert covered.total.count == 1


def test_what_is_offered_to_all_states_serves_every_region(make_offer, norland, sudland):
    make_offer()
    make_offer(recipients="selected", recipient_states=[norland])

    assert coverage(norland.region).total.count == 2
    assert coverage(sudland.region).total.count == 1


def test_of_an_area_with_offers_only_the_empty_components_are_named(make_offer):
    factories.AreaFactory(code=AREAS[3])
    empty = factories.AreaFactory(code="area.victim_assistance.psychosocial")
    make_offer(primary_area=factories.AreaFactory(code=AREAS[3]))

    assert [area for area in coverage().blanks if area.is_within("area.victim_assistance")] == [empty]


def test_blanks_are_told_by_region(client, make_offer, norland, sudland):
    make_offer(recipients="selected", recipient_states=[norland])

    page = client.get(reverse("offers:coverage"), {"region": sudland.region.un_m49}).content.decode()

    assert f"No offer for {sudland.region.name} yet in:" in page


def test_a_cell_without_offers_says_none_and_is_no_link(client, make_offer):
    factories.FormFactory(code="form.services")
    make_offer()

    page = client.get(reverse("offers:coverage")).content.decode()

    assert '<span class="visually-hidden">none</span>' in page
    assert "form=form.services" not in page.partition("<table")[2]
    assert f'href="{reverse("offers:catalogue")}?area=area.survey_clearance&amp;form=form.training"' in page


def test_no_state_is_named_on_the_page(client, make_offer, norland, sudland):
    make_offer()

    page = client.get(reverse("offers:coverage")).content.decode()

    assert norland.name not in page
    assert sudland.name not in page


@pytest.mark.parametrize("region", ["999", "\x00", "'", "0" * 3000, "x<script>"])
def test_a_region_that_is_not_understood_means_the_world_and_is_said(client, make_offer, region):
    make_offer()

    response = client.get(reverse("offers:coverage"), {"region": region})

    assert response.context["coverage"].region is None
    assert response.context["coverage"].total.count == 1
    assert "We ignored a filter we did not understand." in response.content.decode()
    assert "errorlist" not in response.content.decode()  # said once


def test_each_region_has_a_canonical_address(client, norland, settings):
    code = norland.region.un_m49

    assert (
        client.get(reverse("offers:coverage"), {"region": code, "utm_source": "x"}).context["canonical_url"]
        == f"{settings.PORTAL_URL}{reverse('offers:coverage')}?region={code}"
    )


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize("with_region", [False, True])
def test_the_page_needs_the_same_queries_however_much_there_is(
    client, make_offer, norland, count, with_region, django_assert_max_num_queries
):
    for number in range(count):
        make_offer(
            primary_area=factories.AreaFactory(code=f"area.one{number}"),
            form=factories.FormFactory(code=f"form.f{number}"),
        )

    with django_assert_max_num_queries(7):
        client.get(reverse("offers:coverage"), {"region": norland.region.un_m49} if with_region else {})
