"""A visitor reports a mistake, and the ISU sees to it."""

import email
import logging
import re
import threading
from datetime import timedelta
from email import policy
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactPoint
from offers.models import MistakeReport, Offer, OutgoingMail, StepNotAllowed
from tests import factories
from tests.platform_portal.test_form_pack import Page, faults

pytestmark = pytest.mark.django_db

TEXT = "The telephone number is out of service since May."


@pytest.fixture
def offer(clock, make_offer):
    offer = make_offer(title="Detectors on loan")
    OutgoingMail.objects.all().delete()  # what was written on the way to its publication
    return offer


@pytest.fixture
def office(clock, norland):
    return factories.ContactPointFactory(state=norland, office="Office for mine action")


@pytest.fixture
def isu(clock, client, officer):
    client.force_login(officer)
    return client


def address_of(subject, name=""):
    if isinstance(subject, Offer):
        return reverse(f"offers:report{name}", args=[subject.reference])
    return reverse(f"offers:report_contact{name}", args=[subject.pk])


def ticket_on(page):
    return re.search(r'name="ticket" value="([^"]+)"', page.content.decode())[1]


def fill_in(client, clock, about, seconds=30, **data):
    """Open the form, write for a while, and say what a browser would send."""
    ticket = ticket_on(client.get(address_of(about)))
    clock.shift(timedelta(seconds=seconds))
    return {"ticket": ticket, "subject": "", "text": TEXT, "email": ""} | data


def send(client, clock, about, **data):
    return client.post(address_of(about), fill_in(client, clock, about, **data))


def letter():
    """The one letter in the outbox, as the ISU will read it."""
    return email.message_from_bytes(bytes(OutgoingMail.objects.get().raw), policy=policy.default)


