"""Offers in a spreadsheet: taken away to be filled in, sent back, looked at, and taken as drafts."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import focal_points_only, isu_only, writers_only
from contacts.models import State
from offers.documents import CONTENT_SECURITY_POLICY, safe_filename
from offers.forms.spreadsheets import UploadForm, UploadOnBehalfForm
from offers.models import OfferImport, StepNotAllowed
from offers.models.imports import KEPT_DAYS
from offers.spreadsheets import writing
from offers.spreadsheets.checking import check, vocabularies_of
from offers.spreadsheets.reading import MOST_ROWS

from .steps import posted

CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8; header=present",
}


@focal_points_only
@require_http_methods(["GET", "HEAD", "POST"])
def spreadsheet(request):
    """What can be taken away, and where it is sent back; sending shows what would become of it and writes no offer."""
    form = UploadForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _received(request, form, state=request.user.state)
    return render(request, "offers/import_form.html", _upload_page(request, form))


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def spreadsheet_on_behalf(request):
    """A sheet that a State has sent with a note verbale; each row becomes a draft entered on its behalf."""
    form = UploadOnBehalfForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return _received(request, form, state=form.cleaned_data["state"], **form.paper)
    return render(request, "offers/import_on_behalf.html", _upload_page(request, form))


def _received(request, form, **whose):
    table = form.cleaned_data["table"]
    filename = safe_filename(form.cleaned_data["file"].name)
    imported = OfferImport.objects.create(by=request.user, filename=filename, rows=table.rows, **whose)
    for notice in table.notices:
        messages.warning(request, notice)
    return redirect("offers:import", imported.pk)


def _upload_page(request, form):
    return {
        "form": form,
        "imports": OfferImport.objects.usable_by(request.user).defer("rows").select_related("by", "state")[:10],
        "most_rows": MOST_ROWS,
        "kept_days": KEPT_DAYS,
    }


@focal_points_only
@require_safe
def empty_template(request, suffix):
    return _file(request.user.state, [], suffix, _("Template for offers"))


@isu_only
@require_safe
def template_for_state(request, iso3):
    """The empty sheet with the offices of that State, to be sent to it."""
    state = get_object_or_404(State.objects.parties(), iso3=iso3.upper())
    return _file(state, [], "xlsx", _("Template for offers of %(state)s") % {"state": state.name})


@focal_points_only
@require_safe
def own_offers(request, suffix):
    vocabularies = vocabularies_of(request.user.state)
    rows = writing.rows_of(request.user.state, vocabularies)
    return _file(request.user.state, rows, suffix, _("Our offers"), vocabularies)


@writers_only
@require_safe
def preview(request, pk):
    """What would become of each row, or what has become of it."""
    imported = _own_import(request, pk)
    back = reverse("offers:spreadsheet_on_behalf" if request.user.is_isu else "offers:spreadsheet")
    context = {"imported": imported, "check": check(imported), "back": back}
    return render(request, "offers/import_preview.html", context)


@writers_only
@require_safe
def errors_file(request, pk):
    """The same rows again, with a column that says what is wrong in each."""
    imported = _own_import(request, pk)
    checked = check(imported)
    problems = {
        number: [(name, sentence) for (name, _message), sentence in zip(row.problems, row.sentences, strict=True)]
        for number, row in enumerate(checked.rows)
        if row.problems
    }
    content = writing.xlsx_file([row.cells for row in checked.rows], checked.vocabularies, problems)
    return _download(content, "xlsx", _("Offers to put right"))


@writers_only
@require_POST
def take(request, pk):
    """Make drafts of the good rows."""
    imported = _own_import(request, pk)
    try:
        offers = imported.take(
            by=request.user,
            seen=request.POST.get("seen", ""),
            without_errors_only=request.POST.get("rows") == "without_errors",
        )
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
    else:
        done = ngettext(
            "%(count)d draft is made. Complete and submit it from your desk.",
            "%(count)d drafts are made. Complete and submit them from your desk.",
            len(offers),
        )
        messages.success(request, done % {"count": len(offers)})
    return redirect("offers:import", pk)


def _own_import(request, pk):
    imports = OfferImport.objects.usable_by(request.user).select_related("state", "by")
    return get_object_or_404(imports, pk=pk)


def _file(state, rows, suffix, name, vocabularies=None):
    if suffix == "csv":
        return _download(writing.csv_file(rows), suffix, name)
    content = writing.xlsx_file(rows, vocabularies or vocabularies_of(state))
    return _download(content, suffix, name)


def _download(content, suffix, name):
    """A file whose name says what it is and of which day."""
    response = HttpResponse(content, content_type=CONTENT_TYPES[suffix])
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{name} {timezone.localdate().isoformat()}.{suffix}"
    )
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
