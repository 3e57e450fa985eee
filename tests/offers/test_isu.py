"""The queue and the review."""

import threading

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from offers.models import (
    ContactProposal,
    Ending,
    Offer,
    OfferTranslation,
    OfferVersion,
    OutgoingMail,
    ProposalKind,
    RefusalGround,
    Step,
    StepNotAllowed,
    VersionStatus,
)
from tests import factories
from tests.platform_portal.test_page_structure import all_faults

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def waiting(make_offer):
    return make_offer(status="submitted").versions.last()


def decide(client, version, step, follow=False, **data):
    address = reverse(f"offers:{step}", args=[version.pk])
    return client.post(address, {"seen": version.edit_number} | data, follow=follow)


def test_the_queue_lists_what_waits_and_leads_to_the_review_in_one_press(isu, waiting):
    page = isu.get(reverse("offers:queue")).content.decode()

    assert waiting.title in page
    assert f'href="{reverse("offers:review", args=[waiting.pk])}"' in page


def test_every_page_of_the_isu_leads_back_to_its_desk(isu, make_offer, norland, waiting):
    live, point = make_offer(), factories.ContactPointFactory(state=norland)
    proposal = factories.ContactProposalFactory(contact_point=point)
    iso3, keys = norland.iso3.lower(), [waiting.pk]
    pages = {
        "offers:queue": [],
        "offers:review": keys,
        "offers:review_preview": keys,
        "offers:correct": keys,
        "offers:take_down": [live.reference],
        "offers:isu_offers": [],
        "offers:isu_offer": [live.reference],
        "offers:isu_version": [live.reference, 1],
        "offers:act": [live.reference],
        "offers:begin_on_behalf": [],
        "offers:freshness": [],
        "offers:mission": [iso3],
        "offers:isu_annexes": [],
        "offers:isu_annex": [iso3],
        "offers:reports": [],
        "offers:isu_contact_points": [],
        "offers:isu_contact_point": [point.pk],
        "offers:new_contact_point": [],
        "offers:contact_proposal": [proposal.pk],
        "analytics:use_report": [],
        "analytics:state_figures": [iso3],
    }

    for name, arguments in pages.items():
        page = isu.get(reverse(name, args=arguments)).content.decode()
        trail = page.partition('<nav class="breadcrumbs"')[2].partition("</nav>")[0]
        assert f'<a href="{reverse("offers:isu_home")}">ISU desk</a>' in trail, name
        assert "Your desk" not in trail, name


def test_what_the_isu_writes_for_a_state_leads_back_to_its_own_desk(isu, officer, norland):
    paper = {"note_verbale": "NV 7/2026", "note_verbale_date": timezone.localdate()}
    offer = Offer.begin(state=norland, by=officer, **paper)
    factories.make_version_complete(offer.open_version)

    for name in ("edit", "documents", "translations", "submit"):
        page = isu.get(reverse(f"offers:{name}", args=[offer.reference])).content.decode()
        trail = page.partition('<nav class="breadcrumbs"')[2].partition("</nav>")[0]
        assert f'<a href="{reverse("offers:isu_home")}">ISU desk</a>' in trail, name
        assert "Your desk" not in trail, name


def test_after_submitting_for_a_state_the_isu_is_led_to_the_review(isu, officer, norland):
    paper = {"note_verbale": "NV 7/2026", "note_verbale_date": timezone.localdate()}
    offer = Offer.begin(state=norland, by=officer, **paper)
    version = factories.make_version_complete(offer.open_version)
    version.submit(by=officer)

    page = isu.get(reverse("offers:submit", args=[offer.reference])).content.decode()

    assert f'href="{reverse("offers:review", args=[version.pk])}"' in page
    assert "You will get an e-mail" not in page


def test_the_review_of_what_has_ended_says_so_and_offers_no_decision(isu, make_offer, norlander):
    offer = make_offer(status="submitted")
    offer.withdraw(by=norlander, reason="The instructors have left.")
    make_offer()  # alike, and of no more interest

    page = isu.get(reverse("offers:review", args=[offer.versions.last().pk])).content.decode()

    assert "There is nothing to decide." in page
    assert "The instructors have left." in page
    assert "Waiting for review" not in page.partition("<h1")[2]
    assert "already offers something similar" not in page
    assert 'id="decision"' not in page