def main_of(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


# Reporting


def test_a_report_about_an_offer_is_kept_and_told_to_the_isu(client, clock, offer):
    response = send(client, clock, offer)

    assert (response.status_code, response.url) == (302, address_of(offer, "_sent"))
    report = MistakeReport.objects.get()
    assert (report.offer, report.contact_point, report.text, report.email) == (offer, None, TEXT, "")
    assert (report.language, report.suspicious, report.handled_at) == ("en", False, None)
    assert letter()["To"] == "isu@example.org"
    assert letter()["Subject"] == f"Mistake reported on the page of {offer.reference}"
    assert TEXT in letter().get_body(["plain"]).get_content()
    assert f"http://localhost:8000{reverse('offers:reports')}" in letter().get_body(["plain"]).get_content()


def test_a_report_about_a_contact_point_is_kept_and_told_to_the_isu(client, clock, office):
    response = send(client, clock, office)

    assert (response.status_code, response.url) == (302, address_of(office, "_sent"))
    report = MistakeReport.objects.get()
    assert (report.offer, report.contact_point, report.office) == (None, office, "Norland: Office for mine action")
    assert letter()["Subject"] == "Mistake reported in a contact point of Norland"


def test_a_regional_office_can_be_wrong_too(client, clock):
    body = factories.RegionalBodyFactory(short_name="NORTH", name_en="Northern body")
    send(client, clock, factories.ContactPointFactory(state=None, regional_body=body))

    assert MistakeReport.objects.get().office == "Northern body: National mine action authority"
    assert letter()["Subject"] == "Mistake reported in a contact point of Northern body"


@pytest.mark.parametrize("about", ["offer", "office"])
def test_the_page_afterwards_says_what_happens_next_without_knowing_the_visitor(request, client, clock, about):
    subject = request.getfixturevalue(about)

    page = Client().get(send(client, clock, subject).url)

    assert page.status_code == 200
    assert "The ISU reads it within 5 working days." in page.content.decode()
    assert not page.cookies
    assert 'content="noindex"' in page.content.decode()


def test_an_answer_goes_to_the_reporter_only_if_there_is_an_address(client, clock, offer):
    send(client, clock, offer)
    assert letter()["Reply-To"] is None

    OutgoingMail.objects.all().delete()
    send(client, clock, offer, email="reader@example.org")
    assert letter()["Reply-To"] == "reader@example.org"


def test_no_word_of_the_reporter_stands_in_the_subject(client, clock, offer):
    send(client, clock, offer, text="Canary: buy this\r\nBcc: victim@example.org")

    assert letter()["Subject"] == f"Mistake reported on the page of {offer.reference}"
    assert letter()["Bcc"] is None
    assert OutgoingMail.objects.get().recipients == ["isu@example.org"]


def test_with_the_mail_server_down_the_report_is_kept_and_its_letter_waits(client, clock, offer, settings):
    from tests.mail_server import delivery_to, free_port

    settings.DELIVERY = delivery_to(free_port())
    assert send(client, clock, offer).status_code == 302

    call_command("send_outgoing_mail", stdout=StringIO())

    assert MistakeReport.objects.count() == 1
    mail = OutgoingMail.objects.get()
    assert (mail.sent_at, mail.failed_at, mail.attempts) == (None, None, 1)


def test_without_its_letter_there_is_no_report(client, clock, offer, settings):
    settings.ISU_EMAIL = "isu@example.org\nBcc: victim@example.org"
    client.raise_request_exception = False

    assert send(client, clock, offer).status_code == 500
    assert not MistakeReport.objects.exists()


# What is typed


def test_the_form_is_complete_for_a_screen_reader_empty_and_with_errors(client, offer, office):
    for subject in (offer, office):
        empty = client.get(address_of(subject))
        wrong = client.post(address_of(subject), {"text": "", "email": "x"})

        assert list(faults(empty.content.decode())) == []
        assert list(faults(wrong.content.decode())) == []
        assert "<title>Error: Report a mistake" in wrong.content.decode()
        assert 'href="#id_text"' in wrong.content.decode()
        assert 'href="#id_email"' in wrong.content.decode()


def test_errors_keep_what_was_typed_and_the_page_it_was_typed_on(client, clock, offer):
    data = fill_in(client, clock, offer, text="Wrong <b>", email="no address")

    page = client.post(address_of(offer), data)

    assert page.status_code == 200
    assert "Wrong &lt;b&gt;</textarea>" in page.content.decode()
    assert 'value="no address"' in page.content.decode()
    assert ticket_on(page) == data["ticket"]
    assert not MistakeReport.objects.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Say what is wrong."),
        (" \n \u200b ", "Say what is wrong."),
        ("123456789", "Describe the mistake in at least 10 characters."),
        ("\u202e12345678\u202c9", "Describe the mistake in at least 10 characters."),
        ("é" * 1001, "Describe the mistake in at most 1000 characters. You have written 1001."),
        ("a" * 2**20, "Describe the mistake in at most 1000 characters. You have written 1048576."),
    ],
    ids=["nothing", "nothing to be seen", "too short", "too short to be seen", "too long", "a megabyte"],
)
def test_a_text_that_is_too_short_or_too_long_is_refused_with_a_message(client, clock, offer, text, message):
    page = send(client, clock, offer, text=text)

    assert page.status_code == 200
    assert message in page.content.decode()
    assert not MistakeReport.objects.exists()


@pytest.mark.parametrize("text", ["0123456789", "é" * 1000, "👩" * 1000, "line\r\n" * 199 + "12345"])
def test_a_text_of_the_right_length_is_taken(client, clock, offer, text):
    assert send(client, clock, offer, text=text).status_code == 302

    assert MistakeReport.objects.get().text == text.replace("\r\n", "\n")


def test_no_browser_cuts_off_a_text_that_is_too_long(client, offer):
    page = Page(client.get(reverse("offers:report", args=[offer.reference])).content.decode())

    [area] = page.all("textarea")
    assert "maxlength" not in area["attrs"]


def test_nul_and_characters_that_turn_text_round_are_taken_out(client, clock, offer):
    send(client, clock, offer, text="Tele\x00phone \u202e4321\u202c is wro\u200bng")

    assert MistakeReport.objects.get().text == "Telephone 4321 is wrong"
    assert "Telephone 4321 is wrong" in letter().get_body(["plain"]).get_content()


