"""What the ISU has before it, and what it is told to look at twice."""

import threading
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from offers import moderation
from offers.models import (
    ContactProposal,
    OfferTranslation,
    OfferVersion,
    OutgoingMail,
    ProposalKind,
    Step,
    StepNotAllowed,
    VersionStatus,
)
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(make_offer):
    def waiting(**content):
        return make_offer(status="submitted", **content).versions.last()

    return waiting


@pytest.fixture
def colleague(db):
    return factories.UserFactory(email="colleague@isu.example.org", role="isu_officer")


def last_letter():
    return bytes(OutgoingMail.objects.order_by("pk").last().raw).decode()


def make_translation(version, **words):
    french = factories.LanguageFactory(code="fr", name_en="French", endonym="français")
    words = {"title": "Cours de déminage", "description": "Un cours de cinq semaines. " * 8} | words
    return OfferTranslation.objects.create(version=version, language=french, **words)


# The queue


def test_all_that_waits_stands_in_one_queue_the_oldest_first(waiting, make_offer, norland, norlander):
    now = timezone.now()
    new, published = waiting(title="A new offer"), make_offer()
    OfferVersion.objects.filter(pk=new.pk).update(submitted_at=now - timedelta(days=1))
    change = published.edit(by=norlander)
    change.submit(by=norlander)
    factories.MistakeReportFactory(offer=published, created_at=now - timedelta(days=3))
    ContactProposal.objects.create(
        state=norland,
        office="Rehabilitation centre",
        email="centre@example.org",
        kind=ProposalKind.NEW,
        proposed_by=norlander,
        proposed_at=now - timedelta(days=2),
    )

    rows = moderation.queue()

    assert [(str(row.kind), row.days) for row in rows] == [
        ("Report of a mistake", 3),
        ("New contact point", 2),
        ("New offer", 1),
        ("Change of an offer", 0),
    ]
    assert {row.state for row in rows} == {norland}


def test_a_report_about_a_regional_body_or_a_deleted_office_is_of_no_state(db):
    body = factories.ContactPointFactory(state=None, regional_body=factories.RegionalBodyFactory())
    factories.MistakeReportFactory(contact_point=body)
    factories.MistakeReportFactory(contact_point=None, office="An office that is gone")

    assert [(row.title, row.state) for row in moderation.queue()] == [
        (str(body), None),
        ("An office that is gone", None),
    ]


def test_reports_beyond_the_oldest_do_not_drown_the_queue(waiting):
    for _ in range(moderation.REPORTS_SHOWN + 1):
        factories.MistakeReportFactory()
    version = waiting()

    rows = moderation.queue()

    assert len(rows) == moderation.REPORTS_SHOWN + 1
    assert rows[-1].version == version


@pytest.mark.parametrize(("day", "is_late"), [("2026-03-09", False), ("2026-03-10", True)])
def test_an_answer_is_late_after_the_last_working_day_that_was_promised(waiting, day, is_late):
    version = waiting()
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False):  # a Monday
        OfferVersion.objects.filter(pk=version.pk).update(submitted_at=timezone.now())

    with time_machine.travel(f"{day}T10:00:00Z", tick=False):
        [row] = moderation.queue()

        assert row.due == row.version.answer_due == date(2026, 3, 9)
        assert row.is_late == is_late


def test_the_promise_counts_from_the_day_in_geneva(waiting, settings):
    settings.ISU_REPLY_WORKING_DAYS = 1
    version = waiting()

    with time_machine.travel("2026-03-02T23:30:00Z", tick=False):  # already Tuesday there
        version.submitted_at = timezone.now()

    assert version.answer_due == date(2026, 3, 4)


def test_what_has_ended_in_the_last_week_is_told_and_no_more_once_it_is_back(make_offer, norlander):
    offers = [make_offer() for _ in range(3)]
    with time_machine.travel(timezone.now() - timedelta(days=8), tick=False):
        offers[0].withdraw(by=norlander)
    offers[1].withdraw(by=norlander, reason="The centre is closed.")
    offers[2].fulfil(by=norlander)

    assert [change.offer for change in moderation.recent_endings()] == [offers[2], offers[1]]

    offers[2].bring_back(by=norlander)

    assert [change.offer for change in moderation.recent_endings()] == [offers[1]]


