"""Letters about enquiries, each written in the transaction of its cause."""

from django.conf import settings
from django.db.models import Q

from contacts.models import ContactPoint

from .enquiry_links import link_for_office, link_for_sender
from .letters import write
from .models import EnquiryAct, EnquiryLevel, OutcomeKind, Side
from .models.enquiries import CLOCK


def ask_sender_to_confirm(enquiry):
    _to_sender(enquiry, "enquiry_confirm", days=settings.ENQUIRY_CONFIRM_DAYS)


def tell_sender(enquiry, event, *, text="", reply_to=""):
    """`event` is acknowledged, answered or declined."""
    _to_sender(enquiry, f"enquiry_{event}", text=text, reply_to=reply_to, address=reply_to)


def mailbox_of(enquiry, actor):
    """Where the sender can write to whoever has answered: an office of theirs, or the ISU."""
    if actor.office:
        return actor.office.email
    if actor.user is None or actor.user.is_isu:
        return settings.ISU_EMAIL
    offices = [holder.contact_point for holder in _offices(enquiry.holders)]
    return next((point.email for point in offices if point.state == actor.user.state), actor.user.email)


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
        if holder.contact_point and holder.contact_point.is_open:
            _to_holder(enquiry, holder, "enquiry_passed", moved_on=moved_on, holders=holders)
    if is_first and enquiry.level != EnquiryLevel.ISU:
        _to_isu(enquiry, "enquiry_copy", to="isu", holders=holders)
    _to_sender(enquiry, "enquiry_on_its_way", is_first=is_first, moved_on=moved_on, holders=holders)


def inform_authorities(enquiry):
    """Keep the authorities informed whom the sender agreed to; yields what was done, and the offices written to."""
    holders = list(enquiry.current_holders)
    asked = {holder.contact_point_id for holder in holders}
    offices = ContactPoint.objects.national().filter(is_sample=enquiry.is_sample).exclude(pk__in=asked - {None})
    offices = offices.with_details().in_reading_order()
    own = Q(state=enquiry.asker_state) if enquiry.copy_national and enquiry.asker_state else None
    of_country = Q(state=enquiry.country) if enquiry.inform_country and enquiry.country else None
    if enquiry.country == enquiry.asker_state:
        of_country = None
    for act, to, condition in [(EnquiryAct.COPIED, "sender", own), (EnquiryAct.INFORMED, "country", of_country)]:
        points = list(offices.filter(condition)) if condition else []
        for point in points:
            context = {"to": to, "holders": holders, "state": point.state, "language": language_of(point)}
            _write(enquiry, "enquiry_copy", [point.email], "offers:home", **context)
        if points:
            yield act, points


def tell_other_holders(enquiry, event, actor=CLOCK):
    """That nothing is left to do: to all that have the enquiry but the office that has acted, and its State."""
    for holder in enquiry.current_holders:
        point = holder.contact_point
        is_own = point and (point == actor.office or (actor.user and point.state == actor.user.state))
        is_own_desk = point is None and actor.user and actor.user.is_isu
        if not is_own and not is_own_desk and (point is None or point.is_open):
            _to_holder(enquiry, holder, event)


def ask_both_sides(enquiry, question):
    """What came of it? Not of a side that has said what came in the end; the ISU knows of what it has answered."""
    again = question == EnquiryAct.ASKED_AGAIN
    if _is_open_for(enquiry, Side.ASKER):
        _to_sender(enquiry, "enquiry_outcome", side="asker", again=again)
    if _is_open_for(enquiry, Side.OFFICE):
        for holder in _who_knows(enquiry):
            _to_holder(enquiry, holder, "enquiry_outcome", side="office", again=again)


def _is_open_for(enquiry, side):
    outcome = enquiry.latest_outcome(side)
    return outcome is None or outcome.kind == OutcomeKind.TALKS


def _who_knows(enquiry):
    """The office that has answered, even if it has handed the enquiry over since; or those that have it."""
    answer = enquiry.steps.filter(act=EnquiryAct.ANSWERED).exclude(contact_point=None).last()
    holders = enquiry.holders.filter(contact_point=answer.contact_point) if answer else enquiry.current_holders
    return _offices(holders)


def _offices(holders):
    """Those of the holders that are offices and still there; each once, the latest first."""
    found = {}
    for holder in holders.select_related("contact_point__state", "contact_point__regional_body", "enquiry").reverse():
        if holder.contact_point and holder.contact_point.is_open:
            found.setdefault(holder.contact_point, holder)
    return list(found.values())


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
    write(event, recipients, page, *arguments, about=enquiry.reference, enquiry=enquiry, **context)