@pytest.mark.parametrize(
    "address",
    [
        "reader@example.org\nBcc: victim@example.org",
        "reader@example.org\r\nBcc: victim@example.org",
        '"reader\x0bx"@example.org',
        '"reader\\\x01"@example.org',
        "reader@example.org, other@example.org",
        "reader@example.org\x00x",
        "reader@" + "a" * 60 + "." + "b" * 60 + "." + "c" * 60 + "." + "d" * 60 + "." + "e" * 60 + ".org",
        "reader",
    ],
)
def test_what_cannot_stand_in_the_head_of_a_letter_is_no_address(client, clock, offer, address):
    page = send(client, clock, offer, email=address)

    assert page.status_code == 200
    assert 'href="#id_email"' in page.content.decode()
    assert not MistakeReport.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_an_address_in_another_script_can_be_answered(client, clock, offer):
    send(client, clock, offer, email=" reader@ex\u200bämple.org ")

    assert MistakeReport.objects.get().email == "reader@xn--exmple-cua.org"
    assert letter()["Reply-To"] == "reader@xn--exmple-cua.org"


def test_a_post_too_large_to_be_read_gets_a_page_that_says_so(client, offer):
    response = client.post(address_of(offer), {"text": "a" * 3 * 2**20})

    assert response.status_code == 400
    assert "<h1" in response.content.decode()


def test_the_arabic_page_notes_its_language(client, clock, offer):
    address = address_of(offer).replace("/en/", "/ar/")
    page = client.get(address)
    clock.shift(timedelta(seconds=30))

    response = client.post(address, {"ticket": ticket_on(page), "text": "رقم الهاتف خاطئ منذ شهر مايو"})

    assert '<html lang="ar" dir="rtl"' in page.content.decode()
    assert response.url == address_of(offer, "_sent").replace("/en/", "/ar/")
    report = MistakeReport.objects.get()
    assert (report.language, report.text) == ("ar", "رقم الهاتف خاطئ منذ شهر مايو")
    assert letter()["Subject"] == f"Mistake reported on the page of {offer.reference}"


# Once


def test_pressing_twice_or_coming_back_sends_one_message(client, clock, offer):
    data = fill_in(client, clock, offer)

    answers = [client.post(address_of(offer), data) for _ in range(3)]

    assert {(answer.status_code, answer.url) for answer in answers} == {(302, address_of(offer, "_sent"))}
    assert MistakeReport.objects.count() == OutgoingMail.objects.count() == 1


def test_another_text_from_the_same_page_is_another_message(client, clock, offer):
    data = fill_in(client, clock, offer)

    client.post(address_of(offer), data)
    client.post(address_of(offer), data | {"text": "And the e-mail address is wrong too."})

    assert MistakeReport.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_messages_at_once_are_one(client, make_offer):
    offer = make_offer()
    OutgoingMail.objects.all().delete()
    data = {"ticket": ticket_on(client.get(address_of(offer))), "text": TEXT}
    together = threading.Barrier(20, timeout=20)
    answers = []

    def press():
        try:
            browser = Client(raise_request_exception=False)
            together.wait()
            answers.append(browser.post(address_of(offer), data).status_code)
        finally:
            connection.close()

    presses = [threading.Thread(target=press) for _ in range(20)]
    for one in presses:
        one.start()
    for one in presses:
        one.join(timeout=60)

    assert answers == [302] * 20
    assert MistakeReport.objects.count() == OutgoingMail.objects.count() == 1


# Robots


@pytest.mark.parametrize(
    ("seconds", "data", "suspicious"),
    [
        (30, {}, False),
        (30 * 24 * 3600, {}, False),  # left open for a month
        (1, {}, True),
        (30, {"subject": "Cheap watches"}, True),
        (30, {"ticket": ""}, True),
        (30, {"ticket": "0c5ee1b5-2dfd-4a30-b8a9-6ef0b1a1f1ed:1abcde:forged"}, True),
        (30, {"ticket": "\x00"}, True),
        (30, {"ticket": "é" * 10_000}, True),
    ],
)
def test_what_looks_like_a_robot_is_marked_and_not_refused(client, clock, offer, seconds, data, suspicious):
    assert send(client, clock, offer, seconds=seconds, **data).status_code == 302

    assert MistakeReport.objects.get().suspicious == suspicious
    assert ("perhaps sent by a robot" in letter().get_body(["plain"]).get_content()) == suspicious