# Who is looking at it


def test_a_claim_names_the_first_of_two_and_forbids_nothing(waiting, officer, colleague):
    version = waiting()

    version.claim(by=officer)
    OfferVersion.objects.get(pk=version.pk).claim(by=colleague)

    version.refresh_from_db()
    assert version.looked_at_by == officer
    version.publish(by=colleague, seen=version.edit_number)
    assert version.status == VersionStatus.PUBLISHED


def test_a_claim_runs_out_and_is_then_a_colleague_s(waiting, officer, colleague, settings):
    version = waiting()
    version.claim(by=officer)

    with time_machine.travel(timezone.now() + timedelta(minutes=settings.CLAIM_MINUTES, seconds=1), tick=False):
        assert version.looked_at_by is None
        version.claim(by=colleague)

        assert version.looked_at_by == colleague


def test_only_whoever_holds_a_claim_releases_it(waiting, officer, colleague):
    version = waiting()
    version.claim(by=officer)

    version.release(by=colleague)
    assert version.looked_at_by == officer

    version.release(by=officer)
    assert version.looked_at_by is None


def test_a_claim_ends_with_the_decision(waiting, officer, norlander):
    version = waiting()
    version.claim(by=officer)

    version.send_back(by=officer, reason="Say more.", seen=version.edit_number)
    version.submit(by=norlander)

    assert version.looked_at_by is None


def test_nobody_claims_what_does_not_wait(make_offer, officer):
    version = make_offer().live_version

    version.claim(by=officer)

    assert version.looked_at_by is None


def test_next_comes_what_was_submitted_after_it_then_what_was_passed_over(waiting, officer, colleague):
    first, second, third = waiting(), waiting(), waiting()

    assert moderation.next_to_review(first, by=officer) == second
    assert moderation.next_to_review(third, by=officer) == first

    second.claim(by=colleague)
    assert moderation.next_to_review(first, by=officer) == third
    assert moderation.next_to_review(first, by=colleague) == second


def test_after_the_last_one_nothing_comes(waiting, officer):
    assert moderation.next_to_review(waiting(), by=officer) is None


# What to look at twice


def warnings(version):
    return {str(warning.text).rstrip(":"): warning.details for warning in moderation.warnings_about(version)}


def test_an_ordinary_offer_gives_nothing_to_look_at_twice(waiting):
    today = timezone.localdate()

    # A course that has begun and goes on is in nobody's past.
    version = waiting(standards="IMAS 09.30, EOD level 2", starts_on=today - timedelta(1), ends_on=today)

    assert warnings(version) == {}


@pytest.mark.parametrize(
    ("content", "text", "detail"),
    [
        (
            {"title": "Course \u202egnihtyreve"},
            "Signs that cannot be seen, or that turn the direction of the text",
            "Title: U+202E RIGHT-TO-LEFT OVERRIDE",
        ),
        (
            {"gender": "Women\u200b and e\u0301quipes"},
            "Signs that cannot be seen, or that turn the direction of the text",
            "Gender provisions: U+0301 COMBINING ACUTE ACCENT, U+200B ZERO WIDTH SPACE",
        ),
        ({"ends_on": date(2020, 5, 12)}, "In the past", "Last day: 12 May 2020"),
        ({"deadline": date(2020, 5, 12)}, "In the past", "Requests until: 12 May 2020"),
        ({"starts_on": date(2020, 5, 12)}, "In the past", "First day: 12 May 2020"),
        ({"prerequisites": "See www.example.org/form."}, "Leads to another website", "www.example.org"),
        ({"prerequisites": "http://icbl.org@evil.example/x"}, "Leads to another website", "evil.example"),
        (
            {"prerequisites": "https://ex\u0430mple.org"},
            "Leads to another website",
            "ex\u0430mple.org (xn--exmple-4nf.org)",
        ),
        ({"prerequisites": "http://[not an address"}, "Leads to another website", "http://[not"),
        ({"title": "DEMINING COURSE FOR INSTRUCTORS"}, "Written mostly in capital letters", "Title"),
        (
            {"description": factories.LONG_ENOUGH + " It costs USD 500 000."},
            "An amount of money",
            "Description: USD 500 000",
        ),
    ],
)
def test_a_warning_names_the_place(waiting, content, text, detail):
    assert warnings(waiting(**content)) == {text: [detail]}


