"""What a reader has to know before trusting the numbers, with numbers of its own."""

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from ..counting.rollup import rules_version
from ..counting.sums import NOTHING, sums
from ..counting.tally import UNLINKED
from ..models import Completeness
from ..recording.exclusions import Reason
from ..recording.visitors import reporting_zone
from ..tables import Column, Table, in_words
from ..use.completeness import Recording, left_out

ROBOTS = (Reason.CRAWLER_USER_AGENTS, Reason.CRAWLER_DETECT, Reason.SHAPE, Reason.COUNTER, Reason.BURST)
BY_PEOPLE_INSIDE = (Reason.STAFF, Reason.OWN_STATE)
# Days that are named one by one; of more, only how many there are.
MOST_DAYS = 10


def caveats(period):
    excluded = {reason: numbers[0] for reason, numbers in left_out(period).items()}
    recording = Recording.of(period)
    found = sums(period, ["view", UNLINKED])
    views, unlinked = (found.get((metric, ""), NOTHING).total for metric in ("view", UNLINKED))
    return (
        *_still_running(period),
        _robots(excluded, views),
        _(
            "Daily visitors are not persons: a mission whose people share one network address and browser counts as "
            "one, and a telephone that changes its network counts twice. They cannot be added up to persons."
        ),
        _(
            "Views of visitors who ask not to be followed (Global Privacy Control, Do Not Track, the portal's own "
            "switch): %(share)s. They count in totals, but not in visits, daily visitors and different offers."
        )
        % {"share": _share(unlinked, views)},
        _("Pages that a browser shows again from its own memory, printouts and screenshots are not seen by anybody."),
        _(
            "Pages opened by the ISU, and by focal points looking at their own State's offers, are left out: "
            "%(number)s requests."
        )
        % {"number": in_words(sum(excluded.get(reason, 0) for reason in BY_PEOPLE_INSIDE))},
        *_completeness(period, recording),
        _(
            "Searches for what fewer than three daily visitors asked for are shown to nobody, so rare needs may be "
            "missing."
        ),
        _(
            "Whoever has opened a contact may telephone or write without the portal: such enquiries are not seen. "
            "Contacts opened are an upper bound of contacts made, enquiries a lower one."
        ),
        _(
            "The portal can contribute to assistance; it is not its cause. A match counts only if both sides say that "
            "assistance was agreed, and what would have happened without the portal is known only as far as the "
            "survey of contact points tells."
        ),
        _(
            "Small numbers stand in this report as they are, since States Parties decide by them. On the public page "
            "each number is rounded by itself and those from 1 to 4 are not given."
        ),
        _("A day lasts from midnight to midnight in %(zone)s. Rules of counting: version %(version)s.")
        % {"zone": settings.ANALYTICS_TIME_ZONE, "version": rules_version()},
    )


def excluded_table(period):
    found = left_out(period)
    return Table(
        "excluded",
        _("Requests that are in none of the figures"),
        _("Reason"),
        (Column(_("Requests"), _("Each counts once, under the first reason on this list that holds.")),),
        tuple((str(reason.label), (found[reason][0],)) for reason in Reason if reason in found),
    )


def warning(period):
    """What must be said on every page of the report."""
    recording = Recording.of(period)
    said = list(recording.warnings)
    if settings.DEMO:
        said.insert(0, _("This is a demonstration: offers and enquiries are illustrative records, made by no State."))
    if not recording.days:
        said.append(_("Nothing was recorded in this period."))
    return " ".join(said)


def _still_running(period):
    if period.last < timezone.localdate(timezone=reporting_zone()):
        return []
    return [_("The period is not over yet. All figures are those up to now.")]


def _robots(excluded, views):
    robots = sum(excluded.get(reason, 0) for reason in ROBOTS)
    # A machine's fetches of pages that nobody saw are no requests for a page.
    requests = views + robots
    return _(
        "Left out as robots: %(share)s. Without the third list, that of COUNTER, page views would be up to %(looser)s "
        "instead of %(views)s; with robots of every kind they would be up to %(all)s."
    ) % {
        "share": _share(robots, requests),
        "looser": in_words(views + excluded.get(Reason.COUNTER, 0)),
        "views": in_words(views),
        "all": in_words(requests),
    }


def _completeness(period, recording):
    days = {"number": len(recording.incomplete), "days": period.days}
    if not recording.incomplete:
        yield _("Of %(days)d days in the period, none was recorded in less than 95%% of its minutes.") % days
    elif len(recording.incomplete) > MOST_DAYS:
        yield _("Days of which less than 95%% of the minutes were recorded: %(number)d of %(days)d.") % days
    else:
        yield _("Days of which less than 95%% of the minutes were recorded: %(number)d of %(days)d (%(list)s).") % (
            days | {"list": ", ".join(map(date_format, recording.incomplete))}
        )
    if missing := _days_missing(period, recording):
        yield _("Days of which nothing was recorded at all: %(number)d.") % {"number": missing}
    yield _("Views that could not be recorded: %(lost)d. Records that could not be read: %(unreadable)d.") % {
        "lost": recording.lost,
        "unreadable": recording.unreadable,
    }
    reconciled = [day for day in recording.days if day.loggable]
    if reconciled:
        yield _(
            "Days compared with the access log of the web server: %(number)d. Of what should have been counted, "
            "%(share)s was counted."
        ) % {
            "number": len(reconciled),
            "share": _share(sum(day.reconciled for day in reconciled), sum(day.loggable for day in reconciled)),
        }
    else:
        yield _("Nobody has compared these figures with the access log of the web server.")
    if recording.imported:
        yield _(
            "Days taken over from an access log: %(number)d. They hold more robots, and cannot tell which searches "
            "found nothing."
        ) % {"number": recording.imported}


def _days_missing(period, recording):
    """Days from the beginning of the record on, and over by now, of which there is no trace."""
    began = Completeness.objects.order_by("day").values_list("day", flat=True).first()
    if began is None:
        return period.days
    first = max(period.first, began)
    last = min(period.last, timezone.localdate(timezone=reporting_zone()))
    return max(0, (last - first).days + 1 - len(recording.days))


def _share(number, base):
    words = {"number": in_words(number), "base": in_words(base)}
    if not base:
        return _("%(number)s of %(base)s") % words
    return _("%(number)s of %(base)s (%(share)s%%)") % (words | {"share": number_format(100 * number / base, 1)})
