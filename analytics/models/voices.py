"""What visitors and national contact points say."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Role, User
from offers.models import StepNotAllowed

from ..recording.visitors import bounds_of


class AskedOn(models.TextChoices):
    """From which page somebody came to the question."""

    OFFER = "offer", _("Page of an offer")
    NO_RESULTS = "no_results", _("Search without a result")
    ENQUIRY_SENT = "enquiry_sent", _("After an enquiry")
    ENQUIRY_LEFT = "enquiry_left", _("Enquiry form, left without sending")


class Found(models.TextChoices):
    YES = "yes", _("Yes")
    PARTLY = "partly", _("Partly")
    NO = "no", _("No")


class FeedbackQuerySet(models.QuerySet):
    def counted(self):
        """Without what robots seem to have sent."""
        return self.filter(suspicious=False)

    def within(self, period):
        return self.filter(at__gte=bounds_of(period.first)[0], at__lt=bounds_of(period.last)[1])

    def to_forget(self):
        """With a comment that is old enough to go."""
        return self.filter(at__lte=timezone.now() - timedelta(days=settings.FEEDBACK_COMMENT_DAYS)).exclude(comment="")

    def forget(self):
        """The answer stays."""
        return self.update(comment="")


class Feedback(models.Model):
    """An answer to "Did you find what you needed?". Says nothing of who gave it."""

    # Made with the form, so that pressing twice is one answer.
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    at = models.DateTimeField(default=timezone.now)
    asked_on = models.CharField(max_length=20, choices=AskedOn)
    found = models.CharField(_("Did you find what you needed?"), max_length=10, choices=Found)
    # Erased after a while by `forget`.
    comment = models.CharField(_("What was missing?"), max_length=500, blank=True)
    language = models.CharField(max_length=10)
    # Held back from the figures, since a robot seems to have sent it.
    suspicious = models.BooleanField(default=False)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "feedback"
        indexes = [models.Index(fields=["at"], name="feedback_at")]

    def __str__(self):
        return f"{self.asked_on}: {self.found}"

    @classmethod
    def receive(cls, *, key, **values):
        """Keep an answer, or what it has been changed to. Returns whether it is new: the same key counts once."""
        _answer, is_new = cls.objects.update_or_create(key=key, defaults=values)
        return is_new


class SurveyKind(models.TextChoices):
    BEFORE = "before", _("Before the trial")
    AFTER = "after", _("After the trial")


class SurveyRoundQuerySet(models.QuerySet):
    def open(self):
        """Answers are still taken, the last day included."""
        return self.filter(closes_on__gte=timezone.localdate())


class SurveyRound(models.Model):
    """One time that all national contact points are asked."""

    kind = models.CharField(_("Survey"), max_length=10, choices=SurveyKind)
    opened_at = models.DateTimeField(default=timezone.now)
    closes_on = models.DateField(_("Answers until"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SurveyRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SurveyKind.values), name="survey_round_kind"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.opened_at:%Y-%m-%d}"

    @property
    def is_open(self):
        return self.closes_on >= timezone.localdate()

    @property
    def half_time(self):
        """From that day on those that have not answered are asked once more."""
        opened_on = timezone.localdate(self.opened_at)
        return opened_on + (self.closes_on - opened_on) / 2

    @classmethod
    def begin(cls, *, by, **values):
        """Open a round, if none is open; the letters follow (`send_survey`)."""
        with transaction.atomic():
            # Whoever may open one is held, so that of two at once the second finds the first one's.
            list(User.objects.exclude(role=Role.FOCAL_POINT).order_by("pk").select_for_update(no_key=True))
            if cls.objects.open().exists():
                raise StepNotAllowed(_("Nothing changed: a survey is open already."))
            return cls.objects.create(opened_by=by, **values)


class SurveyInvitationQuerySet(models.QuerySet):
    def counted(self):
        """A demonstration has made-up offices only, and counts these."""
        return self.filter(contact_point__is_sample=settings.DEMO)

    def answered(self):
        return self.filter(answered_at__isnull=False)


class SurveyInvitation(models.Model):
    """A contact point that is asked, and its answer once it has given one; until the round closes it may change it."""

    round = models.ForeignKey(SurveyRound, on_delete=models.CASCADE, related_name="invitations")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.CASCADE, related_name="+")
    # When it was written to for the last time.
    sent_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    # "Could you have found this elsewhere?"
    elsewhere = models.CharField(max_length=10, choices=Found, blank=True)
    used = models.CharField(max_length=10, choices=Found, blank=True)
    comment = models.CharField(max_length=1000, blank=True)

    objects = SurveyInvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "contact_point"], name="survey_invitation_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, elsewhere="") | (Q(answered_at__isnull=False) & ~Q(elsewhere="")),
                name="survey_invitation_answer_whole",
            ),
        ]

    def __str__(self):
        return f"{self.round}: {self.contact_point}"

    @property
    def mark(self):
        """Tells one answer from the next; empty as long as there is none."""
        return self.answered_at.isoformat() if self.answered_at else ""

    def answer(self, *, seen, **values):
        """Give or change the answer, unless a colleague has done so since `seen`."""
        with transaction.atomic():
            present = SurveyInvitation.objects.select_for_update(no_key=True).get(pk=self.pk)
            if not present.round.is_open:
                raise StepNotAllowed(_("Nothing changed: the survey is closed."))
            if all(getattr(present, name) == value for name, value in values.items()):
                # Pressed twice.
                return
            if present.mark != seen:
                raise StepNotAllowed(
                    _(
                        "Nothing changed yet: somebody of your office has answered meanwhile. Below is what you chose; "
                        "press the button again if it is to hold instead."
                    )
                )
            SurveyInvitation.objects.filter(pk=self.pk).update(answered_at=timezone.now(), **values)
