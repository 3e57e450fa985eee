"""Who answers for an offer: its own offices; where none is left, other offices of the State, regional ones, the ISU."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Region, RegionalBody

from .models import Offer, OfferVersion


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


def sides_answering(references):
    """Who comes first by the same rule, for many offers at once: "national", "regional" or "isu" by reference."""
    offers = Offer.objects.filter(reference__in=references).values_list(
        "reference", "live_version", "state", "state__region", "is_sample"
    )
    versions = [version for _reference, version, *_rest in offers]
    listed = ContactPoint.objects.listed()
    named = OfferVersion.contact_points.through.objects.filter(version__in=versions, contact_point__in=listed)
    of_state, of_body = defaultdict(set), defaultdict(set)
    for version, state in named.values_list("version", "contact_point__state"):
        of_state[version].add(state)
    offices = list(listed.values_list("state", "regional_body", "is_sample"))
    for body, region in RegionalBody.regions.through.objects.values_list("regionalbody", "region"):
        of_body["region", region].add(body)
    for body, state in RegionalBody.states.through.objects.values_list("regionalbody", "state"):
        of_body["state", state].add(body)
    parents = dict(Region.objects.values_list("pk", "parent"))

    def side_of(version, state, region, is_sample):
        if states := of_state[version]:
            return "national" if states - {None} else "regional"
        others = [(its_state, body) for its_state, body, made_up in offices if is_sample or not made_up]
        if any(its_state == state for its_state, _body in others):
            return "national"
        serving = of_body["state", state]
        while region:
            serving, region = serving | of_body["region", region], parents[region]
        return "regional" if any(body in serving for _state, body in others if body) else "isu"

    return {reference: side_of(*facts) for reference, *facts in offers}
