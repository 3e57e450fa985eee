"""The state of the catalogue in numbers, kept night by night: what it was cannot be found out later.

A figure has the name of its indicator, or one that begins with it, such as `S3.12`; along a dimension, such as
`area_form`, it has a number for each value.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from statistics import median

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from contacts import closing
from contacts.models import ABOUT_STATES, LinkKind, RelatedSource, State, StateLink
from offers.links import VICTIM_ASSISTANCE
from offers.models import (
    COST_ITEMS,
    Freshness,
    Offer,
    OfferContactPoint,
    OfferDocument,
    OfferLink,
    Payer,
    Timing,
)
from offers.models.wording import months_after
from offers.similar import near_same
from offers.verification import working

from .models import IndicatorSnapshot
from .recording.visitors import reporting_zone

FRESH_MONTHS, STILL_FRESH_MONTHS = 6, 12

# What makes an offer concrete, by the name of its part of S8.
STATED = [payer for payer in Payer if payer != Payer.TO_BE_AGREED]
CONCRETE = {
    "quantity": ~Q(live_version__quantity="") | ~Q(live_version__duration=""),
    "dates": Q(live_version__starts_on__isnull=False)
    | Q(live_version__ends_on__isnull=False)
    | Q(live_version__deadline__isnull=False)
    | Q(live_version__timing=Timing.CONTINUOUS),
    "conditions": reduce(
        or_,
        [Q(**{f"live_version__pays_{item}__in": STATED}) for item in COST_ITEMS],
        ~Q(live_version__prerequisites=""),
    ),
}


def today():
    return timezone.localdate(timezone=reporting_zone())


def of_supply(day):
    """S1 to S8 as the catalogue is today, by name, dimension and value: pairs of a number and of how many, or None."""
    offers = Offer.objects.counted().public(day).order_by()
    found = _coverage(offers, day)
    for area, form, number in _pairs(offers):
        found["S2", "area_form", f"{area}|{form}"] = (number, None)

    conditions = {
        "S4": Q(pk__in=Offer.objects.by_freshness(Freshness.OVERDUE, day).values("pk")),
        "S5": _names_office(day, state__isnull=False),
        "S5.regional": _names_office(day, regional_body__isnull=False),
        "S6": Q(pk__in=Offer.objects.south_south().values("pk")),
        "S6.funding": Q(pk__in=Offer.objects.seeking_funding_partner().values("pk")),
        "S7": _of_victim_assistance(),
        "S8": CONCRETE["quantity"] & CONCRETE["dates"] & CONCRETE["conditions"],
        **{f"S8.{part}": condition for part, condition in CONCRETE.items()},
    }
    numbers = offers.aggregate(
        offers=Count("pk"),
        **{name.replace(".", "_"): Count("pk", filter=condition) for name, condition in conditions.items()},
    )
    found |= {(name, "all", ""): (numbers[name.replace(".", "_")], numbers["offers"]) for name in conditions}
    found["S2", "all", ""] = (numbers["offers"], None)
    return found | _freshness(day)


def of_duplication(day):
    """D1 and D2, likewise."""
    offers = Offer.objects.counted().public(day).order_by()
    versions, parties = offers.values("live_version"), State.objects.parties(day)
    links = {
        "states": StateLink.objects.filter(state__in=parties.order_by().values("pk")).count(),
        "sources": RelatedSource.objects.count(),
        "offers": OfferLink.objects.filter(version__in=versions).count(),
    }
    documents = OfferDocument.objects.filter(version__in=versions).count()
    assisting, rights = offers.filter(_of_victim_assistance()), StateLink.objects.filter(kind=LinkKind.CRPD)
    of_kind = {
        kind: Count("pk", filter=Q(pk__in=StateLink.objects.filter(kind=kind).values("state"))) for kind in ABOUT_STATES
    }
    linked = parties.order_by().aggregate(parties=Count("pk"), **of_kind)
    crpd = assisting.aggregate(all=Count("pk"), linked=Count("pk", filter=Q(state__in=rights.values("state"))))
    return {
        ("D1", "all", ""): (len(near_same(offers)), offers.count()),
        ("D2", "all", ""): (sum(links.values()), sum(links.values()) + documents),
        **{(f"D2.{place}", "all", ""): (number, None) for place, number in links.items()},
        ("D2.documents", "all", ""): (documents, None),
        **{("D2.states", "kind", kind): (linked[kind], linked["parties"]) for kind in ABOUT_STATES},
        ("D2.crpd", "all", ""): (crpd["linked"], crpd["all"]),
    }


THEMES = {"S": of_supply, "D": of_duplication}


def take():
    """Keep how the catalogue stands today, in place of what was kept earlier today. Returns the day and how much."""
    day = today()
    figures = {key: pair for of_theme in THEMES.values() for key, pair in of_theme(day).items()}
    first, *rows = [
        IndicatorSnapshot(
            day=day, indicator=name, dimension=dimension, value=value, numerator=number, denominator=of_how_many
        )
        for (name, dimension, value), (number, of_how_many) in sorted(figures.items())
    ]
    kept = IndicatorSnapshot.objects.filter(day=day)
    with transaction.atomic():
        # There is one row of this name each day: whoever else keeps the day waits here for the end of the transaction.
        IndicatorSnapshot.objects.bulk_create(
            [first],
            update_conflicts=True,
            unique_fields=["day", "indicator", "dimension", "value"],
            update_fields=["numerator", "denominator"],
        )
        kept.exclude(indicator=first.indicator, dimension=first.dimension, value=first.value).delete()
        IndicatorSnapshot.objects.bulk_create(rows)
    return day, len(figures)


@dataclass(frozen=True)
class AtEnd:
    """How the catalogue stood at the end of a period; `day` is None if that is not known."""

    day: date | None
    figures: dict

    def of(self, name):
        """A number and of how many; None for what is not known."""
        return self.figures.get((name, "all", ""), (None, None))

    def along(self, name, dimension):
        """The same by value."""
        return {
            value: pair for (its_name, its, value), pair in self.figures.items() if (its_name, its) == (name, dimension)
        }


def at_end(period, theme):
    """By the last night of the period that is kept; of a period that goes on, or has just ended, as it is now."""
    now = today()
    kept = IndicatorSnapshot.objects.filter(indicator__startswith=theme, day__range=(period.first, period.last))
    if period.last < now and (day := kept.aggregate(day=Max("day"))["day"]):
        rows = kept.filter(day=day).values_list("indicator", "dimension", "value", "numerator", "denominator")
        return AtEnd(day, {tuple(key): (_whole(number), _whole(of)) for *key, number, of in rows})
    if period.first <= now and period.last >= now - timedelta(days=1):
        return AtEnd(now, THEMES[theme](now))
    return AtEnd(None, {})


def _whole(number):
    return int(number) if number is not None and number.is_integer() else number


def _coverage(offers, day):
    """States Parties with an offer, of all; by region too."""
    regions = State.objects.parties(day).order_by().values("region__un_m49")
    numbers = regions.annotate(
        with_offer=Count("pk", filter=Q(pk__in=offers.values("state"))), parties=Count("pk")
    ).values_list("region__un_m49", "with_offer", "parties")
    found = {("S1", "region", region): (number, parties) for region, number, parties in numbers}
    return found | {("S1", "all", ""): tuple(map(sum, zip((0, 0), *found.values(), strict=True)))}


def _pairs(offers):
    """With the codes that events are given too."""
    return offers.values_list("live_version__primary_area__code", "live_version__form__code").annotate(Count("pk"))


def _names_office(day, **kind):
    offices = working(closing.clock(day)).filter(**kind)
    named = OfferContactPoint.objects.filter(contact_point__in=offices.values("pk"))
    return Q(live_version__in=named.values("version"))


def _of_victim_assistance():
    area = "live_version__primary_area__code"
    return Q(**{area: VICTIM_ASSISTANCE}) | Q(**{f"{area}__startswith": f"{VICTIM_ASSISTANCE}."})


def _freshness(day):
    """Of all standing offers, hidden ones too: hiding what nobody confirms must not make the share better."""
    offers, clock = Offer.objects.counted().standing(day).order_by(), closing.clock(day)
    confirmed = dict(offers.values_list("confirmed_on").annotate(Count("pk")))
    months, total = Counter(), sum(confirmed.values())
    for confirmed_on, number in confirmed.items():
        months[months_since(confirmed_on, clock)] += number
    found = {("S3", "months", str(age)): (number, None) for age, number in months.items()}
    for name, limit in (("S3", FRESH_MONTHS), ("S3.12", STILL_FRESH_MONTHS)):
        found[name, "all", ""] = (sum(number for age, number in months.items() if age < limit), total)
    if total:
        days = [(clock - confirmed_on).days for confirmed_on, number in confirmed.items() for _each in range(number)]
        found["S3.days", "all", ""] = (median(days), total)
    return found


def months_since(day, on):
    """Full months."""
    months = 12 * (on.year - day.year) + on.month - day.month
    return months - (months_after(day, months) > on)
