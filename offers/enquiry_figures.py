"""What has become of enquiries: figures for the ISU, for each State of its own, and, rounded, for everybody.

All is counted from the rows of `Enquiry.objects.counted()` and their outcomes; nothing here names anybody.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields
from datetime import datetime, time, timedelta
from statistics import median

from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Region, State

from .models import Area, Enquiry, EnquiryAct, EnquiryOutcome, EnquiryStatus, EnquiryStep, Form, OutcomeKind, Side
from .models.wording import months_after
from .working_days import working_days_after

WORKING_DAYS = 10
# Until then, that nothing came of an enquiry says nothing.
MONTHS_TO_MATCH = 6
# A smaller number could tell of a single enquiry; larger ones are rounded to the nearest multiple.
SMALLEST_PUBLIC = 5


def meaning(label, definition):
    return {"label": label, "definition": definition}


@dataclass(frozen=True)
class Stages:
    """How far enquiries have come; each counts at every stage that it has come to."""

    passed_on: int = field(
        metadata=meaning(
            gettext_lazy("Passed on"),
            gettext_lazy(
                "Enquiries whose senders have confirmed their address, and which were passed on to an office or to "
                "the ISU. Left out: what was taken back, those of senders who did not agree to be counted, and "
                "illustrative records, which count in a demonstration alone."
            ),
        )
    )
    taken_up: int = field(
        metadata=meaning(
            gettext_lazy("Taken up"), gettext_lazy("Receipt was acknowledged, or the sender had an answer at once.")
        )
    )
    answered: int = field(
        metadata=meaning(
            gettext_lazy("Answered"), gettext_lazy("The sender had an answer other than that it cannot be done.")
        )
    )
    talks: int = field(
        metadata=meaning(
            gettext_lazy("Talks"),
            gettext_lazy("At least one side says that talks are going on, or that assistance was agreed."),
        )
    )
    agreed: int = field(
        metadata=meaning(
            gettext_lazy("Agreed, says one side"),
            gettext_lazy("At least one side says that assistance was agreed. The last word of each side counts."),
        )
    )
    matched: int = field(
        metadata=meaning(
            gettext_lazy("Match confirmed by both sides"),
            gettext_lazy("Both sides have said that assistance was agreed. What was a match stays one."),
        )
    )
    declined: int = field(
        metadata=meaning(
            gettext_lazy("Declined"), gettext_lazy("The sender was told, with the reason, that it cannot be done.")
        )
    )

    @classmethod
    def of(cls, rows):
        return cls(*(sum(getattr(row, column.name) for row in rows) for column in fields(cls)))

    @property
    def lines(self):
        """Label, definition and number of each stage."""
        return [(*column.metadata.values(), getattr(self, column.name)) for column in fields(self)]


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    number: int
    total: int

    def __str__(self):
        words = {"number": self.number, "total": self.total}
        return _("%(number)s of %(total)s") % {
            name: number_format(number, force_grouping=True) for name, number in words.items()
        }


@dataclass(frozen=True)
class EnquiryFigures:
    stages: Stages
    # Rows are pairs of a label and the stages that belong to it.
    by_area: tuple[tuple[str, Stages], ...]
    by_form: tuple[tuple[str, Stages], ...]
    by_region: tuple[tuple[str, Stages], ...]
    median_days: float | None = field(
        metadata=meaning(
            gettext_lazy("Days to the first answer (median)"),
            gettext_lazy("Calendar days from passing on to the answer or refusal, of those that have one."),
        )
    )
    in_promised_time: Share = field(
        metadata=meaning(
            gettext_lazy("Answered in the promised time"),
            gettext_lazy(
                "Of those that have an answer or whose promised day has passed: answered or declined by that day, and "
                "before they were moved on to somebody else."
            ),
        )
    )
    in_working_days: Share = field(
        metadata=meaning(
            gettext_lazy("Answered in 10 working days"),
            gettext_lazy(
                "Of those passed on more than 10 working days ago: answered or declined within 10 working days, which "
                "are Monday to Friday; public holidays are not known."
            ),
        )
    )

    @property
    def times(self):
        """Label, definition and value of the figures that are about time."""
        columns = [column for column in fields(self) if column.metadata]
        return [(*column.metadata.values(), getattr(self, column.name)) for column in columns]

    @property
    def all(self):
        return [*self.stages.lines, *self.times]

    @property
    def columns(self):
        """Label and definition of each stage."""
        return [column.metadata for column in fields(Stages)]

    @property
    def tables(self):
        """Name, caption, heading of the first column, and rows."""
        return [
            ("areas", _("By area of implementation"), _("Area"), _numbers(self.by_area)),
            ("forms", _("By form of assistance"), _("Form"), _numbers(self.by_form)),
            ("regions", _("By region of the sender"), _("Region"), _numbers(self.by_region)),
        ]


def _numbers(rows):
    return [(label, [number for *_words, number in stages.lines]) for label, stages in rows]


class Outcome(models.TextChoices):
    """What came of an enquiry; the first that applies."""

    AGREED = "agreed", gettext_lazy("Assistance was agreed, says at least one side")
    DECLINED = "declined", gettext_lazy("Declined")
    NOTHING = "nothing", gettext_lazy("Nothing came of it")
    TALKS = "talks", gettext_lazy("Talks are going on")
    REFERRED = "referred", gettext_lazy("Referred to another office, without an outcome yet")
    NONE = "none", gettext_lazy("No outcome yet")


@dataclass(frozen=True)
class Course:
    """What became of the enquiries of certain days, as it stood when these were over."""

    stages: Stages
    # Answers and refusals.
    replied: int
    median_days: float | None
    median_days_to_match: float | None
    in_working_days: Share
    # Number of enquiries by outcome, all outcomes named.
    outcomes: dict[Outcome, int]
    matches: Share
    affected_states: Share
    national_authority: Share


def course(first, last):
    """Of the enquiries passed on from the first to the last day, both included; in a fixed number of queries.

    What has happened since is left out, so that the same days give the same figures whenever they are asked for, but
    for enquiries that their senders have taken back.
    """
    rows = _rows(since=_midnight(first), before=_midnight(last + timedelta(days=1)))
    last = min(last, timezone.localdate())
    outcomes = Counter(row.outcome for row in rows)
    affected = set(State.objects.affected(last).order_by().values_list("pk", flat=True))
    old_enough = [row for row in rows if months_after(_day(row.passed_on_at), MONTHS_TO_MATCH) <= last]
    return Course(
        stages=Stages.of(rows),
        replied=sum(row.has_answer for row in rows),
        median_days=_median_days(rows),
        median_days_to_match=_median_days(rows, "matched_at"),
        in_working_days=_in_working_days(rows, last),
        outcomes={outcome: outcomes[outcome] for outcome in Outcome},
        matches=Share(sum(row.matched for row in old_enough), len(old_enough)),
        affected_states=Share(len(affected & {row.asker_state for row in rows}), len(affected)),
        national_authority=Share(sum(row.was_copied for row in rows), len(rows)),
    )


def enquiry_figures(enquiries=None):
    """Of these enquiries, or of all; in a fixed number of queries."""
    rows = _rows(enquiries)
    regions = Region.objects.in_bulk({row.region for row in rows if row.region})
    return EnquiryFigures(
        stages=Stages.of(rows),
        by_area=_by_term(Area, [(row.area_code, row) for row in rows]),
        by_form=_by_term(Form, [(row.form_code, row) for row in rows]),
        by_region=_grouped(
            [(row.region, row) for row in rows],
            {key: regions[key].name for key in sorted(regions, key=lambda key: regions[key].position)},
            _("Senders of no State"),
        ),
        median_days=_median_days(rows),
        in_promised_time=Share(
            sum(row.was_in_time for row in rows), sum(row.has_answer or row.is_past_promise for row in rows)
        ),
        in_working_days=_in_working_days(rows, timezone.localdate()),
    )


def public_pipeline():
    """The stages as they were at the end of yesterday, in words that do not give the exact number.

    So the page says the same all day, whichever process has made it, and nobody learns from it when an enquiry came.
    """
    rows = _rows(before=_midnight(timezone.localdate()))
    return [(label, definition, rounded(number)) for label, definition, number in Stages.of(rows).lines]


def published(number):
    """The nearest multiple of 5, as everybody may know it; None for what is too small to be told."""
    if 0 < number < SMALLEST_PUBLIC:
        return None
    return SMALLEST_PUBLIC * ((number + SMALLEST_PUBLIC // 2) // SMALLEST_PUBLIC)


def rounded(number):
    """Each number by itself, so that no difference between two of them gives an exact one."""
    if number == 0:
        return _("none")
    nearest = published(number)
    if nearest is None:
        return _("fewer than %(number)d") % {"number": SMALLEST_PUBLIC}
    return _("about %(number)d") % {"number": nearest}


def lessons(limit):
    """What both sides said helped or was missing, the last first; for the ISU alone."""
    outcomes = EnquiryOutcome.objects.filter(enquiry__in=Enquiry.objects.counted().values("pk"))
    return outcomes.exclude(helped="", missing="").select_related("enquiry").order_by("-at", "-pk")[:limit]


@dataclass(frozen=True)
class _Row:
    """One enquiry as the figures see it."""

    passed_on_at: datetime
    acknowledged_at: datetime | None
    answered_at: datetime | None
    matched_at: datetime | None
    due_on: object
    status: str
    asker_state: int | None
    region: int | None
    area_code: str | None
    form_code: str | None
    asker_says: str | None
    office_says: str | None
    has_moved_on: bool
    was_handed_over: bool
    was_copied: bool

    passed_on = True

    @property
    def has_answer(self):
        return self.answered_at is not None

    @property
    def taken_up(self):
        return self.acknowledged_at is not None or self.has_answer

    @property
    def declined(self):
        return self.has_answer and self.status == EnquiryStatus.DECLINED

    @property
    def answered(self):
        return self.has_answer and not self.declined

    @property
    def matched(self):
        return self.matched_at is not None

    @property
    def agreed(self):
        return self.matched or OutcomeKind.AGREED in self._said

    @property
    def talks(self):
        return self.agreed or OutcomeKind.TALKS in self._said

    @property
    def _said(self):
        return {self.asker_says, self.office_says}

    @property
    def outcome(self):
        if self.agreed:
            return Outcome.AGREED
        if self.declined or OutcomeKind.DECLINED in self._said:
            return Outcome.DECLINED
        if OutcomeKind.NOTHING in self._said:
            return Outcome.NOTHING
        if self.talks:
            return Outcome.TALKS
        return Outcome.REFERRED if self.has_moved_on or self.was_handed_over else Outcome.NONE

    def days_until(self, name):
        """From passing on to one of its other moments, or None."""
        moment = getattr(self, name)
        return moment and (_day(moment) - _day(self.passed_on_at)).days

    @property
    def was_in_time(self):
        return (
            self.has_answer and not self.has_moved_on and (self.due_on is None or _day(self.answered_at) <= self.due_on)
        )

    @property
    def is_past_promise(self):
        return self.has_moved_on or (self.due_on is not None and self.due_on < timezone.localdate())

    @property
    def last_of_working_days(self):
        return working_days_after(_day(self.passed_on_at), WORKING_DAYS)


def _day(moment):
    return timezone.localdate(moment)


def _midnight(day):
    """With which the day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _rows(enquiries=None, *, since=None, before=None):
    """Those that count; of those passed on from a moment on; with `before`, as they stood at that moment."""
    counted = Enquiry.objects.counted().order_by()
    if enquiries is not None:
        counted = counted.filter(pk__in=enquiries.order_by().values("pk"))
    if since:
        counted = counted.filter(passed_on_at__gte=since)
    if before:
        counted = counted.filter(passed_on_at__lt=before)
    version = "offer__live_version"
    rows = counted.annotate(
        region=F("asker_state__region"),
        area_code=Coalesce("area__code", f"{version}__primary_area__code"),
        form_code=Coalesce("form__code", f"{version}__form__code"),
        asker_says=_last_word(Side.ASKER, before),
        office_says=_last_word(Side.OFFICE, before),
        has_moved_on=_logged(EnquiryAct.MOVED_ON, before),
        was_handed_over=_logged(EnquiryAct.HANDED_OVER, before),
        was_copied=_logged(EnquiryAct.COPIED, before),
    ).values(*(column.name for column in fields(_Row)))
    return [_Row(**{name: _known(value, before) for name, value in row.items()}) for row in rows]


