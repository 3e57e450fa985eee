import csv
import shutil

import pytest
from django.utils import translation

from contacts import reference
from contacts.models import Language, Region, RegionalBody, RelatedSource, State, StateLink
from offers.models import Area, Form
from tests.reference_data import load_reference_data, reference_data  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference_data")]


def everything():
    """All rows with all their values, and the members of the regional bodies."""
    rows = {model: list(model.objects.order_by("pk").values()) for model in (Language, Region, State, Area, Form)}
    rows |= {model: list(model.objects.order_by("pk").values()) for model in (RegionalBody, StateLink, RelatedSource)}
    rows["regions"] = sorted(RegionalBody.regions.through.objects.values_list())
    rows["states"] = sorted(RegionalBody.states.through.objects.values_list())
    return rows


@pytest.fixture
def ship(tmp_path, monkeypatch):
    """Change one value in the files that ship with the portal."""
    shutil.copytree(reference.FIXTURES, tmp_path / "fixtures")
    monkeypatch.setattr(reference, "FIXTURES", tmp_path / "fixtures")

    def change(file, code, **values):
        path = reference.FIXTURES / file
        rows = reference.read_rows(path)
        (row,) = [row for row in rows if next(iter(row.values())) == code]
        assert values.keys() <= row.keys()
        row.update(values)
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, fieldnames=row)
            writer.writeheader()
            writer.writerows(rows)

    return change


# A whole load


def test_a_second_load_changes_nothing():
    before = everything()

    told = load_reference_data()

    assert everything() == before
    assert told.splitlines()[-1] == "All reference data: 0 created, 0 updated, 851 unchanged, 0 kept edits."


def test_a_dry_run_tells_what_would_happen_and_changes_nothing(ship):
    before = everything()
    ship("states.csv", "AFG", name_fr="Afghanistan (nouveau)")

    told = load_reference_data(dry_run=True)

    assert everything() == before
    assert "States: 0 created, 1 updated, 196 unchanged, 0 kept edits." in told
    assert told.splitlines()[-1] == "This was a dry run: nothing has been changed."


def test_a_fault_in_the_files_leaves_everything_as_it_was(ship):
    before = everything()
    ship("languages.csv", "fr", name_en="French (changed)")
    ship("regional_body_areas.csv", "WHO", states="XXX")

    with pytest.raises(KeyError, match="XXX"):
        load_reference_data()

    assert everything() == before


def test_a_newly_shipped_value_arrives(ship):
    ship("states.csv", "LBN", entry_into_force="2026-12-01")
    ship("regions.csv", "035", name_fr="Sud-Est de l'Asie")
    ship("regional_bodies.csv", "MASG", host_country_iso3="NOR")

    told = load_reference_data()

    assert State.objects.get(iso3="LBN").entry_into_force.isoformat() == "2026-12-01"
    assert Region.objects.get(un_m49="035").name_fr == "Sud-Est de l'Asie"
    assert RegionalBody.objects.get(short_name="MASG").host_state.iso3 == "NOR"
    assert told.splitlines()[-1] == "All reference data: 0 created, 3 updated, 848 unchanged, 0 kept edits."


def test_what_an_administrator_has_edited_survives_and_is_reported(ship):
    State.objects.filter(iso3="AFG").update(name_fr="Afghanistan (corrigé)")
    ship("states.csv", "AFG", name_fr="Afghanistan (nouveau)", name_es="Afganistán (nuevo)")

    told = load_reference_data()

    afghanistan = State.objects.get(iso3="AFG")
    assert afghanistan.name_fr == "Afghanistan (corrigé)"
    assert afghanistan.name_es == "Afganistán (nuevo)"
    assert "States, Afghanistan: name_fr was edited here and is kept." in told
    assert told.splitlines()[-1] == "All reference data: 0 created, 1 updated, 850 unchanged, 1 kept edits."


