import csv
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from .forms import DirectoryForm
from .spreadsheet import safe_cell, telephone_cell


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
            form=self.form,
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
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="contact-points.csv"',
            "X-Robots-Tag": "noindex",
        },
    )
    # Without it, spreadsheets take UTF-8 for something else.
    response.write("\ufeff")
    rows = csv.writer(response)
    rows.writerow(
        [
            _("State or body"), _("Code"), _("Kind"), _("Office"), _("Function"), _("E-mail"), _("Telephone"),
            _("Answers in"), _("Weeks to answer"), _("For a note verbale"), _("Confirmed on"), _("Remark"), _("Terms"),
        ]
    )  # fmt: skip
    rows.writerows(_csv_row(point) for point in DirectoryForm(request.GET).chosen())
    return response


def _csv_row(point):
    return [
        safe_cell(point.owner.name),
        safe_cell(point.state.iso3 if point.state else point.regional_body.short_name),
        _("National") if point.is_national else _("Regional"),
        safe_cell(point.office),
        safe_cell(point.function),
        safe_cell(point.email if point.email_public else ""),
        telephone_cell(point.telephone if point.telephone_public else ""),
        safe_cell(", ".join(language.name for language in point.languages.all())),
        point.weeks_to_answer,
        safe_cell(point.permanent_mission),
        point.verified_on.isoformat() if point.verified_on and not point.is_sample else "",
        _("Illustrative record: this office and its address are made up.") if point.is_sample else "",
        settings.PORTAL_DISCLAIMER,
    ]