def test_the_trap_is_shown_to_nobody(client, offer):
    page = client.get(address_of(offer)).content.decode()

    assert re.search(r'<div[^>]* hidden="hidden"[^>]*>(?:(?!</div>).)*name="subject"', page, re.DOTALL)


# Limits


def test_beyond_the_limit_the_page_says_how_long_to_wait_and_keeps_the_text(client, clock, offer, settings):
    settings.VISITOR_LIMITS = {"mistake_report": [("network", 2, 3600), ("all", 100, 3600)]}
    for number in range(2):
        assert send(client, clock, offer, text=f"This is mistake number {number}.").status_code == 302
    data = fill_in(client, clock, offer, text="One <b> mistake too many.", email="reader@example.org")

    response = client.post(address_of(offer), data)

    assert response.status_code == 429
    # A quarter past ten and three times half a minute.
    assert response.headers["Retry-After"] == str(45 * 60 - 90)
    page = response.content.decode()
    assert "wait 44 minutes" in page
    assert "One &lt;b&gt; mistake too many.</textarea>" in page
    assert 'value="reader@example.org"' in page
    assert list(faults(page)) == []
    assert MistakeReport.objects.count() == OutgoingMail.objects.count() == 2

    clock.shift(timedelta(seconds=45 * 60 - 90))
    assert client.post(address_of(offer), data).status_code == 302
    assert MistakeReport.objects.count() == 3


def test_what_has_been_received_can_be_sent_again_beyond_the_limit(client, clock, offer, settings):
    settings.VISITOR_LIMITS = {"mistake_report": [("network", 1, 3600), ("all", 100, 3600)]}
    data = fill_in(client, clock, offer)

    assert [client.post(address_of(offer), data).status_code for _ in range(3)] == [302, 302, 302]


def test_errors_in_the_form_use_up_no_message(client, clock, offer, settings):
    settings.VISITOR_LIMITS = {"mistake_report": [("network", 1, 3600), ("all", 100, 3600)]}
    for _ in range(3):
        send(client, clock, offer, text="short")

    assert send(client, clock, offer).status_code == 302


def test_all_visitors_together_have_a_limit_too(client, clock, offer, settings):
    settings.VISITOR_LIMITS = {"mistake_report": [("network", 10, 3600), ("all", 2, 3600)]}
    statuses = [
        client.post(address_of(offer), fill_in(client, clock, offer), REMOTE_ADDR=f"192.0.2.{number}").status_code
        for number in range(3)
    ]

    assert statuses == [302, 302, 429]


def test_without_a_cache_the_form_works_and_the_log_tells_nothing_of_the_visitor(
    client, clock, offer, settings, tmp_path, caplog
):
    broken = tmp_path / "file"
    broken.write_text("not a folder")
    settings.CACHES = settings.CACHES | {"default": settings.CACHES["default"] | {"LOCATION": broken}}
    data = fill_in(client, clock, offer, text="Canary in the text", email="canary@example.org")

    with caplog.at_level(logging.DEBUG):
        response = client.post(address_of(offer), data, REMOTE_ADDR="203.0.113.77")

    assert response.status_code == 302
    assert MistakeReport.objects.count() == 1
    assert "the cache does not work" in caplog.text
    for word in ("Canary", "canary@", "203.0.113.77", data["ticket"]):
        assert word not in caplog.text


# Which pages


def test_pages_lead_to_the_form(client, offer, office, norland):
    offer.live_version.contact_points.add(office)

    for address, subject in [
        (offer.get_absolute_url(), offer),
        (reverse("offers:contact", args=[offer.reference]), office),
        (reverse("offers:state_detail", args=["qno"]), office),
        (reverse("contacts:directory"), office),
    ]:
        page = client.get(address)
        assert f'href="{address_of(subject)}" rel="nofollow"' in page.content.decode(), address
        assert not page.cookies, address


