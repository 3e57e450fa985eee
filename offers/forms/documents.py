"""One more document of an offer."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contacts.models import Language
from offers import uploads
from offers.documents import check_document, safe_filename
from offers.models import OfferDocument

from .fields import LineField


class DocumentForm(forms.ModelForm):
    """A file that is sent now, or one that has been kept since the form was sent before."""

    class Meta:
        model = OfferDocument
        fields = ["title", "language", "file"]
        field_classes = {"title": LineField}
        help_texts = {"file": _("PDF or Word document (.docx), at most 2 MB.")}
        widgets = {"file": forms.FileInput(attrs={"accept": ".pdf,.docx"})}
        error_messages = {
            "title": {"required": _("Give the document a title.")},
            "language": {"required": _("Choose the language the document is written in.")},
            "file": {"required": _("Choose a file."), "empty": _("The file is empty. Choose another one.")},
        }

    def __init__(self, *args, held=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.held = held
        self.fields["language"].queryset = Language.objects.in_name_order()
        if held:
            self.fields["file"].required = False
            self.fields["file"].label = _("Another file in its place")

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload:
            check_document(upload)
        return upload

    @property
    def sound_file(self):
        """The file that was sent, if nothing is wrong with it."""
        return self.cleaned_data.get("file")

    def save_to(self, version, *, by):
        """Attach the document, or raise StaleEdit if the version can no longer be edited."""
        upload = self.sound_file
        self.instance.version = version
        with transaction.atomic():
            if upload:
                self.instance.filename, self.instance.size = safe_filename(upload.name), upload.size
                if self._is_attached(version):
                    return
            version.claim_edit(version.edit_number, by=by)
            if not upload:
                uploads.hand_over(self.held, self.instance)
            self.save()
            if upload and self.held:
                self.held.forget()

    def _is_attached(self, version):
        """The second of two presses: the first has done it."""
        same = {name: getattr(self.instance, name) for name in ("title", "language", "filename", "size")}
        return version.documents.filter(**same).exists()