def test_a_translation_is_looked_at_too(waiting):
    version = waiting()
    make_translation(version, description="Un cours qui coûte 20 000 euros, voir https://example.org. " * 5)

    found = warnings(OfferVersion.objects.get(pk=version.pk))

    assert found == {
        "Leads to another website": ["example.org"],
        "An amount of money": ["Description (French): 20 000 euros"],
    }


def test_links_documents_and_partners_are_looked_at_too(waiting):
    version = waiting()
    version.links.create(title="The\u2066 course", url="https://courses.example.org/")
    version.partners.create(organisation="A centre\u202e", role="host")

    found = warnings(OfferVersion.objects.get(pk=version.pk))

    assert found["Leads to another website"] == ["courses.example.org"]
    assert found["Signs that cannot be seen, or that turn the direction of the text"] == [
        "Links: U+2066 LEFT-TO-RIGHT ISOLATE",
        "Partners: U+202E RIGHT-TO-LEFT OVERRIDE",
    ]


@pytest.mark.parametrize("title", ["ДЕМИНИРОВАНИЕ И ОБУЧЕНИЕ", "FORMATION AU DÉMINAGE"])
def test_capital_letters_are_known_in_every_script_that_has_them(waiting, title):
    assert warnings(waiting(title=title)) == {"Written mostly in capital letters": ["Title"]}


@pytest.mark.parametrize("title", ["دورة تدريبية في إزالة الألغام", "人道主义扫雷教官培训课程", "EOD, IMAS, IED"])
def test_scripts_without_capitals_and_abbreviations_do_not_shout(waiting, title):
    assert warnings(waiting(title=title)) == {}


def test_a_title_that_another_offer_has_is_named_with_its_reference(waiting, make_offer, sudland, norlander):
    other = factories.make_offer(state=sudland, title="Metal detectors on loan")
    ended = make_offer(title="Metal detectors on loan")
    ended.withdraw(by=norlander)

    assert warnings(waiting(title="METAL detectors on loan"))["Another offer has the same title"] == [other.reference]


def test_money_is_no_surprise_where_it_fuels_south_south_cooperation(waiting):
    form = factories.FormFactory(code="form.south_south_funding")

    assert warnings(waiting(form=form, description=factories.LONG_ENOUGH + " Up to USD 50 000.")) == {}


# Corrections


def test_a_correction_is_logged_with_before_and_after_and_the_state_is_told(waiting, officer, norlander):
    version = waiting(title="Cuorse for instructors")
    seen = version.edit_number

    version.correct(by=officer, seen=seen, changes={("", "title"): "Course for instructors", ("", "quantity"): ""})

    version.refresh_from_db()
    assert (version.title, version.status, version.edit_number) == ("Course for instructors", "submitted", seen + 1)
    change = version.offer.status_changes.last()
    assert (change.step, change.by, change.from_status, change.to_status) == (
        Step.STAFF_EDIT, officer, "submitted", "submitted",
    )  # fmt: skip
    assert change.changes == [
        {"language": "", "field": "title", "before": "Cuorse for instructors", "after": "Course for instructors"}
    ]
    letter = last_letter()
    assert f"To: {norlander.email}" in letter
    assert "Before: Cuorse for instructors" in letter
    assert "Now: Course for instructors" in letter


def test_a_translation_is_corrected_in_its_own_language(waiting, officer):
    version = waiting()
    translation = make_translation(version)

    version.correct(by=officer, seen=version.edit_number, changes={("fr", "title"): "Formation au déminage"})

    translation.refresh_from_db()
    assert translation.title == "Formation au déminage"
    [(_change, [difference])] = moderation.with_corrections(version.offer.status_changes.filter(step=Step.STAFF_EDIT))
    assert (difference.label, difference.before, difference.after) == (
        "Title (French)", "Cours de déminage", "Formation au déminage",
    )  # fmt: skip


