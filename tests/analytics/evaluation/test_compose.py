"""The report of a period: what stands in it comes from figures, and what is not known is said to be not known."""

import re
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.evaluation.as_json import from_json, to_json
from analytics.evaluation.compose import MOST_ROWS, compose, shortened
from analytics.indicators.definitions import DEFINITIONS, HEADLINE
from analytics.models import Completeness, DailyExcluded, IndicatorTarget, Milestone, VerdictReason
from analytics.periods import Period
from analytics.tables import Column, Table
from tests.analytics.evaluation.a_report import a_report
from tests.analytics.evaluation.conftest import DOCUMENT, TRIAL, count_day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("after_the_trial")]


def judged(report, code):
    sections = (*report.sections, *report.annexes)
    found = [*report.headline, *(one for section in sections for one in section.judgements)]
    return next(one for one in found if one.code == code)


def table(report, name):
    sections = (*report.sections, *report.annexes)
    return next(table for section in sections for table in section.tables if table.name == name)


def test_the_report_has_its_parts_in_order_and_every_indicator(trial, figures):
    report = compose(TRIAL)

    assert [section.name for section in report.sections] == [
        "targets", "supply", "use", "connection", "unmet", "duplication", "voice", "cost",
    ]  # fmt: skip
    assert [section.name for section in report.annexes] == [
        "response-of-the-isu", "indicators", "all-targets", "rules", "definitions", "terms", "more-tables", "record",
        "restatements",
    ]  # fmt: skip
    assert [one.code for one in report.headline] == [indicator.value for indicator in HEADLINE]
    assert {judged(report, indicator.value).code for indicator in DEFINITIONS} == {*DEFINITIONS}
    assert report.choices == (
        "Continue", "Continue with changes", "Reduce to links to other sources only", "Close",
    )  # fmt: skip
    # At most two tables of a theme stand in front, and each picture has its table.
    assert all(len(section.tables) <= 2 for section in report.sections)
    for section in (*report.sections, *report.annexes):
        assert {chart.table for chart in section.charts} <= {table.name for table in section.tables}
        assert all(chart.title and chart.description for chart in section.charts)


def test_verdicts_reasons_and_documents_stand_in_the_report(trial, figures, officer):
    VerdictReason.objects.create(period=trial, indicator="U3", reason="First", action="None", by=officer)
    VerdictReason.objects.create(period=trial, indicator="U3", reason="Few knew it.", action="Tell them.", by=officer)

    report = compose(TRIAL)

    visits, contacts = judged(report, "U1"), judged(report, "U3")
    assert (visits.value, visits.verdict, visits.reason) == ("120", "met", "")
    assert (contacts.value, contacts.verdict, contacts.reason) == ("12", "not_met", "Few knew it.")
    assert visits.targets == (f"Met at 100, partly met at 50. Set on 1 December 2026 by: {DOCUMENT}.",)
    assert report.answer.endswith("Targets: 2. Met: 1; partly met: 0; not met: 1; not enough data: 0.")
    # The last column is for the States Parties.
    assert table(report, "management-response").rows == (("Contacts opened", ("Few knew it.", "Tell them.", "")),)


def test_a_target_that_was_replaced_is_shown_beside_the_one_that_holds(trial, officer):
    IndicatorTarget.objects.create(
        period=trial, indicator="U1", met_at=200, partly_at=150, min_n=0, document="Document 8", set_by=officer,
        set_on=date(2026, 12, 20),
    )  # fmt: skip

    report = compose(TRIAL)

    holds, earlier = judged(report, "U1").targets
    assert holds.startswith("Met at 200") and earlier.startswith("An earlier target, which no longer holds: Met at 100")
    assert [cells[-1] for label, cells in table(report, "all-targets").rows if label == "Visits"] == [
        "Replaced before the period began",
        "Holds",
    ]


def test_targets_are_printed_in_the_order_of_the_indicators_and_numbers_are_written_alike(trial, officer):
    for indicator, met_at in (("S1", 20), ("F6", 80), ("U1", 10_000)):
        IndicatorTarget.objects.create(
            period=trial, indicator=indicator, met_at=met_at, partly_at=12, min_n=30, document="Document 8",
            set_by=officer, set_on=date(2026, 12, 20),
        )  # fmt: skip

    report = compose(TRIAL)

    assert list(dict(table(report, "all-targets").rows)) == [
        judged(report, code).name for code in ("S1", "U1", "U3", "F6")
    ]
    assert judged(report, "U1").targets[0].startswith("Met at 10,000, partly met at 12. Set on")
    assert "At least 30 cases." in judged(report, "F6").targets[0]
    assert "cases" not in judged(report, "S1").targets[0]


