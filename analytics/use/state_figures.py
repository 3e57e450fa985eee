"""How the offers of one State were used, and what became of enquiries about them; for that State and the ISU alone."""

from collections import defaultdict
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import State
from offers.enquiry_figures import enquiry_figures
from offers.models import Enquiry, Offer

from ..charts import bars
from ..counting.rollup import rules_version
from ..counting.sums import sums_by_month
from ..periods import Period
from ..recording.actions import Action
from ..recording.visitors import bounds_of
from ..tables import Table, figure
from .comparison import Preceding, compared, first_day, in_columns, numbers_of, preceding
from .completeness import Recording
from .use_tables import label


@dataclass(frozen=True)
class UseOfOffers:
    opened: int = figure(
        gettext_lazy("Offers opened"),
        gettext_lazy(
            "Openings of the page of an offer, of its history, or of the page to print or to copy it. If the same "
            "visitor opens the same thing again within 30 seconds, only the last time counts, here and in what follows."
        ),
    )
    contacts: int = figure(
        gettext_lazy("Contact points opened"),
        gettext_lazy("Openings of the page with the contact points of an offer."),
    )
    documents: int = figure(
        gettext_lazy("Documents opened"), gettext_lazy("Downloads of the documents attached to an offer.")
    )
    links: int = figure(
        gettext_lazy("Links followed"), gettext_lazy("Links that led from an offer to another website.")
    )


@dataclass(frozen=True)
class NumberOfEnquiries:
    number: int = figure(
        gettext_lazy("Enquiries"),
        gettext_lazy(
            "Enquiries about the offers of the State, or to its offices, that were passed on in the period, and how "
            "far they have come by today. Left out: what was taken back, and senders who did not agree to be counted."
        ),
    )


# In which of the columns of UseOfOffers an action counts, by position.
COLUMNS = {
    Action.OFFER_DETAIL.metric: 0,
    Action.OFFER_PRINT.metric: 0,
    Action.CONTACT_REVEALED.metric: 1,
    Action.ATTACHMENT.metric: 2,
    Action.LINK_OUT.metric: 3,
}


@dataclass(frozen=True)
class StateFigures:
    state: State
    period: Period
    before: Preceding | None
    warnings: tuple[str, ...]
    tables: tuple[Table, ...]

    @property
    def is_empty(self):
        return not any(cell.now for table in self.tables for _label, cells in table.rows for cell in cells)

    @property
    def tables_for_files(self):
        return [in_columns(table) for table in self.tables]

    @property
    def charts(self):
        """One for each table but that of enquiries. An offer is named by its reference alone, which fits on a phone."""
        months, offers, _enquiries = map(numbers_of, self.tables)
        by_reference = tuple((label.partition(" ")[0], row) for label, row in offers.rows)
        return [bars(months), bars(replace(offers, rows=by_reference)), None]

    @property
    def remarks(self):
        return [
            _(
                "Pages that focal points of the State open themselves are not counted, nor those opened by the ISU or "
                "by known robots."
            ),
            _("Nothing is known of who the visitors were. A small number may be one person."),
            _("A change is given in per cent only where there were at least 30 before."),
            _("Only the State and the ISU see these figures."),
            _("A day lasts from midnight to midnight in %(zone)s. Rules of counting: version %(version)s.")
            % {"zone": settings.ANALYTICS_TIME_ZONE, "version": rules_version()},
        ]


def state_figures(state, period):
    before = preceding(period, first_day())
    offers = Offer.objects.ever_published().filter(state=state).select_related("live_version")
    by_month, by_offer = _use(offers, period)
    former_by_month, former_by_offer = _use(offers, before.period) if before else (None, None)
    if before:
        # A month stands beside the same one a year before, or beside none.
        pairs = zip(period.months, before.period.months, strict=True) if before.is_year_before else ()
        former_by_month = {month: former_by_month[former] for month, former in pairs} or None
    months = [(month, date_format(month, "YEAR_MONTH_FORMAT")) for month in period.months]
    names = [(offer.reference, label(offer)) for offer in offers]
    return StateFigures(
        state,
        period,
        before,
        tuple(Recording.of(period).warnings),
        (
            compared("months", _("Use by month"), _("Month"), UseOfOffers, by_month, former_by_month, months),
            compared("offers", _("Use by offer"), _("Offer"), UseOfOffers, by_offer, former_by_offer, names),
            _enquiries(state, period, before),
        ),
    )


def _use(offers, period):
    """UseOfOffers by month and by reference."""
    by_month, by_offer = (defaultdict(lambda: [0, 0, 0, 0]) for _ in range(2))
    rows = sums_by_month(period, list(COLUMNS), "offer", offers.order_by().values("reference"))
    for (month, metric, reference), numbers in rows.items():
        by_month[month][COLUMNS[metric]] += numbers.total_dc
        by_offer[reference][COLUMNS[metric]] += numbers.total_dc
    return by_month, by_offer


def _enquiries(state, period, before):
    rows, former = _stages(state, period), before and _stages(state, before.period)
    names = [
        ("passed_on", _("Received")),
        ("answered", _("Answered")),
        ("declined", _("Declined")),
        ("matched", _("Match confirmed by both sides")),
    ]
    return compared(
        "enquiries", _("Enquiries"), _("How far they have come"), NumberOfEnquiries, rows, former, names, adds_up=False
    )


def _stages(state, period):
    first, last = bounds_of(period.first)[0], bounds_of(period.last)[1]
    enquiries = Enquiry.objects.of_state(state).filter(passed_on_at__gte=first, passed_on_at__lt=last)
    stages = enquiry_figures(enquiries).stages
    return {name: [getattr(stages, name)] for name in ("passed_on", "answered", "declined", "matched")}
