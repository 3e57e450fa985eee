from .choices import (
    COST_ITEMS,
    Condition,
    Cooperation,
    DeliveryMode,
    Ending,
    ExportLicence,
    Freshness,
    FundingPartner,
    PartnerRole,
    Payer,
    Recipients,
    SpareParts,
    Step,
    Timing,
    TransferTerms,
    VersionStatus,
    YesNo,
)
from .log import StatusChange
from .mail import OutgoingMail
from .offers import Offer, ReferenceCounter
from .parts import OfferContactPoint, OfferDocument, OfferLink, OfferPartner
from .resources import Resource
from .search import SearchEntry, SearchFacet
from .taxonomy import Area, Form
from .versions import OfferVersion, StaleEdit, StepNotAllowed

__all__ = [
    "COST_ITEMS",
    "Area",
    "Condition",
    "Cooperation",
    "DeliveryMode",
    "Ending",
    "ExportLicence",
    "Form",
    "Freshness",
    "FundingPartner",
    "Offer",
    "OfferContactPoint",
    "OfferDocument",
    "OfferLink",
    "OfferPartner",
    "OfferVersion",
    "OutgoingMail",
    "PartnerRole",
    "Payer",
    "Recipients",
    "ReferenceCounter",
    "Resource",
    "SearchEntry",
    "SearchFacet",
    "SpareParts",
    "StaleEdit",
    "StatusChange",
    "Step",
    "StepNotAllowed",
    "Timing",
    "TransferTerms",
    "VersionStatus",
    "YesNo",
]