def test_a_state_keeps_its_row_when_its_iso_code_changes(ship):
    naoero = State.objects.get(iso3="NRU")
    ship("states.csv", "NRU", iso3="NRO")
    ship("state_positions.csv", "NRU", iso3="NRO")
    ship("regional_body_areas.csv", "PIF", states="AUS NRO")

    load_reference_data()

    naoero.refresh_from_db()
    assert naoero.iso3 == "NRO"
    assert State.objects.count() == 197
    assert naoero in RegionalBody.objects.get(short_name="PIF").states.all()


# One row


def test_a_later_edit_outlives_any_number_of_newly_shipped_values():
    key = {"code": "xx"}
    row = Language.place(key, {"name_en": "first"}).row
    Language.objects.filter(pk=row.pk).update(name_en="edited")

    for shipped in ("second", "third", "first"):
        placed = Language.place(key, {"name_en": shipped})
        assert (placed.row.name_en, placed.created, placed.changed, placed.kept) == ("edited", False, [], ["name_en"])


def test_an_edit_that_agrees_with_what_ships_later_follows_it_from_then_on():
    key = {"code": "xx"}
    row = Language.place(key, {"name_en": "first"}).row
    Language.objects.filter(pk=row.pk).update(name_en="second")

    assert Language.place(key, {"name_en": "second"}).kept == []
    assert Language.place(key, {"name_en": "third"}).changed == ["name_en"]


def test_a_value_that_was_emptied_by_hand_stays_empty():
    key = {"code": "xx"}
    row = Language.place(key, {"name_en": "first", "endonym": "Xx"}).row
    Language.objects.filter(pk=row.pk).update(endonym="")

    assert Language.place(key, {"name_en": "first", "endonym": "Xx"}).kept == ["endonym"]


def test_a_row_whose_key_was_changed_by_hand_is_not_made_again():
    key, values = {"short_name": "XX"}, {"name_en": "Body", "kind": "programme"}
    body = RegionalBody.place(key, values).row
    RegionalBody.objects.filter(pk=body.pk).update(short_name="Body of X")

    placed = RegionalBody.place(key, values | {"name_en": "A body"})

    assert placed.row == body
    assert (placed.row.short_name, placed.row.name_en) == ("Body of X", "A body")
    assert (placed.changed, placed.kept) == (["name_en"], ["short_name"])


def test_a_row_made_by_hand_keeps_its_values_and_gets_those_it_lacks():
    Language.objects.create(code="xx", name_en="by hand")

    placed = Language.place({"code": "xx"}, {"name_en": "shipped", "name_fr": "livré", "right_to_left": True})

    placed.row.refresh_from_db()
    assert (placed.row.name_en, placed.row.name_fr, placed.row.right_to_left) == ("by hand", "livré", True)
    assert (placed.created, placed.changed, placed.kept) == (False, ["name_fr", "right_to_left"], ["name_en"])


def test_a_value_that_begins_to_ship_reaches_rows_that_were_loaded_before():
    Language.place({"code": "xx"}, {"name_en": "first"})

    placed = Language.place({"code": "xx"}, {"name_en": "first", "endonym": "Xx"})

    assert placed.changed == ["endonym"]
    assert Language.objects.get(code="xx").endonym == "Xx"


def test_members_are_compared_one_by_one():
    kenya, mali, peru, fiji = (State.objects.get(iso3=iso3) for iso3 in ("KEN", "MLI", "PER", "FJI"))
    key, values = {"short_name": "XX"}, {"name_en": "Body", "kind": "programme"}
    body = RegionalBody.place(key, values, {"states": [kenya, mali]}).row
    assert set(body.states.all()) == {kenya, mali}

    body.states.remove(kenya)
    body.states.add(peru)
    placed = RegionalBody.place(key, values, {"states": [kenya, mali]})
    assert set(body.states.all()) == {mali, peru}
    assert (placed.changed, placed.kept) == ([], ["states"])

    # Fiji is newly shipped, Mali no longer; the edits by hand stand.
    placed = RegionalBody.place(key, values, {"states": [kenya, fiji]})
    assert set(body.states.all()) == {peru, fiji}
    assert (placed.changed, placed.kept) == (["states"], ["states"])

    # What was added by hand before it shipped is no longer an edit.
    placed = RegionalBody.place(key, values, {"states": [peru, fiji]})
    assert (placed.changed, placed.kept) == ([], [])


