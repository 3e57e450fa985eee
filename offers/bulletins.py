"""What a bulletin says: one list, printed alike by page, letter, plain text, Word document and feed; and its letters.

What an offer says is read when it is printed, in the reader's language. Of one that has left the catalogue since the
bulletin was sent, nothing is told but that.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .alerts import headers_for, manage_url
from .letters import text_of, write
from .models import Bulletin, BulletinLetter, Offer, Subscriber
from .models.translations import Text
from .records import SAMPLE_LABEL, absolute
from .revision import kept
from .word import Paper

logger = logging.getLogger(__name__)

# A letter that could not be written for so long is news no more.
LETTERS_DAYS = 7
NO_LONGER_AVAILABLE = gettext_lazy("No longer available")


@dataclass(frozen=True)
class Entry:
    """An offer that a bulletin names; None if it has left the catalogue."""

    offer: Offer | None

    @property
    def title(self):
        return self.offer.live_version.words["title"]

    @property
    def beginning(self):
        words = self.offer.live_version.words["description"]
        return Text(words.beginning, words.lang)

    @property
    def foreign_language(self):
        return self.offer.live_version.foreign_language

    @property
    def facts(self):
        version = self.offer.live_version
        return f"{self.offer.state.name} · {version.primary_area.name} · {version.form.name}"

    @property
    def address(self):
        return absolute(self.offer.get_absolute_url())

    @property
    def lines(self):
        """As plain text."""
        if self.offer is None:
            return [str(NO_LONGER_AVAILABLE)]
        label = [str(SAMPLE_LABEL)] if self.offer.is_sample else []
        facts = f"{self.facts} · {self.offer.reference}"
        return [_said_in(self.title.text, self.foreign_language), facts, *label, self.beginning.text, self.address]


@dataclass(frozen=True)
class Contents:
    """All that a bulletin says, in the language that was in use when it was read."""

    bulletin: Bulletin
    new: list
    changed: list

    @property
    def name(self):
        number = self.bulletin.number
        return _("Bulletin %(number)s") % {"number": number} if number else _("Draft of a bulletin")

    @property
    def period(self):
        days = {"first": date_format(self.bulletin.first_day), "last": date_format(self.bulletin.last_day)}
        return _("What was new or changed from %(first)s to %(last)s") % days

    @property
    def note(self):
        return self.bulletin.note

    @property
    def subject(self):
        """Its name and what it is about, for letters and feeds."""
        if self.note:
            return f"{self.name}: {self.note.title}"
        count = len(self.new) + len(self.changed)
        about = ngettext("%(count)d new or changed offer", "%(count)d new or changed offers", count)
        return f"{self.name}: {about % {'count': count}}"

    @property
    def groups(self):
        """Pairs of a heading and the offers below it."""
        found = [(_("New offers"), self.new), (_("Changed offers"), self.changed)]
        return [(heading, entries) for heading, entries in found if entries]

    @property
    def is_empty(self):
        return not (self.note or self.groups)

    @property
    def address(self):
        return absolute(self.bulletin.get_absolute_url())

    @cached_property
    def text(self):
        """As plain text, to be pasted elsewhere; put together once for all letters in a language."""
        lines = [self.name, self.period]
        if self.note:
            lines += ["", _said_in(self.note.title, self.note.foreign_language)]
            for paragraph in self.note.paragraphs:
                lines += ["", paragraph]
        for heading, entries in self.groups:
            lines += ["", heading.upper()]
            for entry in entries:
                lines += ["", *entry.lines]
        if self.bulletin.is_sent:
            lines += ["", _("Page of this bulletin: %(address)s") % {"address": self.address}]
        return "\n".join([*lines, "", str(settings.PORTAL_DISCLAIMER)])

    def in_word(self):
        paper = Paper(self.name)
        paper.line(self.period)
        if self.note:
            paper.heading(_said_in(self.note.title, self.note.foreign_language), language=self.note.tag)
            for paragraph in self.note.paragraphs:
                paper.line(paragraph, self.note.tag)
        for heading, entries in self.groups:
            paper.heading(heading)
            for entry in entries:
                _write_entry(paper, entry)
        if self.bulletin.is_sent:
            paper.line(_("Page of this bulletin: %(address)s") % {"address": self.address})
        paper.line(settings.PORTAL_DISCLAIMER)
        return paper


def _write_entry(paper, entry):
    if entry.offer is None:
        paper.line(NO_LONGER_AVAILABLE)
        return
    paper.heading(_said_in(entry.title.text, entry.foreign_language), 2, entry.title.lang or None)
    paper.line(f"{entry.facts} · {entry.offer.reference}")
    if entry.offer.is_sample:
        paper.line(SAMPLE_LABEL, bold=True)
    paper.line(entry.beginning.text, entry.beginning.lang or None)
    paper.line(entry.address)


def _said_in(text, language):
    return f"{text} ({language})" if language else text


def read(bulletins):
    """What each of them says, in the language in use, in a fixed number of queries."""
    bulletins = list(bulletins)
    prefetch_related_objects(bulletins, "notes", "offers")
    named = {row.offer_id for bulletin in bulletins for row in bulletin.offers.all()}
    offers = Offer.objects.public().for_cards().in_bulk(named)
    return [_contents(bulletin, offers) for bulletin in bulletins]


def _contents(bulletin, offers):
    rows = bulletin.offers.all()
    if not bulletin.is_sent:
        # What leaves the catalogue before it is sent is not named at all.
        rows = [row for row in rows if row.offer_id in offers]
    return Contents(
        bulletin,
        [Entry(offers.get(row.offer_id)) for row in rows if row.is_new],
        [Entry(offers.get(row.offer_id)) for row in rows if not row.is_new],
    )


def next_period():
    """From the day after the last bulletin's period, or for a month, to yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    last = Bulletin.objects.sent().first()
    first = last.last_day + timedelta(days=1) if last else yesterday - timedelta(days=30)
    return min(first, yesterday), yesterday


