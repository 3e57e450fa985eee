"""Who answers an enquiry: the national contact point, then, if the sender agreed, a regional one, then the ISU."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone, translation

from contacts.models import ContactPoint, RegionalBody

from .models import EnquiryLevel
from .working_days import working_days_after


@dataclass(frozen=True)
class Destination:
    level: EnquiryLevel
    points: list = field(default_factory=list)  # none: the ISU

    def __str__(self):
        return "; ".join(map(str, self.points)) or str(self.level.label)

    @property
    def key(self) -> str:
        """What a form sends for it; of one office, as all are that can be chosen."""
        return "-".join(str(point.pk) for point in self.points) or "isu"

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
            return str(self)


TO_ISU = Destination(EnquiryLevel.ISU)


def to_office(point):
    """The destination that is one office."""
    return Destination(EnquiryLevel.NATIONAL if point.is_national else EnquiryLevel.REGIONAL, [point])


def first_in_line(enquiry):
    """The office that the sender has turned to, or those that the offer names, or others of the State.

    A regional body only if the sender has turned to it or has agreed; a need comes to the ISU.
    """
    if enquiry.is_need:
        return TO_ISU
    named = list(_listed(enquiry).filter(pk__in=_named(enquiry)))
    if enquiry.to_contact_point and named:
        return to_office(named[0])
    points = [point for point in named if point.is_national] or _national(enquiry)
    return Destination(EnquiryLevel.NATIONAL, points) if points else _after_national(enquiry)


def next_in_line(enquiry):
    """Who is asked when nobody has answered in time; for an office that is no more, others of its State stand in."""
    if enquiry.level != EnquiryLevel.NATIONAL:
        return TO_ISU
    holding = enquiry.holders.filter(until=None).values("contact_point")
    if not _listed(enquiry).filter(pk__in=holding).exists():
        asked = set(enquiry.holders.values_list("contact_point", flat=True))
        if points := [point for point in _national(enquiry) if point.pk not in asked]:
            return Destination(EnquiryLevel.NATIONAL, points)
    return _after_national(enquiry)


def places(enquiry):
    """All that an enquiry may be handed over to by those who hold it: other offices in question, then the ISU.

    A regional body only if the sender agreed.
    """
    held = {holder.contact_point_id for holder in enquiry.current_holders}
    points = _national(enquiry) + (_regional(enquiry) if enquiry.share_regional else [])
    found = {point.pk: to_office(point) for point in points if point.pk not in held}
    return [*found.values(), *([] if enquiry.level == EnquiryLevel.ISU else [TO_ISU])]


def all_places(enquiry):
    """All that the ISU may hand an enquiry over to: every listed office, and itself.

    A regional body only if the sender agreed.
    """
    held = {holder.contact_point_id for holder in enquiry.current_holders}
    points = [point for point in _listed(enquiry) if point.pk not in held]
    places = [to_office(point) for point in points if point.is_national or enquiry.share_regional]
    return [*([] if enquiry.level == EnquiryLevel.ISU else [TO_ISU]), *places]


def asked_state(enquiry):
    """The State that is asked, or None: of a need, and of what went to a regional body."""
    if enquiry.offer:
        return enquiry.offer.state
    return enquiry.to_state or (enquiry.to_contact_point.state if enquiry.to_contact_point else None)


def _named(enquiry):
    """The keys of the offices that the offer names, or of the one that the sender has turned to."""
    if enquiry.offer:
        return enquiry.offer.live_version.contact_points.values("pk")
    return [enquiry.to_contact_point_id]


def _national(enquiry):
    state = asked_state(enquiry)
    return list(_listed(enquiry).filter(state=state)) if state else []


def _after_national(enquiry):
    regional = _regional(enquiry) if enquiry.share_regional else []
    return to_office(regional[0]) if regional else TO_ISU


def _regional(enquiry):
    """Regional offices in question, the most fitting first, without those that have been asked before."""
    asked = enquiry.holders.exclude(contact_point=None).values("contact_point")
    offices = _listed(enquiry).filter(state=None).exclude(pk__in=asked)
    named = offices.filter(pk__in=_named(enquiry))
    stand_ins = offices.filter(pk__in=enquiry.holders.exclude(contact_point=None).values("contact_point__fallback"))
    state = asked_state(enquiry) or enquiry.country or enquiry.asker_state
    serving = offices.filter(regional_body__in=RegionalBody.objects.serving(state).values("pk")) if state else []
    area = enquiry.area or (enquiry.offer.live_version.primary_area if enquiry.offer else None)
    of_area = set(area.contact_points.values_list("pk", flat=True)) if area else set()
    serving = sorted(serving, key=lambda point: point.pk not in of_area)
    return list({point.pk: point for point in [*named, *stand_ins, *serving]}.values())


def _listed(enquiry):
    """A made-up office answers for nothing but made-up offers, and no real office for these."""
    return ContactPoint.objects.listed().filter(is_sample=enquiry.is_sample).with_details().in_reading_order()
