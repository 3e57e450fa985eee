"""The closed vocabularies of an offer. The codes are stored and exported, so they never change."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VersionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for review")
    RETURNED = "returned", _("Returned for changes")
    REFUSED = "refused", _("Refused")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Replaced by a newer version")


# A version is open while it is being written or reviewed; an offer has at most one.
EDITABLE = (VersionStatus.DRAFT, VersionStatus.RETURNED)
OPEN = (*EDITABLE, VersionStatus.SUBMITTED)


class Step(models.TextChoices):
    """What happened to an offer or to a version of it."""

    BEGIN = "begin", _("Draft begun")
    SUBMIT = "submit", _("Submitted for publication")
    TAKE_BACK = "take_back", _("Taken back for editing")
    SEND_BACK = "send_back", _("Returned for changes")
    REFUSE = "refuse", _("Refused")
    PUBLISH = "publish", _("Published")
    SUPERSEDE = "supersede", _("Replaced by a newer version")
    CONFIRM = "confirm", _("Confirmed as still valid")
    WITHDRAW = "withdraw", _("Withdrawn")
    FULFIL = "fulfil", _("Marked as fulfilled")
    ACCEPT_PARTNERSHIP = "accept_partnership", _("Partnership accepted")
    DECLINE_PARTNERSHIP = "decline_partnership", _("Partnership declined")
    STAFF_EDIT = "staff_edit", _("Wording corrected by the ISU")
    TAKE_DOWN = "take_down", _("Taken down by the ISU")
    BRING_BACK = "bring_back", _("Brought back")


class Ending(models.TextChoices):
    WITHDRAWN = "withdrawn", _("Withdrawn")
    FULFILLED = "fulfilled", _("Fulfilled")
    TAKEN_DOWN = "taken_down", _("Taken down by the ISU")


class RefusalGround(models.TextChoices):
    """Why the ISU does not publish an offer; a text says more."""

    NOT_ASSISTANCE = "not_assistance", _("It does not offer assistance")
    MONEY_ONLY = "money_only", _("It offers money only")
    ALREADY_GIVEN = "already_given", _("It describes assistance already given")
    DUPLICATE = "duplicate", _("It repeats another offer of the State")
    OUT_OF_LINE = "out_of_line", _("It is not in line with the Convention")
    OTHER = "other", _("Another reason")


class Freshness(models.TextChoices):
    """How long ago the State confirmed that the offer stands."""

    FRESH = "fresh", _("Confirmed recently")
    DUE = "due", _("Confirmation due")
    OVERDUE = "overdue", _("Confirmation overdue")
    SUSPENDED = "suspended", _("Suspended until confirmed")


class DeliveryMode(models.TextChoices):
    PROVIDER_CENTRE = "provider_centre", _("At the provider's centre")
    RECIPIENT_COUNTRY = "recipient_country", _("In the recipient's country")
    THIRD_COUNTRY = "third_country", _("In a third country")
    REGIONAL = "regional", _("For several countries of a region together")
    REMOTE = "remote", _("Remotely")
    MATERIAL_ONLY = "material_only", _("Material only")


class PartnerRole(models.TextChoices):
    CO_PROVIDER = "co_provider", _("Gives the assistance together with the State")
    HOST = "host", _("Hosts it")
    FUNDING_PARTNER = "funding_partner", _("Funds it")
    MANUFACTURER = "manufacturer", _("Makes the equipment")
    FACILITATOR = "facilitator", _("Facilitates it")


class PartnerAnswer(models.TextChoices):
    """How a partner State stands to being named."""

    NONE = "none", _("Has not answered yet")
    ACCEPTED = "accepted", _("Has accepted")
    DECLINED = "declined", _("Has declined")


class Recipients(models.TextChoices):
    ALL = "all", _("All States Parties")
    SELECTED = "selected", _("Only the regions, groups or States named below")


class Timing(models.TextChoices):
    CONTINUOUS = "continuous", _("At any time")
    DATES = "dates", _("On fixed dates")
    ON_REQUEST = "on_request", _("On request")


class Payer(models.TextChoices):
    PROVIDER = "provider", _("Provider")
    RECIPIENT = "recipient", _("Recipient")
    SHARED = "shared", _("Shared")
    TO_BE_AGREED = "to_be_agreed", _("To be agreed")
    THIRD_PARTY_SOUGHT = "third_party_sought", _("Third party sought")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


# Who pays what: one field `pays_<item>` each, in the order in which they are asked and shown.
COST_ITEMS = {
    "fees": _("Fees"),
    "salary": _("Salary and subsistence"),
    "travel": _("Travel"),
    "lodging": _("Lodging"),
    "visa_insurance": _("Visa and insurance"),
    "freight": _("Freight"),
    "customs": _("Customs"),
    "maintenance": _("Maintenance"),
    "interpretation": _("Interpretation"),
}


class YesNo(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")


class TransferTerms(models.TextChoices):
    DONATION = "donation", _("Donation")
    LOAN = "loan", _("Loan")
    EITHER = "either", _("Donation or loan")


class Condition(models.TextChoices):
    NEW = "new", _("New")
    USED = "used", _("Used")
    EITHER = "either", _("New or used")


class SpareParts(models.TextChoices):
    INCLUDED = "included", _("Included")
    AVAILABLE = "available", _("Available separately")
    NOT_AVAILABLE = "not_available", _("Not available")


class ExportLicence(models.TextChoices):
    NEEDED = "needed", _("Needed")
    NOT_NEEDED = "not_needed", _("Not needed")
    TO_BE_CHECKED = "to_be_checked", _("To be checked case by case")


class Cooperation(models.TextChoices):
    NONE = "none", _("Neither")
    SOUTH_SOUTH = "south_south", _("South-South cooperation")
    TRIANGULAR = "triangular", _("Triangular cooperation")


class FundingPartner(models.TextChoices):
    SECURED = "secured", _("Funding partner secured")
    SOUGHT = "sought", _("Funding partner being sought")
    NOT_NEEDED = "not_needed", _("No funding partner needed")