def test_the_form_sets_the_cookie_that_protects_it_and_no_other(client, offer, office):
    for subject in (offer, office):
        browser = Client()
        page = browser.get(address_of(subject))

        assert list(page.cookies) == ["__Host-csrf"]
        assert page.cookies["__Host-csrf"]["max-age"] == ""  # gone with the browser
        assert page.headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in page.headers["Vary"]
        assert 'content="noindex"' in page.content.decode()


def test_each_visitor_gets_a_form_of_their_own(offer):
    first, second = Client(), Client()

    tickets = {ticket_on(browser.get(address_of(offer))) for browser in (first, second, first, second)}

    assert len(tickets) == 4


def test_a_report_without_the_token_of_the_form_is_refused(clock, offer):
    browser = Client(enforce_csrf_checks=True)
    data = fill_in(browser, clock, offer)

    assert browser.post(address_of(offer), data).status_code == 403
    assert not MistakeReport.objects.exists()

    data["csrfmiddlewaretoken"] = browser.cookies["__Host-csrf"].value
    response = browser.post(address_of(offer), data, secure=True, headers={"referer": "https://testserver/"})
    assert response.status_code == 302


def test_a_withdrawn_offer_is_gone_and_takes_no_report(client, clock, offer, norlander):
    data = fill_in(client, clock, offer)
    offer.withdraw(by=norlander)

    for response in (client.get(address_of(offer)), client.post(address_of(offer), data)):
        assert response.status_code == 410
        assert "no longer in the catalogue" in response.content.decode()
        assert "Detectors" not in response.content.decode()
    assert not MistakeReport.objects.exists()


def test_the_thanks_for_a_report_outlast_the_offer_without_naming_it(client, clock, offer, norlander):
    sent = send(client, clock, offer).url
    offer.withdraw(by=norlander)

    page = client.get(sent)

    assert page.status_code == 200
    assert "Detectors" not in page.content.decode()


def test_a_suspended_offer_can_be_reported_by_its_reference_alone(client, clock, offer, norland):
    Offer.objects.filter(pk=offer.pk).update(confirmed_on=timezone.localdate() - timedelta(days=300))

    page = client.get(address_of(offer)).content.decode()

    assert offer.reference in page
    assert "Detectors" not in page
    assert norland.name not in page
    assert send(client, clock, offer).status_code == 302
    assert "Detectors" not in client.get(address_of(offer, "_sent")).content.decode()


def test_an_offer_past_its_last_day_can_be_reported_as_its_page_stays(client, clock, offer):
    Offer.objects.filter(pk=offer.pk).update(valid_until=timezone.localdate() - timedelta(days=1))

    assert "Detectors on loan" in client.get(address_of(offer)).content.decode()
    assert send(client, clock, offer).status_code == 302


@pytest.mark.parametrize("status", ["draft", "submitted", "returned", "refused"])
def test_an_offer_that_was_never_published_does_not_exist(client, make_offer, status):
    offer = make_offer(status=status)

    for address in (address_of(offer), address_of(offer, "_sent")):
        assert client.get(address).status_code == 404
    assert client.post(address_of(offer), {"text": TEXT}).status_code == 404
    assert not MistakeReport.objects.exists()


def test_a_contact_point_that_is_not_listed_does_not_exist(client, office, norland):
    norland.withdrawal_effective = timezone.localdate()
    norland.save()

    addresses = [address_of(office), address_of(office, "_sent"), *(f"/en/report/contact/{pk}/" for pk in (0, 10**30))]
    for address in addresses:
        assert client.get(address).status_code == 404
        assert client.post(address, {"text": TEXT}).status_code in {404, 405}
    assert not MistakeReport.objects.exists()


def test_illustrative_records_are_labelled_on_their_forms(client, offer, office):
    Offer.objects.filter(pk=offer.pk).update(is_sample=True)
    ContactPoint.objects.filter(pk=office.pk).update(is_sample=True)

    assert "Illustrative record drawn from public sources" in main_of(client.get(address_of(offer)))
    assert "Illustrative record: this office" in main_of(client.get(address_of(office)))


