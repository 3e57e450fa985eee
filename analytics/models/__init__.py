from .editions import AlreadyFrozen, ReportEdition
from .events import Batch, BatchKind, DeadEnd, DirtyDay, Event, EventKind, Search, Surface
from .figures import Completeness, Daily, DailyExcluded, Monthly, SearchTermDaily
from .indicators import Indicator, IndicatorSnapshot
from .needs import UnmetNeed, UnmetNeedTerm
from .trial import IndicatorTarget, Milestone, MonthCost, TrialPeriod, VerdictReason
from .voices import AskedOn, Feedback, Found, SurveyInvitation, SurveyKind, SurveyRound

__all__ = [
    "AlreadyFrozen",
    "AskedOn",
    "Batch",
    "BatchKind",
    "Completeness",
    "Daily",
    "DailyExcluded",
    "DeadEnd",
    "DirtyDay",
    "Event",
    "EventKind",
    "Feedback",
    "Found",
    "Indicator",
    "IndicatorSnapshot",
    "IndicatorTarget",
    "Milestone",
    "MonthCost",
    "Monthly",
    "ReportEdition",
    "Search",
    "SearchTermDaily",
    "Surface",
    "SurveyInvitation",
    "SurveyKind",
    "SurveyRound",
    "TrialPeriod",
    "UnmetNeed",
    "UnmetNeedTerm",
    "VerdictReason",
]
