"""The evaluation report for the ISU: as a draft from the figures of the moment, and as editions that never change."""

import hashlib

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.access import isu_only
from contacts.models import language_tag

from ..charts import svg
from ..evaluation import files
from ..evaluation.as_json import hash_of, to_json
from ..evaluation.compose import compose
from ..forms.evaluation import EvaluationForm, FreezeForm
from ..indicators.verdicts import Verdict
from ..models import AlreadyFrozen, ReportEdition
from ..tables import in_words

# Files that are the same bytes each time they are made of an edition.
WITH_HASH = ("json", "csv")


@isu_only
@require_safe
def evaluation(request):
    form = EvaluationForm(request.GET, language=get_language())
    if not form.is_valid():
        return render(request, "analytics/evaluation.html", {"form": form} | _editions())
    return _draft_page(request, form, compose(form.period, form.language))


@isu_only
@require_safe
def evaluation_file(request, kind):
    form = EvaluationForm(request.GET, language=get_language())
    if kind not in files.KINDS:
        raise Http404
    if not form.is_valid():
        return redirect(f"{reverse('analytics:evaluation')}?{request.GET.urlencode()}")
    return _file(kind, compose(form.period, form.language))


@isu_only
@require_POST
def freeze(request):
    """Freeze what was read. A second click leads to the same edition, and whoever was slower is told."""
    parameters = QueryDict(request.GET.urlencode())
    form = EvaluationForm(parameters, language=get_language())
    if not form.is_valid():
        return redirect(f"{reverse('analytics:evaluation')}?{parameters.urlencode()}")
    if edition := _frozen_by_the_first_click(request.POST):
        return redirect("analytics:edition", edition.number)
    report = compose(form.period, form.language)
    freezing = FreezeForm(request.POST, without_reason=without_reason(report))
    if not freezing.is_valid():
        return _draft_page(request, form, report, freezing)
    if freezing.cleaned_data["seen"] != hash_of(to_json(report)):
        messages.warning(
            request,
            _("Nothing was frozen: the figures have changed while you read them. Look at them as they are now."),
        )
        return _draft_page(request, form, report, freezing)
    try:
        edition = ReportEdition.freeze(
            report, by=request.user, note=freezing.cleaned_data["note"], number=freezing.cleaned_data["number"]
        )
    except AlreadyFrozen:
        if edition := _frozen_by_the_first_click(request.POST):
            return redirect("analytics:edition", edition.number)
        messages.warning(
            request, _("Nothing was frozen: somebody else has just frozen an edition. Look at it before you go on.")
        )
        return _draft_page(request, form, report, freezing)
    messages.success(request, _("Edition %(number)d is frozen.") % {"number": edition.number})
    return redirect("analytics:edition", edition.number)


@isu_only
@require_safe
def edition(request, number):
    """From the stored text alone."""
    found = get_object_or_404(ReportEdition.objects.select_related("frozen_by"), number=number)
    report = found.report
    contents = {kind: files.content_of(kind, report, found) for kind in WITH_HASH}
    context = {
        "edition": found,
        "hashes": [(kind.upper(), hashlib.sha256(content).hexdigest()) for kind, content in contents.items()],
        "files": [(kind.upper(), reverse("analytics:edition_file", args=[number, kind])) for kind in files.KINDS],
        "language_name": get_language_info(report.language)["name_translated"],
    }
    return render(request, "analytics/evaluation_edition.html", context | _printed(report))


@isu_only
@require_safe
def edition_file(request, number, kind):
    found = get_object_or_404(ReportEdition, number=number)
    if kind not in files.KINDS:
        raise Http404
    return _file(kind, found.report, found)


def without_reason(report):
    """Targets that were not met, and of which the ISU has not said why."""
    return tuple(one for one in report.judgements.values() if one.verdict == Verdict.NOT_MET and not one.reason)


def _frozen_by_the_first_click(posted):
    """The edition that the same page has made already."""
    return (
        ReportEdition.objects.filter(number=posted["number"], sha256=posted.get("seen", "")).first()
        if posted.get("number", "").isdecimal() and len(posted["number"]) < 10
        else None
    )


def _draft_page(request, form, report, freezing=None):
    editions, missing = _editions(), without_reason(report)
    parameters = urlencode(
        {"from": report.period.first.isoformat(), "to": report.period.last.isoformat(), "language": report.language}
    )
    # What was typed stays; the number and the hash are those of what is on the page now.
    now = {"number": editions["next_number"], "seen": hash_of(to_json(report))}
    if freezing is None:
        freezing = FreezeForm(initial=now, without_reason=missing)
    else:
        freezing.data = freezing.data.dict() | now
    context = {
        "form": form,
        "freezing": freezing,
        "without_reason": missing,
        "parameters": parameters,
        "files": [
            (kind.upper(), f"{reverse('analytics:evaluation_file', args=[kind])}?{parameters}") for kind in files.KINDS
        ],
    }
    return render(request, "analytics/evaluation.html", context | editions | _printed(report))


def _editions():
    found = list(ReportEdition.objects.defer("figures"))
    return {"editions": found, "next_number": found[0].number + 1 if found else 1}


def _printed(report):
    """The report as the template prints it: in the language and the direction of its own."""
    right_to_left = get_language_info(report.language)["bidi"]
    with translation.override(report.language):
        return {
            "report": report,
            "sections": [_with_tables(section, right_to_left) for section in report.sections],
            "annexes": [_with_tables(section, right_to_left) for section in report.annexes],
            "tag": language_tag(report.language),
            "direction": "rtl" if right_to_left else "ltr",
        }


def _with_tables(section, right_to_left):
    charts = {chart.table: chart for chart in section.charts}
    return section, [
        _printed_table(
            table, svg(charts[table.name], table, right_to_left=right_to_left) if table.name in charts else ""
        )
        for table in section.tables
    ]


def _printed_table(table, picture):
    """Cells in words. Columns of numbers alone are set to their ends."""
    numeric = [
        all(isinstance(cells[place], (int, float, type(None))) for _label, cells in table.rows)
        for place in range(len(table.columns))
    ]

    def cells_of(cells):
        return list(zip(map(in_words, cells), numeric, strict=True))

    return {
        "table": table,
        "picture": picture,
        "columns": list(zip((column.label for column in table.columns), numeric, strict=True)),
        "rows": [(label, cells_of(cells)) for label, cells in table.rows],
        "totals": cells_of(table.totals) if table.adds_up and table.rows else [],
    }


def _file(kind, report, edition=None):
    content_type, _module = files.KINDS[kind]
    name = files.name_of(kind, report.period, edition)
    return HttpResponse(
        files.content_of(kind, report, edition),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
