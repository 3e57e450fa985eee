"""Who answers an enquiry: the national contact point, then, if the sender agreed, a regional one, then the ISU."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone, translation

from contacts.models import ContactPoint, RegionalBody

from .answering import answering_for
from .models import EnquiryLevel
from .working_days import working_days_after


@dataclass(frozen=True)
class Destination:
    level: EnquiryLevel
    points: list = field(default_factory=list)  # none: the ISU

    @property
    def due_on(self) -> date:
        """The day by which the slowest of them has promised to answer."""
        today = timezone.localdate()
        if not self.points:
            return working_days_after(today, settings.ISU_REPLY_WORKING_DAYS)
        return today + timedelta(weeks=max(point.weeks_to_answer for point in self.points))

    @property
    def in_words(self):
        """As the log keeps it, in the language of the portal."""
        with translation.override(settings.LANGUAGE_CODE):
            return "; ".join(map(str, self.points)) or str(self.level.label)


TO_ISU = Destination(EnquiryLevel.ISU)


def to_office(point):
    """The destination that is one office."""
    return Destination(EnquiryLevel.NATIONAL if point.is_national else EnquiryLevel.REGIONAL, [point])


def first_in_line(enquiry):
    """Of the offices that the sender has turned to, the national ones; a need comes to the ISU."""
    if point := enquiry.to_contact_point:
        return to_office(point) if _listed(enquiry).filter(pk=point.pk).exists() else _after_national(enquiry)
    if enquiry.offer:
        return _first_for_offer(enquiry)
    if enquiry.to_state:
        points = list(_listed(enquiry).filter(state=enquiry.to_state))
        return Destination(EnquiryLevel.NATIONAL, points) if points else _after_national(enquiry)
    return TO_ISU


def next_in_line(enquiry):
    """Who is asked when nobody has answered in time."""
    return _after_national(enquiry) if enquiry.level == EnquiryLevel.NATIONAL else TO_ISU


def places(enquiry):
    """All that an enquiry may be handed over to by those who hold it: other offices in question, then the ISU.

    A regional body only if the sender agreed.
    """
    held = {holder.contact_point_id for holder in enquiry.current_holders}
    state = asked_state(enquiry)
    points = list(_listed(enquiry).filter(state=state)) if state else []
    if enquiry.share_regional:
        points += _regional(enquiry)
    found = {point.pk: to_office(point) for point in points if point.pk not in held}
    return [*found.values(), *([] if enquiry.level == EnquiryLevel.ISU else [TO_ISU])]


def asked_state(enquiry):
    """The State that is asked, or None: of a need, and of what went to a regional body."""
    if enquiry.offer:
        return enquiry.offer.state
    return enquiry.to_state or (enquiry.to_contact_point.state if enquiry.to_contact_point else None)


def _first_for_offer(enquiry):
    answering = answering_for(enquiry.offer).points
    if national := [point for point in answering if point.is_national]:
        return Destination(EnquiryLevel.NATIONAL, national)
    named = enquiry.offer.live_version.contact_points.values_list("pk", flat=True)
    # An office that the offer names is one that the sender has turned to, even if it is a regional one.
    if regional := [point for point in answering if point.pk in set(named)]:
        return Destination(EnquiryLevel.REGIONAL, regional)
    return _after_national(enquiry)


def _after_national(enquiry):
    regional = _regional(enquiry) if enquiry.share_regional else []
    return to_office(regional[0]) if regional else TO_ISU


def _regional(enquiry):
    """Regional offices in question, the most fitting first, without those that have been asked before."""
    asked = enquiry.holders.exclude(contact_point=None).values("contact_point")
    offices = _listed(enquiry).filter(state=None).exclude(pk__in=asked)
    named = offices.filter(pk__in=enquiry.offer.live_version.contact_points.values("pk")) if enquiry.offer else []
    stand_ins = offices.filter(pk__in=enquiry.holders.exclude(contact_point=None).values("contact_point__fallback"))
    state = asked_state(enquiry) or enquiry.country or enquiry.asker_state
    serving = offices.filter(regional_body__in=RegionalBody.objects.serving(state).values("pk")) if state else []
    area = enquiry.area or (enquiry.offer.live_version.primary_area if enquiry.offer else None)
    of_area = set(area.contact_points.values_list("pk", flat=True)) if area else set()
    serving = sorted(serving, key=lambda point: point.pk not in of_area)
    return list({point.pk: point for point in [*named, *stand_ins, *serving]}.values())


def _listed(enquiry):
    """A made-up office answers for nothing but made-up offers."""
    points = ContactPoint.objects.listed().with_details().in_reading_order()
    return points if enquiry.is_sample else points.filter(is_sample=False)
