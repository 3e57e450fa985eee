"""Contact points: the offices that answer for a State or a regional body."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .bodies import RegionalBody
from .reference import name_suffix
from .states import Language, State

# Providers of private mailboxes. An office may have nothing else, so this is a warning, never a refusal.
PRIVATE_MAIL_DOMAINS = {
    "aol.com", "gmail.com", "gmx.com", "gmx.net", "googlemail.com", "hotmail.com", "hotmail.fr", "icloud.com",
    "live.com", "mail.ru", "outlook.com", "proton.me", "protonmail.com", "qq.com", "yahoo.com", "yahoo.fr", "yandex.ru",
    "163.com",
}  # fmt: skip


class ContactPointQuerySet(models.QuerySet):
    def open(self):
        """Offices that exist; what history rests on stays, but a closed office is offered to nobody."""
        return self.filter(closed_on=None)

    def national(self):
        """Of States that are party today: rights and duties end with the membership."""
        return self.open().filter(state__in=State.objects.parties())

    def regional(self):
        return self.open().filter(regional_body__isnull=False)

    def listed(self):
        """What the public directory shows."""
        return self.national() | self.regional()

    def answering_for(self, states, bodies):
        """Those of any of these States or regional bodies."""
        return self.filter(Q(state__in=states.values("pk")) | Q(regional_body__in=bodies.values("pk")))

    def usable_by(self, state):
        """The offices an offer of the State may name: its own first, then those of the bodies that serve it."""
        bodies = RegionalBody.objects.serving(state) | RegionalBody.objects.filter(worldwide=True)
        offices = self.open().filter(Q(state=state) | Q(regional_body__in=bodies.values("pk")))
        return offices.in_reading_order()

    def with_details(self):
        """With all that is shown of a contact point, in a fixed number of queries."""
        return self.select_related("state", "regional_body").prefetch_related("languages")

    def in_reading_order(self):
        """National ones first, by the States' names in the language now in use; then the regional ones."""
        return self.order_by(
            F(f"state__position_{name_suffix()}").asc(nulls_last=True),
            F("regional_body__short_name").asc(nulls_first=True),
            "office",
            "pk",
        )


class Office(models.Model):
    """What is known of an office: the same for one that stands in the directory and for one that is proposed."""

    office = models.CharField(_("office"), max_length=200)
    function = models.CharField(_("function"), max_length=200, blank=True)
    email = models.EmailField(_("office mailbox"))
    email_public = models.BooleanField(_("the mailbox is shown to everyone"), default=True)
    telephone = models.CharField(_("telephone"), max_length=50, blank=True)
    telephone_public = models.BooleanField(_("the telephone number is shown to everyone"), default=False)
    languages = models.ManyToManyField(Language, blank=True, related_name="+", verbose_name=_("answers in"))
    weeks_to_answer = models.PositiveSmallIntegerField(_("weeks to answer"), default=3)
    permanent_mission = models.CharField(
        _("route through the Permanent Mission"),
        max_length=200,
        blank=True,
        help_text=_("Where requests are sent if they should come as a note verbale."),
    )

    class Meta:
        abstract = True

    @property
    def has_private_mailbox(self):
        return self.email.rpartition("@")[2].lower() in PRIVATE_MAIL_DOMAINS


class ContactPoint(Office):
    """An office, never a private person, of exactly one State or one regional body."""

    state = models.ForeignKey(
        State, on_delete=models.PROTECT, null=True, blank=True, related_name="contact_points", verbose_name=_("State")
    )
    regional_body = models.ForeignKey(
        RegionalBody,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contact_points",
        verbose_name=_("regional body"),
    )
    fallback = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked if it does not answer"),
    )
    verified_on = models.DateField(_("confirmed on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    is_sample = models.BooleanField(_("illustrative record"), default=False, editable=False)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        ordering = ["office", "pk"]
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [
            models.CheckConstraint(
                name="contact_point_of_one_state_or_body",
                condition=Q(state__isnull=False, regional_body__isnull=True)
                | Q(state__isnull=True, regional_body__isnull=False),
                violation_error_message=_("A contact point belongs to one State or to one regional body."),
            ),
            models.CheckConstraint(
                name="contact_point_answers_within_a_year",
                condition=Q(weeks_to_answer__gte=1, weeks_to_answer__lte=52),
                violation_error_message=_("The time to answer is between 1 and 52 weeks."),
            ),
            models.UniqueConstraint(
                fields=["state", "email"],
                name="contact_point_mailbox_once_per_state",
                violation_error_message=_("This State already has a contact point with this mailbox."),
            ),
            models.UniqueConstraint(
                fields=["regional_body", "email"],
                name="contact_point_mailbox_once_per_body",
                violation_error_message=_("This regional body already has a contact point with this mailbox."),
            ),
        ]

    def __str__(self):
        return f"{self.owner}: {self.office}"

    def clean(self):
        if self.fallback_id and self.fallback_id == self.pk:
            raise ValidationError({"fallback": _("An office cannot stand in for itself.")})

    @property
    def owner(self):
        """The State or the regional body it answers for."""
        return self.state or self.regional_body

    @property
    def is_national(self):
        return self.state_id is not None

    @property
    def needs_confirmation(self):
        """Not confirmed within the last twelve months."""
        return self.verified_on is None or (timezone.localdate() - self.verified_on).days > 365
