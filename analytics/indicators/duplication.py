"""Whether the portal repeats what others keep: D1 and D2."""

from django.utils.translation import gettext as _

from contacts.models import ABOUT_STATES
from offers.enquiry_figures import Share
from offers.models import Offer, OfferVersion, RefusalGround, VersionStatus

from ..models import Indicator
from ..snapshots import at_end
from ..tables import Column, Table
from .measures import Measure


def measures(period):
    end = at_end(period, "D")
    return [Measure(Indicator.DUPLICATES, *end.of("D1")), Measure(Indicator.LINKED_SOURCES, *end.of("D2"))]


def tables(period):
    end = at_end(period, "D")
    refused = OfferVersion.objects.filter(
        offer__in=Offer.objects.counted(),
        status=VersionStatus.REFUSED,
        refusal_ground=RefusalGround.DUPLICATE,
        decided_at__date__range=(period.first, period.last),
    )
    of_kind = end.along("D2.states", "kind")
    return [
        Table(
            "duplication",
            _("Repetition, and links instead of copies"),
            _("What"),
            (Column(_("Number")),),
            (
                (_("Offers that resemble another one of the same State in the same form"), (_share(*end.of("D1")),)),
                (_("Offers that the ISU refused in the period as repeating another"), (refused.count(),)),
                (_("Links to sources on the pages of States Parties"), end.of("D2.states")[:1]),
                (_("Links on the page of related sources"), end.of("D2.sources")[:1]),
                (_("Links to sources in public offers"), end.of("D2.offers")[:1]),
                (_("Documents that public offers keep as copies"), end.of("D2.documents")[:1]),
                *(
                    (
                        _("States Parties with a link of their own: %(kind)s") % {"kind": kind.label},
                        (_share(*of_kind.get(kind, (None, None))),),
                    )
                    for kind in ABOUT_STATES
                ),
                (
                    _("Offers of victim assistance whose State has a link to its body on disability rights"),
                    (_share(*end.of("D2.crpd")),),
                ),
            ),
            adds_up=False,
            note=_(
                "The page of a State without a link of its own leads to the source that covers all States. How long a "
                "repetition stood before it was noticed, and whether a body on disability rights has looked at an "
                "offer, are recorded nowhere and so cannot be told."
            ),
        )
    ]


def _share(number, base):
    return None if number is None else str(Share(number, base))