def test_other_days_than_those_of_a_trial_have_no_verdicts(trial, figures):
    report = compose(Period(TRIAL.first, date(2027, 3, 30)))

    assert judged(report, "U1").verdict == ""
    assert "no targets and no verdicts" in report.answer


def test_while_the_trial_is_running_it_is_judged_by_what_has_passed(trial, figures, after_the_trial):
    after_the_trial.move_to(date(2027, 2, 10))

    report = compose(Period(TRIAL.first, date(2027, 2, 10)))

    assert judged(report, "U1").verdict == "met"
    assert report.caveats[0] == "The period is not over yet. All figures are those up to now."


def test_nothing_recorded_is_said_in_words_and_compared_with_nothing():
    report = compose(TRIAL)

    assert report.before is None
    assert judged(report, "U1").value == "not known"
    assert report.warning == "Nothing was recorded in this period."
    assert "no earlier period was recorded in full" in report.sections[0].paragraphs[0]
    assert "No targets were set for these days." in report.annexes[2].paragraphs


def test_a_period_is_compared_with_the_year_before_once_that_was_recorded(trial, figures):
    count_day(date(2025, 12, 30), view=1)
    count_day(date(2026, 1, 4), view=70)

    report = compose(TRIAL)

    assert report.before == Period(date(2026, 1, 1), date(2026, 3, 31))
    assert judged(report, "U1").change == "70 → 120 (+50; +71%)"


def test_the_caveats_come_with_their_numbers(figures):
    day = date(2027, 1, 4)
    Completeness.objects.filter(day=day).update(minutes_ingested=700, lost=3, torn=1, reconciled=90, loggable=100)
    DailyExcluded.objects.bulk_create(
        DailyExcluded(day=day, reason=reason, n=n)
        for reason, n in (("crawler_detect", 50), ("counter", 30), ("staff", 7), ("own_state", 2))
    )
    count_day(day, unlinked=12)

    said = "\n".join(compose(TRIAL).caveats)

    assert "Left out as robots: 80 of 200 (40.0%)." in said
    assert "Without the third list, that of COUNTER, page views would be up to 150 instead of 120" in said
    assert "switch): 12 of 120 (10.0%)" in said
    assert "own State's offers, are left out: 9 requests." in said
    assert "Days of which less than 95% of the minutes were recorded: 1 of 90 (4 January 2027)." in said
    assert "Days of which nothing was recorded at all: 85." in said
    assert "could not be recorded: 3. Records that could not be read: 1." in said
    assert "web server: 1. Of what should have been counted, 90 of 100 (90.0%)" in said


def test_months_that_are_not_complete_and_milestones_are_marked_in_the_picture(figures):
    Completeness.objects.filter(day=date(2027, 2, 4)).update(minutes_ingested=700)
    Milestone.objects.create(day=date(2027, 3, 2), name="Launch")

    report = compose(TRIAL)

    chart = next(chart for section in report.sections for chart in section.charts if chart.table == "months")
    assert chart.options == {"before": None, "incomplete": [1], "marks": [{"row": 2, "label": "Launch"}]}


def test_a_long_list_is_cut_off_in_front_and_whole_in_the_annex():
    rows = tuple((f"Need {number}", (number,)) for number in range(20))
    needs = Table("needs", "Needs", "Need", (Column("Searches"),), rows)

    assert shortened(needs).rows == rows[:MOST_ROWS]
    assert shortened(needs).note == "The first 8 of 20; all of them stand in the annex."
    assert shortened(replace(needs, rows=rows[:8])) == replace(needs, rows=rows[:8])


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_report_is_the_same_after_it_was_text(trial, figures, language):
    report = compose(TRIAL, language)
    text = to_json(report)

    assert from_json(text) == report
    assert to_json(from_json(text)) == text
    assert report.language == language
    assert not re.search(r"NaN|Infinity|object at 0x|Fraction", text)


def test_a_full_report_with_hostile_words_is_the_same_after_it_was_text():
    report = a_report()

    assert to_json(from_json(to_json(report))) == to_json(report)


def test_what_json_cannot_say_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(replace(a_report(), choices=(float("nan"),)))


def test_the_report_never_asks_the_events_and_takes_the_same_queries_however_much_there_is(trial, figures):
    compose(TRIAL)  # some names are read once for all
    with CaptureQueriesContext(connection) as few:
        compose(TRIAL)
    for day in range(5, 28):
        count_day(date(2027, 1, day), view=5, request=2)
    with CaptureQueriesContext(connection) as many:
        compose(TRIAL)

    assert len(many) == len(few)
    assert not any('"analytics_event"' in query["sql"] for query in many)
