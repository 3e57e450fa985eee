"""The survey of national contact points: who is asked, by which letter, and what a link in it leads to."""

from functools import partial

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation

from contacts.models import ContactPoint
from offers import letters, signed_links
from offers.bounces import with_returned
from offers.reminding import Letter

from .models import SurveyInvitation, SurveyRound

PURPOSE = "survey"
# No round is longer, so that a link that is older is of a round that is over.
LONGEST_DAYS = 180


def points():
    """The offices that can be asked; made-up ones in a demonstration only."""
    return with_returned(ContactPoint.objects.national()).filter(is_sample=settings.DEMO, mailbox_is_dead=False)


def due():
    """The offices to which a letter is due: those that have had none of the open round, and, from half time on, a
    second one for those that have not answered."""
    survey = SurveyRound.objects.open().first()
    if survey is None:
        return ContactPoint.objects.none()
    written_to = survey.invitations.all()
    if timezone.localdate() >= survey.half_time:
        written_to = written_to.filter(Q(answered_at__isnull=False) | Q(sent_at__date__gte=survey.half_time))
    offices = points().exclude(pk__in=written_to.values("contact_point"))
    return offices.select_related("state").in_reading_order()


def letter_to(point):
    """The letter that is due to the office now, or None."""
    if not due().filter(pk=point.pk).exists():
        return None
    survey = SurveyRound.objects.open().first()
    invitation = survey.invitations.filter(contact_point=point).first()
    return Letter(
        about=f"{point}: {'second letter' if invitation else 'first letter'}",
        recipients=[point.email],
        reminders=[],
        write=partial(_write, survey, point, invitation),
    )


def _write(survey, point, invitation):
    """In the transaction of `reminding.write_due_letters`, so that there is a letter if and only if it is noted."""
    again = invitation is not None
    if again:
        survey.invitations.filter(pk=invitation.pk).update(sent_at=timezone.now())
    else:
        invitation = survey.invitations.create(contact_point=point)
    with translation.override(settings.LANGUAGE_CODE):
        letters.write(
            "survey", [point.email], "analytics:survey_answer", link_to(invitation), about=point.state.iso3,
            reply_to=settings.ISU_EMAIL, point=point, survey=survey, again=again,
        )  # fmt: skip


def link_to(invitation):
    """The token of a link by which the office answers; it ends with the mailbox that it was sent to."""
    return signed_links.sign(PURPOSE, [invitation.pk, invitation.contact_point.email])


def invitation_of(token):
    """The invitation that a link leads to, as long as its round is open and the office is there."""
    key, email = signed_links.read(PURPOSE, token, days=LONGEST_DAYS + 1)
    invitation = (
        SurveyInvitation.objects.filter(
            pk=key,
            contact_point__in=ContactPoint.objects.national().filter(email=email).values("pk"),
            round__in=SurveyRound.objects.open().values("pk"),
        )
        .select_related("round", "contact_point__state")
        .first()
    )
    if invitation is None:
        raise signed_links.LinkExpired
    return invitation
