"""The figures of a period: one object that page and download both print.

Everything is read from the daily figures; the events themselves are never
asked. Each figure is a field that carries its label and its definition.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Min, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.models import Area, Form

from .actions import Action
from .exclusions import Reason
from .models import Completeness, Daily, DailyExcluded
from .periods import months_between
from .rollup import UNLINKED, rules_version
from .tables import Table, figure
from .visitors import bounds_of

# A smaller number could tell of a single visitor, so it must not leave the ISU.
SMALLEST_PUBLIC = 5


@dataclass(frozen=True)
class MonthOfUse:
    visits: int = figure(
        gettext_lazy("Visits"),
        gettext_lazy(
            "Series of pages opened by the same visitor with pauses of at most 30 minutes. A visit ends at midnight."
        ),
    )
    visitor_days: int = figure(
        gettext_lazy("Daily visitors"),
        gettext_lazy(
            "Different visitors of each day, added up over the days. Visitors of different days cannot be compared, "
            "so this is not a number of persons."
        ),
    )
    views: int = figure(
        gettext_lazy("Page views"),
        gettext_lazy("Pages of the portal that were shown to a visitor. Loading a page again counts again."),
    )
    searches: int = figure(
        gettext_lazy("Searches"),
        gettext_lazy(
            "Searches of the catalogue by words or filters; each new combination is one. Turning the pages of a "
            "result is no search."
        ),
    )
    searches_zero: int = figure(
        gettext_lazy("Searches without a result"),
        gettext_lazy("Searches that found no offer. They are part of the searches."),
    )


@dataclass(frozen=True)
class KindOfUse:
    opened: int = figure(
        gettext_lazy("Offers opened"),
        gettext_lazy(
            "Openings of the page of an offer, of its contact points or of one of its documents. If the same visitor "
            "opens the same thing again within 30 seconds, only the last time counts."
        ),
    )
    different: int = figure(
        gettext_lazy("Different offers opened"),
        gettext_lazy("The same, but each offer counts once for each visitor and clock hour."),
    )
    contacts: int = figure(
        gettext_lazy("Contacts opened"),
        gettext_lazy(
            "Openings of the contact points or of a document of an offer, counted like the offers opened and "
            "contained in them."
        ),
    )
    different_contacts: int = figure(
        gettext_lazy("Different offers with contacts opened"),
        gettext_lazy("Contacts opened, but each offer counts once for each visitor and clock hour."),
    )


@dataclass(frozen=True)
class PageOfUse:
    total: int = figure(
        gettext_lazy("Times opened"),
        gettext_lazy("Every opening, however quickly one follows the other."),
    )
    visits: int = figure(
        gettext_lazy("Visits with it"),
        gettext_lazy("Visits in which it was opened at least once. Most visits have several kinds of pages."),
    )


@dataclass(frozen=True)
class UseFigures:
    """What the ISU reads about a period; its first and last day are both included.

    Rows are pairs of a label and the figures that belong to it.
    """

    first: date
    last: date
    by_month: tuple[tuple[str, MonthOfUse], ...]
    by_area: tuple[tuple[str, KindOfUse], ...]
    by_form: tuple[tuple[str, KindOfUse], ...]
    by_page: tuple[tuple[str, PageOfUse], ...]
    # Reason in words, number of requests.
    excluded: tuple[tuple[str, int], ...]
    # Views that are counted, but without a visitor key: those visitors asked not to be followed.
    unlinked: int
    lost: int
    unreadable: int
    minutes_recorded: int
    minutes: int

    @property
    def is_empty(self):
        return not (any(row.total for _label, row in self.by_page) or self.excluded)

    @property
    def excluded_total(self):
        return sum(number for _reason, number in self.excluded)

    @property
    def remarks(self):
        """What a reader has to know to use the numbers, besides their definitions."""
        return [
            _(
                "Page views of visitors who ask not to be followed (Do Not Track, Global Privacy Control): %(number)d. "
                "They count in all figures but visits, daily visitors and different offers."
            )
            % {"number": self.unlinked},
            _(
                "Daily visitors are not persons: people behind one network address with the same browser count as one, "
                "and somebody who changes the network counts twice."
            ),
            _("A page that a browser shows again from its own memory is not seen by the portal, nor is a printed one."),
            _("Views that could not be recorded: %(lost)d. Records that could not be read: %(unreadable)d.")
            % {"lost": self.lost, "unreadable": self.unreadable},
            _(
                "The portal answered requests in %(recorded)d of the %(minutes)d minutes of the period; in the others "
                "nobody came, or nothing was recorded."
            )
            % {"recorded": self.minutes_recorded, "minutes": self.minutes},
            _("A day lasts from midnight to midnight in %(zone)s. Rules of counting: version %(version)s.")
            % {"zone": settings.ANALYTICS_TIME_ZONE, "version": rules_version()},
            _("Numbers below %(limit)d (with an asterisk on the page) are for the ISU only; do not publish them.")
            % {"limit": SMALLEST_PUBLIC},
        ]

    @property
    def tables(self):
        return [
            Table.of("months", _("Visits by month"), _("Month"), MonthOfUse, self.by_month),
            Table.of(
                "areas",
                _("Information viewed, by area of implementation"),
                _("Area of implementation"),
                KindOfUse,
                self.by_area,
                note=_("Each offer counts in its main area, together with the finer areas below it."),
            ),
            Table.of(
                "forms",
                _("Information viewed, by form of assistance"),
                _("Form of assistance"),
                KindOfUse,
                self.by_form,
                note=_("Each offer has one form of assistance; the finer forms below it are counted with it."),
            ),
            Table.of("pages", _("Kinds of pages opened"), _("Kind of page"), PageOfUse, self.by_page, adds_up=False),
        ]


def first_month():
    """The month in which recording began, or None."""
    day = Daily.objects.aggregate(day=Min("day"))["day"]
    return day and day.replace(day=1)


def use_figures(first, last):
    """The figures from the first to the last day."""
    by_month, by_page, unlinked = _by_month_and_page(first, last)
    kinds = _by_kind(first, last)
    excluded = dict(_between(DailyExcluded, first, last).values_list("reason").annotate(Sum("n")))
    completeness = _between(Completeness, first, last).aggregate(
        lost=Sum("lost", default=0),
        torn=Sum("torn", default=0),
        rejected=Sum("rejected", default=0),
        minutes=Sum("minutes_ingested", default=0),
    )
    return UseFigures(
        first=first,
        last=last,
        by_month=by_month,
        by_area=_named(kinds["area"], Area),
        by_form=_named(kinds["form"], Form),
        by_page=by_page,
        excluded=tuple((str(reason.label), excluded[reason]) for reason in Reason if reason in excluded),
        unlinked=unlinked,
        lost=completeness["lost"],
        unreadable=completeness["torn"] + completeness["rejected"],
        minutes_recorded=completeness["minutes"],
        minutes=_minutes_of(first, last),
    )


def _minutes_of(first, last):
    """Minutes of the period that have passed by now."""
    passed = min(bounds_of(last)[1], timezone.now()) - bounds_of(first)[0]
    return max(0, int(passed.total_seconds() // 60))


def _between(model, first, last):
    return model.objects.filter(day__gte=first, day__lte=last)


def _by_month_and_page(first, last):
    metrics = ["view", "search_any", UNLINKED, *(action.metric for action in Action)]
    rows = (
        _between(Daily, first, last)
        .filter(dimension="all", metric__in=metrics)
        .values_list(TruncMonth("day"), "metric")
        .annotate(Sum("total"), Sum("visits"), Sum("visitor_days"))
    )
    found = {(month, metric): figures for month, metric, *figures in rows}
    months = months_between(first, last)

    def of(month, metric):
        return found.get((month, metric), (0, 0, 0))

    by_month = []
    for month in months:
        views, visits, visitor_days = of(month, "view")
        searches, searches_zero = of(month, "search_any")[0], of(month, Action.SEARCH_ZERO.metric)[0]
        row = MonthOfUse(visits, visitor_days, views, searches, searches_zero)
        by_month.append((date_format(month, "YEAR_MONTH_FORMAT"), row))
    by_page = []
    for action in Action:
        totals, visits, _visitor_days = zip(*(of(month, action.metric) for month in months), strict=True)
        by_page.append((str(action.label), PageOfUse(sum(totals), sum(visits))))
    return tuple(by_month), tuple(by_page), sum(of(month, UNLINKED)[0] for month in months)


def _by_kind(first, last):
    """Figures by dimension and by code of the topmost area or form.

    Those of finer terms may be added up, because an offer has but one of them.
    """
    rows = (
        _between(Daily, first, last)
        .filter(dimension__in=["area", "form"], metric__in=["investigation", "request"])
        .values_list("dimension", "value", "metric")
        .annotate(Sum("total_dc"), Sum("unique_session"))
    )
    kinds = {"area": defaultdict(lambda: [0, 0, 0, 0]), "form": defaultdict(lambda: [0, 0, 0, 0])}
    for dimension, code, metric, total, unique in rows:
        sums = kinds[dimension][".".join(code.split(".")[:2])]
        start = 0 if metric == "investigation" else 2
        sums[start] += total
        sums[start + 1] += unique
    return kinds


def _named(figures, model):
    """All topmost terms in their order, and whatever else was recorded under a code that is no longer there."""
    names = {term.code: term.name for term in model.objects.top()}
    codes = [*names, *sorted(set(figures) - set(names))]
    return tuple((names.get(code, code), KindOfUse(*figures[code])) for code in codes)
