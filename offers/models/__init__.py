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
from .reports import MistakeReport
from .resources import Resource
from .revision import CatalogueRevision
from .search import FacetSet, FacetValue, SearchEntry, SearchWord
from .taxonomy import Area, Form
from .versions import OfferVersion, StaleEdit, StepNotAllowed

__all__ = [
    "COST_ITEMS",
    "Area",
    "CatalogueRevision",
    "Condition",
    "Cooperation",
    "DeliveryMode",
    "Ending",
    "ExportLicence",
    "FacetSet",
    "FacetValue",
    "Form",
    "Freshness",
    "FundingPartner",
    "MistakeReport",
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
    "SearchWord",
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
