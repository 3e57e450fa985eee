"""Rows for tests: a test says only what it is about, the rest is filled in."""

import hashlib
import uuid
from datetime import date, timedelta

import factory
from django.utils import timezone

from contacts.models import ContactPoint, Language, Membership, Region, RegionalBody, Role, State, User
from offers.models import (
    Actor,
    Alert,
    Area,
    Bulletin,
    ContactProposal,
    DeliveryMode,
    Enquiry,
    Form,
    MistakeReport,
    Offer,
    OfferVersion,
    ReferenceCounter,
    Resource,
    SignUp,
    Subscriber,
)
from offers.search import index

LONG_ENOUGH = (
    "A five-week course in humanitarian demining for instructors, given twice a year at the national training centre. "
    "Each course has twelve places; teaching materials and protective equipment are provided on the spot."
)


def _letters(n):
    """Three letters for a code, so that none is one of the M49 codes, of digits, that tests name themselves."""
    return "".join(chr(65 + n // 26**place % 26) for place in (2, 1, 0))


class RegionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Region
        django_get_or_create = ["un_m49"]

    un_m49 = factory.Sequence(_letters)
    name_en = factory.Sequence(lambda n: f"Region {n}")
    position = factory.Sequence(int)


class LanguageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Language
        django_get_or_create = ["code"]

    code = "en"
    name_en = "English"
    endonym = "English"
    un_official = True


class StateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = State

    iso3 = factory.Sequence(_letters)
    # In small letters, so that after many States none has the code of one of the cast.
    iso2 = factory.Sequence(lambda n: _letters(n)[1:].lower())
    un_m49 = factory.Sequence(_letters)
    name_en = factory.Sequence(lambda n: f"State {n}")
    region = factory.SubFactory(RegionFactory)
    joined = True
    entry_into_force = date(1999, 3, 1)


class RegionalBodyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = RegionalBody
        skip_postgeneration_save = True

    short_name = factory.Sequence(lambda n: f"BODY{n}")
    name_en = factory.Sequence(lambda n: f"Regional body {n}")
    kind = "regional_organization"

    @factory.post_generation
    def states(self, create, extracted):
        self.states.set(extracted or [])

    @factory.post_generation
    def regions(self, create, extracted):
        self.regions.set(extracted or [])


class ContactPointFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ContactPoint
        skip_postgeneration_save = True

    state = factory.SubFactory(StateFactory)
    office = "National mine action authority"
    email = factory.Sequence(lambda n: f"office{n}@example.org")
    verified_on = factory.LazyFunction(timezone.localdate)


class AreaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Area
        django_get_or_create = ["code"]

    code = "area.survey_clearance"
    name_en = factory.LazyAttribute(lambda area: area.code.rpartition(".")[2].replace("_", " ").capitalize())
    level = factory.LazyAttribute(lambda term: term.code.count("."))
    position = factory.Sequence(int)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        """With the terms above it, as in the real taxonomy."""
        above, _dot, _last = kwargs["code"].rpartition(".")
        if "." in above and "parent" not in kwargs:
            kwargs["parent"] = cls(code=above)
        return super()._create(model_class, *args, **kwargs)


class FormFactory(AreaFactory):
    class Meta:
        model = Form
        django_get_or_create = ["code"]

    code = "form.training"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    role = Role.FOCAL_POINT

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, **kwargs)

    @factory.post_generation
    def state(self, create, extracted):
        if extracted:
            Membership.objects.create(user=self, state=extracted)


class ResourceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Resource

    title = factory.Sequence(lambda n: f"Course catalogue {n}")
    body = "An international organisation"
    url = "https://example.org/courses"


class ContactProposalFactory(factory.django.DjangoModelFactory):
    """Waiting: other details of a contact point, as its State proposes them."""

    class Meta:
        model = ContactProposal
        skip_postgeneration_save = True

    contact_point = factory.SubFactory(ContactPointFactory)
    state = factory.SelfAttribute("contact_point.state")
    kind = "change"
    office = "Ministry of Foreign Affairs"
    email = factory.Sequence(lambda n: f"proposed{n}@example.org")
    proposed_by = factory.LazyAttribute(lambda proposal: UserFactory(state=proposal.state))


class MistakeReportFactory(factory.django.DjangoModelFactory):
    """Open, about a contact point unless the test names an offer."""

    class Meta:
        model = MistakeReport

    key = factory.LazyFunction(uuid.uuid4)
    contact_point = factory.Maybe("offer", None, factory.SubFactory(ContactPointFactory))
    office = factory.LazyAttribute(lambda report: str(report.contact_point) if report.contact_point else "")
    offer = None
    text = "The telephone number is out of service."
    language = "en"


def make_version_complete(version, **content):
    """Fill a draft so that it can be submitted; `content` overrides single fields, relations included."""
    relations = {field.name for field in version._meta.many_to_many}
    values = {
        "title": "Demining course for instructors",
        "primary_area": AreaFactory(),
        "form": FormFactory(),
        "description": LONG_ENOUGH,
        "delivery_modes": [DeliveryMode.PROVIDER_CENTRE],
        "original_language": LanguageFactory(),
        "contact_points": [
            ContactPoint.objects.filter(state=version.offer.state).first()
            or ContactPointFactory(state=version.offer.state)
        ],
    } | content
    for name, value in values.items():
        if name not in relations:
            setattr(version, name, value)
    version.save()
    for name in relations & values.keys():
        getattr(version, name).set(values[name])
    return version


def make_offer(
    *, state=None, status="published", author=None, by=None, confirmed_days_ago=0, valid_until=None, **content
):
    """An offer whose newest version has that status, brought there by the real steps.

    `by` decides (an ISU officer if not given). `confirmed_days_ago` and
    `valid_until` move the clock of a published offer.
    """
    state = state or StateFactory()
    author = author or UserFactory(state=state)
    offer = Offer.begin(state=state, by=author)
    version = make_version_complete(offer.open_version, **content)
    if status == "draft":
        return offer
    version.submit(by=author)
    if status == "submitted":
        return offer
    by = by or UserFactory(role=Role.ISU_OFFICER)
    if status == "published":
        version.publish(by=by, seen=version.edit_number)
    elif status == "returned":
        version.send_back(by=by, reason="Please say how many places there are.", seen=version.edit_number)
    elif status == "refused":
        version.refuse(by=by, reason="This is not assistance.", seen=version.edit_number)
    else:
        raise ValueError(f"No way to make an offer {status}.")
    changes = {}
    if confirmed_days_ago:
        changes["confirmed_on"] = timezone.localdate() - timedelta(days=confirmed_days_ago)
    if valid_until:
        changes["valid_until"] = valid_until
    if changes:
        Offer.objects.filter(pk=offer.pk).update(**changes)
    offer.refresh_from_db()
    return offer


def make_offers(number, **values):
    """Published ones that are alike: one by the real steps, the others as copies of its rows, which is much faster."""
    first = make_offer(**values)
    version = OfferVersion.objects.get(pk=first.live_version_id)
    office = version.contact_points.first()
    offers = [first]
    for position in range(1, number):
        offer = Offer.objects.get(pk=first.pk)
        offer.pk, offer.live_version, offer.reference = None, None, f"{first.reference}{position:03}"
        offer._state.adding = True
        offer.save()
        version.pk, version.offer = None, offer
        version._state.adding = True
        version.save()
        version.contact_points.add(office)
        Offer.objects.filter(pk=offer.pk).update(live_version=version.pk)
        offers.append(offer)
    index.write_offers([offer.pk for offer in offers[1:]])
    return offers


class SignUpFactory(factory.django.DjangoModelFactory):
    """For all offers; the letter with its link is not written."""

    class Meta:
        model = SignUp

    class Params:
        token = "known"

    key = factory.LazyFunction(uuid.uuid4)
    email = factory.Sequence(lambda n: f"visitor{n}@example.org")
    language = "en"
    parameters = ""
    token_hash = factory.LazyAttribute(lambda sign_up: hashlib.sha256(sign_up.token.encode()).hexdigest())


class SubscriberFactory(factory.django.DjangoModelFactory):
    """Confirmed just now, with an alert for each list that the test names."""

    class Meta:
        model = Subscriber
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"reader{n}@example.org")
    language = "en"
    next_digest_on = factory.LazyFunction(timezone.localdate)

    @factory.post_generation
    def lists(self, create, extracted):
        for parameters in extracted or []:
            Alert.objects.create(subscriber=self, parameters=parameters)


