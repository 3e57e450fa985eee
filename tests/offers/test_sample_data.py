import json
import re
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from analytics.periods import Period
from analytics.samples import use as sample_use
from contacts.models import ContactPoint, State, User
from offers import samples
from offers.differences import differences
from offers.models import (
    Cooperation,
    DeliveryMode,
    Form,
    Freshness,
    Offer,
    OfferLink,
    OfferPartner,
    OfferVersion,
    OutgoingMail,
    Recipients,
    Resource,
    SearchEntry,
    StatusChange,
    Step,
    VersionStatus,
)
from offers.models.wording import AMOUNT_OF_MONEY, DESCRIPTION_MAX, DESCRIPTION_MIN
from tests.factories import UserFactory
from tests.reference_data import reference_data  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_data")]

# Names of places whose status is contested, and words of such disputes, in the languages of the records.
CONTESTED = re.compile(
    r"western sahara|sahara occidental|сахар|الصحراء الغربية|kosov|косов|كوسوفو|crimea|crimée|crimea"
    r"|крым|القرم|donba|донба|malvin|falkland|taiwan|taïwan|taiwán|тайван|تايوان|kashmir|cachemir"
    r"|кашмир|كشمير|abkhaz|abjas|абхаз|ossetia|осети|karabakh|карабах|transnistri|приднестров|golan"
    r"|голан|الجولان|jerusalem|jérusalem|иерусалим|القدس|gibraltar|essequibo|cenepa|tiwintza"
    r"|preah vihear|abyei|chagos|west bank|gaza|northern cyprus|disput|contest|litig|спорн|متنازع",
    re.IGNORECASE,
)
# Where two States meet nothing is said about the line.
BORDER = re.compile(r"\bborder|frontière|frontera|fronteriz|\bграниц|الحدود", re.IGNORECASE)
MAILBOX = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
TELEPHONE = re.compile(
    r"\+\s?\d|\(0\)|\d{3}[ .-]\d{3}[ .-]\d{3}|\btel\b|téléphone|teléfono|телефон|هاتف", re.IGNORECASE
)
PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Mme|Dr|Prof|Sr|Sra|Lt|Col|Gen|Capt|Maj|Brig|Colonel|General|Captain|Major|Ambassador|Minister"
    r"|Général|Coronel|Embajador|Ministro|Генерал|Полковник|Министр)\.?\s+(?!Command\b)[A-ZÀ-ÖА-Я][\w'-]+\s+[A-ZÀ-ÖА-Я]"
)


def load_sample_data(**options):
    """What the command tells."""
    told = StringIO()
    with override_settings(DEMO=True):
        call_command("load_sample_data", stdout=told, **options)
    return told.getvalue()


