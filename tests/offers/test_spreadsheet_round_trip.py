"""What is taken away in a spreadsheet can be sent back, and says the same again."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import RegionalBody, State
from offers.clean_text import clean_text
from offers.content import FIELDSETS, text_of
from offers.models import (
    Area,
    Condition,
    Cooperation,
    DeliveryMode,
    ExportLicence,
    Form,
    FundingPartner,
    Offer,
    OfferImport,
    PartnerRole,
    Payer,
    Recipients,
    SpareParts,
    Timing,
    TransferTerms,
    YesNo,
)
from offers.models.choices import COST_ITEMS
from offers.spreadsheets import writing
from offers.spreadsheets.checking import check, vocabularies_of
from offers.spreadsheets.reading import read
from tests import factories
from tests.contacts.test_spreadsheet import PAYLOADS

pytestmark = pytest.mark.once

CONTENT = [name for _code, _title, names in FIELDSETS for name in names if name not in {"documents", "contact_points"}]


def world():
    """Two States with an office of the same mailbox each, and something to choose in every list."""
    giver, taker = factories.StateFactory(name_en="Norland"), factories.StateFactory(name_en="Sudland")
    for state in (giver, taker):
        factories.ContactPointFactory(state=state, email="centre@example.org")
    for code in ("survey_clearance", "risk_education", "victim_assistance"):
        factories.AreaFactory(code=f"area.{code}", name_fr=f"Domaine {code}", name_ar=f"مجال {code}")
    for code in ("training", "equipment", "equipment.detectors"):
        factories.FormFactory(code=f"form.{code}")
    for code, name in (("en", "English"), ("fr", "French"), ("ar", "Arabic")):
        factories.LanguageFactory(code=code, name_en=name)
    # Two of one name, and one with the sign that stands between entries.
    for name in ("Group; of States", "Group", "Group"):
        factories.RegionalBodyFactory(group_name_en=name)
    return giver, taker


def sent_back(giver, taker, by, kind):
    """Take the offers of one State away as a file, and send it back for another; the newest wordings of both."""
    vocabularies = vocabularies_of(giver)
    rows = list(writing.rows_of(giver, vocabularies))
    if kind == "csv":
        content = writing.csv_file(rows).encode()
    else:
        content = writing.xlsx_file(rows, vocabularies)
    table = read(SimpleUploadedFile(f"a.{kind}", content))
    imported = OfferImport.objects.create(state=taker, by=by, filename="a", rows=table.rows)
    checked = check(imported)
    assert [row.sentences for row in checked.wrong] == []
    offers = imported.take(by=by, seen=checked.mark)
    old = [offer.open_version or offer.live_version for offer in Offer.objects.filter(state=giver).order_by("pk")]
    return old, [offer.open_version for offer in offers]


def said_by(version):
    return {name: text_of(version, name) for name in CONTENT}


LINE = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40).map(
    lambda text: " ".join(clean_text(text).split())
)
TEXT = st.text(max_size=80).map(lambda text: clean_text(text).strip())
ADDRESS = st.sampled_from(["https://example.org/", "https://example.org/a;b?c=d&e=1", "http://example.org/é"])
ORGANISATION = st.sampled_from(["A centre", "A; B", "North–South Institute", "Team: mines", "=1+1", "Ministère - été"])
LINK_TITLE = st.sampled_from(["", "The course", "a; b", "=1"])


def answer(choices):
    return st.sampled_from(["", *choices.values])


VERSIONS = st.fixed_dictionaries(
    {
        "title": LINE,
        "description": TEXT,
        "quantity": LINE | st.sampled_from(PAYLOADS).map(lambda text: " ".join(clean_text(text).split())),
        "duration": LINE,
        "prerequisites": TEXT,
        "standards": LINE,
        "institutions": LINE,
        "delivery_modes": st.sets(st.sampled_from(DeliveryMode.values)).map(
            lambda chosen: [code for code in DeliveryMode.values if code in chosen]
        ),
        "transfer_terms": answer(TransferTerms),
        "equipment_condition": answer(Condition),
        "spare_parts": answer(SpareParts),
        "training_included": answer(YesNo),
        "export_licence": answer(ExportLicence),
        "recipients": st.sampled_from(Recipients.values),
        "cooperation": st.sampled_from(Cooperation.values),
        "funding_partner": answer(FundingPartner),
        "timing": answer(Timing),
        "starts_on": st.none() | st.dates(date(2027, 1, 1), date(2027, 12, 31)),
        "ends_on": st.none() | st.dates(date(2028, 1, 1), date(2028, 12, 31)),
        "lead_time_weeks": st.none() | st.integers(1, 104),
    }
    | {f"pays_{item}": answer(Payer) for item in COST_ITEMS}
)
# Of how many rows of each list, and the partners and links.
CHOSEN = st.fixed_dictionaries(
    {
        "areas": st.integers(0, 3),
        "form": st.integers(0, 3),
        "languages": st.integers(0, 3),
        "groups": st.integers(0, 3),
        "states": st.integers(0, 2),
        "partners": st.lists(st.tuples(ORGANISATION, st.sampled_from(PartnerRole.values)), max_size=3, unique=True),
        "links": st.lists(
            st.tuples(st.sampled_from(["", "The course", "a; b", "=1"]), ADDRESS), max_size=3, unique=True
        ),
    }
)


def fill(version, values, chosen):
    areas = list(Area.objects.filter(level=1).order_by("position"))[: chosen["areas"]]
    version.primary_area = areas[0] if areas else None
    version.form = [None, *Form.objects.selectable().order_by("pk")][chosen["form"]]
    for name, value in values.items():
        setattr(version, name, value)
    version.save()
    version.more_areas.set(areas[1:])
    version.languages.set(factories.LanguageFactory(code=code) for code in ["en", "fr", "ar"][: chosen["languages"]])
    version.recipient_groups.set(RegionalBody.objects.groups()[: chosen["groups"]])
    version.recipient_states.set(State.objects.all()[: chosen["states"]])
    version.contact_points.set(version.offer.state.contact_points.all())
    for organisation, role in chosen["partners"]:
        version.partners.create(organisation=organisation, role=role)
    for title, url in chosen["links"]:
        version.links.create(title=title, url=url)


class TestRoundTrip(TestCase):
    @given(VERSIONS, CHOSEN, st.sampled_from(["csv", "xlsx"]), st.sampled_from(["en", "fr", "ar", "ru"]))
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_an_offer_sent_back_says_what_it_said(self, values, chosen, kind, language):
        giver, taker = world()
        user = factories.UserFactory(state=giver)
        version = Offer.begin(state=giver, by=user).open_version
        fill(version, values, chosen)
        with override(language):
            olds, news = sent_back(giver, taker, factories.UserFactory(state=taker), kind)

        with override("en"):
            # A draft that says nothing at all is no row.
            assert [said_by(new) for new in news] == [said_by(old) for old in olds]
            assert [[str(o.email) for o in new.contact_points.all()] for new in news] == [["centre@example.org"]]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_offers_of_a_state_come_back_whole(kind):
    giver, taker = world()
    author = factories.UserFactory(state=giver)
    partner = factories.StateFactory(name_en="Westland")
    for number in range(3):
        offer = factories.make_offer(
            state=giver,
            author=author,
            title=f"Course {number}",
            starts_on=date(2027, 1, 1) + timedelta(days=number),
            recipient_states=[partner],
        )
        offer.live_version.partners.create(state=partner, role="host")

    olds, news = sent_back(giver, taker, factories.UserFactory(state=taker), kind)

    assert [said_by(new) for new in news] == [said_by(old) for old in olds]
    assert [new.what_is_missing() for new in news] == [{}] * 3
    assert news[0].offer.state == taker
    assert news[0].partners.get().accepted_on is None


@pytest.mark.django_db
def test_what_can_be_chosen_no_longer_is_told_when_it_comes_back():
    giver, taker = world()
    offer = factories.make_offer(state=giver)
    offer.live_version.contact_points.set([factories.ContactPointFactory(state=giver, email="old@example.org")])
    giver.contact_points.filter(email="old@example.org").update(closed_on=date(2026, 1, 1))
    vocabularies = vocabularies_of(giver)

    (row,) = writing.rows_of(giver, vocabularies)

    assert row["contact_points"] == "old@example.org"
    content = writing.csv_file([row]).encode()
    table = read(SimpleUploadedFile("a.csv", content))
    imported = OfferImport(state=taker, rows=table.rows)
    assert [row.sentences[0].startswith("Row 3, column “Contact points”: “old@") for row in check(imported).rows] == [
        True
    ]


def test_no_cell_of_any_file_is_a_formula(db):
    giver, _taker = world()
    author = factories.UserFactory(state=giver)
    for payload in PAYLOADS:
        factories.make_offer(state=giver, author=author, title=clean_text(payload), status="draft")
    vocabularies = vocabularies_of(giver)

    content = writing.xlsx_file(writing.rows_of(giver, vocabularies), vocabularies)

    book = openpyxl.load_workbook(io.BytesIO(content))
    assert not [cell for sheet in book for row in sheet.rows for cell in row if cell.data_type == "f"]
