"""How the offers of one State were used; for that State and the ISU alone."""

from collections import defaultdict
from dataclasses import astuple, dataclass, replace
from datetime import date

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import State
from offers.models import Offer

from .actions import Action
from .charts import bars
from .models import Daily
from .periods import months_between
from .rollup import rules_version
from .tables import Table, figure


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


# Which of them an action counts in, by position.
COLUMNS = {
    Action.OFFER_DETAIL.metric: 0,
    Action.OFFER_PRINT.metric: 0,
    Action.CONTACT_REVEALED.metric: 1,
    Action.ATTACHMENT.metric: 2,
    Action.LINK_OUT.metric: 3,
}


@dataclass(frozen=True)
class StateFigures:
    """From the first to the last day, both included. Rows are pairs of a label and the figures that belong to it."""

    state: State
    first: date
    last: date
    by_month: tuple[tuple[str, UseOfOffers], ...]
    by_offer: tuple[tuple[str, UseOfOffers], ...]

    @property
    def is_empty(self):
        return not any(any(astuple(row)) for _label, row in self.by_month)

    @property
    def tables(self):
        return [
            Table.of("months", _("Use by month"), _("Month"), UseOfOffers, self.by_month),
            Table.of("offers", _("Use by offer"), _("Offer"), UseOfOffers, self.by_offer),
        ]

    @property
    def charts(self):
        """One for each table. An offer is named by its reference alone, which fits on a phone."""
        months, offers = self.tables
        by_reference = tuple((label.partition(" ")[0], row) for label, row in offers.rows)
        return [bars(months), bars(replace(offers, rows=by_reference))]

    @property
    def remarks(self):
        return [
            _(
                "Pages that focal points of the State open themselves are not counted, nor those opened by the ISU or "
                "by known robots."
            ),
            _("Nothing is known of who the visitors were. A small number may be one person."),
            _("Only the State and the ISU see these figures."),
            _("A day lasts from midnight to midnight in %(zone)s. Rules of counting: version %(version)s.")
            % {"zone": settings.ANALYTICS_TIME_ZONE, "version": rules_version()},
        ]


def state_figures(state, first, last):
    offers = Offer.objects.ever_published().filter(state=state).select_related("live_version")
    rows = (
        Daily.objects.filter(day__gte=first, day__lte=last, dimension="offer", metric__in=COLUMNS)
        .filter(value__in=offers.values("reference"))
        .values_list(TruncMonth("day"), "value", "metric")
        .annotate(Sum("total_dc"))
    )
    by_month, by_offer = (defaultdict(lambda: [0, 0, 0, 0]) for _ in range(2))
    for month, reference, metric, number in rows:
        by_month[month][COLUMNS[metric]] += number
        by_offer[reference][COLUMNS[metric]] += number
    return StateFigures(
        state,
        first,
        last,
        tuple(
            (date_format(month, "YEAR_MONTH_FORMAT"), UseOfOffers(*by_month[month]))
            for month in months_between(first, last)
        ),
        tuple((_label(offer), UseOfOffers(*by_offer[offer.reference])) for offer in offers),
    )


def _label(offer):
    words = {"reference": offer.reference, "title": offer.live_version.title}
    if offer.is_sample:
        return _("%(reference)s %(title)s (illustrative record)") % words
    return f"{words['reference']} {words['title']}"
