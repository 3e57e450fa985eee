"""No word that is not public reaches a public address, in whatever form.

A public page that is added belongs to the list here: a test fails until it does.
"""

import io
import zipfile
from collections import namedtuple
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from analytics.models import AskedOn
from analytics.recording.actions import ACTIONS, NOT_COUNTED
from contacts.models import ContactPoint, RegionalBody, RelatedSource, State, StateLink
from offers import freshness, signed_links
from offers.models import Bulletin, Offer, OfferDocument, OfferLink, Resource
from offers.search import index
from tests import factories

pytestmark = pytest.mark.once

# What addresses of that name are opened with; those that are not named here need nothing.
ARGUMENTS = {
    **dict.fromkeys(
        [
            "offers:detail", "offers:history", "offers:text", "offers:print", "offers:contact", "offers:report",
            "offers:report_sent", "offers:enquire", "api:offer",
        ],
        lambda: [[offer.reference] for offer in Offer.objects.all()],
    ),
    "offers:document": lambda: [[part.version.offer.reference, part.pk] for part in OfferDocument.objects.all()],
    "offers:out": lambda: [[part.version.offer.reference, part.pk] for part in OfferLink.objects.all()],
    "offers:out_state": lambda: [[link.state.iso3.lower(), link.pk] for link in StateLink.objects.all()],
    "offers:out_source": lambda: [[source.pk] for source in RelatedSource.objects.all()],
    "offers:out_resource": lambda: [[resource.pk] for resource in Resource.objects.all()],
    "offers:out_body": lambda: [[body.pk] for body in RegionalBody.objects.exclude(website="")],
    "offers:state_detail": lambda: [[state.iso3.lower()] for state in State.objects.all()],
    "offers:enquire_state": lambda: [[state.iso3.lower()] for state in State.objects.all()],
    "api:state": lambda: [[state.iso3.lower()] for state in State.objects.all()],
    "offers:body_detail": lambda: [[body.slug] for body in RegionalBody.objects.all()],
    "offers:report_contact": lambda: [[point.pk] for point in ContactPoint.objects.all()],
    "offers:enquire_contact": lambda: [[point.pk] for point in ContactPoint.objects.all()],
    "offers:report_contact_sent": lambda: [[point.pk] for point in ContactPoint.objects.all()],
    **dict.fromkeys(
        ["offers:bulletin", "offers:bulletin_text", "offers:bulletin_word"],
        lambda: [[bulletin.number] for bulletin in Bulletin.objects.sent()],
    ),
    "sitemap_section": lambda: [[section] for section in ("pages", "areas", "offers", "states", "bodies", "bulletins")],
    # By a signed link only: without one, nobody is shown a draft.
    "offers:confirm_by_link": lambda: [[confirmation_of(state)] for state in State.objects.parties()],
    "offers:shared": lambda: [["made-up"]],
    "offers:shared_document": lambda: [["made-up", 1]],
    "offers:verify": lambda: [["made-up"]],
    "offers:enquiry_of_sender": lambda: [["made-up"]],
    "offers:enquiry_of_office": lambda: [["made-up"]],
    "analytics:feedback": lambda: [[asked_on] for asked_on in AskedOn],
    "analytics:survey_answer": lambda: [["made-up"]],
    **dict.fromkeys(
        ["offers:alerts_confirm", "offers:alerts_manage", "offers:alerts_unsubscribe"], lambda: [["made-up"]]
    ),
    # Not there but where the portal is tried out.
    "offers:mail_html": lambda: [["made-up", 0]],
    # A file of its own, made by a command and tested with it.
    "offers:offline_file": list,
}  # fmt: skip
# The same again, narrowed and turned round in the ways that show other parts of a list.
QUERIES = {
    "offers:catalogue": ["sort=newest", "state=QNO", "form=form.training", "q=nothing+like+it"],
    "offers:list_csv": ["columns=codes", "sort=newest"],
    "offers:list_atom": ["page=2", "state=QNO"],
    "api:offers": ["limit=1", "state=QNO"],
}