def test_the_review_does_not_tell_what_the_state_is_writing(isu, make_offer, norlander):
    offer = make_offer()
    offer.edit(by=norlander)

    log = isu.get(reverse("offers:review", args=[offer.live_version_id])).context["log"]

    assert {change.version_id for change, _corrections in log} == {offer.live_version_id}


def test_an_empty_queue_says_so(isu):
    assert "Nothing waits for review." in isu.get(reverse("offers:queue")).content.decode()


def test_the_review_shows_every_field_that_has_an_answer(isu, make_offer):
    version = make_offer(
        status="submitted", standards="IMAS 09.30", accessibility="Step-free rooms", pays_visa_insurance="shared"
    ).versions.last()

    page = isu.get(reverse("offers:review", args=[version.pk])).content.decode()

    for words in (version.title, "IMAS 09.30", "Step-free rooms", "Visa and insurance", "Shared"):
        assert words in page


def test_the_review_of_a_change_shows_what_differs_from_the_live_version(isu, make_offer, norlander):
    offer = make_offer(title="Ten places a year")
    version = offer.edit(by=norlander)
    version.title = "Twelve places a year"
    version.save()
    version.submit(by=norlander)

    response = isu.get(reverse("offers:review", args=[version.pk]))

    assert [difference.label for difference in response.context["differences"]] == ["Title"]
    page = response.content.decode()
    assert "<del" in page
    assert "<ins" in page


def test_publishing_puts_the_offer_in_the_catalogue_and_tells_the_focal_points(isu, waiting, norlander):
    response = decide(isu, waiting, "publish")

    assert response.url == reverse("offers:queue")
    assert waiting.offer in Offer.objects.public()
    letter = OutgoingMail.objects.order_by("pk").last()
    assert letter.recipients == [norlander.email]
    assert waiting.offer.reference in letter.subject


def test_the_second_publisher_is_told_and_nothing_changes(isu, waiting):
    decide(isu, waiting, "publish")
    log = waiting.offer.status_changes.count()

    response = decide(isu, waiting, "publish")

    assert response.status_code == 409
    assert "this offer has already moved on" in response.content.decode()
    assert waiting.offer.status_changes.count() == log


def test_a_version_changed_since_it_was_opened_is_not_published(isu, waiting, norlander):
    own = OfferVersion.objects.get(pk=waiting.pk)
    own.take_back(by=norlander)
    own.claim_edit(own.edit_number)
    own.submit(by=norlander)

    response = decide(isu, waiting, "publish")

    assert response.status_code == 409
    assert "the text is not the one you opened" in response.content.decode()
    assert Offer.objects.get().live_version is None


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 400, "١"])
def test_a_forged_edit_number_publishes_nothing(isu, waiting, seen):
    response = decide(isu, waiting, "publish", seen=seen)

    assert response.status_code == 409
    assert Offer.objects.get().live_version is None


def test_a_return_needs_a_reason(isu, waiting):
    response = decide(isu, waiting, "send_back", **{"send_back-reason": " "})

    assert "Give a reason" in response.content.decode()
    waiting.refresh_from_db()
    assert waiting.status == VersionStatus.SUBMITTED


@pytest.mark.parametrize(("step", "status"), [("send_back", "returned"), ("refuse", "refused")])
def test_a_decision_against_is_taken_with_its_reason(isu, waiting, step, status):
    decide(isu, waiting, step, **{f"{step}-reason": "How many places are there?", "refuse-ground": "other"})

    waiting.refresh_from_db()
    assert (waiting.status, waiting.decision_reason) == (status, "How many places are there?")


def test_a_returned_version_is_edited_and_submitted_again(isu, waiting, norlander):
    decide(isu, waiting, "send_back", **{"send_back-reason": "More, please."})

    waiting.refresh_from_db()
    waiting.submit(by=norlander)

    assert waiting in OfferVersion.objects.awaiting_review()


def test_a_draft_taken_back_is_no_business_of_the_isu(isu, waiting, norlander):
    OfferVersion.objects.get(pk=waiting.pk).take_back(by=norlander)

    assert isu.get(reverse("offers:review", args=[waiting.pk])).status_code == 404
    assert "already moved on" in decide(isu, waiting, "publish", follow=True).content.decode()
    assert Offer.objects.get().live_version is None


