"""Offers in further languages: written beside the original, read by those who have chosen the language."""

import csv
import io
import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation as interface
from django.utils.html import escape
from django.utils.translation import gettext

from offers import offline_pack, records, search, structured_data
from offers.content import all_answers
from offers.differences import differences
from offers.history import changes_of
from offers.models import TRANSLATED, Offer, OfferVersion
from offers.search import facets, index
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

FRENCH = "Formation au déminage pour instructeurs"
FRENCH_TEXT = "Une formation de cinq semaines pour les instructeurs, donnée deux fois par an au centre national."
ARABIC = "تدريب المدربين على إزالة الألغام"


@pytest.fixture
def english(db):
    return factories.LanguageFactory(code="en", name_en="English", name_fr="anglais")


@pytest.fixture
def french(db):
    return factories.LanguageFactory(code="fr", name_en="French", name_fr="français")


@pytest.fixture
def arabic(db):
    return factories.LanguageFactory(code="ar", name_en="Arabic", name_ar="العربية", right_to_left=True)


@pytest.fixture
def draft(make_offer, english):
    return make_offer(status="draft", title="Demining course", quantity="Twelve places", original_language=english)


@pytest.fixture
def published(make_offer, english, french, arabic):
    """In the catalogue, in English, with a French translation of title and description and a full Arabic one."""
    offer = make_offer(title="Demining course", quantity="Twelve places", original_language=english)
    version = offer.live_version
    version.translations.create(language=french, title=FRENCH, description=FRENCH_TEXT)
    version.translations.create(language=arabic, title=ARABIC, description=ARABIC * 5, quantity="اثنا عشر مقعدا")
    index.write_offer(offer)
    return Offer.objects.get(pk=offer.pk)


def page(offer, code="fr", name="translation"):
    return reverse(f"offers:{name}", args=[offer.reference, code])


def typed(offer, **texts):
    return {"edit_number": offer.versions.last().edit_number} | texts


def said(offer, language):
    return {name: getattr(offer.versions.last().translations.get(language=language), name) for name in TRANSLATED}


def main_of(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def words(message, language="fr"):
    """A sentence of the interface in that language, whether it has been translated yet or not."""
    with interface.override(language):
        return gettext(message)


BY_STATE = "Translation by the State. This offer is written in the language “%(language)s”."
NO_TEXT = "This offer is written in the language “%(written)s”. There is no text in the language “%(wanted)s” yet."


def in_language(client, language, offer, name="detail"):
    with interface.override(language):
        return client.get(reverse(f"offers:{name}", args=[offer.reference]))


# The desk


def test_a_translation_is_saved_at_any_completeness(focal, draft, french):
    response = focal.post(page(draft), typed(draft, title=FRENCH))

    assert response.url == reverse("offers:translations", args=[draft.reference])
    assert {name: text for name, text in said(draft, french).items() if text} == {"title": FRENCH}
    assert "Title or description missing" in focal.get(response.url).content.decode()

    focal.post(page(draft), typed(draft, title=FRENCH, description=FRENCH_TEXT))

    shown = main_of(focal.get(response.url))
    assert "Can be published" in shown
    assert "2 of 3 fields are translated." in shown


def test_only_what_the_original_says_is_asked_beside_its_own_words(focal, draft, french):
    form = focal.get(page(draft)).context["form"]

    assert [(original, field.name) for original, field in form.rows] == [
        ("Demining course", "title"),
        (factories.LONG_ENOUGH, "description"),
        ("Twelve places", "quantity"),
    ]


def test_arabic_is_typed_from_right_to_left_in_an_english_page(focal, draft, arabic):
    shown = main_of(focal.get(page(draft, "ar")))

    for name in ("title", "description", "quantity"):
        [field] = re.findall(rf'<(?:input|textarea)[^>]* name="{name}"[^>]*>', shown)
        assert 'lang="ar"' in field
        assert 'dir="rtl"' in field

    focal.post(page(draft, "ar"), typed(draft, title=ARABIC, description=ARABIC * 3))

    assert said(draft, arabic)["title"] == ARABIC


def test_a_second_save_replaces_the_first(focal, draft, french):
    focal.post(page(draft), typed(draft, title=FRENCH))
    focal.post(page(draft), typed(draft, title="Formation"))

    assert said(draft, french)["title"] == "Formation"


def test_the_second_of_two_clicks_loses_nothing(focal, draft, french):
    data = typed(draft, title=FRENCH)
    focal.post(page(draft), data)

    response = focal.post(page(draft), data)

    assert response.status_code == 409
    assert "The saved text says the same as yours." in main_of(response)
    assert said(draft, french)["title"] == FRENCH


def test_whoever_saves_later_sees_both_texts_and_can_save_again(focal, draft, french):
    opened = typed(draft)
    focal.post(page(draft), opened | {"title": "De la collègue", "description": "Texte"})

    response = focal.post(page(draft), opened | {"title": "De moi", "description": "Texte"})

    assert response.status_code == 409
    [conflict] = response.context["conflicts"]
    assert (conflict.label, conflict.before, conflict.after) == ("Title", "De la collègue", "De moi")
    assert response.context["form"]["title"].value() == "De moi"
    assert said(draft, french)["title"] == "De la collègue"

    focal.post(
        page(draft), opened | {"title": "De moi", "edit_number": response.context["form"]["edit_number"].value()}
    )

    assert said(draft, french)["title"] == "De moi"


def test_a_text_typed_while_a_colleague_submits_is_shown_and_not_saved(focal, draft, norlander, french):
    data = typed(draft, title=FRENCH)
    draft.open_version.submit(by=norlander)

    response = focal.post(page(draft), data)

    assert response.status_code == 409
    assert "cannot be saved now" in main_of(response)
    assert FRENCH in main_of(response)
    assert not draft.open_version.translations.exists()


def test_words_typed_for_what_the_original_no_longer_says_are_kept(focal, draft, french):
    data = typed(draft, quantity="Douze places")
    OfferVersion.objects.filter(offer=draft).update(quantity="")

    focal.post(page(draft), data)

    assert said(draft, french)["quantity"] == "Douze places"
    translation = draft.open_version.translations.get()
    assert translation.texts == {}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("title", "x" * 121, "This text has 121 characters. Shorten it to 120"),
        ("description", "ع" * 1501, "This text has 1501 characters. Shorten it to 1500"),
        ("edit_number", "first", "Enter a whole number."),
    ],
)
def test_what_cannot_be_saved_is_named_and_kept(focal, draft, french, name, text, message):
    response = focal.post(page(draft), typed(draft, description="Déjà tapé") | {name: text})

    assert response.status_code == 200
    assert message in main_of(response)
    assert text in main_of(response)
    assert not draft.open_version.translations.exists()


