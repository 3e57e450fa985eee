from collections import Counter
from datetime import date

import pytest
from django.utils import translation

from contacts.models import ConventionStatus, Region, State
from tests.reference_data import reference_data  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference_data")]


def test_167_states_have_joined_and_30_never_did():
    assert State.objects.filter(joined=True).count() == 167
    assert State.objects.filter(joined=False).count() == 30


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(1999, 2, 28), 0),
        (date(2024, 12, 31), 164),
        (date(2025, 12, 15), 166),
        (date(2026, 11, 23), 161),
    ],
)
def test_number_of_states_parties_on_a_day(day, count):
    assert State.objects.parties(on=day).count() == count


@pytest.mark.parametrize(
    ("iso3", "day", "status"),
    [
        # In force for Tonga from 1 December 2025.
        ("TON", date(2025, 11, 30), ConventionStatus.JOINING),
        ("TON", date(2025, 12, 1), ConventionStatus.PARTY),
        # Finland's withdrawal took effect on 10 January 2026.
        ("FIN", date(2026, 1, 9), ConventionStatus.PARTY),
        ("FIN", date(2026, 1, 10), ConventionStatus.WITHDRAWN),
        ("NOR", date(2026, 11, 23), ConventionStatus.PARTY),
        ("USA", date(2026, 11, 23), ConventionStatus.NOT_PARTY),
    ],
)
def test_membership_begins_and_ends_on_its_day(iso3, day, status):
    state = State.objects.get(iso3=iso3)

    assert state.convention_status(on=day) == status
    assert state.is_party(on=day) == (status == ConventionStatus.PARTY)
    assert State.objects.parties(on=day).contains(state) == (status == ConventionStatus.PARTY)


def test_query_and_row_agree_for_every_state_on_every_day_that_counts():
    states = list(State.objects.all())
    days = {state.entry_into_force for state in states} | {state.withdrawal_effective for state in states}

    for day in days - {None}:
        assert {state.pk for state in states if state.is_party(on=day)} == set(
            State.objects.parties(on=day).values_list("pk", flat=True)
        )


def test_lebanon_has_joined_but_the_convention_is_not_known_to_be_in_force_for_it():
    lebanon = State.objects.get(iso3="LBN")

    assert lebanon.joined
    assert lebanon.convention_status(on=date(2026, 11, 23)) == ConventionStatus.JOINING
    assert not lebanon.verified


def test_exactly_five_states_have_withdrawn():
    withdrawn = State.objects.exclude(withdrawal_effective=None)

    assert sorted(withdrawn.values_list("iso3", flat=True)) == ["EST", "FIN", "LTU", "LVA", "POL"]


def test_every_state_lies_in_a_finest_region_below_one_of_the_five_continents():
    for state in State.objects.select_related("region__parent__parent"):
        lineage = [state.region]
        while lineage[-1].parent:
            lineage.append(lineage[-1].parent)
        assert not state.region.parts.exists()
        assert lineage[-1].un_m49 in {"002", "009", "019", "142", "150"}
        assert 2 <= len(lineage) <= 3


def test_filters_list_the_22_finest_regions_in_the_order_of_the_standard():
    codes = Region.objects.for_filters().values_list("un_m49", flat=True)

    assert " ".join(codes) == (
        "015 014 017 018 011 029 013 005 021 143 030 035 034 145 151 154 039 155 053 054 057 061"
    )


def test_regional_groups_have_their_known_sizes():
    sizes = Counter(State.objects.values_list("regional_group", flat=True))

    assert sizes == {
        "African Group": 54,
        "Asia-Pacific Group": 55,
        "Eastern European Group": 23,
        "GRULAC": 33,
        "WEOG": 29,
        "": 3,
    }


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "Egypt"),
        ("fr", "Égypte"),
        ("es", "Egipto"),
        ("ar", "مصر"),
        ("ru", "Египет"),
        ("zh-hans", "埃及"),
        ("de", "Egypt"),
    ],
)
def test_a_state_is_called_as_readers_of_the_language_call_it(language, name):
    egypt = State.objects.get(iso3="EGY")

    with translation.override(language):
        assert str(egypt) == egypt.name == name


def test_a_missing_name_falls_back_to_english():
    egypt = State(name_en="Egypt", name_fr="Égypte", name_ar="")

    with translation.override("ar"):
        assert egypt.name == "Egypt"
    assert egypt.names == ["Egypt", "Égypte"]


@pytest.mark.parametrize(
    ("language", "codes"),
    [
        ("en", "CRI CIV HRV CUB CYP"),
        # É counts as e: El Salvador, Émirats arabes unis, Équateur, Érythrée, Espagne.
        ("fr", "SLV ARE ECU ERI ESP"),
        # Ñ comes after n, but accents do not count: Panamá, Papua, Paraguay, Perú, Polonia.
        ("es", "PAN PNG PRY PER POL"),
        # The article does not count: مصر, المغرب, مقدونيا, المكسيك, ملاوي.
        ("ar", "EGY MAR MKD MEX MWI"),
        ("ru", "EGY ZMB ZWE ISR IND"),
        # By their sounds: bèi, bǐ, bì, bīng, bō.
        ("zh-hans", "BEN BEL PER ISL POL"),
    ],
)
def test_states_stand_in_the_order_readers_of_the_language_expect(language, codes):
    codes = codes.split()

    with translation.override(language):
        found = list(State.objects.in_name_order().values_list("iso3", flat=True))

    assert len(found) == 197
    assert found[found.index(codes[0]) :][: len(codes)] == codes


@pytest.mark.parametrize("suffix", ["en", "fr", "es", "ar", "ru", "zh"])
def test_every_language_gives_each_state_a_place_of_its_own(suffix):
    positions = State.objects.values_list(f"position_{suffix}", flat=True)

    assert sorted(positions) == list(range(1, 198))