def test_a_returned_version_is_read_again_when_it_is_submitted_again(isu, waiting, norlander):
    decide(isu, waiting, "send_back", **{"send_back-reason": "More, please."})
    version = OfferVersion.objects.get(pk=waiting.pk)
    version.title = "Words nobody has handed in"
    version.save()

    assert isu.get(reverse("offers:review", args=[version.pk])).status_code == 404
    assert isu.get(reverse("offers:review_preview", args=[version.pk])).status_code == 404
    version.submit(by=norlander)
    assert isu.get(reverse("offers:review", args=[version.pk])).status_code == 200


@pytest.mark.parametrize("reason", ["", "Too late."])
@pytest.mark.parametrize("step", ["send_back", "refuse"])
def test_a_decision_that_comes_too_late_shows_no_word_of_the_draft(isu, waiting, norlander, step, reason):
    own = OfferVersion.objects.get(pk=waiting.pk)
    own.take_back(by=norlander)
    OfferVersion.objects.filter(pk=own.pk).update(title="Words nobody has handed in")

    page = decide(isu, waiting, step, follow=True, **{f"{step}-reason": reason})

    assert page.redirect_chain == [(reverse("offers:queue"), 302)]
    assert "Words nobody has handed in" not in page.content.decode()


def test_a_reason_is_kept_when_the_decision_comes_too_late(isu, waiting, norlander):
    own = OfferVersion.objects.get(pk=waiting.pk)
    own.take_back(by=norlander)
    own.claim_edit(own.edit_number)
    own.submit(by=norlander)

    response = decide(isu, waiting, "send_back", **{"send_back-reason": "How many places are there?"})

    assert response.status_code == 409
    assert "How many places are there?" in response.content.decode()


def test_publishing_for_a_state_that_has_left_says_so(isu, waiting, norland):
    norland.withdrawal_effective = timezone.localdate()
    norland.save()

    assert "only States Parties have offers" in decide(isu, waiting, "publish").content.decode()


def test_a_superseded_version_shows_no_differences(isu, make_offer, norlander, officer):
    offer = make_offer()
    former = offer.live_version
    version = offer.edit(by=norlander)
    version.title = "Another title"
    version.save()
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)

    page = isu.get(reverse("offers:review", args=[former.pk])).content.decode()

    assert "What changes in the catalogue" not in page


def test_an_offer_submitted_before_midnight_waits_for_a_day_after_it(isu, waiting):
    with time_machine.travel("2026-03-02T22:30:00Z", tick=False):
        OfferVersion.objects.filter(pk=waiting.pk).update(submitted_at=timezone.now())
    with time_machine.travel("2026-03-03T01:30:00Z", tick=False):
        isu.force_login(factories.UserFactory(role="isu_officer"))
        assert "1 day" in isu.get(reverse("offers:queue")).content.decode()


def test_the_moderator_is_warned_of_a_private_mailbox_and_of_something_similar(isu, make_offer, norland):
    office = factories.ContactPointFactory(state=norland, email="mine.action@gmail.com")
    other = make_offer(title="Nearly the same course")
    version = make_offer(status="submitted", contact_points=[office]).versions.last()

    page = isu.get(reverse("offers:review", args=[version.pk])).content.decode()

    assert "Private mailbox" in page
    assert "mine.action@gmail.com" in page
    assert other.live_version.title in page


def test_the_officer_who_wrote_a_version_cannot_publish_it(isu, officer, norland):
    version = factories.make_offer(state=norland, status="submitted").versions.last()
    OfferVersion.objects.filter(pk=version.pk).update(author=officer)

    page = isu.get(reverse("offers:review", args=[version.pk])).content.decode()
    response = decide(isu, version, "publish")

    assert "somebody else has to publish it" in page
    assert response.status_code == 409
    assert Offer.objects.get().live_version is None


@pytest.mark.parametrize("count", [1, 5])
def test_the_queue_needs_the_same_queries_however_long(isu, make_offer, count, django_assert_max_num_queries):
    for _ in range(count):
        make_offer(status="submitted")

    with django_assert_max_num_queries(7):
        isu.get(reverse("offers:queue"))


# Who is looking at it


