"""What there is about offices elsewhere in the portal: the offers that name them, and what visitors report of them."""

from .models import MistakeReport, Offer, OfferContactPoint


def offers_naming(points):
    """The offers that stand and name these offices: {key of the office: [offers]}."""
    standing = Offer.objects.standing().select_related("live_version")
    offers = {offer.live_version_id: offer for offer in standing.filter(live_version__contact_points__in=points)}
    found = {}
    named = OfferContactPoint.objects.filter(version__in=offers, contact_point__in=points)
    for version, point in named.order_by("version__offer").values_list("version", "contact_point"):
        found.setdefault(point, []).append(offers[version])
    return found


def reports_about(points):
    """Open reports of mistakes about these offices: {key of the office: [reports]}.

    What a robot has perhaps sent, the ISU reads first.
    """
    found = {}
    for report in MistakeReport.objects.open().filter(contact_point__in=points, suspicious=False):
        found.setdefault(report.contact_point_id, []).append(report)
    return found
