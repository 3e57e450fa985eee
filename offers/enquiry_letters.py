"""Letters about enquiries, each written in the transaction of its cause."""

from django.conf import settings
from django.db.models import Q

from contacts.models import ContactPoint, Language

from .enquiry_links import link_for_office, link_for_sender
from .letters import write
from .models import EnquiryAct, EnquiryLevel


def ask_sender_to_confirm(enquiry):
    _to_sender(enquiry, "enquiry_confirm", days=settings.ENQUIRY_CONFIRM_DAYS)


def tell_sender(enquiry, event, *, text="", office=None):
    """`event` is acknowledged, answered or declined; an answer goes straight back to the office that gave it."""
    _to_sender(enquiry, f"enquiry_{event}", text=text, reply_to=office.email if office else "")


def tell_isu_of_held(enquiry):
    _to_isu(enquiry, "enquiry_held")


def tell_of_passing_on(enquiry, act, former, *, note=""):
    """To those who are to answer, to those who had it before, and to the sender; the ISU gets a copy of the first."""
    holders = list(enquiry.current_holders)
    is_first = act == EnquiryAct.PASSED_ON
    moved_on = act == EnquiryAct.MOVED_ON
    for holder in holders:
        _to_holder(enquiry, holder, "enquiry_to_answer", is_first=is_first, moved_on=moved_on, note=note)
    for holder in former:
        if holder.contact_point:
            _to_holder(enquiry, holder, "enquiry_passed", moved_on=moved_on, holders=holders)
    if is_first and enquiry.level != EnquiryLevel.ISU:
        _to_isu(enquiry, "enquiry_copy", to="isu", holders=holders)
    _to_sender(enquiry, "enquiry_on_its_way", is_first=is_first, moved_on=moved_on, holders=holders)


def inform_authorities(enquiry):
    """Keep the authorities informed whom the sender agreed to; yields what was done, and the offices written to."""
    asked = {holder.contact_point_id for holder in enquiry.current_holders}
    offices = ContactPoint.objects.national().with_details().in_reading_order().exclude(pk__in=asked - {None})
    if not enquiry.is_sample:
        offices = offices.filter(is_sample=False)
    own = Q(state=enquiry.asker_state) if enquiry.copy_national and enquiry.asker_state else None
    of_country = Q(state=enquiry.country) if enquiry.inform_country and enquiry.country else None
    if enquiry.country == enquiry.asker_state:
        of_country = None
    for act, to, condition in [(EnquiryAct.COPIED, "sender", own), (EnquiryAct.INFORMED, "country", of_country)]:
        points = list(offices.filter(condition)) if condition else []
        for point in points:
            write(
                "enquiry_copy", [point.email], "offers:home", language=language_of(point), about=enquiry.reference,
                enquiry=enquiry, to=to, holders=list(enquiry.current_holders), state=point.state,
            )  # fmt: skip
        if points:
            yield act, points


def tell_holders_of_taking_back(enquiry):
    for holder in enquiry.current_holders:
        _to_holder(enquiry, holder, "enquiry_taken_back")


def ask_both_sides(enquiry, question):
    """What came of it? The ISU knows of what it has answered itself."""
    again = question == EnquiryAct.ASKED_AGAIN
    _to_sender(enquiry, "enquiry_outcome", side="asker", again=again)
    for holder in enquiry.current_holders:
        if holder.contact_point:
            _to_holder(enquiry, holder, "enquiry_outcome", side="office", again=again)


def language_of(point):
    """The language in which an office is written to: that of the portal if it works in it, else one of its own."""
    spoken = [language.code for language in point.languages.all()]
    known = {code.split("-")[0]: code for code, _name in settings.LANGUAGES}
    if not spoken or settings.LANGUAGE_CODE in spoken:
        return settings.LANGUAGE_CODE
    return next((known[code] for code in spoken if code in known), settings.LANGUAGE_CODE)


def _to_sender(enquiry, event, **context):
    page = "offers:enquiry_of_sender", link_for_sender(enquiry)
    _write(enquiry, event, [enquiry.email], *page, language=enquiry.language, **context)


def _to_holder(enquiry, holder, event, **context):
    """To the office, or, without one, to the ISU; the answer of a mail program goes to the sender."""
    if point := holder.contact_point:
        page = "offers:enquiry_of_office", link_for_office(enquiry, point)
        context |= {"reply_to": enquiry.email, "language": language_of(point), "point": point}
        _write(enquiry, event, [point.email], *page, **context)
    else:
        _to_isu(enquiry, event, reply_to=enquiry.email, **context)


def _to_isu(enquiry, event, **context):
    _write(enquiry, event, [settings.ISU_EMAIL], "offers:enquiry", enquiry.reference, **context)


def _write(enquiry, event, recipients, page, *arguments, **context):
    context |= {"enquiry": enquiry, "language_name": Language.objects.filter(code=enquiry.language).first()}
    write(event, recipients, page, *arguments, about=enquiry.reference, **context)
