"""The sample catalogue: illustrative records, labelled as such wherever they are shown.

Offers take the real steps, so that their log, their versions and the search
are what they would be in life. Only afterwards is the clock turned back.
"""

import json
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models.signals import post_save
from django.dispatch import Signal
from django.utils import timezone
from django.utils.functional import cached_property

from contacts.models import ContactPoint, Language, Membership, Region, RegionalBody, Role, State, User

from .models import (
    COST_ITEMS,
    Area,
    Form,
    Offer,
    OfferLink,
    OfferVersion,
    OutgoingMail,
    Payer,
    Recipients,
    Resource,
    StatusChange,
    Step,
)
from .models.wording import months_after
from .search import index

# Sent with `tell` once the samples are loaded, in the same transaction: apps further along the arrow add what belongs
# to them, and return how much that was.
samples_loaded = Signal()

FIXTURES = Path(__file__).parent / "fixtures"

# What a record says in the words of the version itself; days, relations and costs are written one by one.
PLAIN_FIELDS = (
    "title", "description", "quantity", "duration", "delivery_modes", "standards", "providing_body", "transfer_terms",
    "equipment_condition", "training_included", "export_licence", "institutions", "prerequisites", "cooperation",
    "funding_partner", "funding_purpose", "timing", "lead_time_weeks",
)  # fmt: skip
# The day until which an offer stands comes afterwards: no step takes one that has passed.
DAYS = {"starts": "starts_on", "ends": "ends_on", "deadline": "deadline"}
# Days before the decision on which the text was begun and submitted.
WRITING, REVIEW = 9, 4


class ReferenceDataMissing(Exception):
    """The samples name something that has not been loaded."""


def read(name):
    return json.loads((FIXTURES / f"sample_{name}.json").read_text(encoding="utf-8"))[name]


def load_samples(tell):
    """Add the samples that are not there yet; returns how many were added.

    What is there stays as it is, whatever somebody has made of it since.
    Belongs in one transaction.
    """
    known = Known()
    counts = Counter()
    counts["contact points"] = sum(place_contact_point(record, known, tell) for record in read("contact_points"))
    counts["resources"] = sum(place_resource(record, known) for record in read("resources"))
    with letters_discarded():
        counts["offers"] = place_offers(read("offers"), known, tell)
    for name, number in counts.items():
        tell(f"Sample {name}: {number} added.")
    elsewhere = sum(number for _receiver, number in samples_loaded.send(sender=None, tell=tell))
    return sum(counts.values()) + elsewhere


class Known:
    """The reference data by their codes; the sample offices and authors by whom they stand for."""

    def __init__(self):
        self.authors = {}
        self.tables = {
            Area: {area.code: area for area in Area.objects.all()},
            Form: {form.code: form for form in Form.objects.all()},
            Language: {language.code: language for language in Language.objects.all()},
            Region: {region.un_m49: region for region in Region.objects.all()},
            RegionalBody: {body.short_name: body for body in RegionalBody.objects.all()},
            State: {state.iso3: state for state in State.objects.all()},
        }

    def one(self, model, code):
        try:
            return self.tables[model][code]
        except KeyError:
            raise ReferenceDataMissing(f"{model._meta.verbose_name} {code}") from None

    def all(self, model, codes):
        return [self.one(model, code) for code in codes]

    @cached_property
    def offices(self):
        """The sample contact points by the State or regional body they answer for; read once they are all there."""
        points = ContactPoint.objects.filter(is_sample=True).select_related("state", "regional_body")
        return {point.owner: point for point in points}

    def offices_for(self, record):
        """The office of the State and those of the regional bodies that the record names; none for a bare draft."""
        if "draft" in record["life"]:
            return []
        owners = [self.one(State, record["state"]), *self.all(RegionalBody, record.get("regional_contacts", []))]
        return [self.offices[owner] for owner in owners]

    def author_for(self, state):
        if state not in self.authors:
            author = account(state.iso3.lower())
            Membership.objects.get_or_create(user=author, defaults={"state": state})
            self.authors[state] = author
        return self.authors[state]


@contextmanager
def letters_discarded():
    """The steps write to focal points and to the ISU; about a sample nobody is to get a letter."""
    written = []

    def remember(instance, **kwargs):
        written.append(instance.pk)

    post_save.connect(remember, sender=OutgoingMail)
    try:
        yield
    finally:
        post_save.disconnect(remember, sender=OutgoingMail)
    OutgoingMail.objects.filter(pk__in=written).delete()


