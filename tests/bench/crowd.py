"""Any number of offers that differ as real ones do, written in bulk: for measuring, never for showing.

Words are drawn so that some queries find a fraction of a percent and others
more than half. The same number always gives the same offers.
"""

import random
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from contacts.models import ContactPoint, Language, Region, RegionalBody, Role, State, User
from offers.models import COST_ITEMS, Area, Cooperation, DeliveryMode, Form, Offer, OfferVersion, Recipients, Timing
from offers.search import index

BATCH = 2000

SUBJECTS = (
    "Demining course for instructors;Mine detection dogs with handlers;Mechanical demining machines;Survey teams;"
    "Prosthetics and orthotics training;Rehabilitation of survivors;Risk education for schools;Stockpile destruction "
    "advice;Information management support;Quality management of clearance;Explosive ordnance disposal course;Peer "
    "support for victims;Metal detectors on loan;Protective equipment;National standards workshop;Study visit to a "
    "demining centre"
).split(";")
SENTENCES = (
    "The assistance supports humanitarian work in affected areas.;Instructors teach in small groups with practical "
    "exercises.;Materials are prepared in the language of the participants.;Certificates follow national and "
    "international standards.;Teams bring their own tools and spare parts.;Participants learn to plan, record and "
    "report.;Visits to clearance sites are part of the programme.;The centre has classrooms, workshops and a field.;"
    "Survivors and their families take part in planning.;Hospitals and rehabilitation centres work together.;"
    "Experts stay for two weeks and come back after six months.;Equipment is checked, packed and insured.;"
    "The work follows a written agreement between the authorities.;Local staff are trained to go on alone.;"
    "Data are kept in a common format and shared.;A report is written at the end of each mission."
).split(";")
CITIES = [
    first + last for first in "Bal Ner Kor Tam Ves Ulm Sar Pod Lim Gra".split() for last in "ovo ina esk ara".split()
]
# Each stands in one offer of two hundred.
RARE = ["zeppelin", "theodolite", "hovercraft", "seismograph", "gyroscope", "periscope", "catamaran", "barometer"]


def fill(number, progress=lambda done: None):
    """Add offers until there are `number`; needs the reference data. Returns how many were added."""
    there = Offer.objects.count()
    cast = Cast()
    for start in range(there, number, BATCH):
        numbers = range(start, min(start + BATCH, number))
        with transaction.atomic():
            _add(numbers, cast)
        progress(numbers.stop)
    return max(0, number - there)


class Cast:
    """Who and what the offers draw from."""

    def __init__(self):
        self.states = list(State.objects.parties().order_by("iso3"))
        self.areas = list(Area.objects.selectable())
        self.forms = list(Form.objects.selectable())
        self.regions = list(Region.objects.for_filters())
        self.groups = list(RegionalBody.objects.groups())
        self.languages = list(Language.objects.filter(code__in=["en", "fr", "es", "ar", "ru", "zh", "pt", "sw", "km"]))
        self.written = {language.code: language for language in self.languages}
        self.author = User.objects.filter(email="bench@example.org").first() or User.objects.create_user(
            "bench@example.org", role=Role.ISU_OFFICER, is_active=False
        )
        self.offices = {}
        for state in self.states:
            self.offices[state.pk] = ContactPoint.objects.get_or_create(
                state=state,
                email=f"office@{state.iso3.lower()}.example.org",
                defaults={"office": "National mine action authority"},
            )[0]


def _add(numbers, cast):
    today = timezone.localdate()
    chances = {number: random.Random(number) for number in numbers}
    offers = Offer.objects.bulk_create(
        Offer(
            reference=f"PFP-2025-{number + 1:06}",
            state=_skewed(chance, cast.states),
            confirmed_on=today - timedelta(days=_age(chance)),
            first_published_on=today - timedelta(days=300),
            valid_until=today + timedelta(days=chance.randint(30, 500)),
            is_sample=True,
        )
        for number, chance in chances.items()
    )
    versions = OfferVersion.objects.bulk_create(
        _version(offer, chance, cast) for offer, chance in zip(offers, chances.values(), strict=True)
    )
    _relate(versions, list(chances.values()), cast)
    for offer, version in zip(offers, versions, strict=True):
        offer.live_version = version
    Offer.objects.bulk_update(offers, ["live_version"], batch_size=500)
    index.write_offers([offer.pk for offer in offers])


def _skewed(chance, rows):
    """Some States have many offers, most have few."""
    return rows[int(len(rows) * chance.random() ** 2)]


def _age(chance):
    return chance.choice([chance.randint(0, 179)] * 8 + [chance.randint(180, 209), chance.randint(210, 269)])


def _version(offer, chance, cast):
    subject = chance.choice(SUBJECTS)
    sentences = chance.sample(SENTENCES, 4)
    if chance.random() < 0.005:
        sentences.append(f"A {chance.choice(RARE)} is used.")
    dated = chance.random() < 0.3
    return OfferVersion(
        offer=offer,
        number=1,
        status="published",
        author_id=cast.author.pk,
        submitted_at=timezone.now(),
        decided_at=timezone.now(),
        decided_by_id=cast.author.pk,
        title=f"{subject} in {chance.choice(CITIES)}",
        primary_area=_skewed(chance, cast.areas),
        form=_skewed(chance, cast.forms),
        description=" ".join(sentences),
        quantity=f"{chance.randint(2, 40)} places",
        delivery_modes=chance.sample(DeliveryMode.values, chance.randint(1, 2)),
        recipients=Recipients.ALL if chance.random() < 0.6 else Recipients.SELECTED,
        cooperation=chance.choice([Cooperation.NONE] * 6 + [Cooperation.SOUTH_SOUTH, Cooperation.TRIANGULAR]),
        funding_partner=chance.choice([""] * 8 + ["sought", "secured"]),
        timing=Timing.DATES if dated else chance.choice([Timing.CONTINUOUS, Timing.ON_REQUEST]),
        starts_on=timezone.localdate() + timedelta(days=chance.randint(0, 300)) if dated else None,
        original_language=cast.written["en"],
        **{f"pays_{item}": chance.choice(["provider", "recipient", "to_be_agreed", ""]) for item in COST_ITEMS},
    )


def _relate(versions, chances, cast):
    """Languages, further areas, recipients and contact points, each table in one go."""
    rows = {
        name: [] for name in ("languages", "more_areas", "recipient_regions", "recipient_states", "recipient_groups")
    }
    for version, chance in zip(versions, chances, strict=True):
        rows["languages"] += [(version, row) for row in chance.sample(cast.languages, chance.randint(1, 3))]
        if chance.random() < 0.3:
            rows["more_areas"].append((version, chance.choice(cast.areas)))
        if version.recipients == Recipients.SELECTED:
            name, some = chance.choice(
                [
                    ("recipient_regions", cast.regions),
                    ("recipient_states", cast.states),
                    ("recipient_groups", cast.groups),
                ]
            )
            rows[name] += [(version, row) for row in chance.sample(some, 2)]
    for name, pairs in rows.items():
        through = getattr(OfferVersion, name).through
        target = OfferVersion._meta.get_field(name).m2m_reverse_field_name()
        through.objects.bulk_create(
            [through(offerversion_id=version.pk, **{f"{target}_id": row.pk}) for version, row in pairs], batch_size=2000
        )
    offices = OfferVersion.contact_points.through
    offices.objects.bulk_create(
        [offices(version=version, contact_point=cast.offices[version.offer.state_id]) for version in versions],
        batch_size=2000,
    )