def test_one_press_in_the_queue_leads_to_the_differences_and_tells_the_others(isu, waiting, officer):
    response = isu.post(reverse("offers:claim", args=[waiting.pk]))

    assert response.url == reverse("offers:review", args=[waiting.pk])
    assert "You are looking at this." in isu.get(reverse("offers:queue")).content.decode()
    assert "You are looking at this." in isu.get(response.url).content.decode()
    isu.force_login(factories.UserFactory(role="isu_officer"))
    for address in (reverse("offers:queue"), response.url):
        page = isu.get(address).content.decode()
        assert officer.email in page
        assert "has been looking at this since" in page


def test_a_plain_link_reads_without_telling_anybody(isu, waiting):
    isu.get(reverse("offers:review", args=[waiting.pk]))

    waiting.refresh_from_db()
    assert waiting.looked_at_by is None


def test_a_claim_is_given_up_with_a_button(isu, waiting, officer):
    waiting.claim(by=officer)

    response = isu.post(reverse("offers:release", args=[waiting.pk]))

    assert response.url == reverse("offers:queue")
    assert "looking at this" not in isu.get(response.url).content.decode()


def test_what_was_taken_back_meanwhile_cannot_be_claimed(isu, waiting, norlander):
    OfferVersion.objects.get(pk=waiting.pk).take_back(by=norlander)

    response = isu.post(reverse("offers:claim", args=[waiting.pk]), follow=True)

    assert response.redirect_chain == [(reverse("offers:queue"), 302)]
    assert "already moved on" in response.content.decode()


# The next one


@pytest.mark.parametrize(
    ("step", "data"),
    [
        ("publish", {}),
        ("send_back", {"send_back-reason": "How many places are there?"}),
        ("refuse", {"refuse-ground": "duplicate", "refuse-reason": "See the other one."}),
    ],
)
def test_after_a_decision_the_next_one_opens_and_after_the_last_the_queue(isu, make_offer, officer, step, data):
    first, second = (make_offer(status="submitted").versions.last() for _ in range(2))

    response = decide(isu, first, step, then="next", **data)

    assert response.url == reverse("offers:review", args=[second.pk])
    second.refresh_from_db()
    assert second.looked_at_by == officer
    response = decide(isu, second, step, then="next", follow=True, **data)
    assert response.redirect_chain == [(reverse("offers:queue"), 302)]
    assert "Nothing waits for review." in response.content.decode()


def test_the_review_leads_to_the_next_in_the_queue(isu, make_offer):
    first, second = (make_offer(status="submitted").versions.last() for _ in range(2))

    assert isu.get(reverse("offers:review", args=[first.pk])).context["next"] == second


