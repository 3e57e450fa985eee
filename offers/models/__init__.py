from .choices import (
    COST_ITEMS,
    Condition,
    Cooperation,
    DeliveryMode,
    Ending,
    ExportLicence,
    Freshness,
    FundingPartner,
    PartnerAnswer,
    PartnerRole,
    Payer,
    Recipients,
    RefusalGround,
    SpareParts,
    Step,
    Timing,
    TransferTerms,
    VersionStatus,
    YesNo,
)
from .contact_proposals import ContactProposal, ProposalKind, ProposalStatus
from .errors import StaleEdit, StepNotAllowed
from .imports import ImportedRow, OfferImport
from .log import StatusChange
from .mail import OutgoingMail
from .offers import Offer
from .partners import OfferPartner
from .parts import HeldUpload, OfferContactPoint, OfferDocument, OfferLink
from .references import ReferenceCounter
from .reminders import Reminder, ReminderStage
from .reports import MistakeReport
from .resources import Resource
from .revision import CatalogueRevision
from .search import FacetSet, FacetValue, SearchEntry, SearchWord
from .taxonomy import Area, Form
from .translations import TRANSLATED, OfferTranslation, prefetch_translations, to_translate
from .versions import OfferVersion

__all__ = [
    "COST_ITEMS",
    "TRANSLATED",
    "Area",
    "CatalogueRevision",
    "Condition",
    "ContactProposal",
    "Cooperation",
    "DeliveryMode",
    "Ending",
    "ExportLicence",
    "FacetSet",
    "FacetValue",
    "Form",
    "Freshness",
    "FundingPartner",
    "HeldUpload",
    "ImportedRow",
    "MistakeReport",
    "Offer",
    "OfferContactPoint",
    "OfferDocument",
    "OfferImport",
    "OfferLink",
    "OfferPartner",
    "OfferTranslation",
    "OfferVersion",
    "OutgoingMail",
    "PartnerAnswer",
    "PartnerRole",
    "Payer",
    "ProposalKind",
    "ProposalStatus",
    "Recipients",
    "ReferenceCounter",
    "RefusalGround",
    "Reminder",
    "ReminderStage",
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
    "prefetch_translations",
    "to_translate",
]