def test_what_was_read_before_a_correction_is_not_published(waiting, officer, colleague):
    version = waiting()
    seen = version.edit_number

    version.correct(by=officer, seen=seen, changes={("", "title"): "Another title"})

    with pytest.raises(StepNotAllowed, match="not the one you opened"):
        version.publish(by=colleague, seen=seen)


def test_who_corrects_is_not_the_author_and_may_publish(waiting, officer):
    version = waiting()
    version.correct(by=officer, seen=version.edit_number, changes={("", "title"): "Another title"})

    version.publish(by=officer, seen=version.edit_number)

    assert version.status == VersionStatus.PUBLISHED


def test_who_has_written_it_does_not_become_another_by_a_correction(norland, officer, colleague):
    offer = factories.make_offer(state=norland, author=factories.UserFactory(state=norland), status="submitted")
    version = offer.versions.last()
    OfferVersion.objects.filter(pk=version.pk).update(author=officer)
    version.refresh_from_db()

    version.correct(by=colleague, seen=version.edit_number, changes={("", "title"): "Another title"})

    with pytest.raises(StepNotAllowed):
        version.publish(by=officer, seen=version.edit_number)


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({("", "title"): "Demining course for instructors"}, 0),  # the same
        ({("es", "title"): "Curso"}, 0),  # no such translation
        ({("", "title"): "Another title"}, 1),  # another edit
    ],
)
def test_nothing_to_correct_or_another_text_changes_nothing(waiting, officer, changes, seen):
    version = waiting()
    before = (version.title, version.edit_number, OutgoingMail.objects.count())

    with pytest.raises(StepNotAllowed):
        version.correct(by=officer, seen=version.edit_number + seen, changes=changes)

    version.refresh_from_db()
    assert (version.title, version.edit_number, OutgoingMail.objects.count()) == before


@pytest.mark.parametrize("status", ["draft", "returned", "refused", "published"])
def test_only_what_waits_is_corrected(make_offer, officer, status):
    version = make_offer(status=status).versions.last()

    with pytest.raises(StepNotAllowed):
        version.correct(by=officer, seen=version.edit_number, changes={("", "title"): "Another title"})

    assert not version.offer.status_changes.filter(step=Step.STAFF_EDIT).exists()


def test_the_log_puts_many_corrections_into_words_with_one_query(waiting, officer, django_assert_num_queries):
    version = waiting()
    make_translation(version)
    for number in range(4):
        changes = {("fr", "title"): f"Titre {number}", ("", "title"): f"Title {number}"}
        version.correct(by=officer, seen=version.edit_number, changes=changes)
    log = list(version.offer.status_changes.all())

    with django_assert_num_queries(1):
        rows = moderation.with_corrections(log)

    assert [len(corrections) for _change, corrections in rows] == [0, 0, 2, 2, 2, 2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["correct", "publish", "take_back"])
def test_of_a_correction_and_another_step_at_the_same_moment_one_wins(waiting, officer, colleague, norlander, second):
    version = waiting()
    seen, changes = version.edit_number, {("", "title"): "Another title"}
    steps = {
        "correct": lambda own: own.correct(by=colleague, seen=seen, changes={("", "title"): "Yet another title"}),
        "publish": lambda own: own.publish(by=colleague, seen=seen),
        "take_back": lambda own: own.take_back(by=norlander),
    }
    barrier, outcomes = threading.Barrier(2), []

    def act(step):
        try:
            own = OfferVersion.objects.get(pk=version.pk)
            barrier.wait()
            step(own)
            outcomes.append("done")
        except StepNotAllowed:
            outcomes.append("told")
        finally:
            connection.close()

    acts = [lambda own: own.correct(by=officer, seen=seen, changes=changes), steps[second]]
    threads = [threading.Thread(target=act, args=[step]) for step in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    version.refresh_from_db()
    corrected = version.title == "Another title"
    # Taking back needs no text that was read, so it may also follow a correction.
    assert sorted(outcomes) == (["done", "done"] if second == "take_back" and corrected else ["done", "told"])
    assert version.edit_number == seen + (1 if version.status == VersionStatus.SUBMITTED or corrected else 0)
    assert (version.status == VersionStatus.PUBLISHED) == (second == "publish" and not corrected)
