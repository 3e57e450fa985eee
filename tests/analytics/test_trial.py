"""The trial: targets fixed before a period begins, reasons for what was not met, and what it costs."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from analytics import append_only
from analytics.indicators import cost
from analytics.indicators.measures import Measure
from analytics.models import (
    Indicator,
    IndicatorSnapshot,
    IndicatorTarget,
    Milestone,
    MonthCost,
    ReportEdition,
    TrialPeriod,
)
from analytics.periods import Period
from offers.models import StaleEdit, StepNotAllowed
from tests import factories
from tests.at_once import at_once
from tests.offers.test_hostile_words import PAYLOAD, Dangers
from tests.platform_portal.test_page_structure import all_faults

from .conftest import ZURICH

pytestmark = pytest.mark.django_db

DOCUMENT = "APLC/MSP.24/2026/WP.3, 12 November 2026"
TARGET = {"met_at": "90", "partly_at": "60.5", "baseline": "", "document": DOCUMENT}
REASON = {"reason": "Few States had an office.", "action": "Write to all States again."}


@pytest.fixture
def trial(clock, administrator):
    """The clock stands still on 4 March 2027; the period begins in April."""
    return TrialPeriod.objects.create(
        name="First year", first=date(2027, 4, 1), last=date(2028, 3, 31), made_by=administrator
    )


@pytest.fixture
def admin(clock, client, administrator):
    """A browser in which an administrator of the ISU has signed in, by the clock of the test."""
    client.force_login(administrator)
    return client


@pytest.fixture
def isu(clock, client, officer):
    client.force_login(officer)
    return client


def set_target(trial, indicator=Indicator.COVERAGE, **values):
    values = {"met_at": 40, "partly_at": 20, "min_n": 0, "document": DOCUMENT, "by": trial.made_by} | values
    return trial.set_target(indicator, **values)


def text_of(response):
    return " ".join(response.content.decode().split())


def target_page(trial, code="S1"):
    return reverse("analytics:trial_target", args=[trial.pk, code])


# Periods and targets


def test_an_administrator_enters_a_period_that_lies_ahead(admin, clock):
    page = reverse("analytics:new_trial_period")
    refused = [
        ({"first": "2027-03-04", "last": "2027-12-31"}, "its first day is tomorrow or later"),
        ({"first": "2027-06-01", "last": "2027-05-31"}, "The last day comes before the first."),
        ({"first": "2027-06-01", "last": "9999-12-31"}, "at most five years"),
        ({"first": "", "last": "soon"}, "Enter a valid date"),
    ]
    for days, problem in refused:
        assert problem in text_of(admin.post(page, {"name": "First year"} | days))
    assert not TrialPeriod.objects.exists()

    admin.post(page, {"name": "السنة الأولى", "first": "2027-04-01", "last": "2028-03-31"})
    again = admin.post(page, {"name": "السنة الأولى", "first": "2027-04-01", "last": "2028-03-31"})

    trial = TrialPeriod.objects.get()
    assert trial.days == Period(date(2027, 4, 1), date(2028, 3, 31))
    assert "There is a period with this name already." in text_of(again)
    assert "Targets must be set before 1 April 2027: 6 headline indicators have none yet." in text_of(
        admin.get(reverse("analytics:trial"))
    )


def test_the_days_of_a_period_change_until_it_has_a_target(admin, trial):
    page = reverse("analytics:change_trial_period", args=[trial.pk])
    admin.post(page, {"name": "First year", "first": "2027-05-01", "last": "2028-04-30"})
    trial.refresh_from_db()
    assert trial.first == date(2027, 5, 1)

    set_target(trial)
    admin.post(page, {"name": "Year one", "first": "2027-06-01", "last": "2028-05-31"})

    trial.refresh_from_db()
    assert (trial.name, trial.first) == ("Year one", date(2027, 5, 1))


def test_a_changed_target_is_shown_beside_the_old_one(admin, trial, clock):
    admin.post(target_page(trial, "F6"), TARGET | {"min_n": "25"})
    same_day = admin.post(target_page(trial, "F6"), TARGET | {"min_n": "25", "met_at": "80"})
    assert "has been set today already" in text_of(same_day)
    assert 'value="80"' in text_of(same_day)

    clock.shift(timedelta(days=1))
    admin.force_login(trial.made_by)
    assert admin.post(target_page(trial, "F6"), TARGET | {"min_n": "25", "met_at": "80"}).status_code == 302

    page = text_of(admin.get(trial.get_absolute_url()))
    assert "Met at 80 per cent, partly met at 60.50." in page
    assert "No longer holds:" in page
    assert "Met at 90 per cent, partly met at 60.50." in page
    assert page.count(DOCUMENT) == 2
    assert [target.min_n for target in trial.targets.all()] == [25, 25]


@pytest.mark.once
def test_a_target_must_make_sense_and_name_its_document(admin, trial):
    refused = [
        ("S3", {"met_at": "101"}, "A share is 100 per cent at most."),
        ("S1", {"partly_at": "91"}, "What is partly met cannot be more than what is met."),
        ("S1", {"met_at": "-1", "partly_at": "-2"}, "greater than or equal to 0"),
        ("S1", {"met_at": "1e12"}, "no more than"),
        ("S1", {"met_at": "NaN"}, "Enter a number."),
        ("S1", {"document": " \u200b "}, "Name the document that set the target."),
        ("S1", {"document": "x" * 201}, "nothing of it has been cut off"),
    ]
    for code, values, problem in refused:
        assert problem in text_of(admin.post(target_page(trial, code), TARGET | values)), values
    assert not IndicatorTarget.objects.exists()
    # Nothing is judged by what is better the less there is of it, nor by what is unknown.
    assert admin.get(target_page(trial, "S4")).status_code == 404
    assert admin.get(target_page(trial, "ZZ")).status_code == 404


def test_once_a_period_has_begun_its_targets_are_fixed(admin, trial, clock):
    clock.move_to(datetime(2027, 3, 31, 23, 59, tzinfo=ZURICH))
    set_target(trial)
    clock.move_to(datetime(2027, 4, 1, 0, 0, tzinfo=ZURICH))
    admin.force_login(trial.made_by)

    assert "<form" not in text_of(admin.get(target_page(trial))).partition("<main")[2]
    refused = text_of(admin.post(target_page(trial), TARGET))
    assert "its targets are fixed" in refused
    assert DOCUMENT in refused
    assert trial.targets.count() == 1


def test_the_database_refuses_what_no_page_offers(trial, officer, clock):
    target = set_target(trial)
    edition = ReportEdition.objects.create(
        number=1, first=trial.first, last=trial.last, language="en", figures="{}", sha256="0", rules_version="1"
    )
    late = {"period": trial, "indicator": "S3", "met_at": 1, "partly_at": 1, "document": "D", "set_by": officer}
    attempts = [
        lambda: IndicatorTarget.objects.update(met_at=10),
        lambda: IndicatorTarget.objects.filter(pk=target.pk)._raw_delete("default"),
        lambda: IndicatorTarget.objects.create(**late, min_n=0, set_on=trial.first),
        lambda: TrialPeriod.objects.update(first=date(2027, 5, 1)),
        lambda: TrialPeriod.objects.update(last=date(2029, 5, 1)),
        lambda: ReportEdition.objects.update(figures="[]"),
        lambda: ReportEdition.objects.filter(pk=edition.pk)._raw_delete("default"),
    ]

    def all_refused():
        for attempt in attempts:
            with pytest.raises(IntegrityError), transaction.atomic():
                attempt()

    all_refused()
    # A name may be corrected, and the days as they are be saved again.
    TrialPeriod.objects.update(name="Year one", first=trial.first)
    # Whoever makes a table anew loses its triggers; each migration sets them again.
    with connection.cursor() as cursor:
        for table in append_only.APPEND_ONLY:
            names = ["unchanged"] if connection.vendor == "postgresql" else ["update", "delete"]
            for name in names:
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {table}_{name}{on}")
    call_command("migrate", verbosity=0)
    all_refused()


@pytest.mark.django_db(transaction=True)
def test_of_two_targets_at_once_one_is_refused_in_words(append_only_rows, administrator):
    trial = TrialPeriod.objects.create(
        name="Later", first=date(2090, 1, 1), last=date(2090, 12, 31), made_by=administrator
    )

    def try_to_set():
        try:
            return str(set_target(trial).met_at)
        except StepNotAllowed as refusal:
            return str(refusal)

    answers = at_once(try_to_set, try_to_set)

    assert trial.targets.count() == 1
    assert sum("has been set today already" in answer for answer in answers) == 1


# Verdicts and reasons


def test_what_was_not_met_waits_for_a_reason_of_the_isu(isu, officer, trial, clock):
    set_target(trial, Indicator.COVERAGE, met_at=40, partly_at=20)
    set_target(trial, Indicator.OFFERS, met_at=2, partly_at=1)
    page = reverse("analytics:trial_reason", args=[trial.pk, "S1"])
    for indicator, number, base in (("S1", 9, 162), ("S2", 4, None)):
        IndicatorSnapshot.objects.create(day=trial.last, indicator=indicator, numerator=number, denominator=base)
    assert "Nothing was saved" in text_of(isu.post(page, REASON))
    clock.move_to(datetime(2028, 4, 1, 8, tzinfo=ZURICH))
    isu.force_login(officer)

    shown = text_of(isu.get(trial.get_absolute_url()))
    assert "1 target was not met and waits for a reason and a proposed action." in shown
    assert "Not met" in shown
    assert "9 of 162" in shown

    missing = text_of(isu.post(page, {"reason": "Kept <b>as typed</b>", "action": " "}))
    assert "Say what you propose to do." in missing
    assert "Kept &lt;b&gt;as typed&lt;/b&gt;" in missing
    for _press in range(2):
        assert isu.post(page, REASON).status_code == 302
    isu.post(page, REASON | {"action": "Ask the regional bodies."})

    assert f">{REASON['reason']}<" in text_of(isu.get(page))
    assert [reason.action for reason in trial.reasons.all()] == [REASON["action"], "Ask the regional bodies."]
    shown = text_of(isu.get(trial.get_absolute_url()))
    assert "Ask the regional bodies." in shown
    assert REASON["action"] not in shown
    assert "waits for a reason" not in shown
    assert REASON["action"] in text_of(isu.get(page))
    # What was met needs no words.
    assert "Nothing was saved" in text_of(isu.post(reverse("analytics:trial_reason", args=[trial.pk, "S2"]), REASON))
    assert not trial.reasons.filter(indicator="S2").exists()


# Milestones and costs


def test_days_that_explain_figures_are_added_once_and_removed(isu, clock):
    page = reverse("analytics:trial_milestones")
    day = {"day": "2027-11-22", "name": "Meeting of the States Parties"}
    isu.post(page, day)
    again = isu.post(page, day)

    assert "This is on the list already." in text_of(again)
    milestone = Milestone.objects.get()
    for status in (302, 404):
        assert isu.post(reverse("analytics:remove_milestone", args=[milestone.pk])).status_code == status
    assert not Milestone.objects.exists()


def test_what_a_month_costs_is_entered_and_corrected_with_a_name(isu, officer, clock, administrator):
    page = reverse("analytics:trial_cost", args=["2027-03"])
    assert isu.post(page, {"hours": "12.5", "hosting": "80", "note": "Move", "seen": ""}).status_code == 302
    opened = MonthCost.objects.get().mark
    clock.shift(timedelta(minutes=5))
    other = Client()
    other.force_login(administrator)
    assert other.post(page, {"hours": "14", "hosting": "80", "seen": opened}).status_code == 302

    response = isu.post(page, {"hours": "13", "hosting": "80", "seen": opened})

    assert response.status_code == 409
    assert "14.0 hours" in text_of(response)
    assert 'value="13"' in text_of(response)
    assert MonthCost.objects.get().hours == 14
    # Saved again from there, it is meant.
    isu.post(page, {"hours": "13", "hosting": "80", "seen": MonthCost.objects.get().mark})
    saved = MonthCost.objects.get()
    assert (saved.month, saved.hours, saved.by) == (date(2027, 3, 1), 13, officer)
    assert officer.email in text_of(isu.get(reverse("analytics:trial")))
    # A mark that no page has given.
    forged = isu.post(reverse("analytics:trial_cost", args=["2027-02"]), {"hours": "1", "hosting": "1", "seen": "x"})
    assert forged.status_code == 409
    for nowhere in ("2027-04", "2027-13", "march", "0000-01"):
        assert isu.get(reverse("analytics:trial_cost", args=[nowhere])).status_code == 404, nowhere
    for hours in ("-1", "x", "1e9", ""):
        refused = isu.post(page, {"hours": hours, "hosting": "80", "seen": saved.mark})
        assert "There is a problem" in text_of(refused)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_the_same_month_at_once_one_is_told(officer):
    def enter(hours):
        try:
            return MonthCost.enter(
                date(2027, 3, 1), by=officer, seen="", hours=Decimal(hours), hosting=Decimal(0), note=""
            )
        except StaleEdit:
            return None

    answers = at_once(lambda: enter(1), lambda: enter(2))

    assert sum(answer is None for answer in answers) == 1
    assert MonthCost.objects.count() == 1


@pytest.mark.parametrize("count", [1, 4])
def test_pages_of_the_trial_need_as_many_queries_however_much_is_entered(
    isu, trial, administrator, count, django_assert_num_queries
):
    for number in range(count):
        other = TrialPeriod.objects.create(
            name=f"Year {number}", first=date(2028 + number, 4, 1), last=date(2029 + number, 3, 31),
            made_by=administrator,
        )  # fmt: skip
        set_target(other)
        set_target(trial, list(Indicator)[number])
        MonthCost.objects.create(month=date(2026, number + 1, 1), hours=1, hosting=1, by=administrator)
        Milestone.objects.create(day=trial.first, name=f"Day {number}")
        trial.give_reason("S1", by=administrator, reason=f"Reason {number}", action="Action")

    with django_assert_num_queries(6):
        isu.get(reverse("analytics:trial"))
    with django_assert_num_queries(5):
        isu.get(trial.get_absolute_url())


# C1


def test_months_count_by_the_part_of_their_days_and_nothing_is_divided_by_zero(officer, clock):
    april = Period(date(2027, 4, 11), date(2027, 5, 31))
    assert cost.measures(april) == [Measure(Indicator.COST, None)]
    [table] = cost.tables(april)
    assert table.rows == (
        ("Hours of work", (None, None, None, None)),
        ("Hosting, in Swiss francs", (None, None, None, None)),
    )
    assert "No cost was entered for: April 2027, May 2027." in table.note

    for month, hours in ((date(2027, 4, 1), 30), (date(2027, 5, 1), 10), (date(2027, 6, 1), 99)):
        MonthCost.objects.create(month=month, hours=hours, hosting=60, by=officer)
    assert cost.measures(april) == [Measure(Indicator.COST, 30.0)]
    [table] = cost.tables(april)
    assert table.rows[0] == ("Hours of work", (30.0, None, None, None))
    assert table.rows[1] == ("Hosting, in Swiss francs", (100.0, None, None, None))

    IndicatorSnapshot.objects.create(day=april.last, indicator="S2", numerator=4)
    clock.move_to(datetime(2027, 5, 3, 10, tzinfo=ZURICH))
    for status in ("answered", "declined", "open"):
        factories.make_enquiry(status=status)
    clock.move_to(datetime(2027, 7, 1, 10, tzinfo=ZURICH))
    [table] = cost.tables(april)
    assert table.rows[0] == ("Hours of work", (30.0, 7.5, 15.0, None))
    assert "Offers at the end: 4; enquiries answered: 2; matches: 0." in table.note


@pytest.mark.once
def test_pages_hold_together_and_run_nothing_that_was_typed(admin, administrator, trial, clock):
    TrialPeriod.objects.update(name=PAYLOAD[:100])
    set_target(trial, document=PAYLOAD[:200])
    Milestone.objects.create(day=trial.first, name=PAYLOAD[:100])
    MonthCost.objects.create(month=date(2027, 3, 1), hours=1, hosting=1, note=PAYLOAD[:200], by=administrator)
    trial.give_reason("S1", by=administrator, reason=PAYLOAD, action=PAYLOAD)
    IndicatorSnapshot.objects.create(day=trial.last, indicator="S1", numerator=1, denominator=162)
    pages = [
        reverse("analytics:trial"),
        trial.get_absolute_url(),
        target_page(trial),
        reverse("analytics:change_trial_period", args=[trial.pk]),
        reverse("analytics:trial_cost", args=["2027-03"]),
    ]
    shown = [admin.get(page) for page in pages]
    wrong = {"met_at": PAYLOAD, "document": PAYLOAD, "day": PAYLOAD, "name": PAYLOAD, "hours": PAYLOAD, "seen": PAYLOAD}
    shown += [
        admin.post(page, wrong) for page in (target_page(trial), reverse("analytics:trial_milestones"), pages[-1])
    ]
    clock.move_to(datetime(2028, 4, 1, 8, tzinfo=ZURICH))
    admin.force_login(administrator)
    shown += [
        admin.get(page) for page in (trial.get_absolute_url(), reverse("analytics:trial_reason", args=[trial.pk, "S1"]))
    ]
    call_command("close_portal", reason=PAYLOAD[:200], verbosity=0)
    shown += [admin.get(pages[0]), admin.post(pages[3], wrong)]

    for response in shown:
        page = response.content.decode()
        assert Dangers(page).found == [], response.request["PATH_INFO"]
        assert "Canary&#x27;&quot;" in page, response.request["PATH_INFO"]
        assert list(all_faults(page)) == [], response.request["PATH_INFO"]
