import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.search import analyser
from offers.search.analyser import (
    AS_WRITTEN,
    LONGEST_QUERY,
    LONGEST_WORD,
    MOST_TERMS,
    Pattern,
    Query,
    analyse,
    excerpt,
    fold,
    parse,
)


def finds(query, text, language=""):
    """Does the excerpt show that the query is found in the text?"""
    return "<mark>" in excerpt(text, parse(query), language)


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Déminage", "deminage"),
        ("DE\u0301MINAGE", "deminage"),  # accent written as a mark of its own
        ("Œuvre", "oeuvre"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ｕ\uff38Ｏ", "uxo"),  # full width
        ("İstanbul", "istanbul"),
        ("Łódź", "lodz"),
        ("Ёлка", "елка"),
        ("обучающий", "обучающий"),  # й stays a letter of its own
        ("إزالة", "ازاله"),
        ("أَلْغَام", "الغام"),
        ("آلـــة", "اله"),  # tatweel
        ("مستشفى", "مستشفي"),
        ("٣", "3"),
        ("हिन्दी", "हिन्दी"),  # vowel signs are letters in all but name
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_spellings_that_a_reader_does_not_tell_apart_fold_alike(word, folded):
    assert fold(word) == folded


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("courses", "A course for deminers", "en"),
        ("deminer", "A course for deminers", "en"),
        ("reeducation", "Rééducation des victimes", "fr"),
        ("formations", "Une formation de six semaines", "fr"),
        ("éducation", "Cours d’éducation au risque", "fr"),
        ("capacitaciones", "Capacitación de instructores", "es"),
        ("sobreviviente", "Apoyo a los sobrevivientes", "es"),
        ("собака", "Обучение собак и вожатых", "ru"),
        ("елка", "Ёлка", "ru"),
        ("تدريب", "والدورة: التدريب على الإسعافات", "ar"),
        ("الغام", "ألغام أرضية", "ar"),
        ("ألغام", "تطهير حقول الألغام", "ar"),
        ("للألغام", "الغام", "ar"),
        ("مساعده", "مساعدة الضحايا", "ar"),
        ("الزيارات", "زيارة ميدانية", "ar"),
        ("زيارة", "تنظيم زيارات", "ar"),
        ("unidad", "Dos unidades de apoyo", "es"),
        ("talleres", "Un taller de gestión", "es"),
        ("康复", "为幸存者提供康复服务", "zh"),
        ("服务", "为幸存者提供康复服务", "zh"),
        ("务", "为幸存者提供康复服务", "zh"),
        ("复", "为幸存者提供康复服务", "zh"),
        ("IMSMA", "Система IMSMA Core", "ru"),
        ("ដី", "ការបោសសម្អាតដីមានមីន", "km"),
    ],
)
def test_a_query_finds_other_forms_of_the_word_in_the_language_of_the_text(query, text, language):
    assert finds(query, text, language)


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("复服", "为幸存者提供服务，康复", "zh"),
        ("prosthesis", "Courses for dog handlers", "en"),
        ("rat", "Ratification of the Convention", "en"),
        ('"dogs of detection"', "detection of dogs", "en"),
    ],
)
def test_a_query_does_not_find_what_only_looks_similar(query, text, language):
    assert not finds(query, text, language)


@pytest.mark.parametrize("synonym", ["déminage", "desminado", "разминирование", "إزالة الألغام", "排雷", "clearance"])
def test_the_word_for_demining_in_any_language_finds_an_english_text(synonym):
    assert finds(synonym, "Two teams for demining", "en")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("MRE", "Sessions of risk education in schools"),
        ("mre", "Sessions of risk education in schools"),
        ("EORE", "Mine risk education"),
        ("MDD", "Six mine detection dogs with handlers"),
        ("mine detection dogs", "Six MDD with handlers"),
        ("P&O", "A school of prosthetics and orthotics"),
        ("prosthetics", "Category I P&O graduates"),
        ("NTS", "Training in non-technical survey"),
        ("UXO", "Disposal of unexploded ordnance"),
        ("éducation aux risques", "Explosive ordnance risk education"),
        ("假肢", "Artificial limbs for survivors"),
    ],
)
def test_acronyms_and_terms_of_the_field_stand_for_each_other(query, text):
    assert finds(query, text, "en")


def test_the_longest_term_decides_what_is_meant():
    (dog,) = parse("mine detection dog").groups
    (mine,) = parse("mine").groups
    assert ((Pattern(("sniffer", "dog")),)) in dog
    assert (Pattern(("landmin",)),) in mine
    assert (Pattern(("landmin",)),) not in dog


