"""The figures of a period: one object that page and download both print."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from ..counting.rollup import rules_version
from ..counting.tally import UNLINKED
from ..periods import Period
from ..tables import Table
from . import use_tables
from .comparison import Preceding, first_day, in_columns, preceding
from .completeness import Recording, dead_ends, left_out
from .reading import Use

# A smaller number could tell of a single visitor, so it must not leave the ISU.
SMALLEST_PUBLIC = 5


@dataclass(frozen=True)
class UseFigures:
    """What the ISU reads about a period; its first and last day are both included."""

    period: Period
    before: Preceding | None
    recording: Recording
    is_empty: bool
    # Actions that are counted, but without a visitor key: those visitors asked not to be followed.
    unlinked: int
    tables: tuple[Table, ...]
    # The same for files, where each figure has a cell of its own.
    tables_for_files: tuple[Table, ...]

    @property
    def warnings(self):
        return self.recording.warnings

    @property
    def remarks(self):
        """What a reader has to know to use the numbers, besides their definitions."""
        return [
            _(
                "Actions of visitors who ask not to be followed (Do Not Track, Global Privacy Control): %(number)d. "
                "They count in all figures but visits, daily visitors and different offers."
            )
            % {"number": self.unlinked},
            _(
                "Daily visitors are not persons: people behind one network address with the same browser count as one, "
                "and somebody who changes the network counts twice."
            ),
            _("A page that a browser shows again from its own memory is not seen by the portal, nor is a printed one."),
            _("Views that could not be recorded: %(lost)d. Records that could not be read: %(unreadable)d.")
            % {"lost": self.recording.lost, "unreadable": self.recording.unreadable},
            _(
                "The portal answered requests in %(recorded)d of the %(minutes)d minutes of the period; in the others "
                "nobody came, or nothing was recorded."
            )
            % {"recorded": self.recording.minutes_recorded, "minutes": self.recording.minutes},
            _("A change is given in per cent only where there were at least 30 before."),
            _("A day lasts from midnight to midnight in %(zone)s. Rules of counting: version %(version)s.")
            % {"zone": settings.ANALYTICS_TIME_ZONE, "version": rules_version()},
            _("Numbers below %(limit)d (with an asterisk on the page) are for the ISU only; do not publish them.")
            % {"limit": SMALLEST_PUBLIC},
        ]


def use_figures(period):
    before = preceding(period, first_day())
    now, former = Use(period), before and Use(before.period)
    recording, excluded = Recording.of(period), left_out(period)
    matrix, matrix_in_rows = use_tables.supply_and_demand(now)
    tables = (
        use_tables.at_a_glance(now, former),
        use_tables.months(now, former if before and before.is_year_before else None),
        *use_tables.by_place(now, former),
        use_tables.languages(now, former),
        matrix,
        *use_tables.offers_and_reach(now, former),
        use_tables.funnel(now, former),
        use_tables.pages(now, former),
        use_tables.unfound(period),
        use_tables.contacts(now, former),
        use_tables.links(now, former),
        *use_tables.origins(now, former),
        use_tables.machines(now, former),
        use_tables.not_counted(excluded, before and left_out(before.period)),
        recording.table,
        dead_ends(),
    )
    return UseFigures(
        period=period,
        before=before,
        recording=recording,
        is_empty=not (excluded or now.has_any),
        unlinked=now.of(UNLINKED).total,
        tables=tables,
        tables_for_files=tuple(matrix_in_rows if table is matrix else in_columns(table) for table in tables),
    )
