"""What visitors report as a mistake, and what the ISU did about it."""

from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint

from .errors import StepNotAllowed

REPORT_MIN, REPORT_MAX = 10, 1000  # characters
NOTE_MAX = 500  # characters


class MistakeReportQuerySet(models.QuerySet):
    def open(self):
        """Oldest first, so that nobody is overtaken."""
        return self.filter(handled_at=None).order_by("created_at", "pk")

    def handled(self):
        """The last one first."""
        return self.filter(handled_at__isnull=False).order_by("-handled_at", "-pk")

    def to_forget(self):
        """Handled so long ago that nobody needs the text and the address any more, and still with one of them."""
        since = timezone.now() - timedelta(days=settings.MISTAKE_REPORT_KEPT_DAYS)
        return self.filter(handled_at__lte=since).exclude(text="", email="")

    def forget(self):
        """Erase text and address; that there was a report, and what the ISU did, stays."""
        return self.update(text="", email="")

    def for_list(self):
        """With all that the page of the ISU prints, in a fixed number of queries."""
        return self.select_related(
            "offer__live_version", "contact_point__state", "contact_point__regional_body", "handled_by"
        )


class MistakeReport(models.Model):
    """A mistake that somebody saw on the page of an offer, or in the details of a contact point."""

    # Made from the page on which the form was filled in and from what was typed.
    key = models.UUIDField(unique=True, editable=False)
    offer = models.ForeignKey("Offer", on_delete=models.PROTECT, null=True, related_name="mistake_reports")
    # An office may be deleted, perhaps because of this very report; what it was called then stays.
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.SET_NULL, null=True, related_name="+")
    office = models.CharField(_("contact point, as it was called"), max_length=500, blank=True)
    text = models.TextField(_("what is wrong"))
    email = models.EmailField(_("e-mail address for questions"), blank=True)
    language = models.CharField(_("language of the page"), max_length=10)
    suspicious = models.BooleanField(_("perhaps sent by a robot"), default=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    handled_at = models.DateTimeField(_("done"), null=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("note"), max_length=NOTE_MAX, blank=True)

    objects = MistakeReportQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("report of a mistake")
        verbose_name_plural = _("reports of mistakes")
        constraints = [
            models.CheckConstraint(
                name="mistake_report_about_one_thing",
                condition=Q(offer__isnull=False, contact_point=None, office="") | (Q(offer=None) & ~Q(office="")),
                violation_error_message=_("A report is about one offer or about one contact point."),
            ),
            models.CheckConstraint(
                name="mistake_report_text_length",
                condition=Q(text="")
                | Q(GreaterThanOrEqual(Length("text"), REPORT_MIN), LessThanOrEqual(Length("text"), REPORT_MAX)),
                violation_error_message=_("Describe the mistake in 10 to 1,000 characters."),
            ),
            models.CheckConstraint(
                name="mistake_report_erased_once_handled",
                condition=~Q(text="") | Q(handled_at__isnull=False),
                violation_error_message=_("A report keeps its text until it has been handled."),
            ),
            models.CheckConstraint(
                name="mistake_report_handled_by_somebody",
                condition=Q(handled_at=None, handled_by=None) | Q(handled_at__isnull=False, handled_by__isnull=False),
                violation_error_message=_("A report that is done says when, and by whom."),
            ),
        ]

    def __str__(self):
        return self.offer.reference if self.offer_id else self.office

    @classmethod
    def receive(cls, *, key, **values):
        """Keep a report and tell the ISU, in one transaction. Returns whether it is new: the same key counts once."""
        from offers import notifications

        with transaction.atomic():
            report, is_new = cls.objects.get_or_create(key=key, defaults=values)
            if is_new:
                notifications.tell_isu_of_mistake(report)
        return is_new

    def handle(self, *, by, note=""):
        """The ISU has seen to it."""
        handled = MistakeReport.objects.open().filter(pk=self.pk)
        if not handled.update(handled_at=timezone.now(), handled_by=by, note=note):
            raise StepNotAllowed(_("Nothing changed: this report is already done."))
        self.refresh_from_db()
