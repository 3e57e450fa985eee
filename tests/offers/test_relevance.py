"""How good the search is, on the sample catalogue. What is asked and expected stands in tests/relevance."""

from pathlib import Path

import pytest

from offers import search
from offers.models import Offer
from tests.offers.test_sample_data import sample_data  # noqa: F401
from tests.reference_data import reference_data  # noqa: F401
from tests.relevance import score

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_data")]

LANGUAGES = ["en", "fr", "es", "ar", "ru", "zh"]


def inflections():
    lines = Path(score.__file__).with_name("inflections.txt").read_text(encoding="utf-8").splitlines()
    return [[form.strip() for form in line.split("|")] for line in lines if not line.startswith("#")]


def test_what_delegates_type_brings_what_they_mean_among_the_first_five():
    scores = score.score()
    report = "\n".join(score.table(scores))

    assert list(scores) == [*LANGUAGES, score.ALL]
    assert scores[score.ALL].recall >= 0.95, report
    assert min(scores[language].recall for language in LANGUAGES) >= 0.9, report
    assert scores[score.ALL].mean_reciprocal_rank >= 0.85, report


def test_every_language_is_asked_enough_and_only_what_may_be_shown_is_expected():
    queries = score.queries()
    keys = score.keys()
    public = {keys[offer] for offer in Offer.objects.public().values_list("pk", flat=True)}

    assert len(queries) >= 70
    assert len(queries) == len({query.text for query in queries})
    for language in LANGUAGES:
        assert sum(query.language == language for query in queries) >= 8
    for query in queries:
        assert 0 < len(query.expected) <= score.FIRST, query
        assert set(query.expected) <= public, query


def test_all_forms_of_a_word_find_the_same_offers():
    differing = []
    for forms in inflections():
        found = {form: set(search.matching(Offer.objects.public(), search.understood(form))) for form in forms}
        assert any(found.values()), forms
        if any(offers != found[forms[0]] for offers in found.values()):
            differing.append({form: len(offers) for form, offers in found.items()})

    assert not differing


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("prostetics", "prosthetics"),
        ("deteciton dogs Nairobi", "detection dogs Nairobi"),
        ("Camboida", "Cambodia"),
        ("GICDH", "GICHD"),
        ("formatoin déminage", "formation déminage"),
        ("artefcatos explosivos", "artefactos explosivos"),
        ("разминировнаие", "разминирование"),
        ("الأدرن", "الأردن"),
    ],
)
def test_a_query_that_finds_nothing_gets_another_spelling_in_its_script(wrong, right):
    assert search.suggestion(wrong) == right
