"""Contact points: the offices that answer for a State or a regional body."""

import json
from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .bodies import RegionalBody
from .reference import SUFFIXES, name_suffix
from .states import Language, State

# Providers of private mailboxes. An office may have nothing else, so this is a warning, never a refusal.
PRIVATE_MAIL_DOMAINS = {
    "aol.com", "gmail.com", "gmx.com", "gmx.net", "googlemail.com", "hotmail.com", "hotmail.fr", "icloud.com",
    "live.com", "mail.ru", "outlook.com", "proton.me", "protonmail.com", "qq.com", "yahoo.com", "yahoo.fr", "yandex.ru",
    "163.com",
}  # fmt: skip

# After so many days, twelve months, a confirmation is old.
STANDS_DAYS = 365


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

    def asked_yearly(self):
        """Whose details are to be confirmed each year; nobody is asked about an illustrative record."""
        return self.listed().filter(is_sample=False)

    def last_confirmed_by(self, day):
        """Confirmed on that day for the last time, earlier, or never."""
        return self.filter(Q(verified_on=None) | Q(verified_on__lte=day))

    def needing_confirmation(self):
        """As `needs_confirmation` asks of one."""
        return self.last_confirmed_by(timezone.localdate() - timedelta(days=STANDS_DAYS + 1))

    def matching(self, words):
        """Those with these words in their own names or in a name of their State or regional body."""
        names = [f"name_{suffix}" for suffix in SUFFIXES.values()]
        places = [
            "office", "function", "email", "state__iso3", "state__aliases", "regional_body__short_name",
            *(f"{owner}__{name}" for owner in ("state", "regional_body") for name in names),
        ]  # fmt: skip
        return self.filter(reduce(or_, (Q(**{f"{place}__icontains": words}) for place in places)))

    def with_details(self):
        """With all that is shown of a contact point, in a fixed number of queries."""
        return self.select_related(
            "state", "regional_body", "fallback__state", "fallback__regional_body"
        ).prefetch_related("languages")

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
        if self.pk and self._leads_back():
            raise ValidationError(
                {"fallback": _("Choose another office: this one would, in the end, send people back here.")}
            )

    def _leads_back(self):
        """Would whoever is sent on from office to office come here again?"""
        key, seen = self.fallback_id, set()
        while key and key not in seen:
            if key == self.pk:
                return True
            seen.add(key)
            key = ContactPoint.objects.values_list("fallback", flat=True).filter(pk=key).first()
        return False

    @property
    def owner(self):
        """The State or the regional body it answers for."""
        return self.state or self.regional_body

    @property
    def is_national(self):
        return self.state_id is not None

    @property
    def is_open(self):
        return self.closed_on is None

    @property
    def stand_in(self):
        """The office to be asked if this one does not answer, if it is in the directory; or None."""
        other = self.fallback
        if other and other.is_open and (other.state is None or other.state.is_party()):
            return other
        return None

    @property
    def needs_confirmation(self):
        """Not confirmed within the last twelve months."""
        return self.verified_on is None or (timezone.localdate() - self.verified_on).days > STANDS_DAYS

    # Steps; whoever takes one holds the row. Those of a person are logged, beside what administrators change.

    @transaction.atomic
    def verify(self, *, by=None):
        """All details are correct as of today: by word of a person, or, without one, by a link in a letter."""
        self.verified_on = timezone.localdate()
        self.save(update_fields=["verified_on"])
        self.log(by, CONFIRMED)

    @transaction.atomic
    def close(self, *, by):
        """The office is no more; those who would have been sent on to it are sent on to where it sent people."""
        for office in ContactPoint.objects.filter(fallback=self):
            office.fallback = self.fallback
            office.save(update_fields=["fallback"])
        self.closed_on = timezone.localdate()
        self.save(update_fields=["closed_on"])
        self.log(by, [ContactPoint._meta.get_field("closed_on").verbose_name])

    @transaction.atomic
    def reopen(self, *, by):
        self.closed_on = None
        self.save(update_fields=["closed_on"])
        self.log(by, [ContactPoint._meta.get_field("closed_on").verbose_name])

    def log(self, by, labels, *, is_new=False):
        """Note who changed the fields with these labels; Django keeps them in English and translates when it shows."""
        if by is None:
            return
        message = [{"added": {}}] if is_new else _changed(labels)
        with translation.override(settings.LANGUAGE_CODE):
            LogEntry.objects.log_actions(by.pk, [self], ADDITION if is_new else CHANGE, message)

    @property
    def history(self):
        """The log, the last entry first."""
        return LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(ContactPoint), object_id=str(self.pk)
        ).select_related("user")

    def has_changed_since(self, when):
        """Has anything but its confirmation been changed after that time?"""
        confirmed = json.dumps(_changed(CONFIRMED))
        return self.history.filter(action_time__gt=when).exclude(change_message=confirmed).exists()


def _changed(labels):
    """As Django's own administration writes it."""
    with translation.override(None):
        return [{"changed": {"fields": [capfirst(str(label)) for label in labels]}}]


# What the log names when details are confirmed.
CONFIRMED = [ContactPoint._meta.get_field("verified_on").verbose_name]