def test_chinese_terms_are_told_apart_without_spaces():
    assert parse("排雷培训").groups == (*parse("排雷").groups, *parse("培训").groups)


def test_the_words_of_a_phrase_must_follow_one_another():
    assert parse('"metal detectors"').groups == (
        (
            (Pattern(("metal", "detector")),),
            (Pattern(("metalſf", "detectorſf")),),
            (Pattern(("metalſs", "detectorsſs")),),
        ),
    )
    assert finds('"metal detectors"', "A metal detector", "en")
    assert not finds('"metal detectors"', "Metal and other detectors", "en")
    assert not finds('"metal detectors"', "detector, metal", "en")


def test_small_words_neither_hinder_nor_help():
    assert parse("training in demining").groups == parse("training demining").groups
    assert finds('"education au risque"', "éducation aux risques", "fr")


def test_a_query_of_nothing_but_small_words_looks_for_these():
    assert parse("of the").groups == (((Pattern((AS_WRITTEN + "of",)),),), ((Pattern((AS_WRITTEN + "the",)),),))


@pytest.mark.parametrize(
    ("query", "unfinished", "found"),
    [
        ("prosthe*", False, True),
        ("prosthe", False, False),
        ("prosthe", True, True),
        ("pr", True, False),
        ("p*", False, False),
    ],
)
def test_an_asterisk_or_an_unfinished_last_word_stands_for_the_rest_of_a_word(query, unfinished, found):
    text = "A school of prosthetic technicians"
    assert ("<mark>" in excerpt(text, parse(query, unfinished=unfinished), "en")) == found


@pytest.mark.parametrize("text", ["", "   ", '"', '""', "!!! %%% ***", "🔥", "\x00", "\ud800", "' -- ;", "́", "“”"])
def test_nothing_to_look_for_is_an_empty_query(text):
    assert not parse(text)


def test_an_unmatched_quotation_mark_is_no_phrase():
    assert parse('"metal detector') == Query('"metal detector', parse("metal detector").groups)


def test_long_queries_are_cut():
    query = parse(" ".join(f"word{number}" for number in range(500)))
    assert len(query.text) <= LONGEST_QUERY
    assert len(query.groups) == MOST_TERMS
    (pattern,) = parse("ж" * 2000).patterns
    assert pattern.tokens == ("ж" * LONGEST_WORD,)


