"""Alerts: letters about what is new in the lists that somebody wants to hear of.

An offer is new in a list if it was published, or changed, after the alert began, is in the list now, and the
subscriber was never told of it. One letter tells of all lists of a subscriber, each offer once. It is written in
one transaction with the rows that say so, while the subscriber is held: of two runs at once the second finds
nothing to do, and one that was killed has written either everything or nothing.
"""

import logging
import re
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import letters, signed_links
from .filters import OfferFilter
from .models import Alert, Offer, Subscriber, ToldOffer
from .records import SAMPLE_LABEL, absolute, changed_at, with_query

logger = logging.getLogger(__name__)

SIGN_UP, MANAGE = "sign_up", "alerts"
# More nobody reads in a letter; the rest is a link.
OFFERS_LISTED = 30
KINDS_IN_SUBJECT = 3


# Lists


def list_of(parameters):
    """The list that an alert is about. What is no longer understood of it is left out."""
    return OfferFilter(QueryDict(parameters), Offer.objects.public())


def described(parameters):
    """What a list is narrowed by, in words, and its address with the newest first; in the language now in use."""
    chosen = list_of(parameters)
    address = with_query(reverse("offers:catalogue"), chosen.parameters(sort="newest"))
    return ", ".join(chosen.in_words) or _("All offers"), address


def in_words(parameters):
    words, _address = described(parameters)
    return words


# Links


def sign(token):
    """The link of a letter says itself how old it is."""
    return signed_links.sign(SIGN_UP, token)


def token_of(link):
    return signed_links.read(SIGN_UP, link, days=settings.SIGN_UP_HOURS / 24)


def link_of(subscriber):
    return signed_links.sign(MANAGE, str(subscriber.key))


def subscriber_of(link):
    """Who holds it; None if the address has been erased since."""
    return Subscriber.objects.filter(key=signed_links.read(MANAGE, link, days=settings.MANAGE_LINK_DAYS)).first()


def manage_url(subscriber):
    """Where the subscriber changes or stops what it gets; whole, under the language now in use."""
    return letters.address_of("offers:alerts_manage", link_of(subscriber))


def headers_for(subscriber):
    """What lets a mail program offer a button that stops all letters with one request (RFC 8058)."""
    address = letters.address_of("offers:alerts_unsubscribe", link_of(subscriber))
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


# Letters about the letters


def _without_links(parameters):
    """The same list, its words as letters and numbers only, which is all that is searched for."""
    asked = QueryDict(parameters, mutable=True)
    if "q" in asked:
        asked["q"] = re.sub(r"[\W_]+", " ", asked["q"])
    return asked.urlencode()


def ask_to_confirm(sign_up, token):
    """Whoever has typed the address may mean harm to its owner, so nothing else typed becomes a link in the letter."""
    with translation.override(sign_up.language):
        wanted = None if sign_up.parameters is None else in_words(_without_links(sign_up.parameters))
        letters.write(
            "sign_up", [sign_up.email], "offers:alerts_confirm", sign(token), language=sign_up.language,
            about=str(sign_up.key), sign_up=sign_up, wanted=wanted, hours=settings.SIGN_UP_HOURS,
        )  # fmt: skip


def send_link(email, language):
    """To whom it belongs: what is written there, or that nothing is. Either way one letter, so that no answer tells."""
    subscriber = Subscriber.objects.filter(email__iexact=email).first()
    page = ("offers:alerts_manage", link_of(subscriber)) if subscriber else ("offers:alerts",)
    language = subscriber.language if subscriber else language
    about = str(subscriber.key) if subscriber else ""
    letters.write("alerts_link", [email], *page, language=language, about=about, subscriber=subscriber)


# Digests


@dataclass(frozen=True)
class Group:
    """What a digest tells of one list."""

    title: str
    url: str
    offers: list  # those that are printed
    more: int  # and how many are not


@dataclass(frozen=True)
class Digest:
    subscriber: Subscriber
    # By alert, in the order in which they were asked for: offers, the newest first, each with one alert only.
    news: list

    @property
    def offers(self):
        return [offer for _alert, offers in self.news for offer in offers]

    def subject(self):
        """How many offers, and of what kinds, in the language now in use."""
        offers = self.offers
        names = dict.fromkeys(
            name for offer in offers for name in (offer.live_version.form.name, offer.live_version.primary_area.name)
        )
        said = {"count": len(offers), "kinds": ", ".join([*names][:KINDS_IN_SUBJECT])}
        if any(self.is_change(alert, offer) for alert, offers in self.news for offer in offers):
            text = ngettext(
                "%(count)d new or changed offer: %(kinds)s", "%(count)d new or changed offers: %(kinds)s", len(offers)
            )
        else:
            text = ngettext("%(count)d new offer: %(kinds)s", "%(count)d new offers: %(kinds)s", len(offers))
        return text % said

    @staticmethod
    def is_change(alert, offer):
        """It was there before, in other words."""
        return offer.first_published_on < timezone.localdate(alert.since)

    def groups(self):
        """As they are printed, in the language now in use."""
        room = OFFERS_LISTED
        for alert, offers in self.news:
            shown = [entry_of(offer) for offer in offers[:room]]
            room -= len(shown)
            words, address = described(alert.parameters)
            yield Group(words, absolute(address), shown, len(offers) - len(shown))

    def write(self):
        with translation.override(self.subscriber.language):
            letters.write(
                "digest", [self.subscriber.email], "offers:alerts_manage", link_of(self.subscriber),
                language=self.subscriber.language, about=str(self.subscriber.key), headers=headers_for(self.subscriber),
                subject=self.subject(), groups=list(self.groups()), count=len(self.offers),
            )  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """What a letter says of an offer, in the reader's language as far as there are words in it."""

    title: str
    language: str  # of the title, in words, where it is not the reader's
    facts: str
    published: str
    sample: str
    url: str