def test_an_empty_or_hostile_answer_is_no_error_of_the_server(focal, draft, french):
    assert focal.post(page(draft), {}).status_code == 200
    hostile = "\u202eevil\x00\u200b <script>alert(1)</script>"

    focal.post(page(draft), typed(draft, title=hostile, description=hostile, unknown="x"))

    assert said(draft, french)["title"] == "evil <script>alert(1)</script>"
    assert "<script>alert" not in focal.get(page(draft)).content.decode()


def test_a_language_is_added_from_the_list_and_only_once(focal, draft, french, arabic, english):
    address = reverse("offers:translations", args=[draft.reference])
    draft.open_version.translations.create(language=arabic)

    assert list(focal.get(address).context["form"].fields["language"].queryset) == [french]
    assert focal.get(address, {"language": "fr"}).url == page(draft)
    for wrong in ("ar", "en", "xx", ""):
        response = focal.get(address, {"language": wrong})
        assert response.status_code == 200
        assert response.context["form"].errors
    assert not draft.open_version.translations.filter(language=french).exists()


def test_without_the_language_of_the_original_there_is_nothing_to_translate_from(focal, draft, french):
    OfferVersion.objects.filter(offer=draft).update(original_language=None)

    assert focal.get(page(draft)).url == reverse("offers:translations", args=[draft.reference])
    assert "First say in which language" in main_of(focal.get(focal.get(page(draft)).url))


def test_the_language_of_the_original_cannot_be_a_translation(focal, draft, norlander, french):
    data = typed(draft, title=FRENCH, description=FRENCH_TEXT)
    OfferVersion.objects.filter(offer=draft).update(original_language=french)

    response = focal.post(page(draft), data)

    assert "is written in this language now" in main_of(response)
    assert FRENCH in main_of(response)
    version = draft.open_version
    assert not version.translations.exists()
    assert focal.get(page(draft)).status_code == 302

    version.translations.create(language=french, title=FRENCH, description=FRENCH_TEXT)
    assert "French" in version.what_is_missing()["translations"]


def test_a_translation_is_removed_by_a_button_only(focal, draft, french):
    version = draft.open_version
    version.translations.create(language=french, title=FRENCH)
    address = page(draft, name="remove_translation")

    assert focal.get(address).status_code == 405
    assert version.translations.exists()
    for _click in range(2):
        assert focal.post(address).url == reverse("offers:translations", args=[draft.reference])

    assert not version.translations.exists()
    assert OfferVersion.objects.get(pk=version.pk).edit_number > version.edit_number


