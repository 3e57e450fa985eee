"""What an indicator says of a period, and how it is said."""

from dataclasses import dataclass
from enum import StrEnum

from ..models import Indicator


class Unit(StrEnum):
    COUNT = "count"
    # `number` of `base`.
    SHARE = "share"
    # The median of `base` cases.
    MEDIAN = "median"
    # Such as demand to supply, or hours for each match: `number` of the one for each one of the other.
    RATIO = "ratio"


@dataclass(frozen=True)
class Definition:
    """What stands behind an indicator; one for each in `analytics.indicators.definitions`."""

    indicator: Indicator
    unit: Unit
    # In whole sentences: what is counted, what is left out.
    text: str
    # Criterion of the OECD-DAC: relevance, coherence, effectiveness, efficiency, impact, sustainability.
    criterion: str
    # Everything there is was counted: no interval, since nothing was drawn by lot.
    census: bool = False


@dataclass(frozen=True)
class Measure:
    """Its value in a period. `number` is None if it cannot be told, such as the median of nothing."""

    indicator: Indicator
    number: float | None
    base: float | None = None

    @property
    def share(self):
        """Between 0 and 1, or None."""
        return self.number / self.base if self.base else None