def place_contact_point(record, known, tell):
    """An office of a State or of a regional body, unless it has a sample office; returns whether it was added."""
    if "state" in record:
        owner = {"state": known.one(State, record["state"])}
        if not owner["state"].is_party():
            tell(f"Contact point left out: {owner['state']} is not a State Party today.")
            return False
    else:
        owner = {"regional_body": known.one(RegionalBody, record["body"])}
    areas = known.all(Area, record["areas"])
    languages = known.all(Language, record["languages"])
    fallback = record.get("fallback") and known.one(RegionalBody, record["fallback"])
    if ContactPoint.objects.filter(is_sample=True, **owner).exists():
        return False
    point = ContactPoint.objects.create(
        **owner,
        office=record["office"],
        function=record["function"],
        email=record["email"],
        email_public=record.get("email_public", True),
        weeks_to_answer=record["weeks_to_answer"],
        permanent_mission=record.get("permanent_mission", ""),
        fallback=ContactPoint.objects.filter(regional_body=fallback, is_sample=True).first() if fallback else None,
        verified_on=day(-record["verified"]),
        is_sample=True,
    )
    point.languages.set(languages)
    point.mandate_areas.set(areas)
    return True


def place_resource(record, known):
    """Something offered elsewhere, unless it is there under its title or its address; returns whether it was added."""
    areas, forms = known.all(Area, record["areas"]), known.all(Form, record["forms"])
    regions, languages = known.all(Region, record.get("regions", [])), known.all(Language, record["languages"])
    there = Resource.objects.filter(url=record["url"]) | Resource.objects.filter(
        title=record["title"], body=record["body"]
    )
    if there.exists():
        return False
    resource = Resource.objects.create(
        title=record["title"],
        body=record["body"],
        description=record["description"],
        url=record["url"],
        worldwide=not regions,
        is_sample=True,
    )
    resource.areas.set(areas)
    resource.forms.set(forms)
    resource.regions.set(regions)
    resource.languages.set(languages)
    index.write_resource(resource)
    return True


def place_offers(records, known, tell):
    there = labels_in_use()
    publisher = account("isu", role=Role.ISU_OFFICER)
    added = 0
    for record in records:
        if label_of(record) in there:
            continue
        strangers = [state for state in states_named(record, known) if not state.is_party()]
        if strangers:
            tell(f"Offer {record['key']} left out: {strangers[0]} is not a State Party today.")
            continue
        place_offer(record, known, publisher)
        added += 1
        if added % 20 == 0:
            tell(f"Sample offers: {added} …")
    return added


def label_of(record):
    """The first line of an offer's log says where it comes from; texts may be edited, the log never."""
    return f"Illustrative record {record['key']}, written from documented public facts."


def labels_in_use():
    begun = StatusChange.objects.filter(offer__is_sample=True, step=Step.BEGIN)
    return set(begun.values_list("reason", flat=True))


def states_named(record, known):
    partners = [partner["state"] for partner in record.get("partners", []) if "state" in partner]
    return known.all(State, [record["state"], *partners, *record.get("recipient_states", [])])


def place_offer(record, known, publisher):
    """Lead an offer to where the life of its record ends, then turn the clock back."""
    state = known.one(State, record["state"])
    author = known.author_for(state)
    offer = Offer.begin(state=state, by=author, is_sample=True)
    offer.status_changes.update(reason=label_of(record))
    version = offer.open_version
    write(version, record, known)
    write_parts(version, record, known)
    life = record["life"]
    if "draft" in life:
        date_back(version, begun=life["draft"])
        return
    version.submit(by=author, note=record.get("note_to_isu", ""))
    if "submitted" in life:
        date_back(version, begun=life["submitted"] + WRITING - REVIEW, submitted=life["submitted"])
        return
    decided = life.get("published") or life["returned"]
    if "returned" in life:
        version.send_back(by=publisher, reason=life["reason"], seen=version.edit_number)
    else:
        version.publish(by=publisher, seen=version.edit_number)
    date_back(version, begun=decided + WRITING, submitted=decided + REVIEW, decided=decided)
    if "published" in life:
        live_on(offer, record, author, known)


