"""The survey of national contact points: who is asked, who may answer until when, and what the ISU sees."""

import re
import threading
from datetime import date, timedelta
from email import message_from_bytes, policy
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from analytics import survey
from analytics.models import SurveyInvitation, SurveyRound
from contacts.models import Closure
from offers import signed_links
from offers.models import Bounce, OutgoingMail, StepNotAllowed
from offers.reminding import Subject, write_due_letters
from tests import factories

pytestmark = pytest.mark.django_db

OPENED = date(2027, 3, 1)
ANSWER = {"elsewhere": "no", "used": "partly", "comment": "Short and useful"}


@pytest.fixture
def days():
    """A clock that stands on the day of the opening until a test moves it."""
    with time_machine.travel(OPENED, tick=False) as traveller:
        yield traveller


@pytest.fixture
def isu(days, client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def opened(days):
    return SurveyRound.begin(by=None, kind="before", closes_on=OPENED + timedelta(days=30))


@pytest.fixture
def point(norland):
    return factories.ContactPointFactory(
        state=norland, office="Mine action authority", email="office@norland.example.org"
    )


@pytest.fixture
def invitation(opened, point):
    return opened.invitations.create(contact_point=point)


@pytest.fixture
def link(invitation):
    return reverse("analytics:survey_answer", args=[survey.link_to(invitation)])


def send(*options):
    printed = StringIO()
    call_command("send_survey", *options, stdout=printed, stderr=printed)
    return printed.getvalue()


def letters():
    return [message_from_bytes(bytes(mail.raw), policy=policy.default) for mail in OutgoingMail.objects.order_by("pk")]


def fill_in(client, link, **values):
    seen = re.findall(r'name="seen" value="([^"]*)"', client.get(link).content.decode())
    return ANSWER | {"seen": seen[0] if seen else ""} | values


# The letters


def test_each_national_contact_point_of_a_state_party_gets_one_letter(client, opened, point, sudland):
    factories.ContactPointFactory(state=sudland, is_sample=True)
    factories.ContactPointFactory(state=factories.StateFactory(withdrawal_effective=date(2020, 1, 1)))
    factories.ContactPointFactory(state=None, regional_body=factories.RegionalBodyFactory())
    Bounce.objects.create(email=factories.ContactPointFactory(state=sudland).email)

    told = send() + send()

    [letter] = letters()
    text = letter.get_body(["plain"]).get_content()
    assert (letter["To"], letter["Subject"]) == (point.email, "Two questions about the portal for assistance")
    assert "March 31, 2027" in text or "31 March 2027" in text
    assert [invited.contact_point for invited in opened.invitations.all()] == [point]
    assert told.splitlines()[-1] == "survey: 0 letter(s) written."
    [address] = re.findall(r"http://localhost:8000(/en/survey/\S+)", text)
    assert client.get(address).status_code == 200


def test_in_a_demonstration_made_up_offices_are_asked_and_no_others(opened, point, sudland, settings):
    settings.DEMO = True
    sample = factories.ContactPointFactory(state=sudland, is_sample=True)

    send()

    assert [letter["To"] for letter in letters()] == [sample.email]


def test_a_dry_run_lists_the_letters_and_writes_none(opened, point):
    told = send("--dry-run")

    assert told.splitlines() == [f"{point}: first letter -> {point.email}", "survey: 1 letter(s) due, none written."]
    assert not OutgoingMail.objects.exists() and not SurveyInvitation.objects.exists()


def test_an_office_that_never_answers_gets_two_letters_and_one_that_has_answered_one(days, opened, point, sudland):
    answering = factories.ContactPointFactory(state=sudland)
    written = {point.email: [], answering.email: []}
    for day in range(0, 60, 3):
        days.move_to(OPENED + timedelta(days=day))
        send()
        for mail in OutgoingMail.objects.all():
            written[mail.recipients[0]].append(day)
        OutgoingMail.objects.all().delete()
        if day == 3:
            opened.invitations.get(contact_point=answering).answer(seen="", **ANSWER)

    assert written == {point.email: [0, 15], answering.email: [0]}


def test_the_second_letter_says_that_it_is_the_last(days, opened, point):
    send()
    days.move_to(opened.half_time)
    send()

    first, second = (letter.get_body(["plain"]).get_content() for letter in letters())
    assert ("will not write again" in first, "will not write again" in second) == (False, True)


def test_without_an_open_survey_nobody_is_asked(days, point, opened):
    days.move_to(opened.closes_on + timedelta(days=1))

    assert send() == "survey: 0 letter(s) written.\n"
    assert letters() == []


def test_if_a_letter_cannot_be_written_nothing_is_noted_and_the_next_run_writes_it(opened, point):
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(survey.letters, "write", _fail)
        outcomes = list(write_due_letters(Subject("survey", survey.due, survey.letter_to)))

    assert [type(outcome) for _point, outcome in outcomes] == [OSError]
    assert not SurveyInvitation.objects.exists()

    send()
    assert len(letters()) == SurveyInvitation.objects.count() == 1


def _fail(*args, **kwargs):
    raise OSError


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_write_one_letter(opened, point):
    start = threading.Barrier(2)

    def run():
        start.wait()
        try:
            list(write_due_letters(Subject("survey", survey.due, survey.letter_to)))
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _ in range(2)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()

    assert OutgoingMail.objects.count() == SurveyInvitation.objects.count() == 1


# Answering


def test_an_office_answers_and_may_change_its_answer_until_the_last_day(client, days, link, invitation, opened):
    assert client.post(link, fill_in(client, link)).status_code == 302
    days.move_to(opened.closes_on)
    assert "You can change the answer" in client.get(link).content.decode()
    client.post(link, fill_in(client, link, elsewhere="partly"))

    invitation.refresh_from_db()
    assert (invitation.elsewhere, invitation.used, invitation.comment) == ("partly", "partly", "Short and useful")
    assert timezone.localdate(invitation.answered_at) == opened.closes_on


def test_opening_the_link_changes_nothing_and_sets_no_cookie(client, link, invitation):
    page = client.get(link)

    assert (page.status_code, page.cookies.output()) == (200, "")
    invitation.refresh_from_db()
    assert invitation.answered_at is None


def test_what_is_missing_is_said_and_what_was_typed_stays(client, link, invitation):
    page = client.post(link, {"used": "yes", "comment": "Words that took a while"})

    assert "Say whether you could have found it elsewhere." in page.content.decode()
    assert "Words that took a while" in page.content.decode()
    invitation.refresh_from_db()
    assert invitation.answered_at is None


def test_of_two_colleagues_the_second_is_told_and_may_press_again(client, days, link, invitation):
    late = fill_in(client, link, elsewhere="yes")
    client.post(link, fill_in(client, link))
    days.shift(60)

    told = client.post(link, late)

    assert told.status_code == 409
    assert "somebody of your office has answered meanwhile" in told.content.decode()
    invitation.refresh_from_db()
    assert invitation.elsewhere == "no"
    [seen] = re.findall(r'name="seen" value="([^"]+)"', told.content.decode())
    assert client.post(link, late | {"seen": seen}).status_code == 302
    invitation.refresh_from_db()
    assert invitation.elsewhere == "yes"


def test_pressed_twice_is_one_answer(client, link, invitation):
    data = fill_in(client, link)

    assert [client.post(link, data).status_code for _press in range(2)] == [302, 302]


@pytest.mark.parametrize("end", ["round", "mailbox", "office"])
def test_a_link_ends_with_the_round_the_mailbox_and_the_office(client, days, link, opened, point, officer, end):
    if end == "round":
        days.move_to(opened.closes_on + timedelta(days=1))
    elif end == "mailbox":
        type(point).objects.filter(pk=point.pk).update(email="other@norland.example.org")
    else:
        point.close(by=officer)

    for page in (client.get(link), client.post(link, ANSWER)):
        assert page.status_code == 410
        assert "This survey is closed" in page.content.decode()
    assert not SurveyInvitation.objects.answered().exists()


def test_a_link_that_was_cut_off_or_is_for_something_else_is_said_to_be_so(client, invitation, link):
    other = reverse("analytics:survey_answer", args=[signed_links.sign("verify", [invitation.pk, "x"])])
    for address in (link[:-5] + "/", other):
        page = client.get(address)
        assert page.status_code == 404
        assert "This link is not complete" in page.content.decode()


# The ISU


def test_the_isu_opens_a_survey_and_a_second_press_is_told(isu, days, officer):
    data = {"kind": "after", "closes_on": OPENED + timedelta(days=30)}
    isu.post(reverse("analytics:survey"), data)
    page = isu.post(reverse("analytics:survey"), data, follow=True)

    assert "a survey is open already" in page.content.decode()
    [opened] = SurveyRound.objects.all()
    assert (opened.kind, opened.opened_by, opened.half_time) == ("after", officer, OPENED + timedelta(days=15))


@pytest.mark.parametrize("last_day", [6, 181, None])
def test_a_survey_is_open_for_a_week_at_least_and_half_a_year_at_most(isu, days, last_day):
    closes_on = "" if last_day is None else OPENED + timedelta(days=last_day)

    page = isu.post(reverse("analytics:survey"), {"kind": "before", "closes_on": closes_on})

    assert page.status_code == 200
    assert ("Enter the last day" if last_day is None else "at most 180 days") in page.content.decode()
    assert not SurveyRound.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_open_a_survey_at_once_one_does(officer, administrator):
    start, refused = threading.Barrier(2), []

    def begin(user):
        start.wait()
        try:
            SurveyRound.begin(by=user, kind="before", closes_on=timezone.localdate() + timedelta(days=30))
        except StepNotAllowed as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    both = [threading.Thread(target=begin, args=[user]) for user in (officer, administrator)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert (SurveyRound.objects.count(), len(refused)) == (1, 1)


def test_the_isu_reads_each_answer_with_its_state_in_a_fixed_number_of_queries(
    isu, opened, invitation, sudland, django_assert_num_queries
):
    invitation.answer(seen="", **ANSWER)
    opened.invitations.create(contact_point=factories.ContactPointFactory(state=sudland))
    isu.get(reverse("analytics:survey"))
    for number in (1, 4):
        with django_assert_num_queries(8):
            page = isu.get(reverse("analytics:survey"))
        assert len(page.context["answers"]) == number
        for _more in range(3):
            factories.ContactPointFactory()
        for point in survey.due():
            opened.invitations.create(contact_point=point).answer(seen="", **ANSWER)

    said = page.content.decode()
    assert "1 office has not answered." in said
    assert "Short and useful" in said and "Norland" in said


def test_an_earlier_survey_can_be_looked_at_again(isu, officer, days, opened, invitation):
    invitation.answer(seen="", **ANSWER)
    days.move_to(OPENED + timedelta(days=400))
    isu.force_login(officer)
    SurveyRound.begin(by=None, kind="after", closes_on=timezone.localdate() + timedelta(days=30))

    assert "Short and useful" not in isu.get(reverse("analytics:survey")).content.decode()
    assert "Short and useful" in isu.get(reverse("analytics:survey"), {"round": opened.pk}).content.decode()
    assert isu.get(reverse("analytics:survey"), {"round": "999"}).status_code == 404
    assert isu.get(reverse("analytics:survey"), {"round": "nonsense"}).status_code == 200


def test_letters_leave_after_the_portal_has_been_closed_too(opened, point):
    Closure.close("The trial has ended.")
    call_command("send_survey", verbosity=0)

    assert OutgoingMail.objects.filter(cause="survey").count() == 1
