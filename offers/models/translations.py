"""What a version says in a further language."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Language

from .wording import DESCRIPTION_MAX

# The words of a version, as against its choices and dates, which are shown in the reader's language anyway.
TRANSLATED = (
    "title", "description", "quantity", "duration", "standards", "providing_body", "institutions", "prerequisites",
    "accessibility", "gender", "funding_purpose",
)  # fmt: skip


class OfferTranslation(models.Model):
    """The words of a version in another language than the one it was written in; by the State or the ISU.

    A field left empty is shown in the language of the original.
    """

    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="translations")
    language = models.ForeignKey(Language, on_delete=models.PROTECT, related_name="+", verbose_name=_("language"))
    title = models.CharField(_("title"), max_length=120, blank=True)
    description = models.TextField(_("description"), blank=True, validators=[MaxLengthValidator(DESCRIPTION_MAX)])
    quantity = models.CharField(_("quantity or capacity"), max_length=200, blank=True)
    duration = models.CharField(_("duration"), max_length=200, blank=True)
    standards = models.CharField(_("standards met"), max_length=300, blank=True)
    providing_body = models.CharField(_("providing body"), max_length=200, blank=True)
    institutions = models.CharField(_("for which institutions"), max_length=300, blank=True)
    prerequisites = models.TextField(_("prerequisites"), max_length=600, blank=True)
    accessibility = models.CharField(_("accessibility"), max_length=300, blank=True)
    gender = models.CharField(_("gender provisions"), max_length=300, blank=True)
    funding_purpose = models.CharField(_("what the money is for"), max_length=300, blank=True)

    class Meta:
        ordering = ["version", "language"]
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "language"],
                name="translation_once_per_language",
                violation_error_message=_("There is already a translation into this language."),
            )
        ]

    def __str__(self):
        return f"{self.version} ({self.language})"