def _last_word(side, before):
    said = EnquiryOutcome.objects.filter(enquiry=OuterRef("pk"), side=side)
    if before:
        said = said.filter(at__lt=before)
    return Subquery(said.order_by("-at", "-pk").values("kind")[:1])


def _logged(act, before):
    steps = EnquiryStep.objects.filter(enquiry=OuterRef("pk"), act=act)
    return Exists(steps.filter(at__lt=before) if before else steps)


def _known(value, before):
    """What had not happened yet at that moment was not known."""
    return None if before and isinstance(value, datetime) and value >= before else value


def _by_term(kind, rows):
    """By the terms at the top, in their order."""
    names = {term.code: term.name for term in kind.objects.top()}
    # A code is a dotted path: below the facet, the first part names the term at the top.
    top = [(code and ".".join(code.split(".")[:2]), row) for code, row in rows]
    return _grouped(top, names, _("Not stated"))


def _grouped(rows, names, otherwise):
    """Stages for each label that has any, in the order of `names`."""
    found = defaultdict(list)
    for key, row in rows:
        found[key if key in names else None].append(row)
    return tuple((label, Stages.of(found[key])) for key, label in [*names.items(), (None, otherwise)] if found.get(key))


def _median_days(rows, name="answered_at"):
    days = [days for row in rows if (days := row.days_until(name)) is not None]
    return median(days) if days else None


def _in_working_days(rows, today):
    old_enough = [row for row in rows if row.last_of_working_days < today]
    return Share(
        sum(row.has_answer and _day(row.answered_at) <= row.last_of_working_days for row in old_enough),
        len(old_enough),
    )