def confirmation_of(state):
    """The token of a letter that was about all offers the State ever had."""
    return signed_links.sign(freshness.PURPOSE, [state.pk, [offer.pk for offer in state.offers.all()]])


Address = namedtuple("Address", ["name", "path"])


def public_addresses(language="en"):
    """Every public address there is for the rows there are."""
    with translation.override(language):
        for name in [*ACTIONS, *NOT_COUNTED]:
            for arguments in ARGUMENTS.get(name, lambda: [[]])():
                path = "/api/v1/nonsense/" if name == "api:not_found" else reverse(name, args=arguments)
                yield Address(name, path)
                for query in QUERIES.get(name, []):
                    yield Address(name, f"{path}?{query}")


def text_of(response):
    """All that is in an answer, headers included; of a workbook or Word document, what is in its parts."""
    content = response.getvalue() if response.streaming else response.content
    if response.headers.get("Content-Type", "").endswith(("spreadsheetml.sheet", "wordprocessingml.document")):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"".join(parts.read(part) for part in parts.namelist() if not part.endswith(".jpeg"))
    return f"{response.headers}{content.decode()}"


# Nowhere at all.
CANARIES = [
    "CanaryDraft", "CanarySubmitted", "CanaryReturned", "CanaryRefused", "CanaryRewording", "CanaryLink",
    "CanaryWithdrawn", "CanaryFulfilled", "CanaryNeverPublished", "CanarySuspended", "CanaryReason", "CanaryNote",
    "canary-author", "canary-mailbox", "canary-asker", "CanaryEnquiry", "CanaryBulletin", "5550199",
    "CanarySuperseded", "CanaryExpired", "CanaryPartner",
]  # fmt: skip
# But for these, with the names of the addresses that may say them.
ALLOWED = {
    # A page of its own tells how the published wording changed.
    "CanarySuperseded": {"offers:history"},
    # The page of an offer stays when its last day has passed.
    "CanaryExpired": {
        "offers:confirm_by_link", "offers:detail", "offers:history", "offers:text", "offers:print", "offers:report",
        "offers:report_sent",
    },
    # Whoever has the letter confirms what is hidden, and sees what was published and has ended.
    "CanarySuspended": {"offers:confirm_by_link"},
    "CanaryWithdrawn": {"offers:confirm_by_link"},
    "CanaryFulfilled": {"offers:confirm_by_link"},
    # The State itself is no secret where all States are listed to be chosen from.
    "CanaryPartner": {
        "offers:data", "offers:enquire", "offers:enquire_state", "offers:enquire_contact", "offers:need",
    },
}  # fmt: skip


