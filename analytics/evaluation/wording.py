"""What reports and the public page say alike: how the trial is judged, and what the words mean."""

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from ..indicators.definitions import DEFINITIONS
from ..indicators.measures import Unit
from ..indicators.verdicts import SMALLEST_BASE, needs_cases
from ..models import Indicator
from ..tables import Column, Table
from ..terms import TERMS


def questions():
    """What the trial is to answer, in the order of the report."""
    return (
        _("Was assistance offered? How many States Parties offer something, and are the offers up to date?"),
        _("Was the portal used? How many visits did it have, and what kinds of information were opened?"),
        _("Did it bring anybody together? Were enquiries answered, and was assistance agreed?"),
        _("What was looked for and not found?"),
        _("Did it repeat what is kept elsewhere?"),
        _("What do those who used it say?"),
        _("What did it cost?"),
    )


def choices():
    """Between which States Parties decide; none of them is the software's."""
    return (
        _("Continue"),
        _("Continue with changes"),
        _("Reduce to links to other sources only"),
        _("Close"),
    )


def verdict_rules():
    return (
        _(
            "Targets are set before a period begins, each by a named document of the Committee on the Enhancement of "
            "Cooperation and Assistance or of a Meeting of the States Parties. Once the period has begun, the database "
            "refuses any change. A target that was changed before is shown beside the one that holds."
        ),
        _(
            "Not enough data: the value is not known, or rests on fewer cases than the target asks for (unless it "
            "says otherwise, %(shares)d for shares and 10 for medians)."
        )
        % {"shares": SMALLEST_BASE},
        _(
            "Met: the value has come to the upper threshold, and, if it is a share of cases, the lower end of its 95% "
            "interval (Wilson) has come to the lower threshold."
        ),
        _("Partly met: the value has come to the lower threshold."),
        _(
            "Not met: the value is below the lower threshold. For each target that was not met the ISU gives the "
            "reason and proposes an action."
        ),
        _(
            "Where everything there is was counted, such as all States Parties or all offers, there is no interval, "
            "and no smallest number of cases."
        ),
    )


def threshold(indicator, value):
    """A threshold of a target in the unit of its indicator."""
    words = number_format(value.normalize() if value != value.to_integral_value() else int(value), force_grouping=True)
    unit = DEFINITIONS[indicator].unit
    if unit == Unit.SHARE:
        return _("%(number)s%%") % {"number": words}
    if unit == Unit.MEDIAN:
        return _("%(number)s days") % {"number": words}
    return words


def target_in_words(target):
    indicator = Indicator(target.indicator)
    words = {
        "met": threshold(indicator, target.met_at),
        "partly": threshold(indicator, target.partly_at),
        "number": target.min_n,
        "document": target.document,
        "day": date_format(target.set_on),
    }
    sentence = _("Met at %(met)s, partly met at %(partly)s.") % words
    if target.min_n and needs_cases(indicator):
        sentence += " " + _("At least %(number)d cases.") % words
    if target.baseline is not None:
        sentence += " " + _("Baseline: %(baseline)s.") % {"baseline": threshold(indicator, target.baseline)}
    return sentence + " " + _("Set on %(day)s by: %(document)s.") % words


def terms():
    """What the words mean, with those of the COUNTER Code of Practice, by which other platforms count."""
    return Table(
        "terms",
        _("Terms, and what COUNTER calls them"),
        _("Term"),
        (Column(_("Exact rule")), Column(_("COUNTER R5.1"))),
        tuple((str(term.name), (str(term.meaning), term.counter or None)) for term in TERMS),
        adds_up=False,
    )
