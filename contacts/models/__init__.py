from .bodies import BodyKind, RegionalBody
from .contact_points import ContactPoint, Office
from .kept import KeptPost
from .reference import ReferenceData, SixLanguages, language_tag, name_suffix
from .states import (
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
    "Article5Status",
    "BodyKind",
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
    "Role",
    "SixLanguages",
    "State",
    "StateLink",
    "User",
    "language_tag",
    "name_suffix",
]
