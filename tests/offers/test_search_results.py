"""What queries find and in which order. The same table holds whichever database the tests run on."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from contacts.models import Language, Role
from offers import search
from offers.models import Offer, Resource
from offers.search import index
from tests import factories

PADDING = " The text of an entry has to be of a certain length before it can be handed in, so this fills it up." * 2

AREAS = {
    "area.survey_clearance": ["Survey and clearance of mined areas", "Enquête et dépollution des zones minées"],
    "area.survey_clearance.mechanical": ["Mechanical demining", "Déminage mécanique"],
    "area.risk_education": ["Mine risk education and reduction", "Éducation aux risques des mines"],
    "area.victim_assistance": ["Victim assistance", "Assistance aux victimes"],
    "area.victim_assistance.rehabilitation": ["Rehabilitation", "Réadaptation"],
}
FORMS = {
    "form.training": ["Training", "Formation"],
    "form.equipment": ["Equipment", "Équipement"],
    "form.services": ["Services", "Services"],
}
# Nickname: language, area, form, title, description
OFFERS = {
    "course": (
        "en", "area.survey_clearance", "form.training",
        "Demining instructors' course",
        "Twelve places a year for instructors.",
    ),
    "dogs": (
        "en", "area.survey_clearance", "form.services",
        "Mine detection dogs",
        "Six trained dogs with handlers, on loan.",
    ),
    "flails": (
        "en", "area.survey_clearance.mechanical", "form.equipment",
        "Flails on loan",
        "Two machines for ground preparation.",
    ),
    "limbs": (
        "en", "area.victim_assistance.rehabilitation", "form.training",
        "School of prosthetics and orthotics",
        "Bachelor of ISPO category I. Graduates fit artificial limbs. Naïve façade “quoted” <script>alert(1)</script>.",
    ),
    "risques": (
        "fr", "area.risk_education", "form.training",
        "Formation à l’éducation aux risques",
        "Cours pour des animateurs. Les élèves apprennent à parler du danger aux enfants.",
    ),
    "perros": (
        "es", "area.survey_clearance", "form.services",
        "Perros detectores",
        "Equipos caninos con guías para la acción humanitaria.",
    ),
    "сапёры": (
        "ru", "area.survey_clearance", "form.training",
        "Подготовка сапёров",
        "Учебный курс для инструкторов по разминированию.",
    ),
    "تدريب": (
        "ar", "area.survey_clearance", "form.training",
        "تدريب على إزالة الألغام",
        "دورة مدتها خمسة أسابيع للمدربين الوطنيين.",
    ),
    "康复": (
        "zh", "area.victim_assistance", "form.services",
        "幸存者康复服务",
        "为地雷受害者提供假肢和物理治疗。",
    ),
}  # fmt: skip
LANGUAGE_NAMES = {"en": "English", "fr": "French", "es": "Spanish", "ru": "Russian", "ar": "Arabic", "zh": "Chinese"}

CLEARANCE = {"course", "dogs", "flails", "perros", "сапёры", "تدريب"}


@pytest.fixture(scope="module")
def module_catalogue(django_db_setup, django_db_blocker):
    """The offers above, of Norland, published in that order; a mapping of nicknames to offers."""
    with django_db_blocker.unblock(), transaction.atomic():
        norland = factories.StateFactory(
            name_en="Norland", name_fr="Norlande", name_ru="Норландия", aliases="Kingdom of the North\nBoreas"
        )
        author, officer = factories.UserFactory(state=norland), factories.UserFactory(role=Role.ISU_OFFICER)
        for factory, labels in [(factories.AreaFactory, AREAS), (factories.FormFactory, FORMS)]:
            for code, (english, french) in labels.items():
                factory(code=code, name_en=english, name_fr=french)
        yield {
            nickname: factories.make_offer(
                state=norland,
                author=author,
                by=officer,
                title=title,
                description=description + PADDING,
                primary_area=factories.AreaFactory(code=area),
                form=factories.FormFactory(code=form),
                original_language=factories.LanguageFactory(code=language, name_en=LANGUAGE_NAMES[language]),
            )
            for nickname, (language, area, form, title, description) in OFFERS.items()
        }
        transaction.set_rollback(True)


@pytest.fixture
def catalogue(module_catalogue, db):
    return module_catalogue


def found(query, offers=None):
    """Nicknames of what the query finds, in the order of the catalogue."""
    rows = search.ranked(search.matching(offers or Offer.objects.public(), search.understood(query)))
    nicknames = {title: nickname for nickname, (_, _, _, title, _) in OFFERS.items()}
    return [nicknames[offer.live_version.title] for offer in rows.select_related("live_version")]


QUERIES = [
    # a word of the title before one of the labels before one of the text; then by reference
    ("mine detection dogs", ["dogs", "perros"]),
    ("rehabilitation", ["康复", "limbs"]),
    ("loan", ["flails", "dogs"]),
    ("handlers", ["dogs"]),
    ("instructors", ["course", "сапёры", "تدريب"]),
    ("training", ["course", "risques", "сапёры", "تدريب", "limbs", "dogs"]),
    # all words must be there, wherever
    ("dogs loan", ["dogs"]),
    ("dogs flails", []),
    ("boreas flails", ["flails"]),
    # forms of a word, case, accents
    ("DOG", ["dogs", "perros"]),
    ("reeducation", ["康复", "limbs"]),
    ("RÉADAPTATION", ["康复", "limbs"]),
    ("éleve", ["risques"]),
    ("eleves", ["risques"]),
    ("naive facade", ["limbs"]),
    ("guía", ["perros"]),
    ("animateur", ["risques"]),
    ("сапёр", ["course", "сапёры", "flails"]),
    ("инструктор", ["course", "сапёры", "تدريب"]),
    ("ازاله", ["تدريب"]),
    ("المدربون", ["course", "сапёры", "تدريب"]),
    ("اسابيع", ["تدريب"]),
    ("أسابيع", ["تدريب"]),
    # a form of a word is looked for in texts of its language only: for the French stemmer "trainer" is a verb, "train"
    ("trainer", ["course", "сапёры", "تدريب"]),
    ("trainers", ["course", "сапёры", "تدريب"]),
    ("entraineurs", []),
    # acronyms and terms of the field, in all languages
    ("MRE", ["risques"]),
    ("EORE", ["risques"]),
    ("MDD", ["dogs", "perros"]),
    ("P&O", ["limbs", "康复"]),
    ("prosthetics", ["limbs", "康复"]),
    ("déminage mécanique", ["flails"]),
    ("kinésithérapie", ["康复"]),
    # State: names in all languages and other names
    ("Norlande dogs", ["dogs", "perros"]),
    ("Норландия собака-сапер", ["dogs", "perros"]),
    # Chinese: words, parts of words, single characters, words without a space between them
    ("康复", ["康复", "limbs"]),
    ("受害者", ["康复", "limbs"]),
    ("害者提", ["康复"]),
    ("者害", []),
    ("治", ["康复"]),
    ("疗", ["康复"]),
    ("假肢康复", ["limbs", "康复"]),
    # phrases
    ('"detection dogs"', ["dogs"]),
    ('"dogs detection"', []),
    ('"artificial limbs"', ["limbs"]),
    ('"limbs artificial"', []),
    ('"éducation au risque"', ["risques"]),
    ('dogs "on loan"', ["dogs"]),
    ('"地雷受害者"', ["康复"]),
    # beginnings
    ("prosth*", ["limbs"]),
    ("flai", ["flails"]),
    ("bachel", ["limbs"]),
    ("bach", ["limbs"]),
    ("подгот*", ["сапёры"]),
    ("bachel school", []),
    # nothing to find
    ("zeppelin", []),
    ("%", []),
    ("🔥", []),
    ("script", ["limbs"]),
    ("'; DROP TABLE offers_offer; --", []),
    ("a:b & c | d <-> !e", []),
    ('{title} : dogs NEAR(a b) "', []),
]


@pytest.mark.parametrize(("query", "nicknames"), QUERIES)
def test_a_query_finds_these_offers_in_this_order(catalogue, query, nicknames):
    assert found(query) == nicknames


@pytest.mark.parametrize("query", ["déminage", "desminado", "разминирование", "إزالة الألغام", "排雷", "clearance"])
def test_demining_in_any_language_finds_all_offers_of_clearance(catalogue, query):
    assert set(found(query)) == CLEARANCE


def test_tiers_come_before_freshness_and_freshness_before_the_reference(catalogue):
    for nickname, days in [("course", 190), ("flails", 215)]:
        Offer.objects.filter(pk=catalogue[nickname].pk).update(confirmed_on=timezone.localdate() - timedelta(days=days))

    # The only one with the word in its title, though overdue.
    assert found("loan") == ["flails", "dogs"]
    # In the title of three, of which one is due; in the labels of the others, of which one is overdue.
    assert found("demining") == ["сапёры", "تدريب", "course", "dogs", "perros", "flails"]
    assert [offer.reference for offer in search.ranked(Offer.objects.public())] == [
        catalogue[nickname].reference
        for nickname in ["dogs", "limbs", "risques", "perros", "сапёры", "تدريب", "康复", "course", "flails"]
    ]


@pytest.mark.parametrize(
    "query",
    [
        "x" * 2000, '"' * 2000, "% _ %%", "\x00", "\ud800", "🔥🔥 dogs", "<script>alert(1)</script>",
        "a" + "\u0301" * 1000, "* ** ***", "\\ ' \\' ''", "ſ ſdogs", "OR AND NOT NEAR", "(((", ":*A", "ﷺ", "İ", "١٢٣",
        "𝔡𝔬𝔤𝔰", "\u202edogs", "﷽",
    ],
)  # fmt: skip
def test_no_query_breaks_the_database(catalogue, query):
    offers = search.ranked(search.matching(Offer.objects.public(), search.understood(query)))
    assert len(offers) <= len(catalogue)


@pytest.mark.parametrize(
    "query",
    [
        "Portuguese", "portugais", "portugués", "البرتغالية", "португальский", "葡萄牙语", "português",
        "Portuguese-speaking trainers", "formateurs lusophones", "instructores lusófonos", "مدرب باللغة البرتغالية",
        "инструкторы португальский язык", "葡萄牙语教员",
    ],
)  # fmt: skip
def test_the_name_of_a_language_finds_what_is_given_in_it(make_offer, query):
    names = {
        "name_en": "Portuguese", "name_fr": "portugais", "name_es": "portugués", "name_ar": "البرتغالية",
        "name_ru": "португальский", "name_zh": "葡萄牙语", "endonym": "português",
    }  # fmt: skip
    portuguese = Language.objects.create(code="pt", **names)
    lao = Language.objects.create(code="lo", name_en="Lao", name_fr="lao", endonym="ລາວ")
    offer = make_offer(title="Instructors for a school", languages=[portuguese, lao])
    make_offer(title="Instructors for another school", languages=[lao])
    resource = factories.ResourceFactory(title="Instructors on call")
    resource.languages.add(portuguese)
    index.write_resource(resource)

    understood = search.understood(query)
    assert [row.tier for row in search.matching(Offer.objects.public(), understood)] == [2]
    assert search.matching(Offer.objects.public(), understood).get() == offer
    assert search.matching(Resource.objects.all(), understood).get() == resource
