"""A spreadsheet that is sent in."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from offers.spreadsheets.reading import read

from .behalf import NewOnBehalfForm


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel workbook (.xlsx) or CSV, at most 5 MB and 200 rows."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty. Choose another one."),
        },
    )

    def clean(self):
        cleaned = super().clean()
        if upload := cleaned.get("file"):
            try:
                cleaned["table"] = read(upload)
            except ValidationError as unreadable:
                self.add_error("file", unreadable)
        return cleaned


class UploadOnBehalfForm(UploadForm, NewOnBehalfForm):
    """A sheet that a State has sent to the ISU with a note verbale."""

    field_order = [*NewOnBehalfForm.field_order, "file"]