# Letters


def readers():
    """Those who have asked for it and confirmed their address, and whose mailbox takes letters."""
    return Subscriber.objects.reachable().filter(bulletin=True)


def letters_due():
    """Pairs of a bulletin and the subscribers to whom its letter is still to be written."""
    since = timezone.now() - timedelta(days=LETTERS_DAYS)
    for bulletin in Bulletin.objects.sent().filter(sent_at__gte=since).order_by("sent_at"):
        written = BulletinLetter.objects.filter(bulletin=bulletin).values("subscriber")
        yield bulletin, readers().filter(confirmed_at__lte=bulletin.sent_at).exclude(pk__in=written)


def write_letters():
    """Write them, each in a transaction of its own, and yield (subscriber, bulletin) once it is certain.

    What goes wrong with one letter is yielded in its place as (subscriber, exception): the others are written.
    """
    for bulletin, due in letters_due():
        for subscriber in list(due):
            try:
                with transaction.atomic():
                    is_written = _write_letter(bulletin, subscriber)
            except Exception as error:
                logger.exception("Bulletin %s could not be written to subscriber %s", bulletin, subscriber.pk)
                yield subscriber, error
            else:
                if is_written:
                    yield subscriber, bulletin


def _write_letter(bulletin, subscriber):
    """Nothing, if it has been written meanwhile or is no longer wanted."""
    # Of two runs, the second waits here until the first has written.
    subscriber = readers().select_for_update(no_key=True).filter(pk=subscriber.pk).first()
    if subscriber is None or bulletin.letters.filter(subscriber=subscriber).exists():
        return False
    bulletin.letters.create(subscriber=subscriber)
    with translation.override(subscriber.language):
        write(
            "bulletin", [subscriber.email], "offers:bulletin", bulletin.number,
            language=subscriber.language, about=str(subscriber.key), headers=headers_for(subscriber),
            contents=_kept_contents(bulletin), manage_url=manage_url(subscriber),
        )  # fmt: skip
    return True


def _kept_contents(bulletin):
    """Read once for each language, and anew when the catalogue has changed between two letters."""
    return kept(f"bulletin {bulletin.pk}", lambda: read([Bulletin.objects.get(pk=bulletin.pk)])[0])


def letter_of(contents):
    """Subject and text as subscribers get them, without the link by which each changes what it gets."""
    # The address of the page stands in what it says, once there is one.
    return text_of("bulletin", "offers:bulletin_list", contents=contents)
