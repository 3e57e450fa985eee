from .bodies import BodyKind, RegionalBody
from .closure import Closure
from .contact_points import ContactPoint, Office
from .kept import KeptPost
from .reference import ReferenceData, SixLanguages, language_tag, name_suffix
from .sources import RelatedSource
from .states import (
    ABOUT_STATES,
    Article5Status,
    ConventionStatus,
    Language,
    LinkKind,
    Region,
    RegionalGroup,
    State,
    StateLink,
)
from .users import Membership, Role, User

__all__ = [
    "ABOUT_STATES",
    "Article5Status",
    "BodyKind",
    "Closure",
    "ContactPoint",
    "ConventionStatus",
    "KeptPost",
    "Language",
    "LinkKind",
    "Membership",
    "Office",
    "ReferenceData",
    "Region",
    "RegionalBody",
    "RegionalGroup",
    "RelatedSource",
    "Role",
    "SixLanguages",
    "State",
    "StateLink",
    "User",
    "language_tag",
    "name_suffix",
]