@pytest.mark.parametrize("status", ["submitted", "published"])
def test_what_is_not_being_written_is_not_translated(focal, make_offer, french, status):
    offer = make_offer(status=status)
    offer.versions.last().translations.create(language=french, title=FRENCH)

    assert focal.get(page(offer)).url == reverse("offers:start")
    assert focal.get(reverse("offers:translations", args=[offer.reference])).url == reverse("offers:start")
    assert focal.post(page(offer, name="remove_translation")).url == reverse("offers:start")
    assert said(offer, french)["title"] == FRENCH


@pytest.mark.parametrize("name", ["translation", "remove_translation"])
def test_strangers_find_nothing_and_change_nothing(client, draft, french, sudlander, officer, name):
    draft.open_version.translations.create(language=french, title=FRENCH)
    address = page(draft, name=name)
    assert client.post(address, typed(draft, title="Foreign")).url.startswith(reverse("account_login"))

    for stranger in (sudlander, officer):
        client.force_login(stranger)
        assert client.post(address, typed(draft, title="Foreign")).status_code == 404

    assert said(draft, french)["title"] == FRENCH


def test_the_isu_translates_what_it_has_entered_on_behalf_of_a_state(client, draft, officer, french):
    OfferVersion.objects.filter(offer=draft).update(note_verbale="NV 12/2027", note_verbale_date="2027-01-10")
    client.force_login(officer)

    client.post(page(draft), typed(draft, title=FRENCH))

    assert said(draft, french)["title"] == FRENCH


def test_an_unknown_language_is_not_found(focal, draft):
    assert focal.get(page(draft, "xx")).status_code == 404


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_needs_the_same_queries_however_many_languages(focal, draft, count, django_assert_max_num_queries):
    for number in range(count):
        language = factories.LanguageFactory(code=f"x{number}", name_en=f"Language {number}")
        draft.open_version.translations.create(language=language, title="T")

    with django_assert_max_num_queries(10):
        focal.get(reverse("offers:translations", args=[draft.reference]))


def test_the_editor_leads_to_the_translations(focal, draft, french):
    draft.open_version.translations.create(language=french, title=FRENCH)

    shown = main_of(focal.get(reverse("offers:edit", args=[draft.reference])))

    assert '<button class="btn btn-quiet" name="then" value="translations">' in shown
    assert "<li>French</li>" in shown


# Submission


def test_an_incomplete_translation_is_named_before_submitting(draft, norlander, french, arabic):
    version = draft.open_version
    version.translations.create(language=french, title=FRENCH)
    version.translations.create(language=arabic, description=ARABIC)

    with pytest.raises(ValidationError) as refusal:
        version.submit(by=norlander)

    assert refusal.value.message_dict == {
        "translations": [
            "Give each translation a title and a description, or remove it. Not complete yet: Arabic, French."
        ]
    }
    version.translations.update(title=FRENCH, description=FRENCH_TEXT)
    version.submit(by=norlander)


def test_the_page_to_submit_says_what_a_translation_lacks(focal, draft, french):
    draft.open_version.translations.create(language=french, title=FRENCH)

    shown = main_of(focal.get(reverse("offers:submit", args=[draft.reference])))

    assert "Not complete yet: French." in shown
    assert "Title (French)" in shown
    assert "Submit for publication" not in shown


def test_a_translation_names_no_amounts_either(draft, french):
    version = draft.open_version
    version.translations.create(language=french, title="Formation pour EUR 5.000", description=FRENCH_TEXT)

    assert version.what_is_missing() == {
        "translations": "Take amounts of money out of the translations as well: French."
    }


def test_translations_need_the_language_of_the_original(draft, french):
    version = draft.open_version
    version.translations.create(language=french, title=FRENCH, description=FRENCH_TEXT)
    version.original_language = None
    version.save()

    assert list(version.what_is_missing()) == ["original_language"]


def test_a_copy_takes_the_translations_along(published, norlander):
    for copy in (published.edit(by=norlander), published.clone(by=norlander).open_version):
        assert differences(published.live_version, copy) == []
        assert {each.language.code for each in copy.translations.all()} == {"fr", "ar"}
    assert published.live_version.translations.count() == 2


# Review and history


