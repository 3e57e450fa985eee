"""A report with something of everything, made up, as full as a real one and with hostile words in it."""

from datetime import UTC, date, datetime

from analytics.evaluation.report import Chart, Judgement, Report, Section
from analytics.models import ReportEdition
from analytics.periods import Period
from analytics.tables import Column, Table

HOSTILE = '#panic("x") $x^2$ @label \\ "quotes" <b>&amp;</b> `raw` *bold* =1+1'
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FORMS = ("Expertise", "Training", "Equipment", "Material", "Technology", "Information", "Other")
AREAS = ("Clearance", "Victim assistance", "Risk education", "Stockpile destruction", "Cross-cutting")
DEFINITION = "Openings of the page with the contact points of an offer, after the double-click rule."


def table(name, caption, subject, columns, rows, **options):
    return Table(name, caption, subject, tuple(Column(label, DEFINITION) for label in columns), tuple(rows), **options)


TABLES = {
    "regions": table(
        "regions",
        "States Parties with an offer, by region",
        "Region",
        ("With an offer", "States Parties"),
        [
            ("Eastern Africa", (4, 18)),
            ("Western Europe", (7, 9)),
            ("South-eastern Asia", (0, 8)),
            ("Caribbean", (1, 13)),
        ],
    ),
    "age": table(
        "age",
        "Offers by months since their last confirmation",
        "Months",
        ("Offers",),
        [(str(month), (number,)) for month, number in enumerate((9, 7, 5, 6, 2, 4, 3, 1, 0, 2, 1, 0, 1, 1, 0))],
    ),
    "visits": table(
        "visits",
        "Visits by month",
        "Month",
        ("Visits", "A year before"),
        [(month, (1200 + 137 * place, 900 + 90 * place)) for place, month in enumerate(MONTHS)],
    ),
    "matrix": table(
        "matrix",
        "Offers and contacts opened, by area and form",
        "Area",
        FORMS,
        [
            (area, tuple(f"{(row * 3 + column) % 5} / {(row + 2) * column * 3 % 41}" for column in range(len(FORMS))))
            for row, area in enumerate(AREAS)
        ],
        adds_up=False,
        note="The first number: offers; the second: contacts opened.",
    ),
    "reach": table(
        "reach",
        "How contacts opened are spread over the offers",
        "Offers",
        ("Share of contacts opened",),
        [("20 %", (52.0,)), ("40 %", (74.5,)), ("60 %", (88.0,)), ("80 %", (96.0,)), ("100 %", (100.0,))],
        adds_up=False,
    ),
    "funnel": table(
        "funnel",
        "From a visit to a match",
        "Step",
        ("Cases", "Share of the step before", "Median days"),
        [
            ("Visits with an offer opened", (2140, None, None)),
            ("Visits with contacts opened", (611, "29 %", None)),
            ("Enquiries sent", (48, "8 %", None)),
            ("Enquiries with a first answer", (37, "77 %", 4.5)),
            ("Assistance agreed, confirmed by both sides", (6, "16 %", 61)),
        ],
        adds_up=False,
    ),
    "found": table(
        "found",
        "Did you find what you needed?",
        "Where it was asked",
        ("Yes", "Partly", "No", "Answers"),
        [
            ("Page of an offer", (21, 9, 5, 35)),
            ("After an enquiry", (8, 2, 1, 11)),
            ("Search without a result", (1, 4, 15, 20)),
        ],
        adds_up=False,
    ),
    "targets": table(
        "targets",
        "Targets and what was reached",
        "Indicator",
        ("Value", "Low", "High", "Partly met at", "Met at"),
        [
            ("Offers confirmed in six months, in %", (71.5, 58.0, 82.1, 60.0, 80.0)),
            ("States Parties with a published offer", (12, None, None, 10, 20)),
            ("Enquiries answered in time, in %", (44.0, 30.2, 58.7, 60.0, 80.0)),
        ],
        adds_up=False,
    ),
    "needs": table(
        "needs",
        "What was looked for and not found",
        "Need",
        ("Searches", "What was done about it"),
        [(HOSTILE, (31, "Asked two States on 3 May 2027")), ("كاسحة ألغام", (12, None)), ("排雷机器", (7, "–" * 20))],
        adds_up=False,
    ),
}
CHARTS = {
    "regions": Chart("strip", "regions", "Every region but one has an offer", "A row of boxes for each region."),
    "age": Chart(
        "histogram",
        "age",
        "Most offers were confirmed in the last six months",
        "Columns for 0 to 14 months since the last confirmation, with lines at 6 and 12 months.",
        {"lines": [{"row": 6, "label": "6 months"}, {"row": 12, "label": "12 months"}]},
    ),
    "visits": Chart(
        "columns",
        "visits",
        "Visits by month",
        "Columns from January to December, with those of a year before as outline.",
        {
            "before": 1,
            "incomplete": [3],
            "marks": [{"row": 2, "label": "Launch"}, {"row": 10, "label": "Meeting of the States Parties"}],
        },
    ),
    "matrix": Chart("heat", "matrix", "Where offers and demand meet", "A field for each area and form."),
    "reach": Chart("curve", "reach", "Half of all contacts opened went to a fifth of the offers", "A curve."),
    "funnel": Chart("funnel", "funnel", "From a visit to a match", "Bars that become shorter, from 2140 to 6."),
    "found": Chart("stacked", "found", "Did you find what you needed?", "Three bars of yes, partly and no.", {"n": 3}),
    "targets": Chart(
        "bullet",
        "targets",
        "What was reached, and the targets",
        "A bar for each indicator, beside its thresholds.",
        {"value": 0, "low": 1, "high": 2, "partly": 3, "met": 4},
    ),
    "needs": Chart("bars", "needs", "What was looked for most", "Bars of 31, 12 and 7 searches."),
}