# Two at once


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_publish_at_the_same_moment_one_wins_and_the_other_is_told(make_offer):
    version = make_offer(status="submitted").versions.last()
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(factories.UserFactory(role="isu_officer"))
    barrier, answers = threading.Barrier(2), []

    def press(client):
        try:
            barrier.wait()
            answers.append(decide(client, version, "publish"))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    answers.sort(key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "already moved on" in answers[1].content.decode()
    assert version.offer.status_changes.filter(step=Step.PUBLISH).count() == 1


def test_two_clients_see_each_other_s_decisions(waiting, officer):
    first, second = Client(), Client()
    first.force_login(officer)
    second.force_login(factories.UserFactory(role="isu_officer"))
    page = second.get(reverse("offers:review", args=[waiting.pk])).content.decode()
    assert "Publish" in page

    decide(first, waiting, "send_back", **{"send_back-reason": "Say more."})
    answer = decide(second, waiting, "publish", follow=True)

    assert answer.redirect_chain == [(reverse("offers:queue"), 302)]
    assert "already moved on" in answer.content.decode()


# Refusing


def test_a_refusal_names_its_ground_in_log_letter_and_page(isu, waiting, norlander):
    decide(isu, waiting, "refuse", **{"refuse-ground": "already_given", "refuse-reason": "The course was in 2019."})

    waiting.refresh_from_db()
    assert waiting.refusal_ground == RefusalGround.ALREADY_GIVEN
    in_words = "It describes assistance already given"
    assert waiting.offer.status_changes.last().reason == f"{in_words}: The course was in 2019."
    letter = bytes(OutgoingMail.objects.get(recipients=[norlander.email]).raw).decode()
    assert f"{in_words}\nThe course was in 2019." in letter.replace("\r\n", "\n")
    assert in_words in isu.get(reverse("offers:review", args=[waiting.pk])).content.decode()


@pytest.mark.parametrize("ground", ["", "of my own"])
def test_a_refusal_without_a_ground_from_the_list_keeps_what_was_typed(isu, waiting, ground):
    response = decide(isu, waiting, "refuse", **{"refuse-ground": ground, "refuse-reason": "The course was in 2019."})

    page = response.content.decode()
    assert "The course was in 2019." in page
    assert response.context["forms"]["refuse"].errors.keys() == {"ground"}
    waiting.refresh_from_db()
    assert waiting.status == VersionStatus.SUBMITTED


def test_a_reason_that_is_too_long_is_kept_and_counted(isu, waiting):
    reason = "لماذا " * 400

    response = decide(isu, waiting, "send_back", **{"send_back-reason": reason})

    assert reason.strip() in response.content.decode()
    assert response.context["forms"]["send_back"].errors.keys() == {"reason"}


def test_signs_that_turn_the_direction_do_not_reach_the_letter(isu, waiting):
    decide(isu, waiting, "send_back", **{"send_back-reason": "Say \u202emore."})

    waiting.refresh_from_db()
    assert waiting.decision_reason == "Say more."


# Letters


def letter_to(user):
    letter = OutgoingMail.objects.filter(recipients=[user.email]).order_by("pk").last()
    return letter.subject, bytes(letter.raw).decode().replace("\r\n", "\n")


def change_of(offer, by):
    version = offer.edit(by=by)
    version.title = "Twelve places a year"
    version.save()
    version.submit(by=by)
    return version


@pytest.mark.parametrize(
    ("step", "data", "subject", "words"),
    [
        ("publish", {}, "The change of your offer", "The catalogue now shows the new text"),
        (
            "send_back",
            {"send_back-reason": "Twelve where?"},
            "Please go over the change",
            "Until then the catalogue shows the offer as it was published",
        ),
        (
            "refuse",
            {"refuse-ground": "other", "refuse-reason": "No."},
            "The change of your offer",
            "goes on showing the offer as it was published",
        ),
    ],
)
def test_a_letter_about_a_change_does_not_read_as_one_about_a_new_offer(
    isu, make_offer, norlander, step, data, subject, words
):
    version = change_of(make_offer(), norlander)

    decide(isu, version, step, **data)

    found, text = letter_to(norlander)
    assert found.startswith(subject)
    assert words in " ".join(text.split())


def test_the_isu_is_told_what_a_change_changes_and_by_when_an_answer_is_promised(make_offer, norlander, settings):
    version = change_of(make_offer(), norlander)

    letter = OutgoingMail.objects.filter(recipients=[settings.ISU_EMAIL]).order_by("pk").last()
    text = " ".join(bytes(letter.raw).decode().split())
    assert letter.subject.startswith("A change of")
    assert "What changes: - Title" in text
    assert f"promised an answer by {date_format(version.answer_due, 'DATE_FORMAT')}" in text


# Correcting


def correct(client, version, follow=False, **data):
    address = reverse("offers:correct", args=[version.pk])
    words = {
        f"words-{name}": getattr(version, name) for name in ("title", "description") if f"words-{name}" not in data
    }
    return client.post(address, {"seen": version.edit_number} | words | data, follow=follow)


def test_only_words_that_are_there_are_offered_for_correction(isu, make_offer):
    version = make_offer(status="submitted", standards="IMAS 09.30").versions.last()

    [form] = isu.get(reverse("offers:correct", args=[version.pk])).context["forms"]

    assert list(form.fields) == ["title", "description", "standards"]


def test_an_officer_corrects_words_and_the_history_shows_before_and_after(isu, waiting):
    response = correct(isu, waiting, **{"words-title": "Course for instructors"})

    assert response.url == reverse("offers:review", args=[waiting.pk])
    waiting.refresh_from_db()
    assert (waiting.title, waiting.status) == ("Course for instructors", VersionStatus.SUBMITTED)
    page = isu.get(response.url)
    [corrections] = [found for _change, found in page.context["log"] if found]
    assert [(each.before, each.after) for each in corrections] == [
        ("Demining course for instructors", "Course for instructors")
    ]
    assert "Wording corrected by the ISU" in page.content.decode()


def test_a_translation_is_corrected_on_the_same_page(isu, waiting):
    french = factories.LanguageFactory(code="fr", name_en="French", endonym="français")
    translation = OfferTranslation.objects.create(
        version=waiting, language=french, title="Cuors de déminage", description="Un cours de cinq semaines. " * 8
    )

    page = isu.get(reverse("offers:correct", args=[waiting.pk])).content.decode()
    correct(
        isu,
        waiting,
        **{"words-fr-title": "Cours de déminage", "words-fr-description": translation.description.strip()},
    )

    assert "Cuors de déminage" in page
    translation.refresh_from_db()
    assert translation.title == "Cours de déminage"


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"words-title": ""}, "title"),
        ({"words-title": "ت" * 121}, "title"),
        ({"words-description": "Too short."}, "description"),
        ({"words-description": "x" * 50_000}, "description"),
        ({"words-title": "USD 50,000 for prostheses"}, "title"),
    ],
)
def test_a_correction_that_cannot_stand_keeps_what_was_typed_and_names_the_field(isu, waiting, words, field):
    response = correct(isu, waiting, **words)

    assert response.context["forms"][0].errors.keys() == {field}
    for text in words.values():
        assert text in response.content.decode()
    waiting.refresh_from_db()
    assert waiting.title == "Demining course for instructors"
    assert waiting.edit_number == 1


