"""A visitor asks, confirms, follows what becomes of it, and says what came of it."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from offers import enquiry_links
from offers.forms.enquiries_asking import ORGANISATION
from offers.models import Actor, Enquiry, EnquiryAct, OutgoingMail, Side
from offers.routing import all_places
from tests import factories
from tests.letters import letters_to, message_of, text_of
from tests.platform_portal.test_form_pack import faults

from .test_hostile_words import PAYLOAD, Dangers

pytestmark = pytest.mark.django_db

MESSAGE = "We look for two instructors in humanitarian demining for our training centre."
SENT = "/en/enquiry-sent/"


@pytest.fixture
def office(clock, norland):
    return factories.ContactPointFactory(state=norland, office="Office for mine action")


@pytest.fixture
def offer(office, make_offer):
    offer = make_offer(title="Detectors on loan", contact_points=[office])
    OutgoingMail.objects.all().delete()  # what was written on the way to its publication
    return offer


def door(name, *arguments):
    return reverse(f"offers:{name}", args=arguments)


def fill_in(client, clock, address, seconds=30, **data):
    """Open the form, write for a while, and say what a browser would send."""
    page = client.get(address).content.decode()
    clock.shift(timedelta(seconds=seconds))
    typed = {
        "ticket": re.search(r'name="ticket" value="([^"]+)"', page)[1], "subject": "", "message": MESSAGE,
        "name": "Ana Delegate", "organisation": "Mine Action Centre", "asker_state": ORGANISATION, "country": "",
        "email": "ana@example.org", "language": "en", "copy_national": "on", "may_ask": "on", "may_count": "on",
    }  # fmt: skip
    return typed | data


def send(client, clock, address, **data):
    return client.post(address, fill_in(client, clock, address, **data))


def page_of(enquiry):
    return door("enquiry_of_sender", enquiry_links.link_for_sender(enquiry))


def causes():
    return list(OutgoingMail.objects.order_by("pk").values_list("cause", flat=True))


def acts(enquiry):
    return list(enquiry.steps.values_list("act", flat=True))


# Asking


def test_from_the_offer_to_the_letters(client, clock, offer, office, sudland):
    factories.ContactPointFactory(state=sudland, email="authority@sudland.example.org")
    page = client.get(offer.get_absolute_url()).content.decode()
    assert f'href="{door("enquire", offer.reference)}"' in page

    response = send(client, clock, door("enquire", offer.reference), asker_state="QSU")

    assert (response.status_code, response.url) == (302, SENT)
    enquiry = Enquiry.objects.get()
    assert (enquiry.offer, enquiry.asker_state, enquiry.country, enquiry.is_sample) == (offer, sudland, None, False)
    assert (enquiry.copy_national, enquiry.share_regional, enquiry.may_count) == (True, False, True)
    assert (causes(), enquiry.suspicious) == (["enquiry_confirm"], False)
    confirmation = text_of(letters_to("ana@example.org")[0])
    # Whoever types somebody else's address could write to them what they like.
    assert MESSAGE not in confirmation and "Office for mine action" not in confirmation
    link = re.search(r"http://localhost:8000(/en/enquiry/\S+)", confirmation)[1]

    # Whoever has the letter may have another browser.
    visitor = Client()
    page = visitor.get(link).content.decode()
    assert "Confirm and send" in page and "Office for mine action" in page and MESSAGE in page
    assert causes() == ["enquiry_confirm"]
    response = visitor.post(link, {"act": "confirm"})

    assert (response.status_code, response.url) == (302, link)
    assert "An answer is promised by 25 March 2027." in visitor.get(link).content.decode()
    assert [len(letters_to(address)) for address in (office.email, settings.ISU_EMAIL)] == [1, 1]
    assert [mail.cause for mail in letters_to("authority@sudland.example.org")] == ["enquiry_copy"]
    assert message_of(letters_to(office.email)[0])["Reply-To"] == "ana@example.org"


def test_a_state_and_an_office_can_be_asked(client, clock, office, norland):
    body = factories.RegionalBodyFactory(short_name="NORTH", name_en="Northern body")
    regional = factories.ContactPointFactory(state=None, regional_body=body)
    for address in (
        door("enquire_state", "qno"),
        door("enquire_contact", office.pk),
        door("enquire_contact", regional.pk),
    ):
        assert send(client, clock, address).status_code == 302

    asked = Enquiry.objects.order_by("pk").values_list("to_state", "to_contact_point")
    assert list(asked) == [(norland.pk, None), (None, office.pk), (None, regional.pk)]


def test_a_need_is_filled_in_with_what_was_searched_for(client, clock, norland):
    factories.AreaFactory(name_en="Survey and clearance")
    factories.FormFactory()
    query = "q=zeppelin&area=area.survey_clearance&recipient=QNO&pays=free"
    suggestion = client.get(f"{door('catalogue')}?{query}").context["need_url"]
    page = client.get(suggestion)

    assert page.context["form"].initial["message"] == "zeppelin\nFree to the recipient"
    assert page.context["back"].partition("?")[2] == suggestion.partition("?")[2] != ""
    for value in ("area.survey_clearance", "QNO"):
        assert f'value="{value}" selected' in page.content.decode()
    send(client, clock, door("need"), area="area.survey_clearance", form="form.training", country="QNO")
    enquiry = Enquiry.objects.get()
    assert (enquiry.is_need, enquiry.area.code, enquiry.form.code) == (True, "area.survey_clearance", "form.training")
    assert enquiry.country == norland


def test_a_focal_point_finds_address_and_state_filled_in(client, clock, offer, sudlander):
    client.force_login(sudlander)

    initial = client.get(door("enquire", offer.reference)).context["form"].initial

    assert initial == {"language": "en", "email": sudlander.email, "asker_state": "QSU"}


def test_about_a_made_up_record_the_enquiry_is_made_up_too(client, clock, offer, office):
    type(offer).objects.update(is_sample=True)
    type(office).objects.update(is_sample=True)
    for address in (
        door("enquire", offer.reference), door("enquire_contact", office.pk), door("enquire_state", "qno"),
    ):  # fmt: skip
        send(client, clock, address)
        # Once, and of an office not that it is no offer.
        page = client.get(address).content.decode()
        assert (page.count("Illustrative"), "not an offer" in page) == (1, "PFP" in address)

    assert list(Enquiry.objects.values_list("is_sample", flat=True)) == [True] * 3


def test_in_a_demonstration_what_goes_to_no_office_can_be_handed_over_to_made_up_ones(client, clock, sudland, settings):
    settings.DEMO = True
    office = factories.ContactPointFactory(state=factories.StateFactory(), is_sample=True)
    for address in (door("need"), door("enquire_state", "qsu")):
        assert "Illustrative" in client.get(address).content.decode()
        send(client, clock, address)

    for enquiry in Enquiry.objects.all():
        enquiry.confirm()
        assert [place.points for place in all_places(enquiry)] == [[office]]
    need = Enquiry.objects.get(to_state=None)
    assert "Illustrative enquiry of a demonstration" in client.get(page_of(need)).content.decode()


def test_pressed_twice_it_is_one_enquiry_with_one_letter(client, clock, offer):
    address = door("enquire", offer.reference)
    data = fill_in(client, clock, address)

    assert [client.post(address, data).status_code for _press in range(2)] == [302, 302]
    assert Enquiry.objects.count() == 1
    assert causes() == ["enquiry_confirm"]


def test_whoever_sends_more_than_is_asked_confirms_nothing(client, clock, offer, norland):
    more = {"status": "open", "level": "isu", "suspicious": "on", "is_sample": "on", "reference": "ENQ-1999-0001",
            "confirmed_at": "2020-01-01", "area": "area.survey_clearance", "to_state": "QNO", "key": "1"}  # fmt: skip

    send(client, clock, door("enquire", offer.reference), **more)

    enquiry = Enquiry.objects.get()
    assert (enquiry.status, enquiry.level, enquiry.confirmed_at, enquiry.area) == ("unconfirmed", "", None, None)
    assert (enquiry.suspicious, enquiry.is_sample, enquiry.to_state) == (False, False, None)
    assert enquiry.reference == "ENQ-2027-0001"


def test_what_a_robot_seems_to_send_is_held_for_the_isu_and_never_refused(client, clock, offer):
    assert send(client, clock, door("enquire", offer.reference), seconds=1).status_code == 302
    enquiry = Enquiry.objects.get()

    Client().post(page_of(enquiry), {"act": "confirm"})

    assert "The ISU reads your enquiry first" in Client().get(page_of(enquiry)).content.decode()
    assert causes() == ["enquiry_confirm", "enquiry_held"]


def test_beyond_the_limit_of_an_address_the_text_is_kept_and_the_waiting_time_told(client, clock, offer):
    address = door("enquire", offer.reference)
    for number in range(5):
        assert send(client, clock, address, message=f"{MESSAGE} {number}").status_code == 302

    response = send(client, clock, address, message=f"{MESSAGE} Once more.", email="ANA@example.org")

    assert (response.status_code, Enquiry.objects.count()) == (429, 5)
    assert 0 < int(response["Retry-After"]) <= 3600
    assert f"{MESSAGE} Once more.</textarea>" in response.content.decode()
    assert send(client, clock, address, email="other@example.org").status_code == 302


def test_what_cannot_be_taken_is_said_beside_the_fields_and_kept(client, clock, offer, office):
    address = door("enquire", offer.reference)
    assert list(faults(client.get(address).content.decode())) == []
    wrong = {"message": "Too short <b>", "name": " \u200b ", "asker_state": "XXX", "country": "XXX", "language": "xx"}

    page = send(client, clock, address, **wrong, email='"a b"@example.org').content.decode()

    assert list(faults(page)) == []
    assert "<title>Error: Send an enquiry" in page
    assert "Too short &lt;b&gt;</textarea>" in page
    for field in [*wrong, "email"]:
        assert f'href="#id_{field}"' in page, field
    too_long = send(client, clock, address, message="x" * 3001).content.decode()
    assert "This text has 3001 characters. Shorten it to 3000" in too_long
    assert not Enquiry.objects.exists()


def test_arabic_and_hostile_words_arrive_as_they_were_typed(client, clock, offer, office):
    arabic = "نبحث عن مدرّبَين لإزالة الألغام\nفي مركزنا الوطني."
    address = f"/ar/offers/{offer.reference}/enquire/"
    send(client, clock, address, message=f"{arabic}\r\n{PAYLOAD}\u202e", name=PAYLOAD[:100], language="ar")
    enquiry = Enquiry.objects.get()
    assert (enquiry.message, enquiry.name, enquiry.language) == (f"{arabic}\n{PAYLOAD}", PAYLOAD[:100], "ar")

    enquiry.confirm()

    page = client.get(page_of(enquiry)).content.decode()
    assert "Canary&#x27;&quot;&gt;" in page
    assert Dangers(page).found == []
    assert arabic.splitlines()[0] in text_of(letters_to(office.email)[0])
    assert not any("Canary" in mail.subject for mail in OutgoingMail.objects.all())
    assert "/ar/enquiry/" in text_of(letters_to("ana@example.org")[0])


def test_of_what_is_not_available_nobody_can_ask_but_a_text_typed_meanwhile_is_kept(
    client, clock, offer, office, norlander, make_offer
):
    address = door("enquire", offer.reference)
    late = fill_in(client, clock, address)
    offer.withdraw(by=norlander)
    suspended = make_offer(confirmed_days_ago=settings.OFFER_SUSPENDED_DAYS)

    assert client.get(address).status_code == 410
    assert client.get(door("enquire", suspended.reference)).url == suspended.get_absolute_url()
    assert client.get(door("enquire_state", "xxx")).status_code == 404
    page = client.post(address, late)
    assert page.status_code == 410
    assert f"{MESSAGE}</textarea>" in page.content.decode()
    assert f'action="{door("need")}"' in page.content.decode()
    office.closed_on = "2027-03-01"
    office.save()
    assert client.get(door("enquire_contact", office.pk)).status_code == 404
    assert client.post(door("enquire_contact", office.pk), late).status_code == 410
    assert client.post(door("need"), late).status_code == 302
    assert Enquiry.objects.get().is_need


def test_a_hidden_mailbox_is_reached_by_the_form(client, offer, office):
    office.email_public = False
    office.save()

    pages = {
        door("contact", offer.reference): door("enquire", offer.reference),
        door("state_detail", "qno"): door("enquire_contact", office.pk),
        reverse("contacts:directory"): door("enquire_contact", office.pk),
        door("enquire", offer.reference): reverse("offers:privacy"),
    }

    for address, leads_to in pages.items():
        page = client.get(address).content.decode()
        assert f'href="{leads_to}' in page
        assert office.email not in page


@pytest.mark.parametrize("offices", [1, 3])
def test_the_form_needs_the_same_queries_however_many_offices_are_asked(
    client, norland, django_assert_num_queries, offices
):
    factories.ContactPointFactory.create_batch(offices, state=norland)
    client.get(door("enquire_state", "qno"))

    with django_assert_num_queries(6):
        client.get(door("enquire_state", "qno"))


# By the link in a letter


def test_pressed_twice_the_enquiry_is_passed_on_once(client, offer):
    enquiry = factories.make_enquiry(status="unconfirmed", offer=offer)

    for _press in range(2):
        assert client.post(page_of(enquiry), {"act": "confirm"}).status_code == 302

    assert acts(enquiry).count(EnquiryAct.PASSED_ON) == 1
    assert "Your enquiry has been passed on" in client.get(page_of(enquiry)).content.decode()


def test_what_is_not_confirmed_in_time_can_no_longer_be(client, clock, offer):
    enquiry = factories.make_enquiry(status="unconfirmed", offer=offer)
    clock.shift(timedelta(days=settings.ENQUIRY_CONFIRM_DAYS))

    response = client.post(page_of(enquiry), {"act": "confirm"})

    assert response.status_code == 410
    assert door("need") in response.content.decode()
    assert Enquiry.objects.get().confirmed_at is None
    assert client.get(door("enquiry_of_sender", "made-up")).status_code == 404


def test_before_confirming_the_sender_sees_who_else_comes_to_know_of_it(client, offer, norland, sudland):
    ticked = {"offer": offer, "asker_state": sudland, "country": norland, "inform_country": True}
    enquiry = factories.make_enquiry(status="unconfirmed", **ticked)
    assert client.get(page_of(enquiry)).context["agreed"] == [
        "The contact point of Sudland gets a copy, if there is one.",
        "The contact point of Norland is informed, if there is one.",
    ]

    at_home = factories.make_enquiry(status="unconfirmed", **ticked | {"country": sudland, "copy_national": False})
    assert client.get(page_of(at_home)).context["agreed"] == []


def test_the_log_is_in_the_language_of_the_portal_whoever_presses_the_button(client, offer, office, norland, sudland):
    norland.name_fr, sudland.name_fr = "Nordlande", "Sudlande"
    norland.save()
    sudland.save()
    factories.ContactPointFactory(state=sudland, office="Authority")
    enquiry = factories.make_enquiry(status="unconfirmed", offer=offer, asker_state=sudland)

    with translation.override("fr"):
        enquiry.confirm()
        enquiry.acknowledge(actor=Actor(office=office))

    assert enquiry.steps.get(act="copied").to_offices == "Sudland: Authority"
    assert enquiry.steps.get(act="acknowledged").office == "Norland: Office for mine action"


def test_the_sender_reads_the_answer_and_who_gave_it_but_no_name_of_a_person(client, offer, office, norlander):
    enquiry = factories.make_enquiry(offer=offer)
    enquiry.acknowledge(actor=Actor(norlander))
    assert "Your enquiry is being looked into" in client.get(page_of(enquiry)).content.decode()

    enquiry.answer(actor=Actor(office=office), text="Deux instructeurs peuvent venir en mai.")

    page = client.get(page_of(enquiry)).content.decode()
    assert "Your enquiry has been answered" in page
    assert "Deux instructeurs peuvent venir en mai." in page
    assert "Office for mine action" in page
    assert norlander.email not in page
    assert f"If you reply to this letter, you write to {office.email}." in text_of(letters_to(enquiry.email)[-1])


def test_taken_back_it_stays_so_and_whoever_had_it_is_told(client, offer):
    enquiry = factories.make_enquiry(offer=offer)

    assert client.post(page_of(enquiry), {"act": "take_back"}).status_code == 302

    assert causes()[-1] == "enquiry_taken_back"
    assert "You have taken your enquiry back" in client.get(page_of(enquiry)).content.decode()
    response = client.post(page_of(enquiry), {"act": "outcome", "kind": "agreed"})
    assert (response.status_code, enquiry.outcomes.count()) == (409, 0)
    assert client.post(page_of(enquiry), {"act": "take_back"}).status_code == 409


def test_the_sender_says_what_came_of_it_and_may_say_something_else_later(client, offer):
    enquiry = factories.make_enquiry(offer=offer, status="answered")
    nothing_chosen = client.post(page_of(enquiry), {"act": "outcome", "helped": "The <b>list</b>"})
    assert nothing_chosen.status_code == 200
    assert "Choose one of the four answers." in nothing_chosen.content.decode()
    assert "The &lt;b&gt;list&lt;/b&gt;</textarea>" in nothing_chosen.content.decode()

    response = client.post(page_of(enquiry), {"act": "outcome", "kind": "talks", "helped": "The list"})
    assert response.url.endswith("/#outcome")
    client.post(page_of(enquiry), {"act": "outcome", "kind": "agreed", "helped": "The list"})

    assert list(enquiry.outcomes.values_list("side", "kind")) == [(Side.ASKER, "talks"), (Side.ASKER, "agreed")]
    page = client.get(page_of(enquiry))
    assert "you said: Assistance was agreed." in page.content.decode()
    assert page.context["form"].initial == {"kind": "agreed", "helped": "The list", "missing": ""}
    assert list(faults(page.content.decode())) == []


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        ("held", "The ISU reads your enquiry first"),
        ("declined", "Your enquiry cannot be met"),
        ("refused", "Your enquiry has not been passed on"),
        ("closed", "Your enquiry is closed"),
    ],
)
def test_how_it_stands_is_said_in_words(client, offer, officer, status, heading):
    begun = {"refused": "held", "closed": "open"}.get(status, status)
    enquiry = factories.make_enquiry(offer=offer, status=begun)
    if status == "refused":
        enquiry.refuse(by=officer, reason="Advertising")
    if status == "closed":
        enquiry.close()

    page = client.get(page_of(enquiry)).content.decode()

    assert f"<h1>{heading}</h1>" in page
    assert "Advertising" not in page


# Beside


def test_the_page_afterwards_knows_nobody(client, db):
    page = client.get(SENT)

    assert "within 7 days" in page.content.decode()
    assert not page.cookies


def test_the_privacy_page_names_who_is_responsible(client, db, settings):
    assert "is the Implementation Support Unit (ISU)." in client.get(door("privacy")).content.decode()
    settings.PRIVACY_CONTROLLER = "the Secretariat of Norland"
    assert "is the Secretariat of Norland." in client.get(f"{door('privacy')}?again").content.decode()
