"""Contact points at the desk of a State and of the ISU, and who answers for an offer."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactPoint
from offers import verification
from offers.answering import answering_for
from offers.contact_details import mark_of
from offers.models import StepNotAllowed
from tests import factories
from tests.platform_portal.test_page_structure import all_faults

pytestmark = pytest.mark.django_db

LISTED, ISU_LIST = "offers:contact_points", "offers:isu_contact_points"
LONG_AGO = timezone.localdate() - timedelta(days=400)


@pytest.fixture
def point(norland):
    return factories.ContactPointFactory(
        state=norland,
        office="Mine action authority",
        email="authority@example.org",
        telephone="+41 22 555 00 11",
        verified_on=LONG_AGO,
    )


def regional(*states, **values):
    body = factories.RegionalBodyFactory(states=states)
    return factories.ContactPointFactory(state=None, regional_body=body, **values)


def typed(point, **changes):
    """What the form of the ISU sends if nothing but `changes` was typed."""
    return {
        "office": point.office,
        "email": point.email,
        "email_public": "yes" if point.email_public else "no",
        "telephone": point.telephone,
        "telephone_public": "yes" if point.telephone_public else "no",
        "weeks_to_answer": point.weeks_to_answer,
        "seen": mark_of(point),
    } | changes


def save(isu, point, **changes):
    return isu.post(reverse("offers:isu_contact_point", args=[point.pk]), typed(point, **changes))


# The desk of a State.


def test_the_desk_shows_each_office_with_who_sees_what_and_the_offers_that_name_it(focal, point, make_offer, sudland):
    factories.ContactPointFactory(state=sudland, email="stranger@example.org")
    offer = make_offer(contact_points=[point], title="A course that names it")

    page = focal.get(reverse(LISTED)).content.decode()

    for words in (point.email, "+41 22 555 00 11", offer.live_version.title, "Not confirmed since"):
        assert words in page
    assert page.count("Shown to everyone") == page.count("Used for the form only") == 1
    assert "stranger@example.org" not in page


def test_a_state_without_an_office_is_told_the_first_step(focal):
    page = focal.get(reverse(LISTED)).content.decode()

    assert "Your State has no contact point yet." in page
    assert f'href="{reverse("offers:propose_contact_point")}"' in page


def test_confirming_takes_one_press_and_needs_no_moderation(focal, point, norlander):
    page = focal.post(
        reverse("offers:verify_contact_point", args=[point.pk]), {"seen": mark_of(point)}, follow=True
    ).content.decode()

    assert "The details of Mine action authority are confirmed as of today." in page
    point.refresh_from_db()
    assert point.verified_on == timezone.localdate()
    [entry] = LogEntry.objects.all()
    assert (entry.user, entry.get_change_message()) == (norlander, "Changed Confirmed on.")


def test_details_that_have_changed_since_they_were_read_are_not_confirmed(focal, point):
    seen = mark_of(point)
    ContactPoint.objects.filter(pk=point.pk).update(email="other@example.org")

    for data in ({"seen": seen}, {}):
        page = focal.post(reverse("offers:verify_contact_point", args=[point.pk]), data, follow=True).content.decode()
        assert "the details are not the ones you opened" in page

    point.refresh_from_db()
    assert point.verified_on == LONG_AGO


@pytest.mark.parametrize("name", ["verify_contact_point", "propose_change", "propose_closing"])
def test_the_office_of_another_state_does_not_exist(client, point, sudlander, name):
    client.force_login(sudlander)

    assert client.post(reverse(f"offers:{name}", args=[point.pk]), {"seen": mark_of(point)}).status_code == 404
    point.refresh_from_db()
    assert point.verified_on == LONG_AGO


def test_the_state_reads_what_visitors_report_but_not_who(focal, point, sudland):
    about = {"contact_point": point, "office": str(point)}
    factories.MistakeReportFactory(**about, text="The number is out of service.", email="reporter@example.org")
    factories.MistakeReportFactory(**about, text="Buy now and cheaply.", suspicious=True)
    factories.MistakeReportFactory(text="Something about another State.")

    page = focal.get(reverse(LISTED)).content.decode()

    assert "The number is out of service." in page
    for words in ("reporter@example.org", "Buy now", "Something about another State."):
        assert words not in page


def test_a_report_that_is_done_is_shown_no_more(focal, point, officer):
    report = factories.MistakeReportFactory(contact_point=point, office=str(point))
    report.handle(by=officer)

    assert report.text not in focal.get(reverse(LISTED)).content.decode()


@pytest.mark.parametrize("count", [1, 6])
def test_the_desk_needs_the_same_queries_however_many_offices_there_are(
    focal, norland, make_offer, count, django_assert_max_num_queries
):
    stand_in = regional(norland)
    for number in range(count):
        office = factories.ContactPointFactory(state=norland, office=f"Office {number}", fallback=stand_in)
        office.languages.add(factories.LanguageFactory())
        office.mandate_areas.add(factories.AreaFactory())
        make_offer(contact_points=[office])
        factories.MistakeReportFactory(contact_point=office, office=str(office))

    with django_assert_max_num_queries(16):
        assert focal.get(reverse(LISTED)).status_code == 200


# The ISU.


def test_the_isu_writes_at_once_and_the_log_says_who(isu, point, officer):
    assert save(isu, point, office="Mine action centre", telephone_public="yes").status_code == 302

    point.refresh_from_db()
    assert (point.office, point.telephone_public) == ("Mine action centre", True)
    assert point.verified_on == LONG_AGO  # nobody has said that they confirm it
    [entry] = LogEntry.objects.all()
    assert entry.user == officer
    assert entry.get_change_message() == "Changed Office and Who sees the telephone number."


def test_the_isu_may_say_that_the_office_has_confirmed(isu, point):
    save(isu, point, is_confirmed="on")

    point.refresh_from_db()
    assert point.verified_on == timezone.localdate()


def test_saving_what_nobody_has_changed_is_no_entry_in_the_log(isu, point):
    assert save(isu, point).status_code == 302

    assert not LogEntry.objects.exists()


def test_of_two_officers_who_edit_at_once_the_second_is_shown_both(isu, point):
    typed_by_second = typed(point, office="Typed by the second")
    save(isu, point, office="Saved by the first")

    response = isu.post(reverse("offers:isu_contact_point", args=[point.pk]), typed_by_second)

    assert response.status_code == 409
    page = response.content.decode()
    assert 'value="Typed by the second"' in page
    assert "What the directory now says" in page
    point.refresh_from_db()
    assert point.office == "Saved by the first"
    # Having read both, the second may save.
    assert save(isu, point, office="Typed by the second").status_code == 302


@pytest.mark.parametrize("owner", ["state", "regional_body"])
def test_the_isu_adds_an_office_of_any_state_or_body(isu, norland, owner):
    body = factories.RegionalBodyFactory()
    area = factories.AreaFactory()
    details = {
        "office": "A new office", "email": "new@example.org", "email_public": "no", "telephone_public": "no",
        "weeks_to_answer": "4", "mandate_areas": [area.pk], owner: (norland if owner == "state" else body).pk,
    }  # fmt: skip

    response = isu.post(reverse("offers:new_contact_point"), details)

    point = ContactPoint.objects.get(email="new@example.org")
    assert response.url == reverse("offers:isu_contact_point", args=[point.pk])
    assert point.owner == (norland if owner == "state" else body)
    assert list(point.mandate_areas.all()) == [area]
    assert not point.email_public

    page = isu.post(reverse("offers:new_contact_point"), details).content.decode()
    assert "already has a contact point with this mailbox." in page


def test_a_new_office_begins_with_its_mailbox_shown_and_its_telephone_not(client, norlander, officer):
    for user, name in ((norlander, "propose_contact_point"), (officer, "new_contact_point")):
        client.force_login(user)
        page = client.get(reverse(f"offers:{name}")).content.decode()

        assert re.search(r'name="email_public" value="yes"[^>]* checked', page)
        assert re.search(r'name="telephone_public" value="no"[^>]* checked', page)


@pytest.mark.parametrize("both", [False, True])
def test_an_office_belongs_to_one_state_or_one_body(isu, norland, both):
    owners = {"state": norland.pk, "regional_body": factories.RegionalBodyFactory().pk} if both else {}

    page = isu.post(
        reverse("offers:new_contact_point"),
        {"office": "X", "email": "x@example.org", "email_public": "yes", "telephone_public": "no", "weeks_to_answer": 3}
        | owners,
    ).content.decode()

    assert "A contact point belongs to one State or to one regional body." in page
    assert not ContactPoint.objects.exists()


def test_the_isu_closes_an_office_and_opens_it_again(isu, point):
    isu.post(reverse("offers:close_contact_point", args=[point.pk]))
    point.refresh_from_db()
    assert not point.is_open
    assert 'name="office"' not in isu.get(reverse("offers:isu_contact_point", args=[point.pk])).content.decode()
    late = save(isu, point, office="Typed too late")
    assert late.status_code == 409
    assert 'value="Typed too late"' in late.content.decode()

    page = isu.post(reverse("offers:close_contact_point", args=[point.pk]), follow=True).content.decode()
    assert "Nothing changed: this office has closed." in page

    isu.post(reverse("offers:reopen_contact_point", args=[point.pk]))
    point.refresh_from_db()
    assert point.is_open
    assert LogEntry.objects.count() == 2


@pytest.mark.parametrize("name", ["verify_for_office", "close_contact_point", "reopen_contact_point"])
def test_no_step_is_taken_by_a_link(isu, point, name):
    assert isu.get(reverse(f"offers:{name}", args=[point.pk])).status_code == 405


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "norl"}, {"Mine action authority"}),
        ({"q": "QNO"}, {"Mine action authority"}),
        ({"q": "  authority@  "}, {"Mine action authority"}),
        ({"q": "ASEAN"}, {"Regional desk"}),
        ({"q": "nothing like it"}, set()),
        ({"old": "on"}, {"Mine action authority"}),
        ({}, {"Mine action authority", "Regional desk"}),
        ({"q": "\x00"}, {"Mine action authority", "Regional desk"}),
        ({"q": "%_'" + "x" * 500}, {"Mine action authority", "Regional desk"}),
    ],
)
def test_the_isu_finds_offices_by_state_body_office_and_mailbox(isu, point, query, expected):
    body = factories.RegionalBodyFactory(short_name="ASEAN")
    factories.ContactPointFactory(state=None, regional_body=body, office="Regional desk")

    assert {found.office for found in isu.get(reverse(ISU_LIST), query).context["object_list"]} == expected


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_of_the_isu_needs_the_same_queries_however_long(isu, norland, count, django_assert_max_num_queries):
    for number in range(count):
        factories.ContactPointFactory(state=norland, office=f"Office {number}", fallback=regional(norland))

    with django_assert_max_num_queries(9):
        assert isu.get(reverse(ISU_LIST)).status_code == 200


def test_a_report_leads_the_isu_to_the_office(isu, point):
    factories.MistakeReportFactory(contact_point=point, office=str(point), text="The mailbox bounces.")
    address = reverse("offers:isu_contact_point", args=[point.pk])

    assert f'href="{address}"' in isu.get(reverse("offers:reports")).content.decode()
    assert "The mailbox bounces." in isu.get(address).content.decode()


# Who is asked if nobody answers.


def test_an_office_cannot_stand_in_for_one_that_leads_back_to_it(isu, point, norland):
    second = factories.ContactPointFactory(state=norland, office="Second", fallback=point)
    third = factories.ContactPointFactory(state=norland, office="Third", fallback=second)

    page = save(isu, point, fallback=third.pk).content.decode()

    assert "this one would, in the end, send people back here" in page
    point.fallback = third
    with pytest.raises(ValidationError, match="send people back here"):
        point.full_clean()
    point.fallback = point
    with pytest.raises(ValidationError, match="send people back here"):
        point.full_clean()


def test_the_public_is_told_whom_to_ask_if_an_office_does_not_answer(client, point, norland, make_offer):
    point.fallback = regional(norland, office="Regional desk", email="regional@example.org")
    point.save()
    offer = make_offer(contact_points=[point])

    for address in (reverse("contacts:directory"), reverse("offers:contact", args=[offer.reference])):
        page = client.get(address).content.decode()
        assert "If it does not answer" in page
        assert "Regional desk" in page.partition("If it does not answer")[2]


def test_a_closed_office_stands_in_for_nobody_and_hands_on_to_where_it_sent_people(point, norland, officer):
    last = regional(norland)
    middle = factories.ContactPointFactory(state=norland, fallback=last)
    point.fallback = middle
    point.save()

    middle.close(by=officer)
    point.refresh_from_db()
    assert point.stand_in == last

    last.close(by=officer)
    point.refresh_from_db()
    assert point.stand_in is None


def test_an_offer_is_answered_by_its_own_offices_then_the_state_then_regional_bodies_then_the_isu(
    client, point, norland, make_offer, officer, settings
):
    elsewhere = regional(factories.StateFactory(), office="Serves another State")
    region = regional(norland, office="Regional desk")
    other = factories.ContactPointFactory(state=norland, office="Another office")
    factories.ContactPointFactory(state=norland, office="Made up", is_sample=True)
    offer = make_offer(contact_points=[point])

    def answering():
        page = client.get(reverse("offers:contact", args=[offer.reference])).content.decode()
        for answer in answering_for(offer).points:
            assert answer.office in page
        assert elsewhere.office not in page
        return answering_for(offer).points, page

    points, page = answering()
    assert points == [point]
    assert "answer instead" not in page

    point.close(by=officer)
    points, page = answering()
    assert points == [other]
    assert "These contact points of the State answer instead." in page

    other.close(by=officer)
    points, page = answering()
    assert points == [region]
    assert "These regional bodies serve the State" in page

    region.close(by=officer)
    points, page = answering()
    assert points == []
    assert "Write to the ISU" in page.partition("<main")[2].partition("</main>")[0]
    assert settings.ISU_EMAIL in page


def test_a_version_that_names_only_a_closed_office_is_not_submitted(make_offer, point, norlander, officer):
    version = make_offer(status="draft", contact_points=[point]).open_version
    point.close(by=officer)

    assert version.what_is_missing()["contact_points"] == "Choose at least one contact point."
    with pytest.raises(ValidationError):
        version.submit(by=norlander)


@pytest.mark.parametrize("count", [1, 5])
def test_the_contacts_of_an_offer_need_the_same_queries_however_many(
    client, norland, make_offer, count, django_assert_max_num_queries
):
    offices = [
        factories.ContactPointFactory(state=norland, office=f"Office {number}", fallback=regional(norland))
        for number in range(count)
    ]
    offer = make_offer(contact_points=offices)

    with django_assert_max_num_queries(6):
        assert client.get(reverse("offers:contact", args=[offer.reference])).status_code == 200


def test_confirming_a_closed_office_is_refused(point, officer):
    from offers.contact_details import confirm_details

    point.close(by=officer)

    with pytest.raises(StepNotAllowed, match="has closed"):
        confirm_details(point, by=officer)


def test_every_page_about_contact_points_is_in_order(client, norland, norlander, officer, point, make_offer):
    make_offer(contact_points=[point])
    point.languages.add(factories.LanguageFactory())
    factories.AreaFactory()
    factories.MistakeReportFactory(contact_point=point, office=str(point))
    proposal = factories.ContactProposalFactory(contact_point=point, email="office@gmail.com", note_to_isu="A note.")
    other = factories.ContactPointFactory(state=norland)
    declined = factories.ContactProposalFactory(contact_point=other)
    declined.decline(by=officer, reason="Say more.")
    point.verify(by=officer)

    def page(name, *arguments, data=None):
        address = reverse(f"offers:{name}", args=arguments)
        return client.get(address) if data is None else client.post(address, data)

    client.force_login(norlander)
    pages = [
        page("contact_points"),
        page("propose_contact_point"),
        page("propose_contact_point", data={}),
        page("propose_change", other.pk),
        page("propose_closing", point.pk),
        page("propose_closing", point.pk, data={}),
    ]
    client.force_login(officer)
    pages += [
        page("isu_contact_points"),
        page("isu_contact_point", point.pk),
        page("isu_contact_point", point.pk, data=typed(point, seen="old")),
        page("new_contact_point", data={}),
        page("contact_proposal", proposal.pk),
        page("decline_proposal", proposal.pk, data={}),
        page("contact_proposal", declined.pk),
        page("verify", verification.link_to(point)),
        page("verify", "cut-off"),
    ]
    for response in pages:
        assert list(all_faults(response.content.decode())) == [], response.request["PATH_INFO"]
