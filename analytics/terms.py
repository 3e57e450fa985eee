"""The terms in which use is told, each with its exact rule."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Term:
    name: Promise
    meaning: Promise
    # The corresponding term of COUNTER R5.1; empty where there is none.
    counter: str = ""


TERMS = (
    Term(
        _("Page view"),
        _(
            "A whole page of the portal that was given to somebody who asked for it, or that the browser had already "
            "and found unchanged. Neither parts of pages count, nor pages fetched ahead, nor pages given to robots or "
            "the ISU."
        ),
    ),
    Term(
        _("Visitor-day"),
        _(
            "A browser that opened something on a day, in the time zone of Geneva. One person on three days, or with "
            "two devices, is several; several people behind one address may be one. So these are never called people."
        ),
    ),
    Term(
        _("Visit"),
        _("What one browser opens with pauses of at most 30 minutes; it ends with the day."),
    ),
    Term(
        _("Offers viewed"),
        _(
            "The page of an offer, its history, its print view, its contact points or a document was opened. If the "
            "same browser opens the same thing again within 30 seconds, only the last time counts."
        ),
        "Total_Item_Investigations",
    ),
    Term(
        _("Different offers viewed"),
        _("Each offer once for each browser and clock hour, whatever of it was opened."),
        "Unique_Item_Investigations",
    ),
    Term(
        _("Contacts opened"),
        _(
            "Somebody opened the page with the contact points of an offer, or one of its documents: what the portal is "
            "for. The rule of 30 seconds holds here too."
        ),
        "Total_Item_Requests",
    ),
    Term(
        _("Different offers whose contacts were opened"),
        _("Each offer once for each browser and clock hour."),
        "Unique_Item_Requests",
    ),
    Term(
        _("Search"),
        _("The catalogue was asked for with words or filters. Turning the pages of a result is no new search."),
        "Searches_Platform",
    ),
    Term(_("Search without a result"), _("A search that found no offer.")),
    Term(
        _("Link followed"),
        _("Somebody left the portal by a link to another website: a report, a profile, the website of a body."),
    ),
    Term(
        _("Machine use"),
        _(
            "A list taken away as a file, a feed, an answer to a program, a list shown on another website. Part of no "
            "visit."
        ),
    ),
    Term(
        _("Enquiry"),
        _(
            "Something that somebody sent through a form of the portal and confirmed. Counted from the enquiries "
            "themselves."
        ),
    ),
)
