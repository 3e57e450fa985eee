"""Writing an offer: the form, its texts, who pays what, and two people at the same draft."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from offers.content import COSTS
from offers.forms.editor import OfferEditor
from offers.forms.fields import AddressField, LineField, TextField
from offers.models import Offer, OfferVersion, OutgoingMail, VersionStatus
from tests import factories
from tests.platform_portal.test_form_pack import Page, faults

from .test_desk import edit_url, typed

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def colleague(norland):
    """Another focal point of the same State, at another desk."""
    client = Client()
    client.force_login(factories.UserFactory(state=norland))
    return client


@pytest.fixture
def draft(make_offer):
    return make_offer(status="draft")


# Texts


@given(st.text(st.characters()))
def test_a_text_is_cleaned_once_and_for_all(text):
    for field in (LineField(required=False), TextField(required=False)):
        once = field.clean(text)
        assert field.clean(once) == once
        assert not set(once) & set("\u200b\u202e\u2066\ufeff\x00")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Mines\u202e\u200b \x00course", "Mines course"),
        ("مین\u200cروبی", "مین\u200cروبی"),  # Persian falls apart without its joiners
        ("One\r\ntwo\tthree", "One two three"),
        ("cafe\u0301", "caf\u00e9"),
    ],
)
def test_a_title_loses_what_nobody_can_see_and_nothing_else(focal, draft, sent, kept):
    focal.post(edit_url(draft), typed(draft.open_version, title=sent))

    assert draft.open_version.title == kept


def test_no_address_hides_where_it_leads():
    assert AddressField().clean("https://example.org/\u202etxt.exe") == "https://example.org/txt.exe"


def test_each_limited_text_says_its_limit_and_no_browser_may_cut_it_off(focal, draft):
    page = Page(focal.get(edit_url(draft)).content.decode())

    limits = {
        e["attrs"]["data-count"]: e["attrs"]["data-limit"] for e in page.all("span") if "data-count" in e["attrs"]
    }
    assert (limits["id_title"], limits["id_description"], limits["id_prerequisites"]) == ("120", "1500", "600")
    controls = page.all("input", "textarea")
    assert [control for control in controls if "maxlength" in control["attrs"]] == []
    texts = {e["attrs"]["id"] for e in controls if e["attrs"].get("type", "text") == "text"}
    assert texts == limits.keys()


def test_a_text_that_is_too_long_stays_in_the_form_whole(focal, draft):
    long = "أ" * 1600

    response = focal.post(edit_url(draft), typed(draft.open_version, description=long))

    assert long in response.content.decode()
    assert "This text has 1600 characters. Shorten it to 1500" in response.content.decode()


# The page


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_form_is_sound_empty_saved_and_with_errors(focal, norland, norlander, language):
    factories.ContactPointFactory(state=norland)
    factories.LanguageFactory(code="tg", name_en="Tajik", un_official=False)
    offer = Offer.begin(state=norland, by=norlander)
    address = edit_url(offer).replace("/en/", f"/{language}/")
    assert list(faults(focal.get(address).content.decode())) == []

    focal.post(address, typed(offer.open_version, title="Course", description="Various things, etc."))
    assert list(faults(focal.get(address).content.decode())) == []

    wrong = typed(offer.open_version, primary_area="9999", pays_fees="nobody", languages=["9999"], starts_on="x")
    response = focal.post(address, wrong | {"partners-0-role": "host", "links-0-url": "x"})
    assert response.status_code == 200
    assert list(faults(response.content.decode())) == []


@pytest.mark.parametrize(
    "data",
    [{}, {"languages": ["9" * 5000], "edit_number": "9" * 40, "partners-TOTAL_FORMS": "9" * 9}, {"edit_number": "٣"}],
)
def test_whatever_is_sent_gets_an_answer_and_changes_nothing(focal, draft, data):
    title = draft.open_version.title

    response = focal.post(edit_url(draft), data | {"title": "Kept as typed"})

    assert response.status_code == 200
    assert 'value="Kept as typed"' in response.content.decode()
    assert draft.open_version.title == title


def test_the_four_parts_can_be_reached_from_the_top(focal, draft):
    page = Page(focal.get(edit_url(draft)).content.decode())

    parts = [e["attrs"]["id"] for e in page.all("fieldset") if e["attrs"].get("id", "").startswith("part-")]
    assert parts == ["part-what", "part-whom", "part-conditions", "part-contact"]


def test_the_enter_key_saves_the_draft_and_does_nothing_else(focal, draft):
    page = Page(focal.get(edit_url(draft)).content.decode())

    buttons = [e for e in page.all("button") if any(f["attrs"].get("class") == "editor" for f in e["around"])]
    assert "name" not in buttons[0]["attrs"]


def test_likely_languages_stand_before_the_others(draft, make_offer):
    english = factories.LanguageFactory()
    used, chosen, rare = (
        factories.LanguageFactory(code=code, name_en=code, un_official=False) for code in ("tg", "km", "fo")
    )
    make_offer(languages=[used])
    draft.open_version.languages.add(chosen)

    boxes = OfferEditor(draft.open_version).form.language_boxes

    keys = {group: {box.data["value"].value for box in found} for group, found in boxes.items()}
    assert keys == {"likely": {english.pk, used.pk, chosen.pk}, "others": {rare.pk}}


def test_lists_of_recipients_take_room_only_where_something_is_chosen(draft):
    region = factories.RegionFactory()
    draft.open_version.recipient_regions.add(region)

    named = OfferEditor(draft.open_version).form.recipients_named

    assert [(field.name, is_open) for _label, field, is_open in named] == [
        ("recipient_regions", True),
        ("recipient_groups", False),
        ("recipient_states", False),
    ]


def test_questions_on_equipment_are_open_for_an_offer_of_equipment(make_offer):
    course = make_offer(status="draft")
    detectors = make_offer(status="draft", form=factories.FormFactory(code="form.equipment.detection"))

    assert [OfferEditor(offer.open_version).form.opens["equipment"] for offer in (course, detectors)] == [False, True]


# Who pays what


def test_one_answer_for_all_the_others_fills_what_is_unanswered(focal, draft):
    answers = {"pays_fees": "provider", "pays_travel": "shared", "pays_rest": "recipient"}

    focal.post(edit_url(draft), typed(draft.open_version, **answers))

    said = {name: getattr(draft.open_version, name) for name in COSTS}
    assert said == dict.fromkeys(COSTS, "recipient") | {"pays_fees": "provider", "pays_travel": "shared"}


def test_an_answer_can_be_taken_back(focal, make_offer):
    draft = make_offer(status="draft", pays_fees="provider")

    focal.post(edit_url(draft), typed(draft.open_version, pays_fees=""))

    assert draft.open_version.pays_fees == ""


# Two people at the same draft


def test_fields_that_only_one_of_two_has_changed_are_put_together(focal, colleague, draft):
    mine = typed(draft.open_version, quantity="12 places", pays_travel="provider")
    theirs = typed(draft.open_version, title="Their title", second_area=factories.AreaFactory(code="area.eod").pk)
    theirs |= {"links-0-url": "https://example.org/theirs"}
    colleague.post(edit_url(draft), theirs)

    response = focal.post(edit_url(draft), mine, follow=True)

    version = draft.open_version
    assert (version.title, version.quantity, version.pays_travel) == ("Their title", "12 places", "provider")
    assert [area.code for area in version.more_areas.all()] == ["area.eod"]
    assert [link.url for link in version.links.all()] == ["https://example.org/theirs"]
    page = response.content.decode()
    assert "What they have changed is kept: Title, Further areas, Links." in page


def test_a_field_that_both_have_changed_is_shown_with_both_texts_and_nothing_is_saved(focal, colleague, draft):
    mine = typed(draft.open_version, title="My title", quantity="12 places")
    colleague.post(edit_url(draft), typed(draft.open_version, title="Their title", duration="Five weeks"))

    response = focal.post(edit_url(draft), mine)

    assert response.status_code == 409
    page = response.content.decode()
    conflicts = [(c.label, c.before, c.after) for c in response.context["conflicts"]]
    assert conflicts == [("Title", "Their title", "My title")]
    assert response.context["taken"] == ["Duration"]
    assert (draft.open_version.title, draft.open_version.quantity) == ("Their title", "")
    for value in ("My title", "12 places", "Five weeks"):
        assert f'value="{value}"' in page
    assert list(faults(page)) == []


@pytest.mark.parametrize(("choice", "title"), [("mine", "My title"), ("saved", "Their title"), (None, "My title")])
def test_the_person_chooses_which_text_stays(focal, colleague, draft, choice, title):
    mine = typed(draft.open_version, title="My title", quantity="12 places")
    colleague.post(edit_url(draft), typed(draft.open_version, title="Their title", duration="Five weeks"))
    shown = focal.post(edit_url(draft), mine).context["editor"].form

    again = shown.data.dict() | ({"choose-title": choice} if choice else {})
    again |= {name: shown.data.getlist(name) for name in ("delivery_modes", "contact_points")}
    assert focal.post(edit_url(draft), again).status_code == 302

    version = draft.open_version
    assert (version.title, version.quantity, version.duration) == (title, "12 places", "Five weeks")


@pytest.mark.parametrize(
    ("theirs", "mine", "name", "words"),
    [
        (
            {"partners-0-organisation": "Their centre", "partners-0-role": "host"},
            {"partners-0-organisation": "My centre", "partners-0-role": "host"},
            "partners",
            ("Their centre – Hosts it", "My centre – Hosts it"),
        ),
        (
            {"links-0-url": "https://example.org/theirs"},
            {"links-0-url": "https://example.org/mine"},
            "links",
            ("https://example.org/theirs", "https://example.org/mine"),
        ),
        ({"starts_on": "2027-01-05"}, {"starts_on": "2027-02-05"}, "starts_on", ("5 January 2027", "5 February 2027")),
        ({"delivery_modes": ["remote"]}, {"delivery_modes": []}, "delivery_modes", ("Remotely", "")),
    ],
)
def test_rows_dates_and_choices_meet_as_wholes(focal, colleague, draft, theirs, mine, name, words):
    mine = typed(draft.open_version) | mine
    colleague.post(edit_url(draft), typed(draft.open_version) | theirs)

    response = focal.post(edit_url(draft), mine)

    [conflict] = response.context["conflicts"]
    assert (conflict.name, conflict.before, conflict.after) == (name, *words)

    form = response.context["editor"].form
    again = mine | {key: form[key].value() for key in ("edit_number", "opened")} | {f"choose-{name}": "saved"}
    before = OfferEditor(draft.open_version).form.initial["opened"]
    assert focal.post(edit_url(draft), again).status_code == 302
    assert OfferEditor(draft.open_version).form.initial["opened"] == before


def test_two_who_have_typed_the_same_do_not_meet(focal, colleague, draft):
    mine = typed(draft.open_version, title="One title")
    colleague.post(edit_url(draft), typed(draft.open_version, title="One title"))

    assert focal.post(edit_url(draft), mine).status_code == 302


def test_a_form_that_does_not_say_what_was_opened_gives_nobody_s_text_up(focal, colleague, draft):
    mine = typed(draft.open_version, quantity="12 places") | {"opened": "title:x : nonsense"}
    colleague.post(edit_url(draft), typed(draft.open_version, title="Their title"))

    response = focal.post(edit_url(draft), mine)

    assert response.status_code == 409
    assert [conflict.name for conflict in response.context["conflicts"]] == ["title", "quantity"]


def test_what_was_put_together_may_be_wrong_and_is_then_explained(focal, colleague, draft):
    mine = typed(draft.open_version, ends_on="2027-01-05")
    colleague.post(edit_url(draft), typed(draft.open_version, starts_on="2027-02-05"))

    response = focal.post(edit_url(draft), mine)

    assert response.status_code == 409
    assert "The last day comes before the first." in response.content.decode()
    assert response.context["taken"] == ["First day"]


def test_a_partner_state_that_has_not_accepted_is_no_conflict(focal, colleague, draft, sudland):
    draft.open_version.partners.create(state=sudland, role="host")
    mine = typed(draft.open_version, title="My wording")
    colleague.post(edit_url(draft), typed(draft.open_version, title="Their wording"))

    conflicts = focal.post(edit_url(draft), mine).context["conflicts"]

    assert [conflict.name for conflict in conflicts] == ["title"]


def test_what_was_submitted_meanwhile_is_shown_beside_what_was_typed(focal, draft, norlander):
    mine = typed(draft.open_version, title="My title")
    draft.open_version.submit(by=norlander)

    response = focal.post(edit_url(draft), mine)

    page = response.content.decode()
    assert response.status_code == 409
    assert [(c.name, c.after) for c in response.context["conflicts"]] == [("title", "My title")]
    assert "take the offer back from your desk" in page
    assert 'name="choose-title"' not in page
    assert list(faults(page)) == []


def at_the_same_moment(acts):
    """What each of them returned, all begun together, each with a connection of its own."""
    barrier, outcomes = threading.Barrier(len(acts)), []

    def run(act):
        try:
            barrier.wait()
            outcomes.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_the_same_moment_both_keep_what_they_typed(focal, colleague, draft):
    version = draft.open_version
    mine, theirs = typed(version, title="My title"), typed(version, quantity="12 places")

    outcomes = at_the_same_moment(
        [lambda: focal.post(edit_url(draft), mine), lambda: colleague.post(edit_url(draft), theirs)]
    )

    assert [response.status_code for response in outcomes] == [302, 302]
    assert (draft.open_version.title, draft.open_version.quantity) == ("My title", "12 places")


# Advice, and handing it in


def test_advice_is_given_once_there_is_something_to_advise_on(focal, draft):
    assert "#id_duration" not in focal.get(edit_url(draft)).content.decode()

    focal.post(edit_url(draft), typed(draft.open_version))

    assert '<a href="#id_duration">Duration</a>' in focal.get(edit_url(draft)).content.decode()
    check = focal.get(reverse("offers:submit", args=[draft.reference])).content.decode()
    assert f'<a href="{edit_url(draft)}#id_duration">Duration</a>' in check


def test_the_confirmation_tells_the_reference_and_when_the_isu_answers(focal, draft, settings):
    settings.ISU_REPLY_WORKING_DAYS = 3

    page = focal.post(
        reverse("offers:submit", args=[draft.reference]), {"declaration": "on", "seen": 1}, follow=True
    ).content.decode()

    assert draft.reference in page
    assert "answers within 3 working days" in page


def test_a_note_that_is_too_long_is_refused_in_words_and_kept(focal, draft):
    address = reverse("offers:submit", args=[draft.reference])

    page = focal.post(address, {"declaration": "on", "seen": 1, "note_to_isu": "n" * 501}).content.decode()

    assert "This text has 501 characters. Shorten it to 500" in page
    assert "n" * 501 in page
    assert draft.open_version.status == VersionStatus.DRAFT


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_submission(focal, draft, norlander):
    address = reverse("offers:submit", args=[draft.reference])
    second = Client()
    second.force_login(norlander)
    data = {"declaration": "on", "seen": draft.open_version.edit_number}

    outcomes = at_the_same_moment([lambda: focal.post(address, data), lambda: second.post(address, data)])

    # The slower one is led to the confirmation, or already finds it.
    assert {response.status_code for response in outcomes} <= {200, 302}
    assert "The offer is submitted" in focal.get(address).content.decode()
    assert draft.status_changes.filter(step="submit").count() == 1
    assert OfferVersion.objects.filter(status=VersionStatus.SUBMITTED).count() == 1
    assert OutgoingMail.objects.count() == 1


def test_an_illustrative_record_says_so_on_every_page_of_its_writing(focal, draft):
    Offer.objects.filter(pk=draft.pk).update(is_sample=True)
    pages = [focal.get(reverse(f"offers:{name}", args=[draft.reference])) for name in ("edit", "documents", "submit")]
    pages.append(
        focal.post(reverse("offers:submit", args=[draft.reference]), {"declaration": "on", "seen": 1}, follow=True)
    )

    assert ["Illustrative record" in page.content.decode() for page in pages] == [True] * 4
