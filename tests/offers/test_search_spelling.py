"""Suggestions of another spelling, and the words that they are made from."""

import time

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from contacts.models import Language
from offers import search
from offers.models import Offer, SearchWord
from offers.search import index, spelling
from tests import factories


def words():
    return set(SearchWord.objects.values_list("word", flat=True))


@pytest.fixture
def offers(make_offer):
    """Offers in four scripts."""
    contents = {
        "en": ("Prosthetic workshop for survivors", "ISPO category I; Naïve façades and wheelchairs in Timbuktu."),
        "fr": ("Formation à l’éducation aux risques", "Des artificiers expérimentés enseignent à Ouagadougou."),
        "ru": ("Подготовка сапёров", "Учебный курс для инструкторов по разминированию."),
        "ar": ("تدريب على إزالة الألغام", "دورة مدتها خمسة أسابيع للمدربين الوطنيين في المستشفيات."),
        "zh": ("幸存者康复服务", "为地雷受害者提供假肢和物理治疗。"),
    }
    return [
        make_offer(
            title=title,
            description=text + " " + "x" * 200,
            original_language=factories.LanguageFactory(code=language),
        )
        for language, (title, text) in contents.items()
    ]


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        # letters left out, put in, taken for others, changed places
        ("wheelchars", "wheelchairs"),
        ("wheeelchairs", "wheelchairs"),
        ("whealchairs", "wheelchairs"),
        ("hweelchairs", "wheelchairs"),
        # capitals and accents as they were typed
        ("timbukto", "timbuktu"),
        ("Timbukto", "Timbuktu"),
        ("IPSO", "ISPO"),
        ("experimantes", "experimentes"),
        ("expérimantés", "expérimentés"),
        # several words, quotation marks, apostrophes; what is known stays
        ("prosthetic worshkop", "prosthetic workshop"),
        ("prothsetic worshkop", "prosthetic workshop"),
        ('"prosthetic worshkop" survivors', '"prosthetic workshop" survivors'),
        ("l'enseignnet aux artificiers", "l'enseignent aux artificiers"),
        # other scripts
        ("сопёров", "сапёров"),
        ("инструкторв разминированию", "инструкторов разминированию"),
        ("المستشفيبات", "المستشفيات"),
        ("اسابييع", "أسابيع"),
        # nothing like it, too short, or without spaces between words
        ("zeppelin", None),
        ("wrk", None),
        ("康复复", None),
        ("", None),
        ('"', None),
        ("\x00 \ud800", None),
        # too many words that nobody knows
        ("wheelchars worshkop prothsetic", None),
        # right, though together they find nothing
        ("wheelchairs Ouagadougou", None),
    ],
)
def test_what_is_suggested_instead(offers, typed, suggested):
    assert search.suggestion(typed) == suggested


def test_names_and_synonyms_are_known_and_suggested_though_no_text_has_them(make_offer, norland):
    norland.name_fr, norland.aliases = "Norlande", "Hyperborea"
    norland.save()
    make_offer(
        primary_area=factories.AreaFactory(code="area.risk_education", name_en="Mine risk education"),
        languages=[Language.objects.create(code="sw", name_en="Swahili", endonym="Kiswahili")],
    )

    assert search.suggestion("hyperboera") == "hyperborea"
    assert search.suggestion("Norlnade") == "Norlande"
    assert search.suggestion("kiswhaili") == "kiswahili"
    # A synonym of the area.
    assert search.suggestion("просвещние о минной опасности") == "просвещение о минной опасности"
    # Known, so that nothing else is put in their place.
    assert search.suggestion("Norlande hyperboera zeppelin") is None


def test_a_suggestion_always_finds_something_that_may_be_shown(make_offer, officer):
    offer = make_offer(title="Zeppelins over the minefield")
    assert search.suggestion("zepelins") == "zeppelins"

    offer.withdraw(by=offer.live_version.author)

    assert "zeppelins" in words()
    assert search.suggestion("zepelins") is None


def test_resources_count_too(db):
    index.write_resource(factories.ResourceFactory(title="Zeppelin handbook"))

    assert search.suggestion("zepelin handbook") == "zeppelin handbook"


