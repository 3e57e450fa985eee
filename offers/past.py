"""What the public saw of an offer at a moment in the past, reckoned from the log of its steps and from dates."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import closing

from .content import all_answers, partner_in_words, public_text_of
from .models import OfferVersion, Step
from .models.wording import months_after

ENDINGS = {
    Step.WITHDRAW: gettext_lazy("It had been withdrawn."),
    Step.FULFIL: gettext_lazy("It had been marked as fulfilled."),
    Step.TAKE_DOWN: gettext_lazy("The ISU had taken it down."),
}


@dataclass(frozen=True)
class Sight:
    """What there was to be seen at a moment: the version that was live, and why it was hidden ("" if it was not)."""

    at: datetime
    version: OfferVersion | None = None
    hidden: str = ""
    named: frozenset = frozenset()  # of partner States that could be read, the code and the role

    @property
    def is_public(self):
        return not self.hidden

    @property
    def groups(self):
        """The wording as the public could read it."""
        return all_answers(self.version, self._text_of)

    def _text_of(self, version, name):
        if name != "partners":
            return public_text_of(version, name)
        partners = version.partners.select_related("state")
        return "\n".join(
            partner_in_words(partner, partner.get_role_display())
            for partner in partners
            if partner.state is None or (partner.state.iso3, partner.role) in self.named
        )


def sight_of(offer, at, log):
    """The sight of an offer at a moment; `log` is all its steps in their order, with their versions."""
    day = timezone.localdate(at)
    steps = [change for change in log if change.at <= at]
    published = [change for change in steps if change.step == Step.PUBLISH]
    if not published:
        return Sight(at, hidden=_("It had not yet been published."))
    version = published[-1].version
    return Sight(at, version, _why_hidden(offer, version, day, steps), _named(version, day, steps, log))


def _why_hidden(offer, version, day, steps):
    """The same rules as those of `Offer.objects.public()`, on that day."""
    ending = [change.step for change in steps if change.step in {*ENDINGS, Step.BRING_BACK}]
    if ending and ending[-1] in ENDINGS:
        return str(ENDINGS[ending[-1]])
    if not offer.state.is_party(day):
        return _("The State was not a State Party on that day.")
    confirmed = [change.at for change in steps if change.step in {Step.PUBLISH, Step.CONFIRM}]
    confirmed_on = timezone.localdate(confirmed[-1])
    valid_until = version.valid_until or months_after(confirmed_on, settings.OFFER_DEFAULT_MONTHS)
    # After its last day an offer ages no further.
    clock = closing.clock(day)
    if (min(clock, valid_until) - confirmed_on).days >= settings.OFFER_SUSPENDED_DAYS:
        return _("It was suspended, since it had last been confirmed on %(date)s.") % {
            "date": date_format(confirmed_on)
        }
    if (day if version.valid_until else clock) > valid_until:
        return _("Its last day, %(date)s, had passed.") % {"date": date_format(valid_until)}
    return ""


def _named(version, day, steps, log):
    """The partner States that had accepted by then and had not taken it back."""
    answered, accepted = _answers_in(log), _answers_in(steps)
    named = set()
    for partner in version.partners.exclude(state=None).select_related("state"):
        key = partner.state.iso3, partner.role
        # Answers from the time before the log kept who had answered are known by their day.
        by_day = partner.accepted_on is not None and partner.accepted_on <= day
        if accepted.get(key, False) if key in answered else by_day:
            named.add(key)
    return frozenset(named)


def _answers_in(log):
    """For each partner State and role in these steps: was the last answer to accept?"""
    return {
        (partner["state"], partner["role"]): change.step == Step.ACCEPT_PARTNERSHIP
        for change in log
        if change.step in {Step.ACCEPT_PARTNERSHIP, Step.DECLINE_PARTNERSHIP}
        for partner in change.changes
    }