def judgement(code="S1", **changes):
    return Judgement(
        **{
            "code": code,
            "name": "States Parties with a published offer",
            "definition": "States Parties with at least one published offer on the last day of the period.",
            "value": "12 of 164",
            "number": 12.0,
            "base": 164.0,
            "change": "4 → 12",
            "verdict": "partly",
            "verdict_words": "Partly met",
            "targets": ("Met at 20, partly at 10; set on 2 January 2027 by the Committee's letter 12/2027.",),
            "interval": "Everything was counted, so there is no interval.",
            "headline": True,
        }
        | changes
    )


def a_report(language="en", **changes):
    headline = (
        judgement(),
        judgement("S3", name="Offers confirmed in six months", value="31 of 43", number=31.0, base=43.0),
        judgement("U1", name="Visits", value="16,300", number=16300.0, base=None, verdict="met", verdict_words="Met"),
        judgement("U3", name="Contacts opened", value="611", number=611.0, verdict="", verdict_words="No target"),
        judgement(
            "F6",
            name="Enquiries answered in 10 working days",
            value="21 of 48",
            verdict="not_met",
            verdict_words="Not met",
            reason=f"Two offices were closed in August. {HOSTILE}",
            action="The ISU names a second person for each office. لكل مكتب شخص ثان 🙂",
            interval="Between 30 % and 59 %, with 95 % confidence.",
        ),
        judgement(
            "F7",
            name="Matches confirmed by both sides",
            value="6",
            verdict="not_enough",
            verdict_words="Not enough data",
        ),
    )

    def section(name, title, *tables):
        return Section(
            name,
            title,
            (f"{title} These are the figures of the year, and what stands out of them, in two or three sentences.",),
            (judgement(name[0].upper() + "2", headline=False),),
            tuple(TABLES[key] for key in tables),
            tuple(CHARTS[key] for key in tables),
        )

    return Report(
        **{
            "title": "Evaluation of the Platform for Partnerships",
            "language": language,
            "period": Period(date(2027, 1, 1), date(2027, 12, 31)),
            "before": Period(date(2026, 1, 1), date(2026, 12, 31)),
            "answer": "Of six targets, one was met, two were met partly, one was not met; one has not enough data.",
            "decision": "The States Parties are asked to decide how the platform goes on.",
            "choices": ("Continue", "Continue with changes", "Reduce to links only", "Close"),
            "headline": headline,
            "sections": (
                section("supply", "Was it supplied?", "regions", "age"),
                section("use", "Was it used?", "visits", "matrix"),
                section("connection", "Did it connect?", "funnel"),
                section("needs", "What was looked for and not found?", "needs"),
                section("duplication", "Did it duplicate?", "reach"),
                section("voice", "What did users say?", "found"),
                section("cost", "What did it cost?", "targets"),
            ),
            "caveats": (
                "Robots: 38 % of requests were left out.",
                "Visitors of one day are not people: missions share an address.",
            ),
            "annexes": (
                Section("definitions", "Definitions", ("What each indicator means.",), headline),
                Section("terms", "Terms", ("In COUNTER's words.",), (), (TABLES["visits"],)),
            ),
            "rules_version": "2027-01 Europe/Zurich",
        }
        | changes
    )


def an_edition(**changes):
    return ReportEdition(
        **{
            "number": 3,
            "first": date(2027, 1, 1),
            "last": date(2027, 12, 31),
            "language": "en",
            "figures": "{}",
            "sha256": "0123456789abcdef" * 4,
            "rules_version": "2027-01 Europe/Zurich",
            "note": "For the Twenty-fourth Meeting of the States Parties",
            "frozen_at": datetime(2028, 2, 1, 9, 0, tzinfo=UTC),
        }
        | changes
    )
