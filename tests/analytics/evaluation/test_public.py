"""What everybody may read of the evaluation, and that nobody finds a single visitor in it, by whatever subtraction."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.evaluation.compose import compose
from analytics.models import Daily, IndicatorTarget, ReportEdition, TrialPeriod
from offers.enquiry_figures import rounded
from offers.models import CatalogueRevision
from tests import factories
from tests.analytics.evaluation.conftest import DOCUMENT, TRIAL, add

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("after_the_trial")]

NAMES = ("public_evaluation", "public_evaluation_json", "public_evaluation_csv")
CLEARANCE, VICTIMS = "area.survey_clearance", "area.victim_assistance"


def everything(client):
    """All that is public, byte for byte; made anew, as on another process."""
    CatalogueRevision.change()
    return [client.get(reverse(f"analytics:{name}")).content for name in NAMES]


def published(client):
    CatalogueRevision.change()
    return json.loads(client.get(reverse("analytics:public_evaluation_json")).content)


def months_of(client):
    return [[month["month"] for month in period["months"] or ()] for period in published(client)["periods"]]


@pytest.fixture
def areas(db):
    return [factories.AreaFactory(code=code) for code in (CLEARANCE, VICTIMS)]


@pytest.fixture
def use(trial, areas):
    """Of three months: none, few and many of everything."""
    for month, number in ((1, 2), (2, 11), (3, 0)):
        day = date(2027, month, 9)
        for metric, times in (("view", 1), ("search_any", 2), ("search_zero", 1)):
            add(day, metric, number * times)
    for area, opened, contacts in ((CLEARANCE, 38, 6), (VICTIMS, 3, 1)):
        add(date(2027, 2, 9), "investigation", opened, area=area)
        add(date(2027, 2, 9), "request", contacts, area=area)


def test_each_number_is_rounded_by_itself_and_small_ones_are_not_given(client, use):
    (period,) = published(client)["periods"]

    assert period["months"] == [
        {"month": "2027-01", "visits": None, "searches": None, "searches_zero": None},
        {"month": "2027-02", "visits": 10, "searches": 20, "searches_zero": 10},
        {"month": "2027-03", "visits": 0, "searches": 0, "searches_zero": 0},
    ]
    assert [area | {"area": ""} for area in period["areas"]] == [
        {"area": "", "opened": 40, "contacts": 5},
        {"area": "", "opened": None, "contacts": None},
    ]


def test_who_knows_all_other_numbers_exactly_still_cannot_find_one_by_subtraction(client, use):
    """Each number is changed alone, as far as its words allow: no byte of page or file tells the difference.

    Whatever somebody adds up or takes away, the change would have to show somewhere.
    """
    before = everything(client)
    cells = list(Daily.objects.exclude(total=0))
    assert len(cells) == 10

    for cell in cells:
        # 1 becomes 2, 12 becomes 11: as much as before to everybody, and another number in truth.
        changed = next(n for n in (cell.total + 1, cell.total - 1) if rounded(n) == rounded(cell.total))
        Daily.objects.filter(pk=cell.pk).update(total=changed, total_dc=changed, visits=changed)
        assert everything(client) == before, cell
        Daily.objects.filter(pk=cell.pk).update(total=cell.total, total_dc=cell.total, visits=cell.total)


def test_todays_page_says_the_same_as_yesterdays_until_a_whole_month_has_come_to_it(
    client, trial, areas, after_the_trial
):
    after_the_trial.move_to(date(2027, 3, 4))
    add(date(2027, 1, 9), "view", 20)
    add(date(2027, 2, 9), "view", 20)
    january_and_february = [["2027-01", "2027-02"]]
    assert months_of(client) == january_and_february
    before = everything(client)[1:]

    # A month that is running, and one of whose last minutes something may still come in.
    add(date(2027, 3, 4), "view", 500)
    add(date(2027, 3, 4), "investigation", 500, area=CLEARANCE)
    for day in (date(2027, 3, 5), date(2027, 3, 31), date(2027, 4, 3)):
        after_the_trial.move_to(day)
        assert everything(client)[1:] == before, day

    after_the_trial.move_to(date(2027, 4, 4))
    assert months_of(client) == [["2027-01", "2027-02", "2027-03"]]


def test_a_month_counts_in_one_period_only(client, use, officer, after_the_trial):
    """Or the numbers of two periods that overlap could be compared."""
    after_the_trial.move_to(date(2027, 7, 10))
    later = TrialPeriod.objects.create(name="Second", first=date(2027, 2, 1), last=date(2027, 5, 31), made_by=officer)
    IndicatorTarget.objects.create(
        period=later, indicator="U1", met_at=2, partly_at=1, min_n=0, document=DOCUMENT, set_by=officer,
        set_on=date(2027, 1, 2),
    )  # fmt: skip
    # Its first month is not whole.
    TrialPeriod.objects.create(name="Third", first=date(2027, 6, 2), last=date(2027, 7, 31), made_by=officer)

    assert months_of(client) == [[], ["2027-04", "2027-05"], ["2027-01", "2027-02", "2027-03"]]


def test_a_period_without_targets_gives_no_figures_since_its_days_may_still_change(client, areas, officer):
    TrialPeriod.objects.create(name="Without", first=TRIAL.first, last=TRIAL.last, made_by=officer)
    add(date(2027, 1, 9), "view", 20)

    page = everything(client)[0].decode()

    assert months_of(client) == [[]]
    assert "No targets have been set for this period." in page
    assert "Figures come here once a whole month of the period is over." in page


def test_targets_documents_and_rules_are_public_before_the_period_begins(client, trial, after_the_trial):
    after_the_trial.move_to(date(2026, 12, 30))

    page = everything(client)[0].decode()

    assert f"Met at 100, partly met at 50. Set on 1 December 2026 by: {DOCUMENT}." in page
    assert "the database refuses any change" in page
    assert "Reduce to links" not in page


def test_no_state_and_no_offer_is_named(client, use, make_offer):
    offer = make_offer(title="Zeppelin courses")
    add(date(2027, 2, 9), "request", 40)

    said = b"".join(everything(client)).decode()

    for word in ("Norland", "QNO", "Zeppelin", offer.reference):
        assert word not in said
    # The region is; how many of its States offer something can be counted in the catalogue.
    assert offer.state.region.name in said


def test_of_an_edition_everybody_reads_the_verdicts_and_the_hash_and_no_number(client, use, officer):
    edition = ReportEdition.freeze(compose(TRIAL), by=officer, note="Internal note")

    (found,) = published(client)["editions"]

    assert found == {
        "number": 1,
        "first": "2027-01-01",
        "last": "2027-03-31",
        "frozen_on": "2027-04-10",
        "sha256": edition.sha256,
        "verdicts": {"U1": "not_met", "U3": "not_met"},
    }
    assert "Internal note" not in b"".join(everything(client)).decode()


def test_a_visitor_costs_one_statement_and_gets_no_cookie_and_a_new_edition_is_seen_at_once(client, use, officer):
    address = reverse("analytics:public_evaluation")
    client.get(address)

    with CaptureQueriesContext(connection) as captured:
        page = client.get(address)

    assert len(captured) == 1
    assert not page.cookies
    ReportEdition.freeze(compose(TRIAL), by=officer)
    assert "Edition 1" in client.get(address).content.decode()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_is_read_in_any_language_and_without_any_row(client, db, language):
    CatalogueRevision.change()

    for name in ("evaluation/", "evaluation.json", "evaluation.csv"):
        assert client.get(f"/{language}/{name}").status_code == 200
    assert client.post(f"/{language}/evaluation/").status_code == 405
