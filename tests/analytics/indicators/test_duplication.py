"""Whether the portal repeats what others keep: D1 and D2."""

from datetime import date

import pytest

from analytics.indicators import measure_all
from analytics.indicators.duplication import measures, tables
from contacts.models import LinkKind, RelatedSource, StateLink
from offers.models import Offer, OfferDocument, OfferLink, OfferVersion, RefusalGround
from offers.similar import near_same
from tests import factories

from .conftest import MARCH, rows_of, values_of

pytestmark = pytest.mark.django_db
OTHER = (
    "Ground-penetrating radar, dual sensors and the spare parts for them are lent for as long as the survey of an area "
    "takes, with a technician who teaches how they are kept in repair and calibrated in the field."
)


def test_nearly_the_same_text_of_the_same_state_in_the_same_form_is_suspected(clock, make_offer, sudland):
    one = make_offer()
    again = make_offer(description=f"{factories.LONG_ENOUGH} Lodging is free.", primary_area=factories.AreaFactory(
        code="area.risk_education"
    ))  # fmt: skip
    make_offer(description=OTHER)
    make_offer(form=factories.FormFactory(code="form.equipment"))
    factories.make_offer(state=sudland)

    assert near_same(Offer.objects.all()) == {one.pk, again.pk}
    assert values_of(measures(MARCH))["D1"] == (2, 5)


def test_four_fifths_of_the_different_words_are_the_limit(make_offer):
    words = "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima".split()
    one = make_offer(title="x", description=" ".join(words * 3))
    # With the title, 12 of 14 words are in both.
    other = make_offer(title="x", description=" ".join([*words[:11], "mike"] * 3))

    assert near_same(Offer.objects.all()) == {one.pk, other.pk}

    # 11 of 15.
    text = " ".join([*words[:10], "mike", "oscar"] * 3)
    OfferVersion.objects.filter(pk=other.live_version_id).update(description=text)
    assert near_same(Offer.objects.all()) == set()


def test_links_to_sources_and_documents_kept_as_copies(clock, make_offer, norland, sudland):
    assisting = factories.AreaFactory(code="area.victim_assistance")
    version = make_offer(primary_area=assisting).live_version
    factories.make_offer(state=sudland, primary_area=assisting)
    draft = make_offer(status="draft").open_version
    former = factories.StateFactory(withdrawal_effective=date(2027, 1, 1))
    for state, kind in ((norland, LinkKind.CRPD), (norland, LinkKind.OTHER), (former, LinkKind.MONITOR)):
        StateLink.objects.create(state=state, kind=kind, url=f"https://example.org/{kind}")
    RelatedSource.objects.create(code="monitor", name_en="Monitor", url="https://example.org/m", kind=LinkKind.MONITOR)
    for each in (version, draft):
        OfferLink.objects.create(version=each, url="https://example.org/course")
        OfferDocument.objects.create(
            version=each, title="Programme", language=factories.LanguageFactory(), filename="a.pdf", size=1
        )

    assert values_of(measures(MARCH))["D2"] == (4, 5)
    rows = list(rows_of(tables(MARCH), "duplication").items())
    assert [cells for _label, cells in rows[2:6]] == [(2,), (1,), (1,), (1,)]
    assert dict(rows)["States Parties with a link of their own: Profile by the Landmine Monitor"] == ("0 of 2",)
    assert rows[-1][1] == ("1 of 2",)


def test_what_the_isu_refused_as_repeating_another(clock, make_offer, officer):
    make_offer(status="refused")
    version = make_offer(status="submitted").open_version
    version.refuse(by=officer, reason="See the other one.", seen=version.edit_number, ground=RefusalGround.DUPLICATE)

    rows = rows_of(tables(MARCH), "duplication")
    assert rows["Offers that the ISU refused in the period as repeating another"] == (1,)


def test_all_themes_together_give_each_indicator_once(clock, make_offer):
    make_offer()

    found = measure_all(MARCH)

    assert {"S1", "F7", "D1"} <= set(found)
    assert all(measure.indicator == indicator for indicator, measure in found.items())
