"""What a version says in a further language."""

from typing import NamedTuple

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from contacts.models import Language

from .wording import DESCRIPTION_MAX

BEGINNING_MOST = 200  # characters

# The words of a version, as against its choices and dates, which are shown in the reader's language anyway.
TRANSLATED = (
    "title", "description", "quantity", "duration", "standards", "providing_body", "institutions", "prerequisites",
    "accessibility", "gender", "funding_purpose",
)  # fmt: skip

NEEDED = ("title", "description")


class Text(NamedTuple):
    """Words of a State with the code of the language they are in; "" where nobody has said which."""

    text: str
    lang: str

    @property
    def beginning(self):
        """The first words, for lists. Where there are no spaces, it is cut between two signs."""
        if len(self.text) <= BEGINNING_MOST:
            return self.text
        head = self.text[:BEGINNING_MOST]
        space = head.rfind(" ", BEGINNING_MOST // 2)
        return f"{head[:space] if space > 0 else head} …"


def words_of(version, translation=None):
    """The words of a version by field, in the language of the translation as far as it says them."""
    own = version.original_language.code if version.original_language else ""
    words = {name: Text(getattr(version, name), own) for name in TRANSLATED}
    if translation:
        words |= {name: Text(text, translation.language.code) for name, text in translation.texts.items()}
    return words


def to_translate(version):
    """The fields that a translation is asked for: what it needs to be published, and what else the original says."""
    return [name for name in TRANSLATED if name in NEEDED or getattr(version, name)]


class OfferTranslationQuerySet(models.QuerySet):
    def with_language(self):
        """In the order in which languages are listed."""
        return self.select_related("language").defer("language__shipped").order_by("language")


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

    objects = OfferTranslationQuerySet.as_manager()

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

    @property
    def texts(self):
        """By field, what it says. What the original says no longer is kept, but not shown."""
        return {name: text for name in TRANSLATED if getattr(self.version, name) and (text := getattr(self, name))}

    @property
    def is_complete(self):
        """Enough to be published."""
        return all(getattr(self, name) for name in NEEDED)


def prefetch_translations(lookup):
    """For lists: the translations at that lookup, where `OfferVersion.all_translations` finds them."""
    return Prefetch(lookup, OfferTranslation.objects.with_language(), "all_translations")
