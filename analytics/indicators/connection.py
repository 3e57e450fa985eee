"""From an offer that was opened to help that was agreed: F3 to F9."""

from itertools import pairwise

from django.utils.translation import gettext as _

from offers.enquiry_figures import Share, course

from ..counting.sums import NOTHING, sums
from ..models import Indicator
from ..tables import Column, Table
from .measures import Measure


def measures(period):
    found = course(period.first, period.last)
    return [
        Measure(Indicator.ENQUIRIES, found.stages.passed_on),
        _measure(Indicator.ANSWERED_IN_TIME, found.in_working_days),
        _measure(Indicator.MATCHES, found.matches),
        _measure(Indicator.AFFECTED_STATES, found.affected_states),
        _measure(Indicator.NATIONAL_AUTHORITY, found.national_authority),
    ]


def tables(period):
    found = course(period.first, period.last)
    return [_funnel(found, period), _outcomes(found)]


def _measure(indicator, share):
    return Measure(indicator, share.number, share.total)


def _funnel(found, period):
    visits = sums(period, ["offer_detail", "contact_revealed"])
    opened, contacts = (visits.get((metric, ""), NOTHING).visits for metric in ("offer_detail", "contact_revealed"))
    steps = (
        (_("Visits in which an offer was opened"), opened, None),
        (_("Visits in which contact points were opened"), contacts, None),
        (_("Enquiries sent"), found.stages.passed_on, None),
        (_("Enquiries with a first answer"), found.replied, found.median_days),
        (_("Assistance agreed, says at least one side"), found.stages.agreed, None),
        (_("Matches confirmed by both sides"), found.stages.matched, found.median_days_to_match),
    )
    numbers = [number for _label, number, _days in steps]
    of_before = [None, *(str(Share(number, before)) if before else None for before, number in pairwise(numbers))]
    return Table(
        "funnel",
        _("From an offer that was opened to a match"),
        _("Step"),
        (
            Column(_("Number")),
            Column(_("Of the step before")),
            Column(_("Median days"), _("Calendar days since the enquiry was passed on, of those that came so far.")),
        ),
        tuple((label, (number, share, days)) for (label, number, days), share in zip(steps, of_before, strict=True)),
        adds_up=False,
        note=_(
            "Visits and enquiries are different things: an enquiry may follow from several visits, or be about no "
            "offer. Whoever telephones or writes after opening contact points is not seen. All as it stood at the "
            "end of the period. The indicator of matches counts only those of enquiries that are at least six "
            "months old."
        ),
    )


def _outcomes(found):
    return Table(
        "outcomes",
        _("What came of the enquiries sent in the period"),
        _("Outcome"),
        (Column(_("Enquiries"), _("Each enquiry counts once, at the first line that applies to it.")),),
        tuple((outcome.label, (number,)) for outcome, number in found.outcomes.items()),
    )
