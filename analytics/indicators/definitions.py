"""What each indicator counts, what is left out, and where the numbers come from: the annex of every report.

Where there are few of something, as with States, the number itself is the indicator and the rest is said beside it
("60 of 162"): a share of thirty States would promise more than it can hold.
"""

from django.utils.translation import gettext_lazy as _

from ..models import Indicator
from .measures import Definition, Unit

RELEVANCE, COHERENCE, EFFECTIVENESS = _("Relevance"), _("Coherence"), _("Effectiveness")
EFFICIENCY, IMPACT, SUSTAINABILITY = _("Efficiency"), _("Impact"), _("Sustainability")

DEFINITIONS = {
    definition.indicator: definition
    for definition in (
        # Supply, from the catalogue at the end of the period.
        Definition(
            Indicator.COVERAGE,
            Unit.COUNT,
            _(
                "States Parties with at least one offer in the public catalogue on the last day of the period, of all "
                "for which the Convention was in force on that day according to the register of States and their "
                "dates of accession and withdrawal. Source: the nightly record of the catalogue."
            ),
            RELEVANCE,
            census=True,
        ),
        Definition(
            Indicator.OFFERS,
            Unit.COUNT,
            _(
                "Offers in the public catalogue on the last day of the period. Left out: drafts, offers under review, "
                "what has ended or is hidden until it is confirmed, and illustrative records, which count in a "
                "demonstration alone. Source: the nightly record of the catalogue."
            ),
            RELEVANCE,
            census=True,
        ),
        Definition(
            Indicator.FRESHNESS,
            Unit.SHARE,
            _(
                "Offers that their States confirmed within the six months before the end of the period, of all that "
                "stand. Offers that are hidden because nobody confirmed them stand too: hiding them must not make "
                "the share better. Publication counts as a confirmation. Source: the nightly record of the catalogue."
            ),
            SUSTAINABILITY,
            census=True,
        ),
        Definition(
            Indicator.OVERDUE,
            Unit.COUNT,
            _(
                "Offers whose confirmation was overdue and which were still shown on the last day of the period, of "
                "all in the public catalogue. Source: the nightly record of the catalogue."
            ),
            SUSTAINABILITY,
            census=True,
        ),
        Definition(
            Indicator.CONTACTS,
            Unit.SHARE,
            _(
                "Offers that name a working national contact point, of all in the public catalogue. A contact point "
                "works if it has confirmed its details, or has answered or declined an enquiry, within twelve months. "
                "Offices that have closed are left out. Source: the nightly record of the catalogue."
            ),
            EFFECTIVENESS,
            census=True,
        ),
        Definition(
            Indicator.SOUTH_SOUTH,
            Unit.SHARE,
            _(
                "Offers that the State itself describes as South-South or triangular cooperation, of all in the "
                "public catalogue. Source: the nightly record of the catalogue."
            ),
            COHERENCE,
            census=True,
        ),
        Definition(
            Indicator.VICTIM_ASSISTANCE,
            Unit.SHARE,
            _(
                "Offers whose main area is victim assistance or a part of it, of all in the public catalogue. Source: "
                "the nightly record of the catalogue."
            ),
            RELEVANCE,
            census=True,
        ),
        Definition(
            Indicator.CONCRETENESS,
            Unit.SHARE,
            _(
                "Offers that state all three of these, of all in the public catalogue: a quantity or a duration; when "
                "the assistance is to be had (a first or last day, a day by which to ask, or “at any time”); and "
                "conditions (prerequisites, or who pays for something other than “to be agreed”). Source: the nightly "
                "record of the catalogue."
            ),
            EFFECTIVENESS,
            census=True,
        ),
        # Use, from the daily figures.
        Definition(
            Indicator.VISITS,
            Unit.COUNT,
            _(
                "Series of pages opened by the same visitor with pauses of at most 30 minutes; a visit ends at "
                "midnight. Left out: robots, the ISU, programs, and visitors who ask not to be followed. Source: the "
                "daily figures."
            ),
            EFFECTIVENESS,
        ),
        Definition(
            Indicator.VIEWS,
            Unit.COUNT,
            _(
                "Pages of the portal that were shown to a visitor. Loading a page again counts again. Left out: "
                "robots, the ISU and programs. Source: the daily figures."
            ),
            EFFECTIVENESS,
        ),
        Definition(
            Indicator.CONTACTS_OPENED,
            Unit.COUNT,
            _(
                "Openings of the contact points or of a document of an offer. If the same visitor opens the same "
                "thing again within 30 seconds, only the last time counts. Left out: robots, the ISU, and what a "
                "State opens of its own offers. Source: the daily figures."
            ),
            EFFECTIVENESS,
        ),
        Definition(
            Indicator.REACH,
            Unit.SHARE,
            _(
                "Offers whose contact points or documents were opened at least once in the period, of those in the "
                "catalogue that had first been published at least 30 days before its end. Source: the daily figures "
                "and the catalogue."
            ),
            EFFICIENCY,
            census=True,
        ),
        Definition(
            Indicator.BALANCE,
            Unit.RATIO,
            _(
                "For each form of assistance, its share of all contacts opened (each offer once for each visitor and "
                "clock hour) divided by its share of all offers: 1 is balanced, more means that more is looked for "
                "than is offered. The number given is the one furthest from 1. Source: the daily figures and the "
                "nightly record of the catalogue."
            ),
            RELEVANCE,
        ),
        Definition(
            Indicator.LINKS_OUT,
            Unit.COUNT,
            _(
                "Links followed from the portal to other websites, such as the Landmine Monitor, reports under Article "
                "7 and bodies on disability rights. Left out: robots and the ISU. Source: the daily figures."
            ),
            COHERENCE,
        ),
        Definition(
            Indicator.MACHINE_USE,
            Unit.COUNT,
            _(
                "Feeds, files, answers to programs and lists on other websites that were fetched. They are part of no "
                "other figure of use; a file counts once, however many offers it holds. Source: the daily figures."
            ),
            EFFECTIVENESS,
        ),
        # Connection, from the enquiries themselves.
        Definition(
            Indicator.ENQUIRIES,
            Unit.COUNT,
            _(
                "Enquiries and needs passed on in the period to an office or to the ISU, after their senders had "
                "confirmed their address. Left out: what was taken back, senders who did not agree to be counted, "
                "and illustrative records, which count in a demonstration alone. Who asked is erased a year after the "
                "end of an enquiry; the enquiry goes on counting. Source: the enquiries."
            ),
            EFFECTIVENESS,
        ),
        Definition(
            Indicator.ANSWERED_IN_TIME,
            Unit.SHARE,
            _(
                "Enquiries answered or declined within 10 working days, of those passed on in the period and more "
                "than 10 working days before its end. Working days are Monday to Friday; public holidays are not "
                "known. Source: the enquiries, as they stood at the end of the period."
            ),
            EFFICIENCY,
        ),
        Definition(
            Indicator.MATCHES,
            Unit.SHARE,
            _(
                "Enquiries of which both sides have said that assistance was agreed, of those passed on in the period "
                "and at least six months before its end. What one side alone says does not count. Source: the "
                "enquiries, as they stood at the end of the period."
            ),
            IMPACT,
        ),
        Definition(
            Indicator.AFFECTED_STATES,
            Unit.COUNT,
            _(
                "Different States Parties with obligations under Article 5, or with significant numbers of mine "
                "survivors, from which at least one enquiry was passed on in the period, of all such States at its "
                "end. Source: the enquiries and the register of States."
            ),
            RELEVANCE,
            census=True,
        ),
        Definition(
            Indicator.NATIONAL_AUTHORITY,
            Unit.SHARE,
            _(
                "Enquiries of which the national authority of the sender’s State was sent a copy when they were "
                "passed on, of all passed on in the period. An authority that asks for itself gets that copy too, "
                "unless it says that it wants none. Source: the log of the enquiries."
            ),
            COHERENCE,
        ),
        # Unmet.
        Definition(
            Indicator.ZERO_RESULTS,
            Unit.SHARE,
            _(
                "Searches that found no offer, of all searches of the catalogue by words or filters. Each new "
                "combination is a search, turning the pages of a result is none. Left out: robots and the ISU. "
                "Source: the daily figures."
            ),
            RELEVANCE,
        ),
        Definition(
            Indicator.NEEDS_OPEN,
            Unit.COUNT,
            _(
                "Needs told to the ISU, of those passed on in the period and at least 60 days before its end, that "
                "had no answer after 60 days. Source: the enquiries."
            ),
            IMPACT,
        ),
        # Duplication, from the catalogue at the end of the period.
        Definition(
            Indicator.DUPLICATES,
            Unit.COUNT,
            _(
                "Offers that another offer of the same State in the same form resembles, of all in the public "
                "catalogue: title and description have at least four fifths of their different words in common. "
                "They are suspected by a program; nobody has judged them. Source: the nightly record of the catalogue."
            ),
            COHERENCE,
            census=True,
        ),
        Definition(
            Indicator.LINKED_SOURCES,
            Unit.SHARE,
            _(
                "Links to sources kept by others, of these links and the documents that offers keep as copies "
                "together. Counted are the links on pages of States Parties, on the page of related sources and in "
                "public offers. Whether a text repeats what a source says cannot be counted. Source: the nightly "
                "record of the catalogue."
            ),
            COHERENCE,
            census=True,
        ),
        # Voice and cost.
        Definition(
            Indicator.FOUND,
            Unit.SHARE,
            _(
                "Answers “yes” to the question “Did you find what you needed?”, of all answers given in the period. "
                "Visitors choose themselves whether to answer, so those who did may differ from those who did not. "
                "Left out: what a robot seems to have sent. Source: the answers."
            ),
            EFFECTIVENESS,
        ),
        Definition(
            Indicator.NOT_ELSEWHERE,
            Unit.SHARE,
            _(
                "National contact points that say “no” to the question “Could you have found this elsewhere?”, of all "
                "that answered the last survey opened by ninety days after the end of the period. Source: the survey."
            ),
            RELEVANCE,
        ),
        Definition(
            Indicator.COST,
            Unit.COUNT,
            _(
                "Hours that the ISU worked on the portal in the period, as the ISU itself has entered them by month; "
                "of a month that lies only partly in the period, the part of its days. Source: the entries of the ISU."
            ),
            EFFICIENCY,
        ),
    )
}

# What the report says first, in absolute numbers.
HEADLINE = (
    Indicator.COVERAGE,
    Indicator.FRESHNESS,
    Indicator.VISITS,
    Indicator.CONTACTS_OPENED,
    Indicator.ANSWERED_IN_TIME,
    Indicator.MATCHES,
)

# What a target may be set for: more of it is better. The others explain, or are better the less there is of them.
TARGETABLE = (
    Indicator.COVERAGE,
    Indicator.OFFERS,
    Indicator.FRESHNESS,
    Indicator.CONTACTS,
    Indicator.SOUTH_SOUTH,
    Indicator.VICTIM_ASSISTANCE,
    Indicator.CONCRETENESS,
    Indicator.VISITS,
    Indicator.VIEWS,
    Indicator.CONTACTS_OPENED,
    Indicator.REACH,
    Indicator.LINKS_OUT,
    Indicator.MACHINE_USE,
    Indicator.ENQUIRIES,
    Indicator.ANSWERED_IN_TIME,
    Indicator.MATCHES,
    Indicator.AFFECTED_STATES,
    Indicator.NATIONAL_AUTHORITY,
    Indicator.LINKED_SOURCES,
    Indicator.FOUND,
    Indicator.NOT_ELSEWHERE,
)
