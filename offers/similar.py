"""Offers that resemble the one being written: perhaps the same thing twice, perhaps somebody to join."""

import re
from collections import defaultdict
from itertools import combinations

from django.db.models import Q

from .models import Offer, OfferVersion
from .search.analyser import analyse

MOST_OF_OTHERS = 5


def similar_offers(version, *, drafts=False):
    """Other offers of the same State for the same main area in the same form, or whose title has most of its words.

    Standing ones; with `drafts` also those being written or reviewed, which belong to the State alone. Of each,
    `shown` is the version that is meant.
    """
    others = Offer.objects.filter(state=version.offer.state).exclude(pk=version.offer_id)
    shown = {offer.live_version_id: offer for offer in others.standing()}
    if drafts:
        # Where one is being changed, what stands in the catalogue says enough.
        being_written = OfferVersion.objects.open().filter(offer__in=others).exclude(offer__in=shown.values())
        shown |= dict.fromkeys(being_written.values_list("pk", flat=True))
    words = _words(version.title)
    found = []
    for other in OfferVersion.objects.filter(pk__in=shown).select_related("offer").order_by("offer__reference"):
        if _for_the_same(version, other) or _share_most(words, _words(other.title)):
            offer = shown[other.pk] or other.offer
            offer.shown = other
            found.append(offer)
    return found


def offers_of_others(version):
    """A few offers of other States for the same main area in the same form, as the public sees them."""
    if not (version.primary_area_id and version.form_id):
        return Offer.objects.none()
    same = Q(live_version__primary_area=version.primary_area_id, live_version__form=version.form_id)
    others = Offer.objects.public().filter(same).exclude(state=version.offer.state)
    return others.last_confirmed_first().for_cards()[:MOST_OF_OTHERS]


def near_same(offers):
    """The keys of those which say nearly the same as another of them, of the same State and in the same form.

    Four fifths of the different words of title and description are in both, as they are written: to find stems
    takes ten times as long, and adds little for texts that are nearly the same.
    """
    groups = defaultdict(list)
    rows = offers.order_by("pk").values_list(
        "state", "live_version__form", "pk", "live_version__title", "live_version__description"
    )
    for state, form, key, *texts in rows:
        groups[state, form].append((key, " ".join(texts)))
    found = set()
    for group in groups.values():
        if len(group) > 1:
            words = [(key, set(re.findall(r"\w+", text.casefold()))) for key, text in group]
            for (key, one), (other_key, other) in combinations(words, 2):
                if 5 * len(one & other) >= 4 * len(one | other):
                    found |= {key, other_key}
    return found


def _for_the_same(version, other):
    pair = (version.primary_area_id, version.form_id)
    return None not in pair and pair == (other.primary_area_id, other.form_id)


def _words(title):
    return set(analyse(title).stems)


def _share_most(one, other):
    return 2 * len(one & other) > max(len(one), len(other))
