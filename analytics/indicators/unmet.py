"""What was looked for and not found: N1 to N3."""

from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from offers.models import Enquiry

from ..counting.sums import NOTHING, sums
from ..models import Indicator
from ..models.figures import FEWEST_VISITORS
from ..recording.actions import Action
from ..recording.visitors import bounds_of
from ..tables import Column, Table
from ..use.comparison import first_day
from ..use.searches import needs_in
from .measures import Measure

DAYS_TO_ANSWER = timedelta(days=60)


def measures(period):
    return [_zero_results(period), _needs_open(period)]


def _zero_results(period):
    began = first_day()
    if began is None or began > period.last:
        return Measure(Indicator.ZERO_RESULTS, None)
    zero = Action.SEARCH_ZERO.metric
    found = sums(period, ["search_any", zero])
    searches, without = (found.get((metric, ""), NOTHING).total for metric in ("search_any", zero))
    return Measure(Indicator.ZERO_RESULTS, without, searches)


def _needs_open(period):
    """Of the needs passed on in the period, those that have had 60 days by its end."""
    first, end = bounds_of(period.first)[0], min(bounds_of(period.last)[1], timezone.now())
    needs = Enquiry.objects.counted().needs().filter(passed_on_at__gte=first, passed_on_at__lte=end - DAYS_TO_ANSWER)
    unanswered = needs.filter(Q(answered_at=None) | Q(answered_at__gt=F("passed_on_at") + DAYS_TO_ANSWER))
    return Measure(Indicator.NEEDS_OPEN, unanswered.count(), needs.count())


def tables(period):
    columns = (
        Column(_("Searches without a result"), _("Searches in the period that found no offer.")),
        Column(
            _("Daily visitors"),
            _("Different visitors of each day who searched for it, added up over the days; not a number of persons."),
        ),
        Column(_("Action taken"), _("By the ISU.")),
        Column(_("Date"), _("Of the action.")),
    )
    rows = tuple(
        (
            row.need.name,
            (
                row.unfound,
                row.visitors,
                row.need.action or _("None yet"),
                date_format(row.need.acted_on) if row.need.acted_on else None,
            ),
        )
        for row in needs_in(period)
        if row.unfound or row.need.action
    )
    note = _(
        "The ISU has grouped searches by what they ask for. Only what at least %(number)d daily visitors searched for "
        "is seen by anybody."
    ) % {"number": FEWEST_VISITORS}
    return [Table("needs", _("What was looked for and not found"), _("Need"), columns, rows, adds_up=False, note=note)]
