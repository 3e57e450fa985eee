"""The indicators of the trial, and the state of the catalogue night by night."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Indicator(models.TextChoices):
    """What the trial is judged by. Codes are stored with targets and editions, so they never change."""

    COVERAGE = "S1", _("States Parties with a published offer")
    OFFERS = "S2", _("Offers published")
    FRESHNESS = "S3", _("Offers confirmed in six months")
    OVERDUE = "S4", _("Offers past their review date and still shown")
    CONTACTS = "S5", _("Offers with a working national contact point")
    SOUTH_SOUTH = "S6", _("South-South and triangular offers")
    VICTIM_ASSISTANCE = "S7", _("Offers of victim assistance")
    CONCRETENESS = "S8", _("Offers that state quantity or duration, dates and conditions")
    VISITS = "U1", _("Visits")
    VIEWS = "U2", _("Page views")
    CONTACTS_OPENED = "U3", _("Contacts opened")
    REACH = "U4", _("Offers whose contacts were opened")
    BALANCE = "U5", _("Demand compared with supply")
    LINKS_OUT = "U6", _("Links followed to other sources")
    MACHINE_USE = "U7", _("Use by programs")
    ENQUIRIES = "F3", _("Enquiries sent")
    ANSWERED_IN_TIME = "F6", _("Enquiries answered in 10 working days")
    MATCHES = "F7", _("Matches confirmed by both sides")
    AFFECTED_STATES = "F8", _("Affected States that sent an enquiry")
    NATIONAL_AUTHORITY = "F9", _("Enquiries with the national authority involved")
    ZERO_RESULTS = "N1", _("Searches without a result")
    NEEDS_OPEN = "N3", _("Needs without an answer after 60 days")
    DUPLICATES = "D1", _("Offers that resemble another")
    LINKED_SOURCES = "D2", _("Links to sources instead of copies")
    FOUND = "V1", _("Visitors who found what they needed")
    NOT_ELSEWHERE = "V2", _("Contact points that could not have found this elsewhere")
    COST = "C1", _("Hours of the ISU")


class IndicatorSnapshot(models.Model):
    """What an indicator of the catalogue was at the end of a day; it cannot be found out later."""

    day = models.DateField()
    # An Indicator, or the name of a figure that belongs to one, such as `S3.12` or `S2.inflow`.
    indicator = models.CharField(max_length=30)
    dimension = models.CharField(max_length=20, default="all")
    value = models.CharField(max_length=170, blank=True)
    numerator = models.FloatField()
    # None for plain numbers.
    denominator = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "indicator", "dimension", "value"], name="indicator_snapshot_once")
        ]

    def __str__(self):
        return f"{self.day} {self.indicator} {self.dimension}={self.value}: {self.numerator}/{self.denominator}"