def test_a_person_who_has_signed_in_reports_like_everybody(client, clock, offer, norlander):
    client.force_login(norlander)

    assert send(client, clock, offer).status_code == 302
    assert not MistakeReport.objects.get().suspicious


@pytest.mark.parametrize("count", [1, 6])
def test_the_form_needs_the_same_queries_however_much_there_is(
    client, offer, norland, make_offer, count, django_assert_max_num_queries
):
    for number in range(count):
        make_offer()
        office = factories.ContactPointFactory(state=norland, office=f"Office {number}")

    for subject in (offer, office):
        with django_assert_max_num_queries(2):
            client.get(address_of(subject))


# The ISU


def done(client, report, **data):
    data = {f"report-{report.pk}-{name}": value for name, value in data.items()}
    return client.post(reverse("offers:handle_report", args=[report.pk]), data, follow=True)


def test_the_isu_reads_open_reports_the_oldest_first_with_all_it_needs(isu, clock, offer, office):
    factories.MistakeReportFactory(offer=offer, text="The title is wrong", language="ar", suspicious=True)
    clock.shift(timedelta(days=3))
    factories.MistakeReportFactory(contact_point=office, text="Nobody answers here", email="reader@example.org")
    isu.force_login(factories.UserFactory(role="isu_officer"))  # the session of three days ago has ended

    response = isu.get(reverse("offers:reports"))

    page = main_of(response)
    assert page.index("The title is wrong") < page.index("Nobody answers here")
    for words in (
        f'href="{offer.get_absolute_url()}"', "Arabic", "Waiting for 3 days", "Suspicious",
        f'href="{reverse("contacts:directory")}#contact-{office.pk}"', "Since today", "reader@example.org",
    ):  # fmt: skip
        assert words in page, words
    assert list(faults(response.content.decode())) == []


def test_the_directory_has_the_place_to_which_a_report_leads(client, office):
    assert f'id="contact-{office.pk}"' in client.get(reverse("contacts:directory")).content.decode()


def test_done_stamps_who_and_when_and_moves_the_report_to_the_second_list(isu, clock, offer, officer):
    report = factories.MistakeReportFactory(offer=offer)

    page = done(isu, report, note="Told Norland")

    report.refresh_from_db()
    assert (report.handled_by, report.handled_at, report.note) == (officer, timezone.now(), "Told Norland")
    assert "No report waits." in page.content.decode()
    assert "Told Norland" in page.content.decode()
    assert officer.email in main_of(page)
    assert f"The report about {offer.reference} is done." in page.content.decode()
    assert list(faults(page.content.decode())) == []


def test_the_second_person_to_press_done_is_told_and_changes_nothing(isu, officer, administrator):
    report = factories.MistakeReportFactory()
    report.handle(by=administrator, note="First")

    page = done(isu, report, note="Second")

    report.refresh_from_db()
    assert (report.handled_by, report.note) == (administrator, "First")
    assert "already done" in page.content.decode()
    with pytest.raises(StepNotAllowed):
        report.handle(by=officer)


def test_a_note_that_is_too_long_stays_in_its_field(isu):
    _other, second = factories.MistakeReportFactory(), factories.MistakeReportFactory()

    page = done(isu, second, note="a" * 501)

    second.refresh_from_db()
    assert second.handled_at is None
    assert f'href="#id_report-{second.pk}-note"' in page.content.decode()
    assert "a" * 501 in page.content.decode()
    assert list(faults(page.content.decode())) == []


def test_nothing_a_visitor_writes_runs_in_the_browser_of_the_isu(isu, clock, offer):
    payload = "<script>alert(1)</script>"
    send(Client(), clock, offer, text=payload, email="<script>@example.org")
    send(Client(), clock, offer, text=payload, email="o'x&y@example.org")
    report = MistakeReport.objects.get()

    open_page = isu.get(reverse("offers:reports")).content.decode()
    handled_page = done(isu, report, note=payload).content.decode()

    for page in (open_page, handled_page):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert payload not in page
    assert 'href="mailto:o%27x%26y@example.org"' in open_page