def test_the_second_of_two_who_correct_sees_both_texts_and_may_save_then(isu, waiting, officer):
    seen = waiting.edit_number
    OfferVersion.objects.get(pk=waiting.pk).correct(by=officer, seen=seen, changes={("", "title"): "Their title"})

    response = correct(isu, waiting, **{"words-title": "My title"})

    assert response.status_code == 409
    assert [(each.before, each.after) for each in response.context["conflicts"]] == [("Their title", "My title")]
    waiting.refresh_from_db()
    assert waiting.title == "Their title"
    correct(isu, waiting, **{"words-title": "My title", "seen": response.context["seen"]})
    waiting.refresh_from_db()
    assert waiting.title == "My title"


def test_words_typed_for_a_version_that_the_state_has_taken_back_are_not_lost(isu, waiting, norlander):
    own = OfferVersion.objects.get(pk=waiting.pk)
    own.take_back(by=norlander)
    OfferVersion.objects.filter(pk=own.pk).update(title="Words nobody has handed in")

    response = correct(isu, waiting, **{"words-title": "What the officer has typed"})

    page = response.content.decode()
    assert response.status_code == 409
    assert "What the officer has typed" in page
    assert "Words nobody has handed in" not in page
    assert not response.context["can_save"]


def test_pressing_twice_corrects_once(isu, waiting, norlander):
    for _press in range(2):
        correct(isu, waiting, **{"words-title": "Course for instructors"})

    assert waiting.offer.status_changes.filter(step=Step.STAFF_EDIT).count() == 1
    assert OutgoingMail.objects.filter(recipients=[norlander.email]).count() == 1


@pytest.mark.parametrize("status", ["published", "returned"])
def test_what_does_not_wait_is_not_corrected(isu, make_offer, status):
    version = make_offer(status=status).versions.last()

    response = isu.get(reverse("offers:correct", args=[version.pk]))

    assert response.url == reverse("offers:queue")


# Partners


@pytest.mark.parametrize("status", ["submitted", "published"])
def test_an_acceptance_on_paper_is_recorded_with_its_reference(isu, make_offer, sudland, officer, status):
    version = make_offer(status=status).versions.last()
    partner = version.partners.create(state=sudland, role="host")
    review = reverse("offers:review", args=[version.pk])
    assert "Sudland" in isu.get(review).content.decode()

    for _press in range(2):
        response = isu.post(
            reverse("offers:accept_partner", args=[partner.pk]),
            {f"partner-{partner.pk}-reference": "NV 12/2026 of 3 May 2026"},
        )
        assert response.url == review

    partner.refresh_from_db()
    assert (partner.accepted_by, partner.acceptance_reference) == (officer, "NV 12/2026 of 3 May 2026")
    assert version.offer.status_changes.filter(step=Step.ACCEPT_PARTNERSHIP).count() == 1
    assert isu.get(review).context["asked"] == []


