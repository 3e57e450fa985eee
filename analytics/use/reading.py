"""What was done in a period, read from the daily figures alone; the events themselves are never asked."""

from collections import defaultdict
from dataclasses import astuple, dataclass, fields
from functools import cached_property

from django.utils.translation import gettext as _

from offers.enquiry_figures import course

from ..counting.sums import NOTHING, sums, sums_by_month
from ..counting.tally import UNLINKED
from ..periods import Period
from ..recording.actions import MACHINE_USE, Action
from .catalogue import offers_long_enough, top

INVESTIGATION, REQUEST = "investigation", "request"
OF_ALL = ["view", "search_any", INVESTIGATION, REQUEST, UNLINKED, *(action.metric for action in Action)]


@dataclass(frozen=True)
class Use:
    """What was done in a period, by metric and month, and along one dimension at a time."""

    period: Period

    @cached_property
    def by_month(self):
        return sums_by_month(self.period, OF_ALL)

    @cached_property
    def _in_all(self):
        found = defaultdict(lambda: [0] * len(fields(NOTHING)))
        for (_month, metric, _value), numbers in self.by_month.items():
            found[metric] = [a + b for a, b in zip(found[metric], astuple(numbers), strict=True)]
        return {metric: type(NOTHING)(*numbers) for metric, numbers in found.items()}

    @property
    def has_any(self):
        return any(self.of(action.metric).total for action in Action)

    def of(self, metric):
        return self._in_all.get(metric, NOTHING)

    def of_month(self, month, metric):
        return self.by_month.get((month, metric, ""), NOTHING)

    def months(self):
        """MonthOfUse of each month."""
        rows = {}
        for month in self.period.months:
            view, zero = self.of_month(month, "view"), self.of_month(month, Action.SEARCH_ZERO.metric)
            searched = self.of_month(month, "search_any")
            rows[month] = view.visits, view.visitor_days, view.total, searched.total, zero.total
        return rows

    def pages(self):
        """PageOfUse of each action."""
        return {action: (self.of(action.metric).total, self.of(action.metric).visits) for action in Action}

    def kinds(self, dimension, key=str):
        """KindOfUse by value of the dimension.

        Those of finer areas or forms may be added up, because an offer has but one of them.
        """
        rows = defaultdict(lambda: [0, 0, 0, 0])
        for (metric, value), numbers in sums(self.period, [INVESTIGATION, REQUEST], dimension).items():
            start = 0 if metric == INVESTIGATION else 2
            rows[key(value)][start] += numbers.total_dc
            rows[key(value)][start + 1] += numbers.unique_session
        return dict(rows)

    def demand(self):
        """Different offers whose contacts were opened, by topmost area and form."""
        found = defaultdict(int)
        for (_metric, value), numbers in sums(self.period, [REQUEST], "area_form").items():
            area, form = value.split("|")
            found[top(area), top(form)] += numbers.unique_session
        return found

    def languages(self):
        """LanguageOfUse by code."""
        rows = defaultdict(lambda: [0, 0, 0, 0])
        for (metric, value), numbers in sums(self.period, ["view", INVESTIGATION, REQUEST], "language").items():
            if metric == "view":
                rows[value][:2] = numbers.total, numbers.visits
            else:
                rows[value][2 if metric == INVESTIGATION else 3] = numbers.total_dc
        return dict(rows)

    def origins(self, dimension):
        """OriginOfUse by value of the dimension."""
        rows = sums(self.period, ["view"], dimension)
        return {value: (numbers.total, numbers.visits) for (_metric, value), numbers in rows.items()}

    @cached_property
    def event_kinds(self):
        """Times by metric and kind: where links led, and whose contact points were shown."""
        metrics = [Action.LINK_OUT.metric, Action.CONTACT_REVEALED.metric]
        return {key: (numbers.total,) for key, numbers in sums(self.period, metrics, "kind").items()}

    def times_of_kind(self, action):
        return {kind: times for (metric, kind), times in self.event_kinds.items() if metric == action.metric}

    def machine_use(self):
        return {action: (self.of(action.metric).total,) for action in MACHINE_USE}

    @cached_property
    def enquiries(self):
        """How far those had come at the end of the period that were passed on in it."""
        return course(self.period.first, self.period.last).stages

    def steps(self):
        """From a visit to a match; each with its name."""
        return [
            (_("Visits"), self.of("view").visits),
            (_("Visits with an offer opened"), self.of(Action.OFFER_DETAIL.metric).visits),
            (_("Visits with contact points opened"), self.of(Action.CONTACT_REVEALED.metric).visits),
            (_("Visits with an enquiry form opened"), self.of(Action.ENQUIRY_STARTED.metric).visits),
            (_("Enquiries sent and passed on"), self.enquiries.passed_on),
            (_("Enquiries answered"), self.enquiries.answered),
            (_("Matches confirmed by both sides"), self.enquiries.matched),
        ]


@dataclass(frozen=True)
class Reach:
    """How much of the catalogue was reached."""

    # Offers that were in the catalogue long enough to be found.
    offers: int
    # How often contacts were opened, of each such offer of which they were, the most first.
    opened: tuple[int, ...]

    @classmethod
    def of(cls, period, by_offer):
        long_enough = offers_long_enough(period)
        opened = [row[3] for reference, row in by_offer.items() if reference in long_enough and row[3]]
        return cls(len(long_enough), tuple(sorted(opened, reverse=True)))

    @property
    def half(self):
        """The fewest offers that half of all contacts opened went to."""
        so_far = 0
        for place, number in enumerate(self.opened, start=1):
            so_far += number
            if 2 * so_far >= sum(self.opened):
                return place
        return 0
