"""What everybody may read of the evaluation: as a page, and as files for programs."""

from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from offers.records import TERMS
from offers.revision import kept

from ..csv_file import as_file
from ..evaluation.public import public_evaluation, rounding_rule
from ..evaluation.wording import questions, verdict_rules


@login_not_required
@require_safe
def evaluation(request):
    """Made once for each day and revision: a visitor costs the one statement that reads the mark."""
    context = {
        "evaluation": kept("evaluation", public_evaluation),
        "questions": questions(),
        "verdict_rules": verdict_rules(),
        "rounding": rounding_rule(),
    }
    return render(request, "analytics/public_evaluation.html", context)


@login_not_required
@require_safe
def evaluation_json(request):
    found = kept("evaluation", public_evaluation)
    content = {
        "title": _("How the trial is evaluated"),
        "terms": str(TERMS),
        "rounding": rounding_rule(),
        "small": _("A number that is null is between 1 and 4."),
        "definitions": {indicator.value: str(text) for indicator, text in found.definitions},
        "periods": [_period(period) for period in found.periods],
        "coverage": found.coverage
        and [
            {"region": label, "with_offer": cells[0], "states_parties": cells[1]}
            for label, cells in found.coverage.rows
        ],
        "editions": [
            {
                "number": edition.number,
                **_days(edition.days),
                "frozen_on": edition.frozen_on.isoformat(),
                "sha256": edition.sha256,
                "verdicts": {indicator.value: verdict.value for indicator, verdict in edition.verdicts},
            }
            for edition in found.editions
        ],
    }
    return JsonResponse(
        content, json_dumps_params={"ensure_ascii": False}, headers={"Access-Control-Allow-Origin": "*"}
    )


@login_not_required
@require_safe
def evaluation_csv(request):
    return as_file(_rows(kept("evaluation", public_evaluation)), "evaluation.csv")


def _rows(found):
    yield [_("How the trial is evaluated")]
    yield [rounding_rule()]
    yield [str(TERMS)]
    for period in found.periods:
        for table in period.tables:
            yield []
            yield [period.name, period.days.first.isoformat(), period.days.last.isoformat()]
            yield [table.caption]
            for column in table.columns:
                yield [column.label, column.definition]
            yield [table.subject, *(column.label for column in table.columns)]
            for label, cells in table.rows:
                yield [label, *(_("1 to 4") if cell.number is None else cell.number for cell in cells)]


def _period(period):
    by_month, by_area = period.tables or (None, None)
    return {
        "name": period.name,
        **_days(period.days),
        "notices": list(period.warnings),
        "targets": {indicator.value: words for indicator, words in period.targets},
        "months": by_month
        and [
            {"month": f"{month:%Y-%m}"} | _numbers(cells, "visits", "searches", "searches_zero")
            for month, (_label, cells) in zip(period.months, by_month.rows, strict=True)
        ],
        "areas": by_area and [{"area": label} | _numbers(cells, "opened", "contacts") for label, cells in by_area.rows],
    }


def _days(period):
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}


def _numbers(cells, *names):
    return {name: cell.number for name, cell in zip(names, cells, strict=True)}
