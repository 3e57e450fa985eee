"""Who is reminded of what, how often, and what the ISU sees of it."""

import threading
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactPoint
from offers import freshness, outbox
from offers.management.commands.send_reminders import SUBJECTS
from offers.models import Offer, OfferVersion, OutgoingMail, Reminder, Step, StepNotAllowed
from offers.reminding import write_due_letters
from tests import factories
from tests.letters import message_of, text_of

pytestmark = pytest.mark.django_db


def run(*options):
    out, err = StringIO(), StringIO()
    call_command("send_reminders", *options, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def letters(to=None):
    """Letters that ask for a confirmation, as (recipient, subject, text)."""
    found = []
    for mail in OutgoingMail.objects.order_by("pk"):
        text = text_of(mail)
        if "/confirm/" in text or "Permanent Mission" in text:
            found.append((mail.recipients[0], mail.subject, text))
    return [each for each in found if to in (None, each[0])]


def reminders(offer):
    return list(offer.reminders.values_list("stage", flat=True))


def set_last_day(offer, day):
    OfferVersion.objects.filter(pk=offer.live_version_id).update(valid_until=day)
    Offer.objects.filter(pk=offer.pk).update(valid_until=day)


# The letters


def test_one_letter_names_all_offers_of_a_state_that_wait(make_offer, norlander, sudland):
    due = [make_offer(title=f"Course {number}", confirmed_days_ago=180 + number) for number in range(3)]
    fresh = make_offer(title="Fresh course", confirmed_days_ago=179)

    assert "Norland, due" in run()

    (_to, subject, text) = letters(norlander.email)[0]
    assert subject == "Please confirm 3 offers of Norland: are they still valid?"
    for offer in due:
        assert f"{offer.reference}  {offer.live_version.title}" in text
        assert reminders(offer) == ["due"]
    assert fresh.reference not in text
    assert reminders(fresh) == []
    assert len(letters(norlander.email)) == 1


@pytest.mark.parametrize(
    ("days", "stage", "subject"),
    [
        (180, "due", "Please confirm an offer of Norland: is it still valid?"),
        (210, "overdue", "An offer of Norland leaves the catalogue on {day} unless you confirm it"),
        (270, "suspended", "An offer of Norland is hidden until you confirm it"),
    ],
)
def test_the_subject_says_what_is_asked(make_offer, norlander, days, stage, subject):
    offer = make_offer(confirmed_days_ago=days)
    leaves = offer.confirmed_on + timedelta(days=270)

    run()

    (letter,) = letters(norlander.email)
    assert letter[1] == subject.format(day=f"{leaves.day} {leaves:%B %Y}")
    assert reminders(offer) == [stage]


def test_a_letter_says_how_to_change_and_withdraw_and_until_when_its_link_is_good(make_offer, norlander, settings):
    make_offer(confirmed_days_ago=200)

    run()

    text = letters(norlander.email)[0][2]
    until = timezone.localdate() + timedelta(days=settings.CONFIRM_LINK_DAYS)
    assert f"The link is good until {until.day} {until:%B %Y}." in text
    assert f"{settings.PORTAL_URL}/en/desk/" in text
    assert settings.ISU_EMAIL in text
    assert "The public is not told that a confirmation is due or overdue" in text


def test_focal_points_and_the_offices_that_the_offers_name_each_get_it_once(make_offer, norland, norlander, sudlander):
    colleague = factories.UserFactory(state=norland)
    factories.UserFactory(state=norland, is_active=False)
    named = factories.ContactPointFactory(state=norland, email="Office@norland.example.org")
    same_as_person = factories.ContactPointFactory(state=norland, email=colleague.email.upper())
    closed = factories.ContactPointFactory(state=norland, closed_on=timezone.localdate())
    factories.ContactPointFactory(state=norland)  # named by no offer
    regional = factories.ContactPointFactory(state=None, regional_body=factories.RegionalBodyFactory())
    points = [named, same_as_person, closed, regional]
    for _ in range(2):
        make_offer(confirmed_days_ago=200, contact_points=points)

    run()

    assert sorted(to for to, _subject, _text in letters()) == sorted([norlander.email, colleague.email, named.email])


def test_nothing_is_written_about_what_nobody_can_confirm(make_offer, norland, norlander):
    make_offer(confirmed_days_ago=200).withdraw(by=norlander)
    make_offer(confirmed_days_ago=200).fulfil(by=norlander)
    set_last_day(make_offer(confirmed_days_ago=200), timezone.localdate() - timedelta(days=1))
    Offer.objects.filter(pk=make_offer(confirmed_days_ago=200).pk).update(is_sample=True)
    left = factories.StateFactory()
    factories.make_offer(state=left, confirmed_days_ago=200)
    left.withdrawal_effective = timezone.localdate()
    left.save()
    make_offer(status="draft")

    assert "offers: 0 letter(s) written." in run()

    assert letters() == []
    assert not Reminder.objects.exists()


def test_with_nobody_to_write_to_the_letter_stays_due(make_offer, norlander):
    offer = make_offer(confirmed_days_ago=200)
    norlander.is_active = False
    norlander.save()
    ContactPoint.objects.update(is_sample=True)

    assert f"Norland, due: {offer.reference}: nobody to write to" in run()
    assert reminders(offer) == []

    norlander.is_active = True
    norlander.save()
    run()
    assert len(letters(norlander.email)) == 1


def test_a_last_day_that_is_near_is_named_if_a_letter_goes_out_anyway(make_offer, norlander):
    today = timezone.localdate()
    near, far, past = (make_offer(title=title) for title in ("Near", "Far", "Past"))
    set_last_day(near, today + timedelta(days=30))
    set_last_day(far, today + timedelta(days=31))
    set_last_day(past, today - timedelta(days=1))

    run()
    assert letters() == []

    make_offer(confirmed_days_ago=200)
    run()

    text = letters(norlander.email)[0][2]
    assert f"{near.reference}  Near" in text
    assert "change its last day" in text
    assert far.reference not in text
    assert past.reference not in text


@pytest.mark.parametrize("days", [200, 220])
def test_an_offer_that_ends_before_it_would_be_hidden_is_not_said_to_leave(make_offer, norlander, days):
    offer = make_offer(confirmed_days_ago=days)
    last_day = timezone.localdate() + timedelta(days=40)
    set_last_day(offer, last_day)

    run()

    (letter,) = letters(norlander.email)
    assert letter[1].startswith("Please confirm an offer")
    assert f"; ends on {last_day.day} {last_day:%B %Y}." in letter[2]
    assert "leaves the catalogue" not in letter[2]


# At most three


def days_from(first, count):
    for number in range(count):
        with time_machine.travel(datetime(*first, 9, tzinfo=ZoneInfo("Europe/Zurich")) + timedelta(days=number)):
            yield timezone.localdate()


def test_in_a_whole_year_each_offer_is_named_in_three_letters_and_again_after_a_confirmation(make_offer, norlander):
    with time_machine.travel("2027-01-10 09:00+01:00", tick=False):
        first = make_offer(title="First")
    with time_machine.travel("2027-01-20 09:00+01:00", tick=False):
        second = make_offer(title="Second")
    OutgoingMail.objects.all().delete()
    sent = {}

    for day in days_from((2027, 6, 1), 250):
        for _run in range(2):
            run()
        for _to, _subject, text in letters(norlander.email):
            sent.setdefault(day, []).append([offer.reference in text for offer in (first, second)])
        OutgoingMail.objects.all().delete()

    assert sent == {
        date(2027, 1, 10) + timedelta(days=180): [[True, False]],
        date(2027, 1, 20) + timedelta(days=180): [[False, True]],
        date(2027, 1, 10) + timedelta(days=210): [[True, False]],
        date(2027, 1, 20) + timedelta(days=210): [[False, True]],
        date(2027, 1, 10) + timedelta(days=270): [[True, False]],
        date(2027, 1, 20) + timedelta(days=270): [[False, True]],
    }
    with time_machine.travel("2027-12-20 09:00+01:00", tick=False):
        first.confirm(by=norlander)
    with time_machine.travel(datetime(2027, 12, 20, 9, tzinfo=ZoneInfo("Europe/Zurich")) + timedelta(days=180)):
        run()
    assert reminders(first) == ["due", "overdue", "suspended", "due"]


def test_a_letter_counts_what_waits_since_earlier_letters(make_offer, norlander):
    early = make_offer(confirmed_days_ago=200, title="Early")
    run()
    OutgoingMail.objects.all().delete()
    late = make_offer(confirmed_days_ago=185, title="Late")

    run()

    text = letters(norlander.email)[0][2]
    assert late.reference in text
    assert early.reference not in text
    assert "One more offer waits for a confirmation since an earlier letter" in text


@pytest.mark.parametrize(("weeks", "stage"), [(7, "overdue"), (16, "suspended")])
def test_after_missed_weeks_only_the_present_stage_is_told(make_offer, norlander, weeks, stage):
    offer = make_offer(confirmed_days_ago=175)

    with time_machine.travel(timezone.now() + timedelta(weeks=weeks)):
        for _run in range(3):
            run()

    assert reminders(offer) == [stage]
    assert len(letters(norlander.email)) == 1


def test_a_run_that_was_killed_repeats_nothing_and_forgets_nobody(make_offer, norlander, sudlander, sudland):
    make_offer(confirmed_days_ago=200)
    factories.make_offer(state=sudland, author=sudlander, confirmed_days_ago=200)
    (subject,) = (each for each in SUBJECTS if each.name == "offers")

    killed = write_due_letters(subject)
    next(killed)
    killed.close()
    assert Reminder.objects.count() == 1

    run()

    assert [len(letters(user.email)) for user in (norlander, sudlander)] == [1, 1]
    assert Reminder.objects.count() == 2


def test_a_letter_that_cannot_be_written_leaves_nothing_behind_and_holds_up_no_other(
    make_offer, norland, norlander, sudland, sudlander
):
    broken = make_offer(confirmed_days_ago=200)
    factories.make_offer(state=sudland, author=sudlander, confirmed_days_ago=200)
    ContactPoint.objects.filter(state=norland).update(email="office@norland.example.org\nBcc: x@example.org")

    with pytest.raises(CommandError, match="1 letter"):
        run()

    assert reminders(broken) == []
    assert letters(norlander.email) == []
    assert len(letters(sudlander.email)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_write_each_letter_once(make_offer, norlander, sudland, sudlander):
    offers = [make_offer(confirmed_days_ago=200) for _ in range(3)]
    offers.append(factories.make_offer(state=sudland, author=sudlander, confirmed_days_ago=300))
    barrier, failures = threading.Barrier(2), []

    def act():
        try:
            barrier.wait()
            run()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert [len(letters(user.email)) for user in (norlander, sudlander)] == [1, 1]
    assert Reminder.objects.count() == len(offers)


def test_a_dry_run_says_what_would_go_to_whom_and_writes_nothing(make_offer, norlander):
    offer = make_offer(confirmed_days_ago=200)
    office = offer.live_version.contact_points.get().email

    said = run("--dry-run")

    assert f"Norland, due: {offer.reference} -> {norlander.email}, {office}" in said
    assert letters() == []
    assert not Reminder.objects.exists()


def test_an_ordinary_run_prints_no_address(make_offer, norlander):
    make_offer(confirmed_days_ago=200)

    assert "@" not in run()


@pytest.mark.parametrize("count", [1, 6])
def test_a_letter_needs_the_same_queries_however_many_offers_it_names(
    make_offer, norland, count, django_assert_max_num_queries
):
    for _ in range(count):
        make_offer(confirmed_days_ago=200)

    with django_assert_max_num_queries(6):
        assert freshness.letter_to(norland).recipients
    with django_assert_max_num_queries(3):
        assert list(freshness.states_to_remind()) == [norland]


# The board


def test_the_board_counts_by_stage_and_lists_by_state(isu, make_offer, sudland, sudlander):
    make_offer()
    due = make_offer(title="Due course", confirmed_days_ago=200)
    hidden = factories.make_offer(state=sudland, author=sudlander, title="Hidden course", confirmed_days_ago=271)
    run()

    response = isu.get(reverse("offers:freshness"))

    assert [count for _label, _value, count in response.context["counts"]] == [1, 1, 0, 1]
    assert [
        (row.state.name, [(line.offer, line.days, line.last_letter.stage) for line in row.lines])
        for row in response.context["states"]
    ] == [("Norland", [(due, 200, "due")]), ("Sudland", [(hidden, 271, "suspended")])]
    page = response.content.decode()
    assert "200 days ago" in page
    assert "Hidden course" in page

    narrowed = isu.get(reverse("offers:freshness"), {"stage": "suspended"})
    assert [row.state.name for row in narrowed.context["states"]] == ["Sudland"]
    assert [row.state.name for row in isu.get("/en/isu/freshness/?stage=%00x").context["states"]] == [
        "Norland",
        "Sudland",
    ]


def test_the_board_tells_of_letters_that_came_back_and_of_states_with_nobody_to_write_to(
    isu, make_offer, norlander, sudland
):
    make_offer(confirmed_days_ago=200)
    lonely = factories.make_offer(state=sudland, author=norlander, confirmed_days_ago=200)
    lonely.live_version.contact_points.update(closed_on=timezone.localdate())
    run()
    OutgoingMail.objects.filter(recipients=[norlander.email], subject__startswith="Please confirm").update(
        failed_at=timezone.now()
    )

    norland_row, sudland_row = isu.get(reverse("offers:freshness")).context["states"]

    assert norland_row.failed == [norlander.email]
    assert not norland_row.needs_address
    assert sudland_row.needs_address


def test_the_board_forgets_a_letter_of_the_cycle_before(isu, make_offer, norlander):
    offer = make_offer(confirmed_days_ago=200)
    run()
    Offer.objects.filter(pk=offer.pk).update(confirmed_on=offer.confirmed_on + timedelta(days=5))

    (row,) = isu.get(reverse("offers:freshness")).context["states"]

    assert row.lines[0].last_letter is None


@pytest.mark.parametrize("count", [1, 4])
def test_the_board_needs_the_same_queries_however_long(isu, make_offer, count, django_assert_max_num_queries):
    for _ in range(count):
        make_offer(confirmed_days_ago=220)
        factories.make_offer(confirmed_days_ago=300)
    run()

    with django_assert_max_num_queries(11):
        assert len(isu.get(reverse("offers:freshness")).context["states"]) == count + 1


def test_an_empty_board_says_so(isu):
    assert "No offer waits for a confirmation." in isu.get(reverse("offers:freshness")).content.decode()


# The Permanent Mission


@pytest.fixture
def mission(norland):
    norland.mission_email = "mission@norland.example.org"
    norland.save()
    return reverse("offers:mission", args=["qno"])


def typed(response, **changes):
    form = response.context["form"]
    return {"seen": form["seen"].value(), "text": form["text"].value()} | changes


def test_the_permanent_mission_gets_the_text_that_was_read_over_once(isu, make_offer, mission, settings):
    overdue, hidden = make_offer(confirmed_days_ago=215), make_offer(confirmed_days_ago=300)
    due = make_offer(confirmed_days_ago=185)
    response = isu.get(mission)
    proposal = response.context["form"]["text"].value()
    assert overdue.reference in proposal
    assert hidden.reference in proposal
    assert due.reference not in proposal

    data = typed(response, text=f"Excellency,\r\n\u202e{proposal}")
    assert isu.post(mission, data, follow=True).redirect_chain == [(reverse("offers:freshness"), 302)]
    again = isu.post(mission, data)

    assert again.status_code == 409
    assert "has been written to" in again.content.decode()
    (letter,) = letters("mission@norland.example.org")
    assert letter[1] == "Offers of assistance by Norland: confirmation requested"
    assert letter[2].splitlines()[:2] == ["Excellency,", "To the Permanent Mission of Norland in Geneva"]
    mail = OutgoingMail.objects.get(recipients=["mission@norland.example.org"])
    assert message_of(mail)["Reply-To"] == settings.ISU_EMAIL
    assert [reminders(offer) for offer in (overdue, hidden, due)] == [["escalated"], ["escalated"], []]
    (row,) = isu.get(reverse("offers:freshness")).context["states"]
    assert row.to_escalate == []


def test_nobody_sends_a_letter_about_offers_that_have_been_confirmed_meanwhile(isu, make_offer, norlander, mission):
    first, second = make_offer(confirmed_days_ago=220), make_offer(confirmed_days_ago=220)
    data = typed(isu.get(mission), text="What I have written")
    first.confirm(by=norlander)

    response = isu.post(mission, data)

    assert response.status_code == 409
    assert response.context["form"]["text"].value() == "What I have written"
    assert response.context["form"]["seen"].value() == str(second.pk)
    assert letters("mission@norland.example.org") == []
    assert isu.post(mission, typed(response)).status_code == 302
    assert [reminders(offer) for offer in (first, second)] == [[], ["escalated"]]


@pytest.mark.parametrize("seen", ["", "999999", "x", "1 1", "\u0661", "9" * 5000, None])
def test_a_letter_about_other_offers_is_not_sent(isu, make_offer, mission, seen):
    make_offer(confirmed_days_ago=220)
    data = {"text": "A text"} | ({} if seen is None else {"seen": seen})

    assert isu.post(mission, data).status_code == 409
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
def test_a_text_that_is_no_letter_is_asked_for_again(isu, make_offer, mission, text):
    make_offer(confirmed_days_ago=220)
    response = isu.post(mission, typed(isu.get(mission), text=text))

    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()
    assert response.context["form"]["text"].value() == text
    assert not Reminder.objects.exists()


def test_without_a_mailbox_the_page_says_how_to_add_it(client, officer, administrator, norland, make_offer):
    make_offer(confirmed_days_ago=220)
    address = reverse("offers:mission", args=["qno"])
    admin_page = reverse("admin:contacts_state_change", args=[norland.pk])

    client.force_login(officer)
    page = client.get(address).content.decode()
    assert "An administrator adds it" in page
    assert admin_page not in page
    assert client.post(address, {"text": "A text"}).status_code == 200
    assert not Reminder.objects.exists()

    client.force_login(administrator)
    assert admin_page in client.get(address).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_write_one_letter(make_offer, norland, mission):
    offer = make_offer(confirmed_days_ago=220)
    norland.refresh_from_db()
    barrier, outcomes = threading.Barrier(2), []

    def act():
        try:
            barrier.wait()
            freshness.write_to_mission(norland, seen=str(offer.pk), text="A text")
            outcomes.append("sent")
        except StepNotAllowed:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["sent", "told"]
    assert OutgoingMail.objects.filter(recipients=["mission@norland.example.org"]).count() == 1


# The step


def test_a_confirmation_is_logged_once_a_day(make_offer, norlander):
    offer = make_offer(confirmed_days_ago=200)
    offer.confirm(by=norlander, reason="Note verbale 7")

    with pytest.raises(StepNotAllowed, match="already been confirmed today"):
        offer.confirm(by=norlander)

    (change,) = offer.status_changes.filter(step=Step.CONFIRM)
    assert change.reason == "Note verbale 7"
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        offer.confirm(by=norlander)
    assert offer.status_changes.filter(step=Step.CONFIRM).count() == 2


def test_a_confirmation_leaves_the_version_that_is_being_written_alone(make_offer, norlander):
    offer = make_offer(confirmed_days_ago=200)
    draft = offer.edit(by=norlander)

    offer.confirm(by=norlander)

    assert offer.confirmed_on == timezone.localdate()
    assert offer.open_version == draft
    assert offer.status_changes.last().version == offer.live_version


def test_many_offers_are_confirmed_together_and_the_others_say_why_not(make_offer, norlander, officer):
    waiting = [make_offer(confirmed_days_ago=days) for days in (10, 200, 300)]
    fixed = make_offer(confirmed_days_ago=200)
    last_day = timezone.localdate() + timedelta(days=9)
    set_last_day(fixed, last_day)
    over = make_offer(confirmed_days_ago=200)
    set_last_day(over, timezone.localdate() - timedelta(days=1))
    ended = make_offer(confirmed_days_ago=200)
    ended.withdraw(by=norlander)
    draft = make_offer(status="draft")

    confirmed, refused = Offer.objects.confirm(by=norlander, reason="All of them")

    assert confirmed == [*waiting, fixed]
    assert [offer for offer, _why in refused] == [over, ended, draft]
    for offer in (*waiting, fixed):
        offer.refresh_from_db()
        assert offer.confirmed_on == timezone.localdate()
        assert offer.status_changes.filter(step=Step.CONFIRM, by=norlander, reason="All of them").count() == 1
    assert fixed.valid_until == last_day
    assert waiting[0].valid_until == timezone.localdate().replace(year=timezone.localdate().year + 1)
    for offer in (over, ended, draft):
        assert not offer.status_changes.filter(step=Step.CONFIRM).exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_confirm_once(make_offer, norlander):
    offers = [make_offer(confirmed_days_ago=200) for _ in range(4)]
    barrier, counts = threading.Barrier(2), []

    def act():
        try:
            barrier.wait()
            confirmed, refused = Offer.objects.confirm(by=norlander)
            counts.append((len(confirmed), len(refused)))
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counts) == [(0, 4), (4, 0)]
    assert [offer.status_changes.filter(step=Step.CONFIRM).count() for offer in offers] == [1] * 4


def test_letters_leave_through_the_outbox(make_offer, norlander, settings, tmp_path):
    settings.DELIVERY = {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(tmp_path),
    }
    make_offer(confirmed_days_ago=200)
    run()

    assert all(mail.sent_at for mail in outbox.send_due_mails())

    assert any("Please confirm an offer of Norland" in path.read_text() for path in tmp_path.iterdir())
