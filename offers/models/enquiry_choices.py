"""The words of an enquiry: how it stands, who is to answer, what its log knows, and what may come of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

MESSAGE_MIN, MESSAGE_MAX = 20, 3000  # characters
ANSWER_MAX, REASON_MAX = 3000, 1000  # characters


class EnquiryStatus(models.TextChoices):
    UNCONFIRMED = "unconfirmed", _("Waiting for the address to be confirmed")
    HELD = "held", _("Held for the ISU to look at")
    OPEN = "open", _("Waiting for an answer")
    ACKNOWLEDGED = "acknowledged", _("Received and being looked into")
    ANSWERED = "answered", _("Answered")
    DECLINED = "declined", _("Declined")
    REFUSED = "refused", _("Not passed on")
    TAKEN_BACK = "taken_back", _("Taken back")


class EnquiryLevel(models.TextChoices):
    """Who is to answer."""

    NATIONAL = "national", _("National contact point")
    REGIONAL = "regional", _("Regional contact point")
    ISU = "isu", _("Implementation Support Unit")


class EnquiryAct(models.TextChoices):
    """What the log of an enquiry knows."""

    SENT = "sent", _("Sent")
    CONFIRMED = "confirmed", _("Address confirmed")
    HELD = "held", _("Held for the ISU")
    RELEASED = "released", _("Released by the ISU")
    REFUSED = "refused", _("Not passed on")
    PASSED_ON = "passed_on", _("Passed on")
    COPIED = "copied", _("Copied to the national authority of the sender")
    INFORMED = "informed", _("Authority of the country of assistance informed")
    ACKNOWLEDGED = "acknowledged", _("Receipt acknowledged")
    ANSWERED = "answered", _("Answered")
    DECLINED = "declined", _("Declined")
    HANDED_OVER = "handed_over", _("Handed over")
    MOVED_ON = "moved_on", _("Moved on, as there was no answer in time")
    TAKEN_BACK = "taken_back", _("Taken back by the sender")
    ASKED_FIRST = "asked_first", _("Both sides asked what came of it")
    ASKED_AGAIN = "asked_again", _("Both sides asked again what came of it")
    OUTCOME = "outcome", _("Outcome recorded")
    MATCHED = "matched", _("Match confirmed by both sides")
    CLOSED = "closed", _("Closed")
    ERASED = "erased", _("Personal data erased")


class OutcomeKind(models.TextChoices):
    TALKS = "talks", _("Talks are going on")
    AGREED = "agreed", _("Assistance was agreed")
    DECLINED = "declined", _("It was declined")
    NOTHING = "nothing", _("Nothing came of it")


class Side(models.TextChoices):
    ASKER = "asker", _("The side that asked")
    OFFICE = "office", _("The side that was asked")


# Somebody is still to answer.
WAITING = (EnquiryStatus.OPEN, EnquiryStatus.ACKNOWLEDGED)
# It has reached those it was meant for.
PASSED_ON = (*WAITING, EnquiryStatus.ANSWERED, EnquiryStatus.DECLINED)
# Nothing can have come of it.
NO_OUTCOME = (EnquiryStatus.REFUSED, EnquiryStatus.TAKEN_BACK)
# Once for each enquiry.
QUESTIONS = {
    EnquiryAct.ASKED_FIRST: "ENQUIRY_FIRST_QUESTION_DAYS",
    EnquiryAct.ASKED_AGAIN: "ENQUIRY_LAST_QUESTION_DAYS",
}
