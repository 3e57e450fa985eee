"""Mistakes: visitors report them, the ISU sees to them."""

from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import isu_only
from contacts.models import ContactPoint
from offers.forms.reports import ReportDoneForm
from offers.models import MistakeReport
from offers.visitor_forms import MistakeReportForm

from .offers import gone, offers_with_a_page
from .steps import posted, take_step
from .visitors import form_page

OPEN_SHOWN = 100
HANDLED_SHOWN = 50


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, reference):
    """A suspended offer too: whoever asks for the form may have read the page while it was there."""
    offer = get_object_or_404(offers_with_a_page(), reference=reference)
    if offer.has_ended:
        return gone(request, offer)
    sent = reverse("offers:report_sent", args=[offer.reference])
    return _form_page(request, _page_of_offer(offer), about={"offer": offer}, sent=sent)


@login_not_required
@require_safe
def report_sent(request, reference):
    offer = get_object_or_404(offers_with_a_page(), reference=reference)
    return _sent_page(request, _page_of_offer(offer))


def _page_of_offer(offer):
    """What names the offer: of one that is hidden, the reference alone."""
    is_hidden = offer.has_ended or offer.is_suspended
    return {"offer": offer, "version": None if is_hidden else offer.live_version, "back": offer.get_absolute_url()}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_contact(request, pk):
    point = _contact_point(pk)
    with translation.override(settings.LANGUAGE_CODE):
        about = {"contact_point": point, "office": str(point)}
    sent = reverse("offers:report_contact_sent", args=[pk])
    return _form_page(request, _page_of_contact_point(point), about=about, sent=sent)


@login_not_required
@require_safe
def report_contact_sent(request, pk):
    return _sent_page(request, _page_of_contact_point(_contact_point(pk)))


def _contact_point(pk):
    return get_object_or_404(ContactPoint.objects.listed().select_related("state", "regional_body"), pk=pk)


def _page_of_contact_point(point):
    return {"point": point, "back": reverse("contacts:directory")}


def _form_page(request, page, *, about, sent):
    form = MistakeReportForm(posted(request))
    return form_page(
        request, form, "offers/report_form.html", page,
        kind="mistake_report", receive=partial(_receive, form, about), sent=sent,
    )  # fmt: skip


def _receive(form, about):
    return MistakeReport.receive(
        key=form.key,
        text=form.cleaned_data["text"],
        email=form.cleaned_data["email"],
        language=translation.get_language(),
        suspicious=form.is_suspicious,
        **about,
    )


def _sent_page(request, page):
    context = page | {"noindex": True, "working_days": settings.ISU_REPLY_WORKING_DAYS}
    return render(request, "offers/report_sent.html", context)


@isu_only
@require_safe
def reports(request):
    return _reports_page(request)


def _reports_page(request, *, tried=None):
    """`tried` is the form of a report that could not be taken as it was filled in."""
    open_reports = MistakeReport.objects.open()
    today = timezone.localdate()
    rows = []
    for mistake in open_reports.for_list()[:OPEN_SHOWN]:
        form = ReportDoneForm(prefix=f"report-{mistake.pk}")
        if tried and tried.prefix == form.prefix:
            form = tried
        rows.append((mistake, (today - timezone.localdate(mistake.created_at)).days, form))
    context = {
        "rows": rows,
        "open_count": open_reports.count(),
        "handled": MistakeReport.objects.handled().for_list()[:HANDLED_SHOWN],
        "tried": tried,
    }
    return render(request, "offers/isu_reports.html", context)


@isu_only
@require_POST
def handle_report(request, pk):
    mistake = get_object_or_404(MistakeReport, pk=pk)
    form = ReportDoneForm(request.POST, prefix=f"report-{mistake.pk}")
    if not form.is_valid():
        return _reports_page(request, tried=form)
    return take_step(
        request,
        lambda: mistake.handle(by=request.user, note=form.cleaned_data["note"]),
        _("The report about %(subject)s is done.") % {"subject": mistake},
        "offers:reports",
    )