def test_an_acceptance_needs_the_reference_of_the_paper(isu, waiting, sudland):
    partner = waiting.partners.create(state=sudland, role="host")

    response = isu.post(reverse("offers:accept_partner", args=[partner.pk]), {f"partner-{partner.pk}-reference": " "})

    assert "Give the reference of the paper" in response.content.decode()
    partner.refresh_from_db()
    assert partner.accepted_on is None


def test_a_partner_in_what_a_state_is_writing_is_no_business_of_the_isu(isu, make_offer, sudland):
    partner = make_offer(status="draft").versions.last().partners.create(state=sudland, role="host")

    response = isu.post(reverse("offers:accept_partner", args=[partner.pk]), {f"partner-{partner.pk}-reference": "NV"})

    assert response.status_code == 404


def test_an_organisation_is_not_asked(isu, waiting):
    partner = waiting.partners.create(organisation="A centre", role="host")

    response = isu.post(reverse("offers:accept_partner", args=[partner.pk]), {f"partner-{partner.pk}-reference": "NV"})

    assert response.status_code == 404
    assert isu.get(reverse("offers:review", args=[waiting.pk])).context["asked"] == []


def test_an_acceptance_for_an_offer_that_has_ended_is_refused_in_words(isu, make_offer, sudland, norlander):
    offer = make_offer()
    partner = offer.live_version.partners.create(state=sudland, role="host")
    offer.withdraw(by=norlander)

    response = isu.post(reverse("offers:accept_partner", args=[partner.pk]), {f"partner-{partner.pk}-reference": "NV"})

    assert response.status_code == 409
    assert "this offer has ended" in response.content.decode()


# Taking down


def test_an_offer_is_taken_down_with_a_reason_that_only_its_state_reads(isu, client, make_offer, norlander):
    offer = make_offer(title="Demining course for the army")
    address = reverse("offers:take_down", args=[offer.reference])

    response = isu.post(address, {"reason": "Not in line with the Convention."})

    assert response.url == reverse("offers:review", args=[offer.live_version_id])
    offer.refresh_from_db()
    assert (offer.ended_as, offer.ended_reason) == (Ending.TAKEN_DOWN, "Not in line with the Convention.")
    assert offer not in Offer.objects.public()
    assert offer.status_changes.last().step == Step.TAKE_DOWN
    subject, text = letter_to(norlander)
    assert offer.reference in subject
    assert "Not in line with the Convention." in text
    client.logout()
    page = client.get(offer.get_absolute_url())
    assert page.status_code == 410
    for told in ("Demining course for the army", "Norland", "Not in line"):
        assert told not in page.content.decode()


def test_a_taken_down_offer_is_brought_back_with_one_press(isu, make_offer):
    offer = make_offer()
    isu.post(reverse("offers:take_down", args=[offer.reference]), {"reason": "By mistake."})
    review = reverse("offers:review", args=[offer.live_version_id])
    address = reverse("offers:bring_back_taken_down", args=[offer.reference])
    assert address in isu.get(review).content.decode()

    assert isu.post(address).url == review

    assert offer in Offer.objects.public()
    assert address not in isu.get(review).content.decode()


def test_taking_down_needs_a_reason(isu, make_offer):
    offer = make_offer()

    response = isu.post(reverse("offers:take_down", args=[offer.reference]), {"reason": " "})

    assert "Give a reason" in response.content.decode()
    assert offer in Offer.objects.public()


def test_taking_down_twice_is_told_and_logged_once(isu, make_offer):
    offer = make_offer()
    address = reverse("offers:take_down", args=[offer.reference])
    isu.post(address, {"reason": "Not assistance."})

    response = isu.post(address, {"reason": "Not assistance, I said."})

    assert response.status_code == 409
    assert "this offer has ended" in response.content.decode()
    assert "Not assistance, I said." in response.content.decode()
    assert offer.status_changes.filter(step=Step.TAKE_DOWN).count() == 1


def test_what_was_never_published_cannot_be_taken_down(isu, make_offer, officer):
    offer = make_offer(status="submitted")

    assert isu.get(reverse("offers:take_down", args=[offer.reference])).status_code == 404
    with pytest.raises(StepNotAllowed):
        offer.take_down(by=officer, reason="No.")