def is_token(token):
    letters = token.removeprefix(AS_WRITTEN)
    return bool(letters) and all(c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") for c in letters)


@given(st.text(max_size=300))
def test_tokens_of_any_text_are_letters_and_digits(text):
    words = analyse(text)
    assert all(map(is_token, [*(stem for stem in words.stems if stem), *words.as_written]))
    assert all(is_token(token) for pattern in parse(text).patterns for token in pattern.tokens)
    assert AS_WRITTEN not in "".join([*words.stems, *words.as_written])


@given(st.text(max_size=300), st.text(max_size=40))
def test_an_excerpt_holds_no_markup_but_its_own_marks(text, words):
    html = excerpt(text, parse(words))
    bare = html.replace("<mark>", "").replace("</mark>", "")
    assert not set("<>\"'") & set(bare)
    assert html.count("<mark>") == html.count("</mark>")


def test_an_excerpt_shows_what_was_found_far_into_the_text():
    html = excerpt("word " * 300 + "a prosthetic <b>workshop</b> " + "word " * 300, parse("prosthetics"), "en")
    assert "<mark>prosthetic</mark> &lt;b&gt;workshop&lt;/b&gt;" in html
    assert html.startswith("… word")
    assert html.endswith("word …")
    assert len(html) < 260


def test_an_excerpt_of_a_short_text_is_the_text():
    assert excerpt("Dogs & handlers", parse("")) == "Dogs &amp; handlers"


@pytest.mark.parametrize(
    ("query", "title", "language", "html"),
    [
        ("trainers", "Instructors & advisers", "en", "<mark>Instructors</mark> &amp; advisers"),
        ("demineurs", "Formation de démineurs à Ouidah", "fr", "Formation de <mark>démineurs</mark> à Ouidah"),
        ("maquina", "Máquinas en préstamo", "es", "<mark>Máquinas</mark> en préstamo"),
        ("الغام", "تدريب على إزالة الألغام", "ar", "تدريب على إزالة <mark>الألغام</mark>"),
        ("مدرب", "دورة لِلمُدَرِّبِين الوطنيين", "ar", "دورة <mark>لِلمُدَرِّبِين</mark> الوطنيين"),
        ("лагеря", "Совместный лагерь", "ru", "Совместный <mark>лагерь</mark>"),
        ("ВЗАИМНОЙ поддержки", "О взаимной поддержке", "ru", "О <mark>взаимной поддержке</mark>"),
        ("康复", "提供康复服务", "zh", "提供<mark>康复</mark>服务"),
        ("复", "提供康复服务", "zh", "提供康<mark>复</mark>服务"),
        ("假肢 康复", "康复和假肢", "zh", "<mark>康复</mark>和<mark>假肢</mark>"),
        ("zeppelin", "Instructors & advisers", "en", "Instructors &amp; advisers"),
    ],
)
def test_what_was_found_is_marked_in_titles_of_every_script(query, title, language, html):
    assert excerpt(title, parse(query), language) == html


def test_a_title_is_never_cut():
    title = ("demining " * 30)[:120].strip()
    assert excerpt(title, parse("deminers"), "en").count("<mark>") == len(title.split()) - 1
    assert "…" not in excerpt(title, parse("deminers"), "en")


def test_a_stem_is_looked_for_in_texts_of_its_language_only():
    # "trainer" is a French verb, and "train" its stem.
    assert not finds("trainer", "Training in the train", "en")
    assert not finds("trainer", "training", "")
    assert finds("trainer", "trainers", "en")
    assert finds("traîner", "Il traîne", "fr")
    assert not finds("traîner", "A train", "en")
    # A beginning of a word need not know the language.
    assert finds("forma*", "Formations", "fr")
    assert finds("forma*", "Formaciones", "es")


def terms_by_group():
    return [[term.strip("()") for term in group] for group in analyser.synonymous_terms()]


def test_there_are_synonyms_for_the_words_of_the_field_in_all_scripts():
    groups = terms_by_group()
    everything = "".join(term for group in groups for term in group)
    assert len(groups) >= 130
    assert len({frozenset(map(fold, group)) for group in groups}) == len(groups)
    assert len({group[0] for group in groups}) == len(groups)
    for script in ("LATIN", "CYRILLIC", "ARABIC", "CJK UNIFIED"):
        assert any(unicodedata.name(letter).startswith(script) for letter in everything if letter.isalpha())


@pytest.mark.parametrize("group", terms_by_group(), ids=lambda group: group[0])
def test_a_group_of_synonyms_can_be_understood(group):
    rows = [tuple(atom.text for atom in analyser.atoms(term) if not atom.is_small) for term in group]
    assert len(rows) == len(set(rows)) >= 2
    assert all(0 < len(row) <= analyser.LONGEST_SYNONYM for row in rows)
    for term in group:
        (first, *more) = parse(term).groups
        assert len(first) > 1
        assert not more


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("victim assistance", "Le programme va commencer", "fr"),
        ("training of trainers", "au plus tôt", "fr"),
        ("gratuit", "Land free of mines", "en"),
        ("equipment", "Un equipo de desminado", "es"),
        ("equipment", "Une équipe mobile", "fr"),
        ("loan", "Le matériel est prêt", "fr"),
        ("donation", "Don Quijote", "es"),
        ("battle area clearance", "Niveau du bac", "fr"),
        ("World Health Organization", "Those who train", "en"),
        ("metal detector", "Chiens détecteurs de mines", "fr"),
        ("demining machine", "Le fléau des mines", "fr"),
        ("training", "at this stage", "en"),
    ],
)
def test_an_acronym_or_term_that_is_mostly_another_word_is_not_looked_for(query, text, language):
    assert not finds(query, text, language)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("VA", "Victim assistance in three provinces"),
        ("VA", "The VA committee"),
        ("ToT", "Training of trainers"),
        ("IED", "Workshop on improvised mines"),
        ("CASEVAC", "Medical evacuation by air"),
        ("PSSM", "Stockpile management"),
        ("SALW", "Small arms and light weapons"),
        ("AXO", "Abandoned explosive ordnance"),
        ("CBR", "Community-based rehabilitation"),
        ("NMAA", "The national mine action authority"),
        ("日内瓦国际人道主义排雷中心", "With the GICHD"),
    ],
)
def test_acronyms_are_understood_in_queries(query, text):
    assert finds(query, text, "en")