@pytest.fixture(scope="module")
def sample_data(reference_data, django_db_blocker):  # noqa: F811
    """Loaded once for the module; what a single test changes is taken back after it. Of the year of use, a few days."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_use, "year_until", lambda last: Period(last - timedelta(days=3), last))
        return load_sample_data()


@pytest.fixture
def records(tmp_path, monkeypatch):
    """Files with one more offer, made from the first; the test says what is different about it."""

    def add(**values):
        for name in ("contact_points", "resources", "offers"):
            content = {name: samples.read(name)}
            if name == "offers":
                content[name].append(content[name][0] | {"key": "EX99"} | values)
            (tmp_path / f"sample_{name}.json").write_text(json.dumps(content), encoding="utf-8")
        monkeypatch.setattr(samples, "FIXTURES", tmp_path)

    return add


def all_rows():
    """Every row that a load could touch, with all its values."""
    models = (ContactPoint, Offer, OfferVersion, OfferLink, OfferPartner, OutgoingMail, Resource, StatusChange, User)
    relations = [getattr(OfferVersion, field.name).through for field in OfferVersion._meta.many_to_many]
    return {model: list(model.objects.order_by("pk").values()) for model in (*models, *relations)}


def texts_of(row):
    """What a reader may see of a row: its texts, not the addresses of its links."""
    fields = [field for field in row._meta.fields if field.get_internal_type() in {"CharField", "TextField"}]
    return [text for field in fields if (text := getattr(row, field.name)) and not text.startswith("http")]


def all_texts():
    rows = [*OfferVersion.objects.all(), *OfferLink.objects.all(), *OfferPartner.objects.all(), *Resource.objects.all()]
    rows += [*ContactPoint.objects.all(), *StatusChange.objects.all(), *Offer.objects.all()]
    return [text for row in rows for text in texts_of(row)]


def the_offer(key):
    (line,) = StatusChange.objects.filter(reason=samples.label_of({"key": key}))
    return line.offer


# What is there


def test_the_catalogue_is_filled_from_many_states():
    public = Offer.objects.public()

    assert Offer.objects.count() >= 46
    assert public.count() >= 42
    assert public.values("state").distinct().count() >= 20
    assert Resource.objects.count() >= 10


def test_every_record_is_labelled_as_a_sample():
    assert not Offer.objects.filter(is_sample=False).exists()
    assert not ContactPoint.objects.filter(is_sample=False).exists()
    assert not Resource.objects.filter(is_sample=False).exists()
    for offer in Offer.objects.all():
        first = offer.status_changes.first()
        assert (first.step, first.reason[:19]) == (Step.BEGIN, "Illustrative record")


def test_only_states_parties_offer_are_partners_or_are_named_as_recipients():
    parties = set(State.objects.parties())
    offering = {offer.state for offer in Offer.objects.select_related("state")}
    partners = {partner.state for partner in OfferPartner.objects.exclude(state=None).select_related("state")}
    recipients = set(State.objects.filter(pk__in=OfferVersion.recipient_states.through.objects.values("state")))

    assert len(offering) >= 20 and len(partners) >= 5 and len(recipients) >= 5
    assert offering | partners | recipients <= parties


def test_areas_and_forms_of_every_kind_are_offered():
    live = OfferVersion.objects.filter(offer__in=Offer.objects.public(), status=VersionStatus.PUBLISHED)
    areas = {area.ancestor_codes[0] for version in live for area in version.areas}
    forms = {version.form.ancestor_codes[0] for version in live}

    assert areas >= {
        "area.survey_clearance", "area.risk_education", "area.victim_assistance", "area.stockpile_destruction",
        "area.information_management", "area.national_capacity", "area.gender_diversity",
    }  # fmt: skip
    assert forms >= {
        "form.training", "form.equipment", "form.materials", "form.expert_deployment", "form.services", "form.exchange",
        "form.facilities", "form.logistics", "form.south_south_funding",
    }  # fmt: skip


def test_every_filter_of_the_catalogue_has_something_to_show():
    live = list(OfferVersion.objects.filter(offer__in=Offer.objects.public(), status=VersionStatus.PUBLISHED))

    assert {mode for version in live for mode in version.delivery_modes} == set(DeliveryMode.values)
    assert {version.cooperation for version in live} == set(Cooperation.values)
    assert {version.funding_partner for version in live} >= {"secured", "sought", "not_needed"}
    assert {version.timing for version in live} == {"continuous", "dates", "on_request"}
    assert {version.original_language.code for version in live} >= {"ar", "en", "es", "fr", "ru"}
    assert len({language for version in live for language in version.languages.all()}) >= 6
    assert {version.recipients for version in live} == set(Recipients.values)
    for relation in ("recipient_regions", "recipient_groups", "recipient_states"):
        assert sum(getattr(version, relation).exists() for version in live) >= 3
    assert any(version.is_free_to_recipient for version in live)
    assert any({"travel", "lodging"} == set(version.paid_by_provider) for version in live)


def test_an_offer_says_for_every_cost_item_who_pays_or_that_it_is_to_be_agreed():
    for version in OfferVersion.objects.all():
        assert len(version.costs) == 9


# What the texts may not hold


FORBIDDEN = {  # each with a text in which the pattern must find something
    "a contested place": (CONTESTED, "Equipes au Sahara occidental"),
    "a border": (BORDER, "along the border"),
    "a mailbox": (MAILBOX, "Write to office@example.com."),
    "a telephone number": (TELEPHONE, "Call +41 22 000"),
    "a person": (PERSON, "Course led by Col. Ada Lovelace"),
    "an amount of money": (AMOUNT_OF_MONEY, "worth EUR 4000"),
}


@pytest.mark.parametrize(("pattern", "canary"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_no_text_names(pattern, canary):
    texts = all_texts()

    assert pattern.search(canary)
    assert len(texts) > 500
    assert [text for text in texts if pattern.search(text) and not text.endswith("@example.org")] == []


def test_no_source_leads_to_a_page_about_a_contested_place():
    addresses = [*OfferLink.objects.values_list("url", flat=True), *Resource.objects.values_list("url", flat=True)]

    assert len(addresses) > 70
    assert not [address for address in addresses if CONTESTED.search(address)]


def test_every_mailbox_is_at_example_org_and_belongs_to_one_office():
    mailboxes = list(ContactPoint.objects.values_list("email", flat=True))

    assert len(mailboxes) == len(set(mailboxes)) >= 30
    assert all(mailbox.endswith("@example.org") for mailbox in mailboxes)
    assert not ContactPoint.objects.exclude(telephone="").exists()


def test_nobody_can_sign_in_as_an_author_of_samples():
    accounts = User.objects.all()

    assert len(accounts) > 20
    for user in accounts:
        assert user.email.endswith("@example.org")
        assert not user.is_active
        assert not user.has_usable_password()


# Whether the offers are as good as the portal asks


def test_every_text_that_left_a_desk_is_complete():
    expired = the_offer("EX32")
    for version in OfferVersion.objects.exclude(status=VersionStatus.DRAFT):
        assert DESCRIPTION_MIN <= len(version.description) <= DESCRIPTION_MAX
        assert 1 <= len(version.areas) <= 3
        assert version.links.exists()
        # Of the expired offer only the last day is no longer acceptable.
        assert version.what_is_missing().keys() == ({"valid_until"} if version.offer == expired else set())
        version.full_clean()


def test_offers_name_only_offices_they_may_name():
    for version in OfferVersion.objects.all():
        usable = set(ContactPoint.objects.usable_by(version.offer.state))
        assert set(version.contact_points.all()) <= usable


def test_offices_differ_as_they_do_in_life():
    national = ContactPoint.objects.national()

    assert national.count() == State.objects.filter(offers__isnull=False).distinct().count()
    assert ContactPoint.objects.regional().count() >= 10
    assert 1 <= national.filter(email_public=False).count() <= 3
    assert national.exclude(permanent_mission="").count() >= 5
    assert any(point.needs_confirmation for point in national)
    assert not any(point.verified_on is None for point in ContactPoint.objects.all())
    for point in ContactPoint.objects.all():
        assert point.mandate_areas.exists() and point.languages.exists()
    with_fallback = national.exclude(fallback=None)
    assert with_fallback.count() >= 15
    for point in with_fallback:
        assert point.fallback in ContactPoint.objects.usable_by(point.state).regional()


# How they stand


def test_offers_are_of_every_freshness():
    counts = {freshness: Offer.objects.by_freshness(freshness).count() for freshness in Freshness}

    assert counts[Freshness.FRESH] >= 25
    assert counts[Freshness.DUE] >= 4
    assert counts[Freshness.OVERDUE] >= 4
    assert counts[Freshness.SUSPENDED] == 2


def test_one_offer_has_expired_and_one_was_withdrawn():
    live = Offer.objects.ever_published().filter(valid_until__lt=timezone.localdate())
    (ended,) = Offer.objects.exclude(ended_as="")

    assert [offer.ended_as for offer in live] == [""]
    assert ended.ended_as == "withdrawn"
    assert ended.ended_at < timezone.now()
    assert ended.ended_reason


def test_a_new_offer_and_a_change_wait_for_review():
    change, new = sorted(OfferVersion.objects.awaiting_review(), key=lambda version: version.number, reverse=True)

    assert new.offer.live_version is None
    assert change.offer in Offer.objects.public()
    assert [difference.name for difference in differences(change.offer.live_version, change)] == [
        "institutions", "prerequisites", "lead_time_weeks",
    ]  # fmt: skip
    assert change.note_to_isu and new.note_to_isu


def test_one_version_was_returned_and_one_is_not_finished():
    (returned,) = OfferVersion.objects.filter(status=VersionStatus.RETURNED)
    (draft,) = OfferVersion.objects.filter(status=VersionStatus.DRAFT)

    assert returned.decision_reason
    assert draft.what_is_missing().keys() == {"description", "contact_points"}


def test_a_partner_state_still_has_to_accept():
    (waiting,) = OfferPartner.objects.exclude(state=None).filter(accepted_on=None)

    assert waiting in OfferPartner.objects.asked_of(waiting.state)
    assert OfferPartner.objects.named().exclude(state=None).count() >= 10


def test_the_past_is_in_order():
    now = timezone.now()
    for offer in Offer.objects.all():
        moments = list(offer.status_changes.order_by("pk").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert moments[-1] < now
        assert offer.created_at == moments[0]
    for offer in Offer.objects.ever_published():
        published = offer.status_changes.get(step=Step.PUBLISH)
        assert timezone.localdate(published.at) == offer.first_published_on <= offer.confirmed_on
        assert published.at == offer.live_version.decided_at > offer.live_version.submitted_at
        assert published.by == offer.live_version.decided_by != offer.live_version.author
        for partner in offer.live_version.partners.exclude(accepted_on=None):
            assert partner.accepted_on <= offer.first_published_on


def test_dates_of_publication_are_spread_over_the_past():
    days = Counter(Offer.objects.ever_published().values_list("first_published_on", flat=True))

    assert len(days) >= 30
    assert (max(days) - min(days)).days >= 270


def test_the_search_knows_every_offer_that_has_not_ended_and_every_resource():
    expected = set(Offer.objects.ever_published().filter(ended_as=""))

    assert {entry.offer for entry in SearchEntry.objects.exclude(offer=None)} == expected
    assert SearchEntry.objects.exclude(resource=None).count() == Resource.objects.count()


# The command


def test_no_letter_is_left_to_be_sent():
    assert not OutgoingMail.objects.exists()
    assert mail.outbox == []


def test_letters_that_were_waiting_already_are_not_touched(records, settings):
    settings.EMAIL_BACKEND = "offers.outbox.OutboxBackend"
    UserFactory(email="focal@benin.example.org", state=State.objects.get(iso3="BEN"))
    EmailMessage("Before", "…", to=["office@example.org"]).send()
    records()

    load_sample_data()

    assert the_offer("EX99").live_version
    assert [letter.subject for letter in OutgoingMail.objects.all()] == ["Before"]


def test_a_second_load_changes_nothing_and_says_so():
    before = all_rows()

    told = load_sample_data()

    assert all_rows() == before
    assert told.splitlines()[-1] == "All sample records are there already: nothing has been changed."


def test_what_somebody_made_of_a_sample_stays():
    withdrawn, draft, office = the_offer("EX07-1"), the_offer("EX08-2"), ContactPoint.objects.get(state__iso3="KEN")
    withdrawn.withdraw(by=User.objects.first())
    OfferVersion.objects.filter(offer=draft).update(title="Another title")
    ContactPoint.objects.filter(pk=office.pk).update(email="other@example.org")
    Resource.objects.filter(body="APOPO").update(title="Another title")
    before = all_rows()

    load_sample_data()

    assert all_rows() == before


def test_a_record_added_to_the_files_is_added_to_the_catalogue(records):
    records(title="Nouvelle offre")

    told = load_sample_data()

    assert "Sample offers: 1 added." in told
    assert the_offer("EX99").live_version.title == "Nouvelle offre"


def test_a_dry_run_says_what_would_be_added_and_changes_nothing(records):
    before = all_rows()
    records()

    told = load_sample_data(dry_run=True)

    assert "Sample offers: 1 added." in told
    assert told.splitlines()[-1] == "This was a dry run: nothing has been changed."
    assert all_rows() == before


@pytest.mark.parametrize("values", [{"state": "IND"}, {"recipient_states": ["IND"]}])
def test_an_offer_that_names_another_than_states_parties_is_left_out(records, values):
    before = all_rows()
    records(**values)

    told = load_sample_data()

    assert "Offer EX99 left out: India is not a State Party today." in told
    assert all_rows() == before


@pytest.mark.parametrize("allowed", ["DEMO", "DEBUG"])
def test_it_is_for_demonstrations_and_development_only(allowed, settings):
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(CommandError, match="belong into demonstrations only") as refusal:
        call_command("load_sample_data")
    assert refusal.value.returncode == 1

    setattr(settings, allowed, True)
    told = StringIO()
    call_command("load_sample_data", stdout=told)
    assert "nothing has been changed" in told.getvalue()


def test_without_the_reference_data_nothing_is_loaded(records):
    before = all_rows()
    records(form="form.unheard_of")

    with pytest.raises(CommandError, match="run load_reference_data first") as refusal:
        load_sample_data()

    assert "form of assistance form.unheard_of" in str(refusal.value)
    assert all_rows() == before
    assert not Form.objects.filter(code="form.unheard_of").exists()
