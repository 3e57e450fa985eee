"""Once a year each office is asked whether what the directory says of it is still correct."""

from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from contacts.models import ContactPoint, User
from contacts.models.contact_points import STANDS_DAYS

from . import notifications, signed_links
from .models import EnquiryAct, EnquiryHolder, EnquiryStep, Reminder, ReminderStage
from .reminding import Letter

PURPOSE = "verify"


def link_to(point):
    """The token of a link by which the office confirms its details."""
    return signed_links.sign(PURPOSE, [point.pk, point.email])


def point_of(token):
    """The contact point that a link leads to.

    A link ends with the mailbox that it was sent to: whoever reads the former one is not the office any more.
    """
    key, email = signed_links.read(PURPOSE, token, days=settings.CONFIRM_LINK_DAYS)
    point = ContactPoint.objects.listed().with_details().filter(pk=key, email=email).first()
    if point is None:
        raise signed_links.LinkExpired
    return point


def due():
    """The offices that have not confirmed their details for so long that a letter may be due."""
    long_ago = timezone.localdate() - timedelta(days=settings.CONTACT_DUE_DAYS)
    return ContactPoint.objects.asked_yearly().last_confirmed_by(long_ago).with_details().in_reading_order()


def letter_to(point):
    """The letter that is due to the office today, or None.

    It is asked a while before its confirmation grows old, and once more if it has not answered by then. However
    long the command has not run, the second letter leaves it as much time as it would have had.
    """
    point = due().filter(pk=point.pk).first()
    if point is None:
        return None
    sent = {reminder.stage: reminder for reminder in point.reminders.filter(cycle=cycle_of(point))}
    first, second = (sent.get(stage) for stage in (ReminderStage.VERIFY, ReminderStage.VERIFY_AGAIN))
    time_to_answer = timedelta(days=settings.CONTACT_OVERDUE_DAYS - settings.CONTACT_DUE_DAYS)
    if second or (first and timezone.localdate() < timezone.localdate(first.sent_at) + time_to_answer):
        return None
    stage = ReminderStage.VERIFY_AGAIN if first else ReminderStage.VERIFY
    copies = _focal_points(point)
    again = first is not None
    return Letter(
        about=f"{point}: {stage.label}",
        recipients=[point.email, *copies],
        reminders=[Reminder(contact_point=point, stage=stage, cycle=cycle_of(point))],
        write=partial(notifications.ask_office_to_verify, point, link_to(point), copies=copies, again=again),
    )


def _focal_points(point):
    """Of the State; a regional body has none."""
    return list(User.objects.focal_points().filter(membership__state=point.state).values_list("email", flat=True))


def cycle_of(point):
    """It begins with each confirmation; an office that has never confirmed is in the first one there is."""
    return point.verified_on or date.min


def working(on):
    """The offices that have confirmed their details, or answered or declined an enquiry, in the twelve months before.

    An office has answered by its link, or somebody of its State has, for an enquiry that was with it.
    """
    since = on - timedelta(days=STANDS_DAYS)
    answers = EnquiryStep.objects.filter(
        act__in=[EnquiryAct.ANSWERED, EnquiryAct.DECLINED], at__date__range=(since, on)
    )
    by_people = EnquiryHolder.objects.filter(
        enquiry__steps__in=answers, contact_point__state=F("enquiry__steps__by__membership__state")
    )
    return ContactPoint.objects.open().filter(
        Q(verified_on__range=(since, on))
        | Q(pk__in=answers.filter(contact_point__isnull=False).values("contact_point"))
        | Q(pk__in=by_people.values("contact_point"))
    )