def test_answers_and_differences_show_translations_field_by_field(published, norlander, french):
    version = published.edit(by=norlander)
    version.translations.filter(language__code="fr").update(title="Formation", quantity="Douze places")
    version.translations.filter(language__code="ar").delete()
    spanish = factories.LanguageFactory(code="es", name_en="Spanish")
    version.translations.create(language=spanish, title="Curso", description="Un curso")

    found = [(each.label, each.before, each.after) for each in differences(published.live_version, version)]

    assert sorted(found) == [
        ("Description (Arabic)", ARABIC * 5, ""),
        ("Description (Spanish)", "", "Un curso"),
        ("Quantity or capacity (Arabic)", "اثنا عشر مقعدا", ""),
        ("Quantity or capacity (French)", "", "Douze places"),
        ("Title (Arabic)", ARABIC, ""),
        ("Title (French)", FRENCH, "Formation"),
        ("Title (Spanish)", "", "Curso"),
    ]
    titles = [title for title, _group in all_answers(version)]
    assert titles[-2:] == ["Translation: French", "Translation: Spanish"]


def test_the_isu_reviews_translations_too(client, published, norlander, officer, french):
    version = published.edit(by=norlander)
    version.translations.filter(language=french).update(title="Canari dans le titre")
    version.submit(by=norlander)
    client.force_login(officer)

    shown = main_of(client.get(reverse("offers:review", args=[version.pk])))

    assert "Title (French)" in shown
    assert "Canari" in shown
    assert ARABIC in shown


def test_the_public_history_shows_changed_translations(client, published, norlander, officer, french):
    version = published.edit(by=norlander)
    version.translations.filter(language=french).update(title="Formation")
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)

    published.refresh_from_db()
    [change] = changes_of(published, 3)
    assert change.labels == ["Title (French)"]
    assert "Title (French)" in main_of(in_language(client, "en", published, "history"))


# The public pages


def test_a_reader_sees_the_own_language_and_who_translated(client, published):
    shown = main_of(in_language(client, "fr", published))

    assert f'<h1 lang="fr" dir="auto">{FRENCH}</h1>' in shown
    assert escape(FRENCH_TEXT) in shown
    assert words(BY_STATE) % {"language": "anglais"} in shown
    assert '<dd lang="en" dir="auto">Twelve places</dd>' in shown  # not translated
    original = shown.partition("<details")[2].partition("</details>")[0]
    assert '<dd lang="en" dir="auto">Demining course</dd>' in original
    assert words(NO_TEXT) % {"written": "anglais", "wanted": "français"} not in shown


def test_a_reader_of_the_original_or_of_a_third_language_sees_the_original(client, published):
    original, other = (in_language(client, language, published) for language in ("en", "ru"))

    for response in (original, other):
        assert '<h1 lang="en" dir="auto">Demining course</h1>' in main_of(response)
        assert response.context["translation_notice"] == ""
    assert "There is no text in the language" not in main_of(original)
    assert words(NO_TEXT, "ru").partition("%")[0] in main_of(other)


def test_arabic_readers_get_the_whole_translation(client, published):
    shown = main_of(in_language(client, "ar", published))

    assert f'<h1 lang="ar" dir="auto">{ARABIC}</h1>' in shown
    assert '<dd lang="ar" dir="auto">اثنا عشر مقعدا</dd>' in shown


@pytest.mark.parametrize("name", ["print", "text", "contact", "history", "report"])
def test_copies_and_neighbouring_pages_speak_the_language_too(client, published, name):
    shown = main_of(in_language(client, "fr", published, name))

    assert FRENCH in shown
    assert "Demining course" not in shown
    if name in {"print", "text"}:
        assert escape(FRENCH_TEXT) in shown
        assert words(BY_STATE) % {"language": "anglais"} in shown


def test_an_illustrative_record_is_not_said_to_be_translated_by_its_state(client, published):
    Offer.objects.update(is_sample=True)

    shown = main_of(in_language(client, "fr", published))

    assert words(BY_STATE) % {"language": "anglais"} not in shown
    assert (
        words("Translation. This record is written in the language “%(language)s”.") % {"language": "anglais"} in shown
    )


def test_what_the_original_no_longer_says_is_not_shown(client, published):
    OfferVersion.objects.update(quantity="")

    assert "اثنا عشر مقعدا" not in main_of(in_language(client, "ar", published))


def test_a_draft_translation_is_seen_by_nobody_outside(client, published, norlander, french):
    version = published.edit(by=norlander)
    version.translations.filter(language=french).update(title="Canari")

    for name in ("detail", "print", "text", "contact"):
        assert "Canari" not in in_language(client, "fr", published, name).content.decode()
    assert "Canari" not in client.get("/fr/offers/").content.decode()

    client.force_login(norlander)
    assert "Canari" in in_language(client, "fr", published, "preview").content.decode()


