"""Letters of the portal. Each becomes a row of the outbox in the transaction of its cause."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone, translation

from contacts.models import User

from .differences import differences
from .letters import send, text_of, write
from .moderation import with_corrections


@translation.override(settings.LANGUAGE_CODE)
def tell_isu_of_submission(version):
    live = version.offer.live_version
    changed = [difference.label for difference in differences(live, version)] if live else []
    _send("submitted", [settings.ISU_EMAIL], version, "offers:review", version.pk, changed=changed)


def tell_state_of_decision(version, decision):
    """`decision` is published, returned or refused."""
    reference = version.offer.reference
    page = {"published": ("offers:detail", reference), "returned": ("offers:edit", reference)}
    _send(decision, _focal_points(version.offer.state), version, *page.get(decision, ("offers:desk",)))


@translation.override(settings.LANGUAGE_CODE)
def tell_state_of_correction(change):
    """`change` is the row of the log."""
    version, [(_change, corrections)] = change.version, with_corrections([change])
    _send("corrected", _focal_points(version.offer.state), version, "offers:desk", corrections=corrections)


def tell_state_of_taking_down(offer):
    _send("taken_down", _focal_points(offer.state), offer.live_version, "offers:desk")


def tell_isu_of_ending(offer, *, by):
    """What the ISU has never seen, it is not told of; nor what it has itself entered on the State's behalf."""
    version = _known_to_isu(offer)
    if version and not (by and by.is_isu):
        _send("ended", [settings.ISU_EMAIL], version, "offers:isu_offer", offer.reference)


def tell_of_return(offer, *, by):
    """To the other side: by the State, to the ISU; by the ISU, to the State."""
    version = _known_to_isu(offer)
    if by.is_isu:
        _send("brought_back", _focal_points(offer.state), version, "offers:desk", by_isu=True)
    elif version:
        _send("brought_back", [settings.ISU_EMAIL], version, "offers:isu_offer", offer.reference, by_isu=False)


def tell_state_of_entry(offer, step, paper):
    """What the ISU has entered on the State's behalf."""
    version = offer.live_version or offer.versions.last()
    page = "offers:versions", offer.reference
    _send("entered", _focal_points(offer.state), version, *page, step=step.label, paper=paper)


def ask_partners(version, partners):
    """To the focal points of each partner State; samples ask nobody."""
    if version.offer.is_sample:
        return
    for partner in partners:
        _send("partner_asked", _focal_points(partner.state), version, "offers:partnership", partner.pk, partner=partner)


def tell_state_of_declined_partnership(partner, reason):
    version = partner.version
    page = "offers:versions", version.offer.reference
    _send("partner_declined", _focal_points(version.offer.state), version, *page, partner=partner, reason=reason)


def _known_to_isu(offer):
    """The version by whose title the ISU knows the offer, if there is one."""
    return offer.live_version or offer.versions.known_to_isu().last()


def _focal_points(state):
    """The addresses of all focal points of the State."""
    return list(User.objects.focal_points().filter(membership__state=state).values_list("email", flat=True))


def tell_isu_of_mistake(report):
    """The ISU can answer straight to the reporter, who has no copy."""
    about = report.offer.reference if report.offer else ""
    write("mistake", [settings.ISU_EMAIL], "offers:reports", report=report, reply_to=report.email, about=about)


def tell_isu_of_proposal(proposal):
    page, about = ("offers:contact_proposal", proposal.pk), proposal.state.iso3
    write("contact_proposed", [settings.ISU_EMAIL], *page, about=about, proposal=proposal)


def tell_state_of_proposal(proposal):
    """That it is approved or declined."""
    about = proposal.state.iso3
    write("contact_decided", _focal_points(proposal.state), "offers:contact_points", about=about, proposal=proposal)


def ask_office_to_verify(point, token, *, copies, again):
    """To the mailbox of the office."""
    context = {"point": point, "again": again, "days": settings.CONFIRM_LINK_DAYS}
    about = point.state.iso3 if point.state else ""
    write("verify", [point.email], "offers:verify", token, cc=copies, about=about, **context)


@translation.override(settings.LANGUAGE_CODE)
def ask_state_to_confirm(stage, recipients, token, *, state, **context):
    """Whether its offers are still valid; `stage` is the furthest that one of them has reached."""
    context["until"] = timezone.localdate() + timedelta(days=settings.CONFIRM_LINK_DAYS)
    write(stage.value, recipients, "offers:confirm_by_link", token, about=state.iso3, state=state, **context)


@translation.override(settings.LANGUAGE_CODE)
def proposal_to_mission(state, lines):
    """Subject and text of a letter that the ISU may still change."""
    return text_of("escalation", "offers:desk", state=state, lines=lines)


@translation.override(settings.LANGUAGE_CODE)
def write_to_mission(state, subject, text):
    """A letter of a person, which the Permanent Mission answers straight to the ISU."""
    send(
        subject, text, state.mission_email, cause="escalation", about=state.iso3,
        reply_to=[settings.ISU_EMAIL], headers={"Auto-Submitted": "no"},
    )  # fmt: skip


def _send(event, recipients, version, page, *arguments, **context):
    offer = version.offer
    context |= {"version": version, "is_change": version.is_change, "offer": offer, "state": offer.state}
    write(event, recipients, page, *arguments, about=offer.reference, **context)
