"""What the ISU has before it: the queue, and what to look at twice in a version."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from contacts.models import Language

from .clean_text import clean_text
from .content import label_of
from .differences import Difference
from .models import (
    TRANSLATED,
    ContactProposal,
    Form,
    MistakeReport,
    OfferVersion,
    ProposalStatus,
    StatusChange,
    Step,
    VersionStatus,
)
from .models.wording import AMOUNT_OF_MONEY
from .working_days import working_days_after

REPORTS_SHOWN = 20
ENDINGS_SHOWN_DAYS = 7

# Whole addresses, and bare ones that a program would turn into a link.
WEB_ADDRESS = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"'«»“”()]+", re.IGNORECASE)
# Fewer letters may be nothing but abbreviations: "EOD", "IMAS 09.30".
SHOUTING_LETTERS, SHOUTING_SHARE = 15, 0.7


# The queue


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for the ISU, whatever it is; `version` only if it is one."""

    kind: str
    title: str
    url: str
    state: object
    since: datetime
    reference: str = ""
    is_sample: bool = False
    is_suspicious: bool = False
    version: OfferVersion | None = None

    @property
    def days(self):
        return (timezone.localdate() - timezone.localdate(self.since)).days

    @property
    def due(self):
        return working_days_after(timezone.localdate(self.since), settings.ISU_REPLY_WORKING_DAYS)

    @property
    def is_late(self):
        return self.due < timezone.localdate()


def queue():
    """All that waits for an answer, the oldest first; of reports of mistakes the oldest only, as there may be many."""
    waiting = [*waiting_versions(), *waiting_proposals(), *_reports()]
    return sorted(waiting, key=lambda each: each.since)


def waiting_versions():
    versions = OfferVersion.objects.awaiting_review().select_related("offer__state", "claimed_by")
    for version in versions:
        yield Waiting(
            kind=_("Change of an offer") if version.offer.live_version_id else _("New offer"),
            title=version.title,
            url=reverse("offers:review", args=[version.pk]),
            state=version.offer.state,
            since=version.submitted_at,
            reference=version.offer.reference,
            is_sample=version.offer.is_sample,
            version=version,
        )


def waiting_proposals():
    for proposal in ContactProposal.objects.filter(status=ProposalStatus.WAITING).select_related("state"):
        yield Waiting(
            kind=proposal.get_kind_display(),
            title=proposal.office,
            url=reverse("offers:contact_proposal", args=[proposal.pk]),
            state=proposal.state,
            since=proposal.proposed_at,
        )


def _reports():
    for report in MistakeReport.objects.open().for_list().select_related("offer__state")[:REPORTS_SHOWN]:
        offer, point = report.offer, report.contact_point
        yield Waiting(
            kind=_("Report of a mistake"),
            title=offer.live_version.title if offer else report.office,
            url=reverse("offers:reports"),
            state=offer.state if offer else point and point.state,
            since=report.created_at,
            reference=offer.reference if offer else "",
            is_sample=offer.is_sample if offer else point is not None and point.is_sample,
            is_suspicious=report.suspicious,
        )


def recent_endings():
    """What States have withdrawn or marked as fulfilled in the last days: nothing to decide, good to know."""
    since = timezone.now() - timedelta(days=ENDINGS_SHOWN_DAYS)
    return (
        StatusChange.objects.filter(step__in=[Step.WITHDRAW, Step.FULFIL], at__gte=since)
        .exclude(offer__ended_as="")
        .select_related("offer__state", "offer__live_version", "version")
        .order_by("-at", "-pk")
    )


def next_to_review(after, *, by):
    """The version to read after this one, passing over those that colleagues are looking at; None if none is left."""
    others = [
        version
        for version in OfferVersion.objects.awaiting_review().exclude(pk=after.pk).select_related("claimed_by")
        if version.looked_at_by in {None, by}
    ]
    place = after.submitted_at, after.pk
    later = (version for version in others if (version.submitted_at, version.pk) > place)
    return next(later, others[0] if others else None)


# What to look at twice


@dataclass(frozen=True)
class Caution:
    """Forbids nothing; `details` are names, addresses or places in the text."""

    text: str
    details: list = field(default_factory=list)