def test_cards_speak_the_language_of_the_reader(client, published):
    french, english, russian = (client.get(f"/{code}/offers/").content.decode() for code in ("fr", "en", "ru"))

    assert f'lang="fr" dir="auto">{FRENCH}</a>' in french
    assert 'lang="en" dir="auto">Demining course</a>' in english
    for shown, is_tagged in ((french, False), (english, False), (russian, True)):
        card = shown.partition('<article class="card">')[2].partition("</article>")[0]
        assert ('<span class="tag">' in card) == is_tagged


@pytest.mark.parametrize("count", [1, 5])
def test_cards_and_records_need_one_statement_for_translations(
    make_offer, english, french, arabic, count, django_assert_num_queries
):
    for _ in range(count):
        version = make_offer(original_language=english).live_version
        for language in (french, arabic):
            version.translations.create(language=language, title=FRENCH, description=FRENCH_TEXT)

    with interface.override("fr"):
        with django_assert_num_queries(3):
            cards = [offer.live_version.words["title"].text for offer in Offer.objects.for_cards()]
        keys = list(Offer.objects.values_list("pk", flat=True))
        offers = records.read(keys)
        with django_assert_num_queries(0):
            rows = [records.as_json(offer)["translations"][1]["title"] for offer in offers]
            cells = [FRENCH in records.cells(offer) for offer in offers]

    assert cards == rows == [FRENCH] * count
    assert all(cells)


# Search


def found(words):
    return list(search.matching(Offer.objects.public(), search.understood(words)))


def test_translations_are_found_by_the_words_and_stems_of_their_language(published):
    assert found("semaine") == [published]  # the text has the plural
    assert found("الألغام") == [published]
    assert found("course") == [published]
    assert found("jardinage") == []
    # No phrase reaches from one text into the next.
    assert found('"instructeurs تدريب"') == []


def test_the_language_of_the_text_counts_translations(published, make_offer, english):
    make_offer(original_language=english)

    counts = facets.count(Offer.objects.public(), {})

    assert [counts.of(facets.WRITTEN, code) for code in ("en", "fr", "ar", "es")] == [2, 1, 1, 0]


def test_the_index_follows_the_translations(published, norlander, officer):
    assert list(index.check()) == []

    version = published.edit(by=norlander)
    version.translations.all().delete()
    assert found("semaine") == [published]
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)

    assert found("semaine") == []
    assert list(index.check()) == []
    published.refresh_from_db()
    language = factories.LanguageFactory(code="fr")
    published.live_version.translations.create(language=language, title=FRENCH, description=FRENCH_TEXT)
    assert [str(each) for each in index.check()] != []
    index.rebuild()
    assert found("semaine") == [published]
    assert list(index.check()) == []


# Taken away


def test_programs_get_the_original_and_all_translations(client, published):
    answer = client.get(reverse("api:offer", args=[published.reference])).json()

    assert (answer["title"], answer["language"]["code"]) == ("Demining course", "en")
    assert [(each["language"]["code"], each["title"], each["quantity"]) for each in answer["translations"]] == [
        ("ar", ARABIC, "اثنا عشر مقعدا"),
        ("fr", FRENCH, None),
    ]
    listed = json.loads(b"".join(client.get("/fr/offers.json").streaming_content))
    assert listed["offers"][0]["title"] == "Demining course"
    assert listed["offers"][0]["translations"] == answer["translations"]


def table(client, query=""):
    content = b"".join(client.get(f"/fr/offers.csv?{query}").streaming_content).decode("utf-8-sig")
    return next(csv.DictReader(io.StringIO(content)))


def test_a_table_for_people_is_in_their_language_and_one_for_programs_in_the_original(client, published):
    for_people, for_programs = table(client), table(client, "columns=codes")

    assert FRENCH in for_people.values()
    assert for_people[words("language of this text").capitalize()] == "français"
    assert "Demining course" not in for_people.values()
    assert (for_programs["title"], for_programs["language_code"]) == ("Demining course", "en")
    assert for_programs["translations"] == "ar; fr"


def test_feed_data_for_search_engines_and_offline_copy_speak_the_language(client, published):
    feed = client.get("/fr/offers.atom").content.decode()
    assert f'<title xml:lang="fr">{FRENCH}</title>' in feed

    with interface.override("fr"):
        data = structured_data.page_of(published)
        pack = offline_pack.page(*offline_pack.contents(), published.confirmed_on)
    assert (data["name"], data["inLanguage"], data["mainEntity"]["description"]) == (FRENCH, "fr", FRENCH_TEXT)
    assert f'<h3 lang="fr" dir="auto">{FRENCH}</h3>' in pack
    assert '<span lang="en" dir="auto">Twelve places</span>' in pack
    assert words(BY_STATE) % {"language": "anglais"} in pack
