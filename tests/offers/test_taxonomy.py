from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import translation

from contacts.reference import LoadReport
from offers.models import Area, Form
from offers.reference import load_taxonomy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("taxonomy")]


@pytest.fixture(scope="module")
def taxonomy(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        load_taxonomy(LoadReport([].append))
        yield
        transaction.set_rollback(True)


def test_there_are_33_areas_and_45_forms():
    assert (Area.objects.count(), Form.objects.count()) == (33, 45)
    assert (Area.objects.selectable().count(), Form.objects.selectable().count()) == (32, 44)


@pytest.mark.parametrize("model", [Area, Form])
def test_every_term_hangs_below_the_one_its_code_names(model):
    for term in model.objects.select_related("parent"):
        assert (term.parent.code if term.parent else "") == term.code.rpartition(".")[0]
        assert term.level == term.code.count(".")
        assert term.ancestor_codes[-1:] == ([term.code] if term.level else [])


@pytest.mark.parametrize("model", [Area, Form])
def test_parts_follow_the_term_they_belong_to(model):
    terms = list(model.objects.select_related("parent"))

    assert terms[0].level == 0
    for before, term in pairwise(terms):
        assert before.is_within(term.parent.code)


def test_the_terms_that_rules_speak_of_exist():
    assert Form.objects.filter(code__in=[Form.SOUTH_SOUTH_FUNDING, Form.EQUIPMENT]).count() == 2


def test_a_term_is_called_as_readers_of_the_language_call_it():
    area = Area.objects.get(code="area.victim_assistance")

    with translation.override("fr"):
        assert str(area) == "Assistance aux victimes"
    with translation.override("zh-hans"):
        assert str(area) == "受害者援助"


def test_synonyms_and_labels_written_by_administrators_survive_a_load():
    area = Area.objects.filter(code="area.risk_education")
    area.update(synonyms="MRE\nEORE", name_fr="Éducation aux risques")

    told = []
    load_taxonomy(LoadReport(told.append))

    assert area.get().synonyms == "MRE\nEORE"
    assert area.get().name_fr == "Éducation aux risques"
    assert told == [
        "  Areas, Mine risk education and reduction: name_fr was edited here and is kept.",
        "Areas: 0 created, 0 updated, 33 unchanged, 1 kept edits.",
        "Forms: 0 created, 0 updated, 45 unchanged, 0 kept edits.",
    ]