# The pages


def test_a_sample_carries_its_label_in_queue_and_review(isu, make_offer):
    offer = make_offer(status="submitted")
    Offer.objects.filter(pk=offer.pk).update(is_sample=True)
    label = "Illustrative record drawn from public sources"

    assert label in isu.get(reverse("offers:queue")).content.decode()
    assert label in isu.get(reverse("offers:review", args=[offer.versions.last().pk])).content.decode()


def test_the_desk_of_the_state_says_by_when_the_isu_answers(client, waiting, norlander):
    client.force_login(norlander)

    page = client.get(reverse("offers:desk")).content.decode()

    assert f"the ISU answers by {date_format(waiting.answer_due, 'DATE_FORMAT')}" in page


def test_the_review_needs_the_same_queries_however_much_a_version_has(
    isu, make_offer, norlander, django_assert_max_num_queries
):
    def review_of(parts):
        offices = [factories.ContactPointFactory(state=make_offer.state) for _ in range(parts)]
        groups = [factories.RegionalBodyFactory() for _ in range(parts)]
        offer = make_offer()
        offer.live_version.contact_points.add(*offices)
        version = offer.edit(by=norlander)
        version.recipient_groups.set(groups)
        for number in range(parts):
            version.partners.create(state=factories.StateFactory(), role="host")
            version.links.create(url=f"https://example.org/{number}")
            language = factories.LanguageFactory(code=f"x{parts}{number}", name_en=f"Language {parts} {number}")
            version.languages.add(language)
            OfferTranslation.objects.create(
                version=version, language=language, title="Another", description=factories.LONG_ENOUGH
            )
        version.submit(by=norlander)
        return reverse("offers:review", args=[version.pk])

    make_offer.state = norlander.state
    few, many = review_of(1), review_of(4)
    isu.get(few)
    with CaptureQueriesContext(connection) as queries:
        isu.get(few)

    with django_assert_max_num_queries(len(queries)):
        isu.get(many)


def test_the_queue_needs_the_same_queries_with_everything_in_it(
    isu, make_offer, norland, norlander, officer, django_assert_num_queries
):
    for number in range(3):
        make_offer(status="submitted").versions.last().claim(by=officer)
        offer = make_offer()
        factories.MistakeReportFactory(offer=offer)
        offer.withdraw(by=norlander)
        ContactProposal.objects.create(
            state=norland, office=f"Centre {number}", email=f"centre{number}@example.org", kind=ProposalKind.NEW,
            proposed_by=norlander,
        )  # fmt: skip

    with django_assert_num_queries(7):
        isu.get(reverse("offers:queue"))


def test_the_pages_are_in_order_with_and_without_errors(isu, make_offer, norlander, sudland):
    live = make_offer()
    factories.MistakeReportFactory(offer=live)
    version = change_of(make_offer(), norlander)
    version.partners.create(state=sudland, role="host")
    french = factories.LanguageFactory(code="fr", name_en="French", endonym="français")
    OfferTranslation.objects.create(version=version, language=french, title="Cours", description=factories.LONG_ENOUGH)
    make_offer().withdraw(by=norlander, reason="The centre is closed.")

    pages = {
        "queue": isu.get(reverse("offers:queue")),
        "review": isu.get(reverse("offers:review", args=[version.pk])),
        "review of a published version": isu.get(reverse("offers:review", args=[live.live_version_id])),
        "reason missing": decide(isu, version, "send_back"),
        "ground missing": decide(isu, version, "refuse"),
        "reference missing": isu.post(reverse("offers:accept_partner", args=[version.partners.get().pk])),
        "too late": decide(isu, version, "publish", seen=0),
        "correction": isu.get(reverse("offers:correct", args=[version.pk])),
        "correction with errors": correct(isu, version, **{"words-title": "", "words-fr-title": ""}),
        "correction too late": correct(isu, version, seen=0, **{"words-title": "Mine"}),
        "taking down": isu.get(reverse("offers:take_down", args=[live.reference])),
        "taking down without a reason": isu.post(reverse("offers:take_down", args=[live.reference])),
    }

    assert {name: found for name, page in pages.items() if (found := list(all_faults(page.content.decode())))} == {}
