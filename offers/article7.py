"""What a State made available in a calendar year, as a draft for its report under Article 7.

Made available, not given: the portal knows offers only.
"""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .content import label_of, text_of
from .models import Area, Ending, Offer, OfferVersion, Recipients, VersionStatus
from .records import SAMPLE_LABEL
from .word import Paper

RECIPIENTS = ("recipient_regions", "recipient_groups", "recipient_states")
FACTS = ("form", "recipients", "quantity", "duration")


@dataclass(frozen=True)
class Entry:
    """One offer: its words as they were published last in the year, and how it stood at the end."""

    offer: Offer
    version: OfferVersion
    standing: str

    @property
    def facts(self):
        """Label and answer, both in words."""
        said = [(label_of(name), _for_whom(self.version) if name == "recipients" else text_of(self.version, name))
                for name in FACTS]  # fmt: skip
        return [(_("Reference"), self.offer.reference), *(fact for fact in said if fact[1])]


@dataclass(frozen=True)
class Report:
    """The text for one year; `groups` are pairs of an area's name and its entries."""

    state: object
    year: int
    groups: tuple

    @property
    def title(self):
        return _("Cooperation and assistance: assistance made available in %(year)d") % {"year": self.year}

    @property
    def introduction(self):
        count = sum(len(entries) for _area, entries in self.groups)
        return ngettext(
            "In %(year)d, %(state)s made the following non-financial assistance available through the %(portal)s "
            "(%(count)d offer).",
            "In %(year)d, %(state)s made the following non-financial assistance available through the %(portal)s "
            "(%(count)d offers).",
            count,
        ) % {"year": self.year, "state": self.state.name, "portal": settings.PORTAL_NAME, "count": count}

    @property
    def remark(self):
        return _(
            "Drawn on %(date)s from what the State has published. It says what was available on request; assistance "
            "given is reported separately."
        ) % {"date": date_format(timezone.localdate())}

    @property
    def text(self):
        lines = [self.title, "", self.introduction]
        for area, entries in self.groups:
            lines += ["", area.upper()]
            for entry in entries:
                lines += ["", entry.version.title]
                lines += [str(SAMPLE_LABEL)] if entry.offer.is_sample else []
                lines += [f"{label}: {', '.join(answer.splitlines())}" for label, answer in entry.facts]
                lines.append(entry.standing)
        return "\n".join([*lines, "", self.remark])

    def in_word(self):
        paper = Paper(self.title)
        paper.line(self.introduction)
        for area, entries in self.groups:
            paper.heading(area)
            for entry in entries:
                language = entry.version.original_language
                paper.heading(entry.version.title, 2, language and language.code)
                if entry.offer.is_sample:
                    paper.line(SAMPLE_LABEL, bold=True)
                paper.facts((label, answer, None) for label, answer in entry.facts)
                paper.line(entry.standing)
        paper.line(self.remark)
        return paper


def years_of(state):
    """From the first in which the State had an offer in the catalogue to the present one, at least the last two."""
    this_year = timezone.localdate().year
    first = Offer.objects.filter(state=state).aggregate(day=Min("first_published_on"))["day"]
    return range(this_year, min(first.year if first else this_year, this_year - 1) - 1, -1)


def report_of(state, year):
    """The offers that stood on some day of the year, those hidden until they are confirmed included.

    How long an offer stood is told by its first publication, its last day and its end. Of one that had
    passed its last day and was renewed later, the time in between is not told.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    offers = Offer.objects.filter(state=state, first_published_on__lte=last, valid_until__gte=first).filter(
        Q(ended_at=None) | Q(ended_at__date__gte=first)
    )
    versions = _last_of_the_year(offers, last)
    areas = {area.code: area.name for area in Area.objects.top()}
    groups = {code: [] for code in areas}
    for offer in offers.select_related("state"):
        version = versions[offer.pk]
        top = version.primary_area.ancestor_codes[0]
        groups.setdefault(top, []).append(Entry(offer, version, _standing(offer, year, last)))
    return Report(
        state, year, tuple((areas.get(code, code), tuple(entries)) for code, entries in groups.items() if entries)
    )


def _last_of_the_year(offers, last):
    """For each offer the wording that was published last in the year."""
    versions = OfferVersion.objects.filter(
        offer__in=offers, status__in=[VersionStatus.PUBLISHED, VersionStatus.SUPERSEDED]
    )
    found = {}
    for version in (
        versions.select_related("primary_area", "form", "original_language")
        .prefetch_related(*RECIPIENTS)
        .order_by("number")
    ):
        if version.offer_id not in found or timezone.localdate(version.decided_at) <= last:
            found[version.offer_id] = version
    return found


def _for_whom(version):
    if version.recipients == Recipients.ALL:
        return version.get_recipients_display()
    return "\n".join(filter(None, (text_of(version, name) for name in RECIPIENTS)))


def _standing(offer, year, last):
    today = timezone.localdate()
    day = min(last, today)
    ended_on = offer.ended_at and timezone.localdate(offer.ended_at)
    if offer.valid_until < min(day, ended_on or day):
        return _("It stood until its last day, %(date)s.") % {"date": date_format(offer.valid_until)}
    if ended_on and ended_on <= day:
        sentence = {
            Ending.WITHDRAWN: _("It was withdrawn on %(date)s."),
            Ending.FULFILLED: _("It was marked as fulfilled on %(date)s."),
        }.get(offer.ended_as, _("It has no longer been shown since %(date)s."))
        return sentence % {"date": date_format(ended_on)}
    if last < today:
        return _("It was available at the end of %(year)d.") % {"year": year}
    return _("It was available on %(date)s.") % {"date": date_format(today)}
