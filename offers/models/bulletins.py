"""The bulletin: what is new in a period, with a note of the ISU, sent to those who want it and kept as a page."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from contacts.models import User, language_tag

from .alerts import Subscriber
from .errors import StaleEdit, StepNotAllowed
from .offers import Offer
from .references import ReferenceCounter
from .revision import CatalogueRevision

TITLE_MAX, NOTE_MAX = 120, 5000  # characters
FIRST_LANGUAGE = settings.LANGUAGE_CODE  # of the note; whoever reads another that is missing gets this one

NOTHING_TO_SEND = _("There is nothing to send yet: write a note, or choose days in which offers were published.")


class BulletinQuerySet(models.QuerySet):
    def drafts(self):
        """The one begun last first."""
        return self.filter(sent_at=None).order_by("-pk")

    def sent(self):
        """The newest first."""
        return self.filter(sent_at__isnull=False).order_by("-sent_at", "-pk")


class Bulletin(models.Model):
    """A draft until it is sent; from then on it never changes."""

    # "2027-3", the third of its year; given when it is sent.
    number = models.CharField(_("number"), max_length=10, unique=True, null=True, editable=False)  # noqa: DJ001  (drafts have none)
    first_day = models.DateField(_("first day of the period"))
    last_day = models.DateField(_("last day of the period"))
    edit_number = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = BulletinQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        constraints = [
            models.CheckConstraint(
                name="bulletin_period_in_order",
                condition=Q(last_day__gte=F("first_day")),
                violation_error_message=_("The last day comes before the first."),
            ),
            models.CheckConstraint(
                name="bulletin_sent_with_number",
                condition=Q(sent_at=None, sent_by=None, number=None)
                | Q(sent_at__isnull=False, sent_by__isnull=False, number__isnull=False),
            ),
        ]

    def __str__(self):
        return self.number or f"{self.first_day} – {self.last_day}"

    def get_absolute_url(self):
        """The public page of one that is sent; before that, where the ISU writes it."""
        if self.is_sent:
            return reverse("offers:bulletin", args=[self.number])
        return reverse("offers:isu_bulletin", args=[self.pk])

    @property
    def is_sent(self):
        return self.sent_at is not None

    @cached_property
    def notes_by_language(self):
        return {note.language: note for note in self.notes.all()}

    @property
    def note(self):
        """In the language now in use, or else in English; None where the ISU says nothing."""
        return self.notes_by_language.get(get_language()) or self.notes_by_language.get(FIRST_LANGUAGE)

    def candidates(self):
        """What it can name: the offers of the catalogue that are new or were changed in its period, by area."""
        return (
            Offer.objects.public()
            .published_between(self.first_day, self.last_day)
            .order_by("-is_new", "live_version__primary_area__position", "reference")
        )

    # Writing it

    @classmethod
    @transaction.atomic
    def begin_once(cls, *, by, first_day, last_day):
        """A draft that names all there is; or the one of the first of two presses, as long as it is untouched."""
        # One after the other, or two presses at the same moment would not see each other's draft.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        values = {"created_by": by, "first_day": first_day, "last_day": last_day}
        if begun := cls.objects.drafts().filter(edit_number=1, **values).first():
            return begun
        bulletin = cls.objects.create(**values)
        bulletin._name(bulletin.candidates())
        return bulletin

    @transaction.atomic
    def claim_edit(self, seen):
        """Take the right to change what was read at edit number `seen`, or raise StaleEdit; StepNotAllowed once sent.

        Belongs in one transaction with the change itself.
        """
        if not Bulletin.objects.drafts().filter(pk=self.pk, edit_number=seen).update(edit_number=F("edit_number") + 1):
            if Bulletin.objects.sent().filter(pk=self.pk).exists():
                raise StepNotAllowed(_("Nothing changed: this bulletin has been sent already."))
            raise StaleEdit(f"Bulletin {self.pk} has been saved since edit {seen}.")
        self.edit_number = seen + 1

    @transaction.atomic
    def save_choice(self, *, seen, first_day, last_day, offers):
        """The period, and the keys of the offers that stay. What only another period brings is named as well."""
        self.claim_edit(seen)
        left_out = set(self.candidates().values_list("pk", flat=True)) - set(offers)
        self.first_day, self.last_day = first_day, last_day
        self.save(update_fields=["first_day", "last_day"])
        self._name(offer for offer in self.candidates() if offer.pk not in left_out)

    def _name(self, offers):
        self.offers.all().delete()
        BulletinOffer.objects.bulk_create(
            BulletinOffer(bulletin=self, offer=offer, is_new=offer.is_new, position=position)
            for position, offer in enumerate(offers)
        )

    @transaction.atomic
    def save_note(self, *, seen, language, title, text):
        """What the ISU says in one language; without a title, there is no note."""
        self.claim_edit(seen)
        if title:
            self.notes.update_or_create(language=language, defaults={"title": title, "text": text})
        else:
            self.notes.filter(language=language).delete()

    @transaction.atomic
    def discard(self, *, seen):
        self.claim_edit(seen)
        self.delete()

    # Sending it

    @transaction.atomic
    def send(self, *, by, seen):
        """Give it a number and keep what it names for good; its letters are written afterwards, by `send_news`.

        Raises StepNotAllowed, or StaleEdit if it has been changed since it was read.
        """
        # Of two who press at once, the second waits here, and is told.
        self.claim_edit(seen)
        self.offers.exclude(offer__in=Offer.objects.public()).delete()
        if not self.offers.exists() and not self.notes.exists():
            raise StepNotAllowed(NOTHING_TO_SEND)
        _series, year, last = ReferenceCounter.next("BULLETIN").split("-")
        self.number, self.sent_at, self.sent_by = f"{year}-{int(last)}", timezone.now(), by
        self.save(update_fields=["number", "sent_at", "sent_by"])
        CatalogueRevision.change()


class BulletinNote(models.Model):
    """What the ISU says in one language, above the offers."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="notes")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=TITLE_MAX)
    text = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "language"], name="bulletin_note_once_per_language")]

    def __str__(self):
        return self.title

    @property
    def tag(self):
        """Of its language, as pages and documents write it."""
        return language_tag(self.language)

    @property
    def foreign_language(self):
        """The name of its language, where that is not the one in use."""
        return str(get_language_info(self.language)["name_translated"]) if self.language != get_language() else ""

    @property
    def paragraphs(self):
        return [part for part in self.text.split("\n\n") if part.strip()]


class BulletinOffer(models.Model):
    """An offer that a bulletin names: chosen while it is a draft, kept for good once it is sent."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="offers")
    offer = models.ForeignKey("Offer", on_delete=models.PROTECT, related_name="+")
    is_new = models.BooleanField()  # else changed
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "offer"], name="bulletin_names_offer_once")]

    def __str__(self):
        return f"{self.bulletin}: {self.offer}"


class BulletinLetter(models.Model):
    """That a bulletin was written to a subscriber, in the transaction of the letter."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="letters")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulletin", "subscriber"], name="bulletin_once_per_subscriber")]

    def __str__(self):
        return f"{self.bulletin}: {self.subscriber}"
