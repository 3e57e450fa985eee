"""What a row of the figures of use says: each figure with its label and its definition."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from ..tables import figure


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
class LanguageOfUse:
    views: int = figure(
        gettext_lazy("Page views"), gettext_lazy("Pages shown in the language, whatever language the offers are in.")
    )
    visits: int = figure(
        gettext_lazy("Visits with it"),
        gettext_lazy("Visits with at least one page in the language. A visit may have pages in several."),
    )
    opened: int = figure(
        gettext_lazy("Offers opened"), gettext_lazy("Counted as by area, in the language of the page.")
    )
    contacts: int = figure(
        gettext_lazy("Contacts opened"), gettext_lazy("Counted as by area, in the language of the page.")
    )


@dataclass(frozen=True)
class OriginOfUse:
    views: int = figure(gettext_lazy("Page views"), gettext_lazy("Pages that were shown."))
    visits: int = figure(gettext_lazy("Visits with it"), gettext_lazy("Visits with at least one such page view."))


@dataclass(frozen=True)
class Times:
    total: int = figure(gettext_lazy("Times"), gettext_lazy("Every time, however quickly one follows the other."))


@dataclass(frozen=True)
class TimesRequested:
    total: int = figure(
        gettext_lazy("Requests"), gettext_lazy("A file, a feed or an answer counts once, however long it is.")
    )


@dataclass(frozen=True)
class Step:
    number: int = figure(
        gettext_lazy("Number"),
        gettext_lazy(
            "Visits with at least one such page; and enquiries that were passed on in the period, as far as they had "
            "come at its end. Whoever telephones or writes after opening contact points is not seen."
        ),
    )


@dataclass(frozen=True)
class LeftOut:
    requests: int = figure(
        gettext_lazy("Requests"), gettext_lazy("Requests that were recorded, each under the first reason that holds.")
    )
