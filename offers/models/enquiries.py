"""Enquiries: somebody with a need asks, an office answers, and a clock sees to it that somebody does."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, State

from .enquiry_choices import (
    NO_OUTCOME,
    PASSED_ON,
    QUESTIONS,
    WAITING,
    EnquiryAct,
    EnquiryLevel,
    EnquiryStatus,
    OutcomeKind,
    Side,
)
from .enquiry_rows import EnquiryHolder, EnquiryStep
from .errors import StepNotAllowed
from .mail import Bounce, OutgoingMail
from .references import ReferenceCounter
from .taxonomy import Area, Form


@dataclass(frozen=True)
class Actor:
    """Who takes a step: a person who has signed in, an office by its link, the sender, or the clock."""

    user: object = None
    office: ContactPoint | None = None

    @property
    def fields(self):
        """As the log keeps them, in the language of the portal."""
        with translation.override(settings.LANGUAGE_CODE):
            office = str(self.office) if self.office else ""
        return {"by": self.user, "contact_point": self.office, "office": office}


CLOCK = SENDER = Actor()


class EnquiryQuerySet(models.QuerySet):
    def of_state(self, state):
        """Those that have come to the State: about its offers, to itself, or to one of its offices."""
        holders = EnquiryHolder.objects.filter(contact_point__state=state)
        asked = Q(offer__state=state) | Q(to_state=state) | Q(pk__in=holders.values("enquiry"))
        return self.filter(asked, passed_on_at__isnull=False)

    def with_office_of(self, state):
        """Those that an office of the State has now: not what it has handed over, or what has moved on."""
        holders = EnquiryHolder.objects.filter(until=None, contact_point__state=state)
        return self.filter(pk__in=holders.values("enquiry"))

    def copied_to(self, state):
        """Those of senders from the State, who agreed that its authority is kept informed."""
        return self.filter(asker_state=state, copy_national=True, passed_on_at__isnull=False)

    def visible_to(self, user):
        """Both sides, copied authorities and the ISU; to everybody else there is no such enquiry."""
        if not user.is_authenticated:
            return self.none()
        if user.is_isu:
            return self.filter(confirmed_at__isnull=False)
        if user.state is None:
            return self.none()
        return self.of_state(user.state) | self.copied_to(user.state)

    def answerable_by(self, user):
        """Those at which the person may take the steps of the side that is asked."""
        if not user.is_authenticated or (user.state is None and not user.is_isu):
            return self.none()
        return self.visible_to(user) if user.is_isu else self.of_state(user.state)

    def needs(self):
        """To nobody in particular, as `Enquiry.is_need` says."""
        return self.filter(offer=None, to_state=None, to_contact_point=None)

    def waiting(self):
        """Somebody is to answer, the longest due first."""
        return self.filter(status__in=WAITING, closed_at=None).order_by(F("due_on").asc(nulls_last=True), "pk")

    def held(self):
        """Oldest first, so that nobody is overtaken."""
        return self.filter(status=EnquiryStatus.HELD, closed_at=None).order_by("confirmed_at", "pk")

    def to_move_on(self, on=None):
        """Nobody has answered in the promised time, or nobody is left who could; and there is somebody else."""
        on = on or timezone.localdate()
        offices = ContactPoint.objects.listed().values("pk")
        left = EnquiryHolder.objects.filter(enquiry=OuterRef("pk"), until=None, contact_point__in=offices)
        return self.waiting().filter(Q(due_on__lt=on) | ~Exists(left)).exclude(level=EnquiryLevel.ISU)

    def to_ask(self, question, on=None):
        """Passed on so long ago that both sides are asked what came of it.

        Each question comes once, and of two that are due only the last.
        """
        on = on or timezone.localdate()
        since = on - timedelta(days=getattr(settings, QUESTIONS[question]))
        asked = EnquiryStep.objects.filter(act=question).values("enquiry")
        due = (
            self.filter(closed_at=None, may_ask=True, passed_on_at__date__lte=since)
            .exclude(status__in=[EnquiryStatus.TAKEN_BACK, EnquiryStatus.REFUSED, EnquiryStatus.DECLINED])
            .exclude(pk__in=asked)
        )
        if question == EnquiryAct.ASKED_FIRST:
            due = due.filter(passed_on_at__date__gt=on - timedelta(days=settings.ENQUIRY_LAST_QUESTION_DAYS))
        return due.order_by("pk")

    def to_close(self, on=None):
        """Both sides have had time to say what came of it; or nobody at the ISU has looked at it for as long."""
        on = on or timezone.localdate()
        since = on - timedelta(days=settings.ENQUIRY_CLOSES_DAYS)
        held = Q(status=EnquiryStatus.HELD, confirmed_at__date__lte=since)
        return self.filter(Q(passed_on_at__date__lte=since) | held, closed_at=None).order_by("pk")

    def to_forget(self):
        """Closed so long ago that nobody needs the personal data any more; or never confirmed in time."""
        now = timezone.now()
        return self.filter(
            Q(closed_at__lte=now - timedelta(days=settings.ENQUIRY_KEPT_DAYS), erased_at=None)
            | Q(confirmed_at=None, created_at__lte=now - timedelta(days=settings.ENQUIRY_CONFIRM_DAYS))
        )

    def forget(self):
        return sum(enquiry.forget() for enquiry in self)

    def counted(self):
        """What figures are made of: confirmed, passed on, by real people who agreed to be counted, for real offers.

        A demonstration has made-up ones only, and counts these.
        """
        return self.filter(may_count=True, is_sample=settings.DEMO, status__in=PASSED_ON)

    def with_subject(self):
        """With all that names an enquiry in lists, in a fixed number of queries."""
        return self.select_related(
            "offer__live_version", "offer__state", "to_state", "to_contact_point__state",
            "to_contact_point__regional_body", "asker_state", "country", "area", "form",
        )  # fmt: skip


class Enquiry(models.Model):
    """A message from somebody with a need, followed until it is known what came of it.

    It is about an offer, or to a State, or to one office, or to nobody in particular: then it is a need, which
    comes to the ISU.
    """

    # Made from the page on which the form was filled in and from what was typed.
    key = models.UUIDField(unique=True, editable=False)
    reference = models.CharField(_("reference"), max_length=20, unique=True, editable=False)
    offer = models.ForeignKey("Offer", on_delete=models.PROTECT, null=True, blank=True, related_name="enquiries")
    to_state = models.ForeignKey(State, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_contact_point = models.ForeignKey(
        ContactPoint, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    form = models.ForeignKey(
        Form, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("form of assistance")
    )
    is_sample = models.BooleanField(_("about an illustrative record"), default=False)

    # Who asks. Erased a year after the enquiry is closed, but for the State.
    name = models.CharField(_("name"), max_length=200, blank=True)
    organisation = models.CharField(_("organisation or office"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    # None: an organisation of no State.
    asker_state = models.ForeignKey(
        State, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("State of the sender")
    )
    country = models.ForeignKey(
        State, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("where it is needed")
    )
    language = models.CharField(_("language of the answer"), max_length=10, choices=settings.LANGUAGES)
    message = models.TextField(_("message"), blank=True)

    # What the sender has agreed to.
    copy_national = models.BooleanField(_("copy to the sender's national contact point"), default=True)
    share_regional = models.BooleanField(_("may be passed on to a regional body"), default=False)
    inform_country = models.BooleanField(_("the authority of the country of assistance may be informed"), default=False)
    may_count = models.BooleanField(_("may be counted"), default=True)
    may_ask = models.BooleanField(_("may be asked what came of it"), default=True)
    suspicious = models.BooleanField(_("perhaps sent by a robot"), default=False)

    # How it stands. Written by the steps below only.
    status = models.CharField(max_length=20, choices=EnquiryStatus, default=EnquiryStatus.UNCONFIRMED, editable=False)
    level = models.CharField(max_length=10, choices=EnquiryLevel, blank=True, editable=False)
    due_on = models.DateField(_("answer promised by"), null=True, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    passed_on_at = models.DateTimeField(null=True, editable=False)
    acknowledged_at = models.DateTimeField(null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    matched_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("enquiry")
        verbose_name_plural = _("enquiries")
        constraints = [
            models.CheckConstraint(
                name="enquiry_to_one_addressee",
                condition=Q(offer=None, to_state=None)
                | Q(offer=None, to_contact_point=None)
                | Q(to_state=None, to_contact_point=None),
                violation_error_message=_("An enquiry is about one offer, or to one State, or to one office."),
            ),
            models.CheckConstraint(
                name="enquiry_personal_data_until_erased",
                condition=(~Q(name="") & ~Q(email="") & ~Q(message=""))
                | Q(erased_at__isnull=False, name="", organisation="", email="", message=""),
                violation_error_message=_("An enquiry keeps name, address and message until all of them are erased."),
            ),
            models.CheckConstraint(
                name="enquiry_erased_once_closed",
                condition=Q(erased_at=None) | Q(closed_at__isnull=False),
                violation_error_message=_("An enquiry is erased only after it is closed."),
            ),
            models.CheckConstraint(
                name="enquiry_confirmed_before_passed_on",
                condition=Q(status__in=[EnquiryStatus.UNCONFIRMED, EnquiryStatus.TAKEN_BACK])
                | Q(confirmed_at__isnull=False),
                violation_error_message=_("Nothing is passed on before the address of the sender is confirmed."),
            ),
            models.CheckConstraint(
                name="enquiry_held_by_somebody_once_passed_on",
                condition=Q(passed_on_at=None, level="") | (Q(passed_on_at__isnull=False) & ~Q(level="")),
                violation_error_message=_("Whoever is to answer an enquiry has to be known."),
            ),
        ]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        """For people who have signed in."""
        return reverse("offers:enquiry", args=[self.reference])

    @property
    def is_waiting(self):
        return self.status in WAITING and self.closed_at is None

    @property
    def standing(self):
        """How it stands, in words: that it is closed is no status of its own, but readers want to know."""
        if self.matched_at:
            return EnquiryAct.MATCHED.label
        if self.closed_at and self.status in (EnquiryStatus.HELD, *WAITING):
            return _("Closed without an answer")
        return EnquiryStatus(self.status).label

    @property
    def is_late(self):
        return self.is_waiting and self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def is_need(self):
        """To nobody in particular."""
        return self.offer_id is None and self.to_state_id is None and self.to_contact_point_id is None

    @property
    def current_holders(self):
        return self.holders.filter(until=None).select_related(
            "contact_point__state", "contact_point__regional_body", "enquiry"
        )

    @property
    def may_have_outcome(self):
        """Has it come so far that either side can say what came of it? Until it is erased."""
        if self.passed_on_at is None or self.erased_at or self.status in (*NO_OUTCOME, EnquiryStatus.DECLINED):
            return False
        return not self.is_waiting or self.steps.filter(act__in=list(QUESTIONS)).exists()

    def is_with(self, actor):
        """Is it for them to acknowledge, decline or hand it over? Those who had it before may still answer."""
        if actor.user is None:
            return self.holders.filter(until=None, contact_point=actor.office).exists()
        if actor.user.is_isu:
            return True
        state = actor.user.state
        return state is not None and self.holders.filter(until=None, contact_point__state=state).exists()

    def latest_outcome(self, side):
        return self.outcomes.filter(side=side).order_by("-at", "-pk").first()

    # Steps. Nothing else writes `status`, `level` and the dates.

    @classmethod
    def receive(cls, *, key, **values):
        """Keep an enquiry and ask its sender to confirm the address. Returns (enquiry, whether it is new).

        The same key counts once. Nothing is passed on yet.
        """
        from offers import enquiry_letters

        with transaction.atomic():
            if enquiry := cls.objects.filter(key=key).first():
                return enquiry, False
            defaults = values | {"reference": ReferenceCounter.next("ENQ")}
            enquiry, is_new = cls.objects.get_or_create(key=key, defaults=defaults)
            if is_new:
                enquiry._note(EnquiryAct.SENT)
                enquiry_letters.ask_sender_to_confirm(enquiry)
        return enquiry, is_new

    @transaction.atomic
    def confirm(self):
        """The address is the sender's. What seems to come from a robot waits for the ISU, all else is passed on."""
        from offers import enquiry_letters

        self._move([EnquiryStatus.UNCONFIRMED], EnquiryStatus.HELD, EnquiryAct.CONFIRMED, confirmed_at=timezone.now())
        if self.suspicious:
            self._note(EnquiryAct.HELD)
            enquiry_letters.tell_isu_of_held(self)
        else:
            self._pass_on(EnquiryAct.PASSED_ON)

    @transaction.atomic
    def release(self, *, by):
        """The ISU has looked at it: it is a real enquiry."""
        self._move([EnquiryStatus.HELD], EnquiryStatus.HELD, EnquiryAct.RELEASED, Actor(by))
        self._pass_on(EnquiryAct.PASSED_ON, actor=Actor(by))

    @transaction.atomic
    def refuse(self, *, by, reason):
        """The ISU does not pass it on, and says why in the log; the sender is not written to, who may be a robot."""
        self._move(
            [EnquiryStatus.HELD], EnquiryStatus.REFUSED, EnquiryAct.REFUSED, Actor(by), reason, closed_at=timezone.now()
        )

    @transaction.atomic
    def acknowledge(self, *, actor):
        from offers import enquiry_letters

        self._hold(actor)
        now = timezone.now()
        self._move(
            [EnquiryStatus.OPEN], EnquiryStatus.ACKNOWLEDGED, EnquiryAct.ACKNOWLEDGED, actor, acknowledged_at=now
        )
        enquiry_letters.tell_sender(self, "acknowledged")

    @transaction.atomic
    def answer(self, *, actor, text=""):
        """The sender has an answer: this text, or, without one, a letter that the office has written itself.

        An office that had the enquiry before may still answer; whoever has it now is told.
        """
        from offers import enquiry_letters

        self._move(WAITING, EnquiryStatus.ANSWERED, EnquiryAct.ANSWERED, actor, text, answered_at=timezone.now())
        if text:
            enquiry_letters.tell_sender(self, "answered", text=text, reply_to=enquiry_letters.mailbox_of(self, actor))
        enquiry_letters.tell_other_holders(self, "enquiry_done", actor)

    @transaction.atomic
    def decline(self, *, actor, reason):
        """It cannot be done; the sender is told why, and the enquiry is closed."""
        from offers import enquiry_letters

        self._hold(actor)
        now = timezone.now()
        self._move(WAITING, EnquiryStatus.DECLINED, EnquiryAct.DECLINED, actor, reason, answered_at=now, closed_at=now)
        enquiry_letters.tell_sender(self, "declined", text=reason)
        enquiry_letters.tell_other_holders(self, "enquiry_done", actor)

    @transaction.atomic
    def hand_over(self, *, actor, to, note=""):
        """To somebody else, who has the whole time from now on. `to` is a `routing.Destination`.

        To a regional body only if the sender has agreed, whoever hands it over.
        """
        if to.level == EnquiryLevel.REGIONAL and not self.share_regional:
            raise StepNotAllowed(_("Nothing changed: the sender has not agreed that a regional body reads this."))
        self._hold(actor)
        self._pass_on(EnquiryAct.HANDED_OVER, to=to, actor=actor, reason=note)

    @transaction.atomic
    def move_on(self):
        """There was no answer in time, or the office is no more: the next in line is asked.

        Returns whether it was; not if somebody was faster.
        """
        from offers import routing

        self._hold()
        if not Enquiry.objects.to_move_on().filter(pk=self.pk).exists():
            return False
        is_late = self.due_on < timezone.localdate()
        act = EnquiryAct.MOVED_ON if is_late else EnquiryAct.HANDED_OVER
        self._pass_on(act, to=routing.next_in_line(self))
        return True

    @transaction.atomic
    def take_back(self):
        """The sender does not need an answer any more; those who were to answer are told."""
        from offers import enquiry_letters

        self._move(
            [EnquiryStatus.UNCONFIRMED, EnquiryStatus.HELD, *WAITING],
            EnquiryStatus.TAKEN_BACK, EnquiryAct.TAKEN_BACK, closed_at=timezone.now(),
        )  # fmt: skip
        # Before it is passed on, there is nobody.
        enquiry_letters.tell_other_holders(self, "enquiry_taken_back")

    @transaction.atomic
    def ask_outcome(self, question):
        """Write to both sides, once for each question. Returns whether it was done; not if somebody was faster."""
        from offers import enquiry_letters

        self._hold()
        if not Enquiry.objects.to_ask(question).filter(pk=self.pk).exists():
            return False
        self._note(question)
        enquiry_letters.ask_both_sides(self, question)
        return True

    @transaction.atomic
    def record_outcome(self, *, side, kind, actor=SENDER, by_telephone=False, helped="", missing=""):
        """What one side says came of it. Once both say that assistance was agreed, it is a match.

        A side may say something else later; what it said before stays in the log, and so does a match. Whoever says
        that there are talks has had an answer, even if nobody has pressed the button.
        """
        self._hold()
        if self.passed_on_at is None or self.erased_at or self.status in NO_OUTCOME:
            raise StepNotAllowed(_("Nothing changed: this enquiry is over."))
        said = {"kind": kind, "helped": helped, "missing": missing, "by_telephone": by_telephone}
        before = self.latest_outcome(side)
        if before and said == {name: getattr(before, name) for name in said}:
            return  # the button was pressed twice
        if self.is_waiting and (side == Side.OFFICE or kind != OutcomeKind.NOTHING):
            self._move(WAITING, EnquiryStatus.ANSWERED, EnquiryAct.ANSWERED, actor, answered_at=timezone.now())
        self.outcomes.create(side=side, told_by=actor.user, **said)
        self._note(EnquiryAct.OUTCOME, actor, side=side, outcome=kind)
        kinds = [outcome.kind for each in Side if (outcome := self.latest_outcome(each))]
        if len(kinds) < len(Side):
            return
        if set(kinds) == {OutcomeKind.AGREED} and self.matched_at is None:
            self._date(EnquiryAct.MATCHED, "matched_at")
        if OutcomeKind.TALKS not in kinds and self.closed_at is None:
            self._date(EnquiryAct.CLOSED, "closed_at")

    @transaction.atomic
    def close(self, *, by=None, reason=""):
        """Nothing more is expected: by the ISU, or by the clock."""
        self._hold()
        if self.closed_at or self.confirmed_at is None:
            raise StepNotAllowed(_("Nothing changed: this enquiry is over."))
        self._date(EnquiryAct.CLOSED, "closed_at", Actor(by), reason)

    @transaction.atomic
    def close_if_due(self):
        """By the clock. Returns whether it was; not if somebody was faster."""
        self._hold()
        if not Enquiry.objects.to_close().filter(pk=self.pk).exists():
            return False
        self.close()
        return True

    @transaction.atomic
    def forget(self):
        """Erase who asked, every text, the letters and what came back; what was never confirmed goes as a whole.

        Returns whether it was due.
        """
        try:
            self._hold()
        except Enquiry.DoesNotExist:
            return False
        if not Enquiry.objects.to_forget().filter(pk=self.pk).exists():
            return False
        OutgoingMail.objects.filter(about=self.reference).delete()
        Bounce.objects.of([self.email]).delete()
        if self.confirmed_at is None:
            self.delete()
            return True
        Enquiry.objects.filter(pk=self.pk).update(
            name="", organisation="", email="", message="", erased_at=timezone.now()
        )
        self.steps.update(reason="")
        self.outcomes.update(helped="", missing="")
        self._note(EnquiryAct.ERASED)
        return True

    def _pass_on(self, act, *, to=None, actor=CLOCK, reason=""):
        """Give it to the first in line, or to `to`: holders, clock, log and letters in one."""
        from offers import enquiry_letters, routing

        to = to or routing.first_in_line(self)
        now = timezone.now()
        former = list(self.current_holders)
        if {holder.contact_point for holder in former} == set(to.points or [None]):
            raise StepNotAllowed(_("Nothing changed: the enquiry is with them already."))
        self._move(
            [EnquiryStatus.HELD] if self.status == EnquiryStatus.HELD else WAITING,
            EnquiryStatus.OPEN, act, actor, reason,
            level=to.level, due_on=to.due_on, passed_on_at=self.passed_on_at or now,
            to_level=to.level, to_offices=to.in_words,
        )  # fmt: skip
        self.holders.filter(until=None).update(until=now)
        for point in to.points or [None]:
            self.holders.create(level=to.level, contact_point=point, since=now)
        enquiry_letters.tell_of_passing_on(self, act, former, note=reason)
        if act == EnquiryAct.PASSED_ON:
            for told, points in enquiry_letters.inform_authorities(self):
                self._note(told, to_offices=routing.Destination(EnquiryLevel.NATIONAL, points).in_words)

    def _move(self, sources, target, act, actor=CLOCK, reason="", *, to_level="", to_offices="", **changes):
        """Change the status and log it, or raise if someone else was faster."""
        changes |= {"status": target}
        if not Enquiry.objects.filter(pk=self.pk, status__in=sources, closed_at=None).update(**changes):
            raise StepNotAllowed(_("Nothing changed: this enquiry has already moved on."))
        for name, value in changes.items():
            setattr(self, name, value)
        self._note(act, actor, reason, to_level=to_level, to_offices=to_offices)

    def _hold(self, actor=None):
        """Let nobody else take a step until the transaction ends, and read anew how it stands.

        With an actor: raise if the enquiry is not theirs any more.
        """
        self.refresh_from_db(from_queryset=Enquiry.objects.select_for_update())
        if actor and (actor.office or actor.user) and not self.is_with(actor):
            raise StepNotAllowed(_("Nothing changed: this enquiry is with somebody else now."))

    def _date(self, act, field, actor=CLOCK, reason=""):
        """Note what has happened, and when, on a row that is held."""
        setattr(self, field, timezone.now())
        self.save(update_fields=[field])
        self._note(act, actor, reason)

    def _note(self, act, actor=CLOCK, reason="", **values):
        self.steps.create(act=act, reason=reason, **actor.fields, **values)