# What ships


def test_languages_are_the_six_official_ones_and_those_of_iso_639_1():
    assert Language.objects.count() == 183
    official = Language.objects.filter(un_official=True)
    assert sorted(official.values_list("code", flat=True)) == ["ar", "en", "es", "fr", "ru", "zh"]
    right_to_left = Language.objects.filter(right_to_left=True)
    assert " ".join(sorted(right_to_left.values_list("code", flat=True))) == "ar dv fa he ks ps sd ug ur yi"
    assert Language.objects.get(code="pt").endonym == "português"


@pytest.mark.parametrize(
    ("suffix", "script"),
    [
        ("en", "[A-Za-z]"),
        ("fr", "[A-Za-z]"),
        ("es", "[A-Za-z]"),
        ("ar", "[ء-ي]"),
        ("ru", "[а-яА-Я]"),
        ("zh", "[一-鿿]"),
    ],
)
def test_every_row_has_a_name_in_the_script_of_each_language(suffix, script):
    for model in (Language, Region, State, Area, Form):
        assert list(model.objects.exclude(**{f"name_{suffix}__regex": script})) == []


def test_languages_are_listed_official_ones_first():
    with translation.override("fr"):
        codes = list(Language.objects.in_name_order().values_list("code", flat=True))

    assert codes[:6] == ["en", "ar", "zh", "es", "fr", "ru"]


def test_there_are_44_regional_bodies_and_each_serves_somebody():
    assert RegionalBody.objects.count() == 44
    nobody = RegionalBody.objects.filter(worldwide=False, states=None, regions=None)
    assert list(nobody) == []


@pytest.mark.parametrize(
    ("short_name", "size"),
    [
        ("ASEAN", 11),
        ("AU", 54),
        ("CIS", 9),
        ("ECCAS", 10),
        ("ECOWAS", 12),
        ("EU/EEAS", 27),
        ("GICHD francophone", 53),
        ("GICHD Persian", 3),
        ("IGAD", 7),
        ("LAS", 22),
        ("OAS AICMA", 33),
        ("OSCE", 57),
        ("PIF", 16),
        ("SADC", 16),
    ],
)
def test_a_group_names_its_members(short_name, size):
    body = RegionalBody.objects.get(short_name=short_name)

    assert body.group_name
    assert body.states.count() == size
    assert not body.regions.exists()


def test_no_other_body_is_a_group():
    assert RegionalBody.objects.groups().count() == 14


@pytest.mark.parametrize(
    ("iso3", "bodies"),
    [
        ("KHM", ["ARMAC", "ASEAN", "GICHD francophone", "UNRCPD"]),
        ("MOZ", ["AU", "CPADD", "HPSS (ex-IMATC)", "SADC", "UNREC"]),
        # A region it lies in two steps above counts; the organisation it left does not.
        ("NIC", ["CID", "IADB", "UN-LiREC"]),
        ("NOR", ["NSPA", "OSCE"]),
        ("GEO", ["GICHD EECCA", "ITF", "OSCE", "UNRCPD"]),
        ("FJI", ["PIF", "UNRCPD"]),
    ],
)
def test_bodies_that_serve_a_state_list_it_or_a_region_it_lies_in(iso3, bodies):
    state = State.objects.get(iso3=iso3)

    found = RegionalBody.objects.serving(state)

    assert sorted(found.values_list("short_name", flat=True), key=str.lower) == sorted(bodies, key=str.lower)