class EnquiryFactory(factory.django.DjangoModelFactory):
    """Sent, and not confirmed yet; a need, unless the test names an offer, a State or a contact point."""

    class Meta:
        model = Enquiry

    key = factory.LazyFunction(uuid.uuid4)
    reference = factory.LazyFunction(lambda: ReferenceCounter.next("ENQ"))
    name = "Ana Delegate"
    organisation = "Mine Action Centre"
    email = factory.Sequence(lambda n: f"delegate{n}@example.org")
    language = "en"
    message = "We look for two instructors in humanitarian demining for our training centre."


def make_enquiry(*, status="open", **values):
    """An enquiry brought to that status by the real steps: unconfirmed, held, open, acknowledged, answered, declined.

    About an offer of Norland's kind if the test names one; without any addressee it is a need.
    """
    enquiry = EnquiryFactory(suspicious=status == "held", **values)
    if status == "unconfirmed":
        return enquiry
    enquiry.confirm()
    if status in {"held", "open"}:
        return enquiry
    if status == "acknowledged":
        enquiry.acknowledge(actor=Actor())
    elif status == "answered":
        enquiry.answer(actor=Actor(), text="We can send two instructors in May.")
    elif status == "declined":
        enquiry.decline(actor=Actor(), reason="All places are taken until next year.")
    else:
        raise ValueError(f"No way to make an enquiry {status}.")
    return enquiry


def make_bulletin(*, sent=True, by=None, notes=None, first_day=None, last_day=None):
    """A bulletin that names what was published in its days: the last thirty, today included, unless the test says so.

    `notes` are titles by language.
    """
    by = by or UserFactory(role=Role.ISU_OFFICER)
    today = timezone.localdate()
    bulletin = Bulletin.begin_once(by=by, first_day=first_day or today - timedelta(days=30), last_day=last_day or today)
    for seen, (language, title) in enumerate((notes or {}).items(), start=1):
        bulletin.save_note(seen=seen, language=language, title=title, text=f"{title}, in more words.")
    if sent:
        bulletin.send(by=by, seen=bulletin.edit_number)
    return bulletin
