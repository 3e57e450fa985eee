"""Who answers for an offer: its own offices; where none is left, other offices of the State, regional ones, the ISU."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, RegionalBody


@dataclass(frozen=True)
class Answering:
    points: list  # none: the ISU answers
    why: str = ""  # a sentence, where it is not the offer itself that names them


def answering_for(offer):
    """The contact points of a live offer, with all that is shown of them."""
    listed = ContactPoint.objects.listed().with_details().in_reading_order()
    # A made-up office answers for nothing but made-up offers.
    others = listed if offer.is_sample else listed.filter(is_sample=False)
    if named := list(listed.filter(pk__in=offer.live_version.contact_points.values("pk"))):
        return Answering(named)
    if national := list(others.filter(state=offer.state)):
        return Answering(
            national, _("The office named in this offer has closed. These contact points of the State answer instead.")
        )
    bodies = RegionalBody.objects.serving(offer.state)
    if regional := list(others.filter(regional_body__in=bodies.values("pk"))):
        return Answering(
            regional,
            _(
                "No office of the State is listed for this offer at present. These regional bodies serve the State and "
                "can tell you whom to ask."
            ),
        )
    return Answering([])