def entry_of(offer):
    version = offer.live_version
    first, changed = offer.first_published_on, timezone.localdate(changed_at(offer))
    if changed > first:
        dates = {"first": date_format(first), "changed": date_format(changed)}
        published = _("Published on %(first)s, changed on %(changed)s") % dates
    else:
        published = _("Published on %(first)s") % {"first": date_format(first)}
    return Entry(
        title=version.words["title"].text,
        language=version.foreign_language,
        facts=" · ".join([offer.state.name, version.primary_area.name, version.form.name]),
        published="" if offer.is_sample else published,
        sample=str(SAMPLE_LABEL) if offer.is_sample else "",
        url=letters.address_of("offers:detail", offer.reference),
    )


class News:
    """What is new in lists, looked up once for each list however many have asked for it."""

    def __init__(self):
        alerts = Alert.objects.filter(subscriber__in=Subscriber.objects.due()).order_by()
        # For each list, when the first of the alerts that are due began.
        self.since = dict(alerts.values_list("parameters").annotate(first=Min("since")))
        self.found = {}
        # Printed in many letters, and fetched for the first of them.
        self.offers = {}

    def of(self, alert):
        """Keys of the offers, the newest first."""
        if alert.parameters not in self.found:
            since = min(alert.since, self.since.get(alert.parameters, alert.since))
            self.found[alert.parameters] = list(self._look(alert.parameters, since))
        return [key for key, changed in self.found[alert.parameters] if changed > alert.since]

    @staticmethod
    def _look(parameters, since):
        chosen = list_of(parameters)
        if parameters and not chosen.parameters():
            # Nothing of it is understood any more; the whole catalogue is not what was asked for.
            return []
        new = chosen.qs.filter(live_version__decided_at__gt=since).order_by("-live_version__decided_at", "-pk")
        return new.values_list("pk", "live_version__decided_at")

    def print(self, keys):
        """Those that are still public at this moment, with all that a letter prints of them."""
        missing = [key for key in keys if key not in self.offers]
        self.offers |= Offer.objects.for_cards().in_bulk(missing) if missing else {}
        public = set(Offer.objects.public().filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
        return {key: self.offers[key] for key in keys if key in public}


def digest_for(subscriber, news):
    """What the subscriber is to be told of now, or None."""
    seen = set(subscriber.told_offers.values_list("offer_id", flat=True))
    found = []
    for alert in subscriber.alerts.all():
        keys = [key for key in news.of(alert) if key not in seen]
        seen |= set(keys)
        found.append((alert, keys))
    printed = news.print([key for _alert, keys in found for key in keys])
    told = [(alert, [printed[key] for key in keys if key in printed]) for alert, keys in found]
    told = [(alert, offers) for alert, offers in told if offers]
    return Digest(subscriber, told) if told else None


def due_digests():
    """Subscribers whose day has come, each with its digest or None; nothing is written."""
    due = list(Subscriber.objects.due())
    news = News()
    for subscriber in due:
        yield subscriber, digest_for(subscriber, news)


def write_digests():
    """Write what is due, and yield each subscriber with its digest, or None, once it is certain.

    What goes wrong with one is yielded in its place as an exception: the others get their letters, and it stays due.
    """
    due = list(Subscriber.objects.due())
    news = News()
    for subscriber in due:
        try:
            with transaction.atomic():
                # Asked again: another run may have been faster, or all letters been stopped.
                held = Subscriber.objects.due().select_for_update(no_key=True).filter(pk=subscriber.pk).first()
                digest = held and _write_digest(held, news)
        except Exception as error:
            # Not the address: what is logged stays for long.
            logger.exception("The digest for subscriber %s could not be written", subscriber.pk)
            yield subscriber, error
        else:
            yield subscriber, digest


def _write_digest(subscriber, news):
    """Returns it, or None if there is nothing to tell; either way the next one has its day."""
    if digest := digest_for(subscriber, news):
        ToldOffer.objects.bulk_create(ToldOffer(subscriber=subscriber, offer=offer) for offer in digest.offers)
        digest.write()
    subscriber.plan_next_digest()
    subscriber.save(update_fields=["next_digest_on"])
    return digest