def test_of_many_open_reports_the_oldest_are_shown_and_all_are_counted(isu, office):
    for number in range(103):
        factories.MistakeReportFactory(contact_point=office, text=f"This is mistake number {number:03}.")

    page = isu.get(reverse("offers:reports")).content.decode()

    assert "103 open reports" in page
    assert "number 099" in page
    assert "number 100" not in page
    assert "The oldest 100 are shown" in page


def test_of_the_reports_that_are_done_the_last_fifty_are_shown(isu, clock, office, officer):
    for number in range(52):
        report = factories.MistakeReportFactory(contact_point=office, text=f"This is mistake number {number:03}.")
        report.handle(by=officer)
        clock.shift(timedelta(seconds=1))

    page = isu.get(reverse("offers:reports")).content.decode()

    assert page.index("number 051") < page.index("number 050") < page.index("number 002")
    assert "number 001" not in page


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_needs_the_same_queries_however_long(isu, make_offer, officer, count, django_assert_max_num_queries):
    for _ in range(count):
        factories.MistakeReportFactory(offer=make_offer())
        factories.MistakeReportFactory().handle(by=officer)
        body = factories.RegionalBodyFactory()
        factories.MistakeReportFactory(contact_point=factories.ContactPointFactory(state=None, regional_body=body))

    with django_assert_max_num_queries(5):
        isu.get(reverse("offers:reports"))


def test_an_office_may_be_deleted_and_its_report_still_says_what_it_was_about(isu, office):
    report = factories.MistakeReportFactory(contact_point=office)

    office.delete()

    report.refresh_from_db()
    assert report.contact_point is None
    assert "Norland: Office for mine action" in isu.get(reverse("offers:reports")).content.decode()


# What must always hold


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"contact_point": None, "office": ""}, "mistake_report_about_one_thing"),
        ({"text": "too short"}, "mistake_report_text_length"),
        ({"text": "a" * 1001}, "mistake_report_text_length"),
        ({"text": ""}, "mistake_report_erased_once_handled"),
        ({"handled_at": timezone.now()}, "mistake_report_handled_by_somebody"),
    ],
)
def test_the_database_refuses_what_no_report_can_be(values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.MistakeReportFactory(**values)


def test_the_database_refuses_a_report_about_two_things(offer, office):
    with pytest.raises(IntegrityError, match="about_one_thing"), transaction.atomic():
        factories.MistakeReportFactory(offer=offer, office="Norland: Office")


# Forgetting


@pytest.fixture
def reports_of_last_year(clock, offer, officer):
    """Two that were done, the second a day later, and one that is open."""
    reports = [
        factories.MistakeReportFactory(offer=offer, email="reader@example.org"),
        factories.MistakeReportFactory(offer=offer),
        factories.MistakeReportFactory(offer=offer, email="reader@example.org"),
    ]
    reports[0].handle(by=officer, note="Told Norland")
    clock.shift(timedelta(days=1))
    reports[1].handle(by=officer)
    return reports


def remembered(report):
    report.refresh_from_db()
    return bool(report.text), bool(report.email)


def test_text_and_address_go_a_year_after_the_report_was_done(isu, clock, reports_of_last_year, officer):
    first, second, still_open = reports_of_last_year
    clock.shift(timedelta(days=364) - timedelta(seconds=1))
    assert MistakeReport.objects.to_forget().forget() == 0

    clock.shift(timedelta(seconds=1))
    assert MistakeReport.objects.to_forget().forget() == 1

    assert remembered(first) == (False, False)
    assert (first.handled_by, first.note) == (officer, "Told Norland")
    assert remembered(second) == (True, False)
    assert remembered(still_open) == (True, True)
    assert MistakeReport.objects.to_forget().forget() == 0
    isu.force_login(factories.UserFactory(role="isu_officer"))
    assert "Erased" in isu.get(reverse("offers:reports")).content.decode()


def test_the_privacy_page_says_how_long_reports_are_kept(client, settings):
    assert settings.MISTAKE_REPORT_KEPT_DAYS == 365
    assert "erased twelve months after" in client.get(reverse("offers:privacy")).content.decode()