@pytest.fixture
def words(norland, sudland, officer, settings):
    """Rows with every kind of word that is not public, beside one offer that is."""
    author = factories.UserFactory(email="canary-author@norland.example.org", state=norland)

    def make(word, status="published", **more):
        return factories.make_offer(
            state=norland,
            author=author,
            by=officer,
            status=status,
            title=f"{word} title",
            description=f"{word} {factories.LONG_ENOUGH}",
            providing_body=f"{word} body",
            contact_points=[office],
            **more,
        )

    office = factories.ContactPointFactory(
        state=norland,
        email="canary-mailbox@norland.example.org",
        email_public=False,
        telephone="+41 22 5550199",
        telephone_public=False,
    )
    make("CanaryDraft", "draft").open_version.links.create(url="https://example.org/CanaryLink", title="CanaryLink")
    make("CanarySubmitted", "submitted")
    make("CanaryReturned", "submitted").open_version.send_back(by=officer, reason="CanaryReason", seen=None)
    make("CanaryRefused", "submitted").open_version.refuse(by=officer, reason="CanaryReason", seen=None)
    make("CanaryWithdrawn").withdraw(by=author, reason="CanaryReason")
    make("CanaryFulfilled").fulfil(by=author, reason="CanaryReason")
    make("CanaryNeverPublished", "draft").withdraw(by=author, reason="CanaryReason")
    make("CanarySuspended", confirmed_days_ago=settings.OFFER_SUSPENDED_DAYS)
    make("CanaryExpired", valid_until=timezone.localdate() - timedelta(days=1))

    public = make("CanarySuperseded")
    version = public.edit(by=author)
    factories.make_version_complete(version, title="Zeppelin courses", providing_body="A body", contact_points=[office])
    version.submit(by=author, note="CanaryNote")
    version.publish(by=officer, seen=None)
    never = factories.StateFactory(name_en="CanaryPartner", joined=False, entry_into_force=None)
    version.partners.create(state=never, role="host")
    version.links.create(url="https://example.org/", title="The course")
    rewording = public.edit(by=author)
    rewording.title = rewording.description = "CanaryRewording"
    rewording.save()

    factories.RegionalBodyFactory(
        regions=[norland.region], group_name_en="Northern States", website="https://example.org/body"
    )
    norland.links.create(kind="monitor", url="https://example.org/profile")
    RelatedSource.objects.create(code="monitor", name_en="Monitor", url="https://example.org/monitor")
    index.write_resource(factories.ResourceFactory())
    enquiry = factories.make_enquiry(
        offer=public, status="answered", name="CanaryEnquiry", organisation="CanaryEnquiry",
        email="canary-asker@example.org", message=f"CanaryEnquiry {factories.LONG_ENOUGH}",
    )  # fmt: skip
    enquiry.record_outcome(side="asker", kind="agreed", helped="CanaryEnquiry", missing="CanaryEnquiry")
    # One that is sent names them all, whatever has become of them; one that is written is the ISU's.
    sent = factories.make_bulletin(by=officer, notes={"en": "News of the quarter"})
    sent.offers.all().delete()
    for position, offer in enumerate(Offer.objects.all()):
        sent.offers.create(offer=offer, is_new=position % 2, position=position)
    factories.make_bulletin(by=officer, sent=False, notes={"en": "CanaryBulletin"})
    return public


def test_every_public_address_is_on_the_list(words):
    listed = {address.name for address in public_addresses()}

    # No offer of the test has a document: files are tested where they are served.
    assert {*ACTIONS, *NOT_COUNTED} - listed == {"offers:document", "offers:offline_file"}
    with pytest.raises(NoReverseMatch):
        reverse("offers:no_such_page")


# Pages with a form for visitors: the only ones that set a cookie, the one that protects the form.
FORMS = {
    "offers:report", "offers:report_contact", "offers:enquire", "offers:enquire_state", "offers:enquire_contact",
    "offers:need", "offers:alerts", "offers:alerts_link", "analytics:feedback",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_unpublished_word_is_on_any_public_address_and_none_sets_a_cookie(client, words, language):
    opened, said, followed = set(), [], set()
    for name, path in public_addresses(language):
        response = client.get(path)
        followed |= {(name, cookie) for cookie in response.cookies}
        text = text_of(response)
        opened.add((name, response.status_code))
        said += [(word, path) for word in CANARIES if word in text and name not in ALLOWED.get(word, ())]

    assert said == []
    assert followed == {(name, project.CSRF_COOKIE_NAME) for name in FORMS}
    # It would be no test if nothing were shown.
    shown = {name for name, status in opened if status == 200}
    assert {"offers:catalogue", "offers:list_xlsx", "offers:detail", "api:offer", "sitemap_section"} <= shown


@pytest.mark.parametrize("path", ["offers/", "offers.csv", "offers.json", "offers.atom"])
def test_no_unpublished_word_finds_anything(client, words, path):
    assert client.get(f"/en/{path}?q=zeppelin").headers["X-Total-Count"] == "1"
    for word in CANARIES:
        assert client.get(f"/en/{path}?q={word}").headers["X-Total-Count"] == "0", word


def test_every_form_of_the_list_says_the_public_word(client, words):
    """So that what is missing above is missing because it is not said, not because nothing is."""
    for name in ("list_csv", "list_xlsx", "list_json", "list_atom", "catalogue"):
        assert "Zeppelin courses" in text_of(client.get(reverse(f"offers:{name}"))), name
    for path in (reverse("api:offers"), reverse("api:offer", args=[words.reference])):
        assert "Zeppelin courses" in text_of(client.get(path))