def live_on(offer, record, author, known):
    """What came after the publication: a confirmation, a withdrawal, a change."""
    life = record["life"]
    confirmed = life.get("confirmed", life["published"])
    if "confirmed" in life:
        offer.confirm(by=author)
        offer.status_changes.filter(step=Step.CONFIRM).update(at=moment(confirmed, hour=10))
    valid_until = months_after(day(-confirmed), settings.OFFER_DEFAULT_MONTHS)
    if "valid_until" in record:
        valid_until = day(record["valid_until"])
        OfferVersion.objects.filter(pk=offer.live_version_id).update(valid_until=valid_until)
    Offer.objects.filter(pk=offer.pk).update(
        first_published_on=day(-life["published"]), confirmed_on=day(-confirmed), valid_until=valid_until
    )
    if "withdrawn" in life:
        offer.withdraw(by=author, reason=life["reason"])
        ended_at = moment(life["withdrawn"], hour=11)
        offer.status_changes.filter(step=Step.WITHDRAW).update(at=ended_at)
        Offer.objects.filter(pk=offer.pk).update(ended_at=ended_at)
    if change := record.get("change"):
        version = offer.edit(by=author)
        write(version, change, known)
        version.submit(by=author, note=change["note_to_isu"])
        date_back(version, begun=change["submitted"] + 1, submitted=change["submitted"])


def write(version, record, known):
    """The fields that the record names; a change names only what it changes."""
    for name in PLAIN_FIELDS:
        if name in record:
            setattr(version, name, record[name])
    for name, field in DAYS.items():
        if name in record:
            setattr(version, field, day(record[name]))
    if "pays" in record:
        payers = {item: payer for payer, items in record["pays"].items() for item in items}
        for item in COST_ITEMS:
            setattr(version, f"pays_{item}", payers.get(item, Payer.TO_BE_AGREED))
    if "primary_area" in record:
        version.primary_area = known.one(Area, record["primary_area"])
        version.form = known.one(Form, record["form"])
        version.original_language = known.one(Language, record["language"])
    if any(f"recipient_{kind}" in record for kind in ("regions", "groups", "states")):
        version.recipients = Recipients.SELECTED
    version.save()


def write_parts(version, record, known):
    """The relations of a new offer, its partners and its sources."""
    relations = {
        "more_areas": known.all(Area, record.get("more_areas", [])),
        "languages": known.all(Language, record.get("languages", [])),
        "recipient_regions": known.all(Region, record.get("recipient_regions", [])),
        "recipient_groups": known.all(RegionalBody, record.get("recipient_groups", [])),
        "recipient_states": known.all(State, record.get("recipient_states", [])),
        "contact_points": known.offices_for(record),
    }
    for name, rows in relations.items():
        getattr(version, name).add(*rows)
    OfferLink.objects.bulk_create(OfferLink(version=version, title=title, url=url) for title, url in record["links"])
    for partner in record.get("partners", []):
        state = known.one(State, partner["state"]) if "state" in partner else None
        row = version.partners.create(state=state, organisation=partner.get("organisation", ""), role=partner["role"])
        if partner.get("accepted"):
            row.accept(by=known.author_for(state))


def account(name, **fields):
    """Writes or reviews samples and nothing else: nobody can sign in with it."""
    email = f"samples.{name}@example.org"
    return User.objects.filter(email=email).first() or User.objects.create_user(email, is_active=False, **fields)


# The past. Steps stamp the present moment, as they must; a catalogue in which everything was published
# and confirmed today would show neither freshness nor history.


def day(days):
    return timezone.localdate() + timedelta(days=days)


def moment(days_ago, *, hour):
    return timezone.make_aware(datetime.combine(day(-days_ago), time(hour)))


def date_back(version, *, begun, submitted=None, decided=None):
    """Move the history of a version, and of an offer that begins with it, so many days into the past."""
    moments = {Step.BEGIN: moment(begun, hour=9)}
    stamps = {"created_at": moments[Step.BEGIN], "saved_at": moments[Step.BEGIN]}
    if submitted is not None:
        moments[Step.SUBMIT] = stamps["submitted_at"] = stamps["saved_at"] = moment(submitted, hour=14)
        moments[Step.ACCEPT_PARTNERSHIP] = moments[Step.SUBMIT]
        accepted_on = stamps["submitted_at"].date()
        version.partners.filter(accepted_on=timezone.localdate()).update(accepted_on=accepted_on)
    if decided is not None:
        moments[Step.PUBLISH] = moments[Step.SEND_BACK] = stamps["decided_at"] = moment(decided, hour=16)
    for step, at in moments.items():
        version.status_changes.filter(step=step).update(at=at)
    OfferVersion.objects.filter(pk=version.pk).update(**stamps)
    if version.number == 1:
        Offer.objects.filter(pk=version.offer_id).update(created_at=moments[Step.BEGIN])
