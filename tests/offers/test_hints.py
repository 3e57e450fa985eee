"""Advice to whoever writes an offer: what is vague or missing, and never a condition."""

import pytest
from django.utils import translation

from offers.content import COSTS
from offers.forms.editor import OfferEditor
from offers.hints import hints
from offers.models import Offer
from tests import factories

pytestmark = pytest.mark.django_db

# Nothing is left to advise on.
GOOD = {
    "title": "Detector course for instructors",
    "description": factories.LONG_ENOUGH,
    "quantity": "12 places in each course",
    "duration": "Five weeks",
    "standards": "IMAS 09.30",
    "providing_body": "Training centre of the Ministry of Defence",
    "prerequisites": "Two years of manual clearance",
    "accessibility": "Step-free rooms",
    "timing": "on_request",
    "lead_time_weeks": 8,
    "pays_fees": "provider",
    "pays_travel": "recipient",
}


@pytest.fixture
def version(make_offer):
    def version(**changes):
        values = GOOD | {"languages": [factories.LanguageFactory()]} | changes
        return make_offer(status="draft", **values).open_version

    return version


def test_a_good_offer_gets_no_advice(version):
    assert hints(version()) == []


EQUIPMENT = "form.equipment.detection"
EQUIPMENT_SAID = {"transfer_terms": "loan", "spare_parts": "included", "export_licence": "needed", "duration": ""}


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"title": "Various courses"}, "title", "“Various” tells the reader little"),
        ({"description": f"{factories.LONG_ENOUGH} Tools, etc."}, "description", "“etc” tells the reader little"),
        ({"quantity": "Divers outils"}, "quantity", "“Divers”"),
        ({"quantity": "检测器等等"}, "quantity", "“等等”"),
        ({"quantity": "", "description": "A course. " * 20}, "quantity", "how many places or items"),
        ({"duration": ""}, "duration", "how long it takes"),
        ({"standards": ""}, "standards", "which standard it meets"),
        ({"providing_body": ""}, "providing_body", "ministry, agency or centre"),
        ({"prerequisites": ""}, "prerequisites", "who can take part"),
        ({"languages": []}, "languages", "in which languages"),
        ({"accessibility": ""}, "accessibility", "participants with disabilities"),
        ({"funding_partner": "sought"}, "funding_purpose", "what a funding partner would pay for"),
        ({"timing": "", "lead_time_weeks": None}, "timing", "when it can be had"),
        ({"lead_time_weeks": None}, "lead_time_weeks", "how many weeks before"),
        ({"timing": "dates", "starts_on": "2027-03-01"}, "deadline", "until when"),
        (dict.fromkeys(COSTS, ""), "pays_fees", "who pays what"),
        ({"pays_travel": ""}, "pays_travel", "Nobody knows who pays travel."),
        ({"original_language": None}, "original_language", "in which language this text is written"),
        ({"form": EQUIPMENT, **EQUIPMENT_SAID, "transfer_terms": ""}, "transfer_terms", "given or lent"),
        ({"form": EQUIPMENT, **EQUIPMENT_SAID, "spare_parts": ""}, "spare_parts", "spare parts"),
        ({"form": EQUIPMENT, **EQUIPMENT_SAID, "export_licence": ""}, "export_licence", "export licence"),
        (
            {"form": EQUIPMENT, **EQUIPMENT_SAID, "delivery_modes": ["material_only"], "languages": []},
            "pays_freight",
            "Nobody knows who pays freight.",
        ),
    ],
)
def test_each_piece_of_advice_comes_alone_and_leads_to_its_field(version, changes, name, words):
    if isinstance(changes.get("form"), str):
        changes = changes | {"form": factories.FormFactory(code=changes["form"])}

    [(found, sentence)] = hints(version(**changes))

    assert found == name
    assert words in sentence


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": "", "description": "Twelve places, 12 in each course. " * 5},
        {"description": f"{factories.LONG_ENOUGH} Variously gifted instructors etch plates."},
        {"delivery_modes": ["remote"], "pays_travel": ""},
        {"timing": "continuous", "lead_time_weeks": None},
    ],
)
def test_nothing_is_asked_that_is_said_already_or_does_not_matter(version, changes):
    assert hints(version(**changes)) == []


def test_an_offer_without_area_and_form_gets_advice_all_the_same(norland, norlander):
    version = Offer.begin(state=norland, by=norlander).open_version

    names = [name for name, _sentence in hints(version)]

    asked = OfferEditor(version).form.fields
    assert names[0] == "quantity"
    assert set(names) <= asked.keys()


def test_advice_is_no_condition(version, norlander):
    offer = version(**dict.fromkeys(("quantity", "duration", "standards", "providing_body"), ""))
    assert hints(offer)

    offer.submit(by=norlander)

    assert offer.status == "submitted"


@pytest.mark.parametrize("language", ["ar", "fr", "zh-hans"])
def test_advice_can_be_given_in_every_language(version, language):
    with translation.override(language):
        assert hints(version(duration=""))[0][0] == "duration"