def warnings_about(version):
    """What a moderator should look at twice before publishing."""
    words = list(_words(version))
    everything = [*words, *_other_texts(version)]
    found = [
        (
            _("Private mailbox; an office mailbox is better:"),
            [point.email for point in version.contact_points.all() if point.has_private_mailbox],
        ),
        (
            _("Signs that cannot be seen, or that turn the direction of the text:"),
            [_place(label, _signs(text)) for label, text in everything if clean_text(text) != text],
        ),
        (_("In the past:"), _days_gone(version)),
        (_("Leads to another website:"), _hosts(version, everything)),
        (_("Another offer has the same title:"), _same_title(version)),
        (_("Written mostly in capital letters:"), [label for label, text in words if _is_shouting(text)]),
        (
            _("An amount of money:"),
            [
                _place(label, amount.group().strip())
                for label, text in words
                if not _may_speak_of_money(version) and (amount := AMOUNT_OF_MONEY.search(text))
            ],
        ),
    ]
    return [Caution(text, details) for text, details in found if details]


def _place(label, what):
    return f"{label}: {what}" if what else label


def _words(version):
    """Label and text of all that the State has written in its own words, further languages included."""
    for name in TRANSLATED:
        yield label_of(name), getattr(version, name)
    for translation in version.all_translations:
        for name in TRANSLATED:
            yield f"{label_of(name)} ({translation.language})", getattr(translation, name)


def _other_texts(version):
    yield label_of("note_to_isu"), version.note_to_isu
    for link in version.links.all():
        yield label_of("links"), f"{link.title} {link.url}"
    for document in version.documents.all():
        yield label_of("documents"), f"{document.title} {document.filename}"
    for partner in version.partners.all():
        yield label_of("partners"), partner.organisation


def _signs(text):
    """The signs that clean text would not have, by number and name: nobody could see them otherwise."""
    signs = sorted(set(text) - set(clean_text(text)))
    return ", ".join(f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip() for sign in signs)


def _days_gone(version):
    names = ["ends_on", "deadline", "valid_until"]
    if version.ends_on is None:
        names.insert(0, "starts_on")
    days = [(name, getattr(version, name)) for name in names]
    return [_place(label_of(name), date_format(day)) for name, day in days if day and day < timezone.localdate()]


def _hosts(version, texts):
    """Each host once, in the order of the text."""
    addresses = [link.url for link in version.links.all()]
    for _label, text in texts:
        addresses += WEB_ADDRESS.findall(text)
    return list(dict.fromkeys(filter(None, map(_host, addresses))))


def _host(address):
    """The name of the website; if it has letters of other scripts, also in the form that cannot be mistaken."""
    try:
        # The dot may be the end of the sentence.
        host = (urlsplit(address if "://" in address else f"https://{address}").hostname or "").rstrip(".")
        plain = host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return address
    return host if host == plain else f"{host} ({plain})"


def _same_title(version):
    same = OfferVersion.objects.filter(
        title__iexact=version.title,
        status__in=[VersionStatus.SUBMITTED, VersionStatus.PUBLISHED],
        offer__ended_as="",
    )
    return list(same.exclude(offer=version.offer_id).values_list("offer__reference", flat=True).distinct())


def _is_shouting(text):
    letters = [sign for sign in text if sign.isupper() or sign.islower()]
    return len(letters) >= SHOUTING_LETTERS and sum(map(str.isupper, letters)) >= SHOUTING_SHARE * len(letters)


def _may_speak_of_money(version):
    return version.form is not None and version.form.code == Form.SOUTH_SOUTH_FUNDING


# What was corrected


def with_corrections(changes):
    """Each of these rows of the log with a Difference for every text before and after that it keeps."""
    changes = list(changes)
    codes = {correction["language"] for change in changes for correction in change.changes} - {""}
    names = {language.code: language.name for language in Language.objects.filter(code__in=codes)} if codes else {}
    return [(change, [_difference(correction, names) for correction in change.changes]) for change in changes]


def _difference(correction, names):
    name, label = correction["field"], label_of(correction["field"])
    if code := correction["language"]:
        label = f"{label} ({names.get(code, code)})"
    return Difference(name, label, correction["before"], correction["after"])
