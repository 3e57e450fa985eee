from .alerts import Alert, Frequency, SignUp, Subscriber, ToldOffer
from .bulletins import Bulletin, BulletinLetter, BulletinNote, BulletinOffer
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
from .enquiries import Actor, Enquiry
from .enquiry_choices import EnquiryAct, EnquiryLevel, EnquiryStatus, OutcomeKind, Side
from .enquiry_rows import EnquiryHolder, EnquiryOutcome, EnquiryStep
from .errors import StaleEdit, StepNotAllowed
from .imports import ImportedRow, OfferImport
from .links import LinkCheck
from .log import StatusChange
from .mail import Bounce, OutgoingMail
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
    "Actor",
    "Alert",
    "Area",
    "Bounce",
    "Bulletin",
    "BulletinLetter",
    "BulletinNote",
    "BulletinOffer",
    "CatalogueRevision",
    "Condition",
    "ContactProposal",
    "Cooperation",
    "DeliveryMode",
    "Ending",
    "Enquiry",
    "EnquiryAct",
    "EnquiryHolder",
    "EnquiryLevel",
    "EnquiryOutcome",
    "EnquiryStatus",
    "EnquiryStep",
    "ExportLicence",
    "FacetSet",
    "FacetValue",
    "Form",
    "Frequency",
    "Freshness",
    "FundingPartner",
    "HeldUpload",
    "ImportedRow",
    "LinkCheck",
    "MistakeReport",
    "Offer",
    "OfferContactPoint",
    "OfferDocument",
    "OfferImport",
    "OfferLink",
    "OfferPartner",
    "OfferTranslation",
    "OfferVersion",
    "OutcomeKind",
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
    "Side",
    "SignUp",
    "SpareParts",
    "StaleEdit",
    "StatusChange",
    "Step",
    "StepNotAllowed",
    "Subscriber",
    "Timing",
    "ToldOffer",
    "TransferTerms",
    "VersionStatus",
    "YesNo",
    "prefetch_translations",
    "to_translate",
]
