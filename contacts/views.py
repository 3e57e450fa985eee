from itertools import chain
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import ListView

from .forms import DirectoryForm
from .spreadsheet import BYTE_ORDER_MARK, csv_text, telephone_cell


@method_decorator(login_not_required, name="dispatch")
class Directory(ListView):
    template_name = "contacts/contact_directory.html"

    def get_queryset(self):
        self.form = DirectoryForm(self.request.GET)
        return self.form.chosen()

    def get_context_data(self, **kwargs):
        chosen = self.form.parameters()
        query = f"?{urlencode(chosen)}" if chosen else ""
        return super().get_context_data(
            # As it is in force: what was not understood is said once, above the list.
            form=DirectoryForm(initial=chosen),
            rows=self.object_list,
            ignored=bool(self.form.errors),
            state_without_office=self.form.state_without_office(),
            csv_url=f"{reverse('contacts:directory_csv')}{query}",
            canonical_url=f"{settings.PORTAL_URL}{self.request.path}{query}",
            # Each combination is only a part of a list that is indexed anyway.
            noindex=len(chosen) > 1,
            **kwargs,
        )


@login_not_required
@require_safe
def directory_csv(request):
    """The same list as a file, with nothing that is not public."""
    head = [
        _("State or body"), _("Code"), _("Kind"), _("Office"), _("Function"), _("E-mail"), _("Telephone"),
        _("Answers in"), _("Weeks to answer"), _("For a note verbale"), _("Confirmed on"), _("Remark"), _("Terms"),
    ]  # fmt: skip
    points = DirectoryForm(request.GET).chosen()
    return HttpResponse(
        BYTE_ORDER_MARK + csv_text(chain([head], map(_csv_row, points))),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="contact-points.csv"',
            "X-Robots-Tag": "noindex",
        },
    )


def _csv_row(point):
    return [
        point.owner.name,
        point.state.iso3 if point.state else point.regional_body.short_name,
        _("National") if point.is_national else _("Regional"),
        point.office,
        point.function,
        point.email if point.email_public else "",
        telephone_cell(point.telephone if point.telephone_public else ""),
        ", ".join(language.name for language in point.languages.all()),
        point.weeks_to_answer,
        point.permanent_mission,
        point.verified_on.isoformat() if point.verified_on and not point.is_sample else "",
        _("Illustrative record: this office and its address are made up.") if point.is_sample else "",
        settings.PORTAL_DISCLAIMER,
    ]


def _kept_post(request, pk):
    """What the person has written too late; nobody else can see it."""
    return get_object_or_404(request.user.kept_posts, pk=pk)


@require_safe
def kept(request, pk):
    """What somebody had written when their session had ended: to send again, to copy, or to discard."""
    return render(request, "contacts/kept_post.html", {"kept": _kept_post(request, pk)})


@require_POST
def discard_kept(request, pk):
    _kept_post(request, pk).delete()
    messages.success(request, _("The text is discarded."))
    return redirect(settings.LOGIN_REDIRECT_URL)