@pytest.mark.parametrize(
    ("texts", "learnt"),
    [
        (["Prosthetics and orthotics"], {"prosthetics": "Prosthetics", "orthotics": "orthotics"}),
        (["L’éducation", "education"], {"education": "éducation"}),
        (["Сапёры"], {"саперы": "Сапёры"}),
        (["والتَّدْرِيب", "للألغام"], {"تدريب": "تدريب", "غام": "ألغام"}),
        (["soft\u00adhyphen"], {"softhyphen": "softhyphen"}),
        (["on 1234 a3b x 康复 🔥 ⒶⒷⒸ", "x" * 31], {}),
    ],
)
def test_what_is_learnt_of_a_text(texts, learnt):
    assert spelling.words_of(texts) == learnt


def test_words_are_learnt_with_the_entry_or_not_at_all(make_offer, officer):
    offer = make_offer(status="submitted", title="Zeppelins")
    assert "zeppelins" not in words()

    with pytest.raises(RuntimeError), transaction.atomic():
        offer.open_version.publish(by=officer, seen=offer.open_version.edit_number)
        assert "zeppelins" in words()
        raise RuntimeError
    assert "zeppelins" not in words()


def test_a_word_is_kept_once_as_it_was_first_written(make_offer):
    make_offer(title="The Zeppelin")
    make_offer(title="A zeppelin and a ZEPPELIN")

    assert SearchWord.objects.get(word="zeppelin").shown == "Zeppelin"
    with pytest.raises(IntegrityError), transaction.atomic():
        SearchWord.objects.create(word="zeppelin", shown="zeppelin")


def test_rebuilding_forgets_words_that_stand_nowhere_any_more(make_offer):
    offer = make_offer(title="Zeppelins")
    make_offer(title="Balloons")
    offer.withdraw(by=offer.live_version.author)
    SearchWord.objects.filter(word="balloons").delete()
    assert "zeppelins" in words()

    index.rebuild()

    assert "zeppelins" not in words()
    assert "balloons" in words()


def test_rebuilding_leaves_alone_what_is_learnt_meanwhile(db):
    spelling.learn(["zeppelins"])
    newest = spelling.newest()
    spelling.learn(["balloons"])

    spelling.forget(set(), until=newest)

    assert words() == {"balloons"}


def test_the_languages_of_offers_cost_no_query_each(make_offer):
    def queries_of_a_rebuild():
        with CaptureQueriesContext(connection) as queries:
            index.rebuild()
        return len(queries)

    languages = [factories.LanguageFactory(code=code, name_en=code * 2) for code in ("fr", "es", "pt")]
    make_offer(languages=languages[:1])
    one = queries_of_a_rebuild()
    for number in range(4):
        make_offer(languages=languages[: number % 4])

    assert queries_of_a_rebuild() == one


HOSTILE = [
    "сотрудничествоо " * 12,
    " ".join(f"interntionl{letter}" for letter in "abcdefghijkl"),
    "recomendtions instutionnal",
    "con" * 60,
    '"' * 200,
    "a" + "\u0301" * 1000,
    "\u202ezepelin % _ \\ '; --",
]


@pytest.mark.once
@pytest.mark.parametrize("typed", HOSTILE)
def test_a_suggestion_comes_soon_whatever_is_typed_and_however_many_words_are_known(offers, typed):
    ends = ["", "s", "tion", "ing", "ation", "ment", "ение", "ость", "ового"]
    begins = ["con", "re", "inter", "сотру", "пере", "instit", "recom"]
    middles = [f"{a}{b}{c}" for a in "abdeiklmnort" for b in "aeioudlnrst" for c in "aeiou"]
    SearchWord.objects.bulk_create(
        [SearchWord(word=f"{a}{b}{c}", shown=f"{a}{b}{c}") for a in begins for b in middles for c in ends],
        ignore_conflicts=True,
    )
    assert SearchWord.objects.count() > 30_000
    search.suggestion("warm up")

    begun = time.process_time()
    found = search.suggestion(typed)
    # Measured: at most 0.05 seconds; the rest is for slow machines.
    assert time.process_time() - begun < 0.5

    assert found is None or Offer.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_words_typed(offers):
    def queries(typed):
        with CaptureQueriesContext(connection) as captured:
            search.suggestion(typed)
        return len(captured)

    # Names and known words; whether single words find something; what is like them; whether a suggestion does.
    most = 2 + 2 * spelling.MOST_WRONG + spelling.MOST_WRONG + spelling.MOST_TRIALS
    for typed in [*HOSTILE, "wheelchars worshkop", "wheelchars worshkop prothsetic x"]:
        assert queries(typed) <= most, typed
