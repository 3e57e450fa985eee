"""Enquiries at the desk of a State and of the ISU."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.models import Actor, Enquiry, OutgoingMail
from offers.routing import TO_ISU
from offers.views import enquiry_desk
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def enquiry(make_offer):
    """About an offer of Norland, with its office."""
    return factories.make_enquiry(offer=make_offer(title="Courses for deminers"))


def page_of(client, enquiry):
    return client.get(enquiry.get_absolute_url()).content.decode()


def take(client, enquiry, step, **typed):
    return client.post(enquiry.get_absolute_url(), {"step": step} | typed)


def standing(enquiry):
    return Enquiry.objects.get(pk=enquiry.pk).status


def make_late(enquiry, days=1):
    Enquiry.objects.filter(pk=enquiry.pk).update(due_on=timezone.localdate() - timedelta(days=days))


# The desk of a State


def test_the_desk_tells_that_enquiries_wait_and_whether_they_are_late(focal, enquiry):
    desk = focal.get(reverse("offers:desk")).content.decode()
    assert "1 enquiry waits for an answer" in desk
    assert "later than its sender was promised" not in desk
    assert "Nothing waits for you" not in desk

    make_late(enquiry)

    assert "1 is later than its sender was promised." in focal.get(reverse("offers:desk")).content.decode()


def test_what_was_handed_over_waits_for_others(focal, enquiry, norlander):
    make_late(enquiry)
    enquiry.hand_over(actor=Actor(norlander), to=TO_ISU)

    assert "waits for an answer" not in focal.get(reverse("offers:desk")).content.decode()
    content = focal.get(reverse("offers:enquiry_list")).content.decode()
    assert "No enquiry waits for an answer from your State." in content
    assert content.index("with others now") < content.index(f'<bdi dir="ltr">{enquiry.reference}</bdi>')


def test_what_waits_stands_before_what_is_answered(focal, make_offer):
    answered = factories.make_enquiry(offer=make_offer(), status="answered")
    later, late = factories.make_enquiry(offer=make_offer()), factories.make_enquiry(offer=make_offer())
    make_late(late)

    content = focal.get(reverse("offers:enquiry_list")).content.decode()

    places = [content.index(f'<bdi dir="ltr">{each.reference}</bdi>') for each in (late, later, answered)]
    assert places == sorted(places)
    assert content.count(">Late<") == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_needs_as_many_queries_however_long(focal, make_offer, django_assert_max_num_queries, count):
    for status in ("open", "answered"):
        for _ in range(count):
            factories.make_enquiry(offer=make_offer(), status=status)
    focal.get(reverse("offers:enquiry_list"))

    with django_assert_max_num_queries(20):
        focal.get(reverse("offers:enquiry_list"))


def test_a_focal_point_answers_and_replies_come_to_the_office(focal, enquiry):
    office = enquiry.current_holders.get().contact_point

    response = take(focal, enquiry, "answer", text="Two instructors can come in May.")

    assert response.url == enquiry.get_absolute_url()
    assert "Your answer is on its way to the sender." in focal.get(response.url).content.decode()
    assert standing(enquiry) == "answered"
    letter = OutgoingMail.objects.get(cause="enquiry_answered")
    assert office.email in bytes(letter.raw).decode()


def test_an_answer_that_comes_too_late_is_not_lost(focal, enquiry):
    enquiry.decline(actor=Actor(), reason="All places are taken.")

    response = take(focal, enquiry, "answer", text="Two instructors can come in May.")

    assert response.status_code == 409
    assert "Two instructors can come in May." in response.content.decode()
    assert standing(enquiry) == "declined"


def test_a_reason_is_asked_for_and_the_enquiry_stays_open(focal, enquiry):
    response = take(focal, enquiry, "decline", reason="  ")

    assert response.status_code == 200
    assert "There is a problem" in response.content.decode()
    assert standing(enquiry) == "open"


def test_a_sender_from_the_own_state_is_read_but_not_answered(client, sudland, sudlander, enquiry):
    copied = factories.make_enquiry(offer=enquiry.offer, asker_state=sudland, message="We need six places in May.")
    factories.make_enquiry(offer=enquiry.offer, asker_state=sudland, copy_national=False)
    client.force_login(sudlander)

    content = client.get(reverse("offers:enquiry_list"), {"show": "copied"}).content.decode()
    assert content.count('class="task"') == 1
    page = page_of(client, copied)
    assert "We need six places in May." in page
    assert 'name="step"' not in page
    assert take(client, copied, "acknowledge").status_code == 403
    assert standing(copied) == "open"


@pytest.mark.parametrize("step", ["release", "refuse", "close", "telephone", "nonsense", ""])
def test_a_focal_point_takes_no_step_of_the_isu(focal, make_offer, step):
    enquiry = factories.make_enquiry(offer=make_offer(), status="answered")

    response = take(focal, enquiry, step, **{f"{step}-reason": "Enough.", "telephone-side": "asker"})

    assert response.status_code == 409
    assert not Enquiry.objects.get(pk=enquiry.pk).closed_at
    assert not enquiry.outcomes.exists()


def test_after_erasure_the_page_stands_without_names(isu, enquiry):
    enquiry.close()
    Enquiry.objects.filter(pk=enquiry.pk).update(closed_at=timezone.now() - timedelta(days=400))
    enquiry.refresh_from_db()
    enquiry.forget()

    content = page_of(isu, enquiry)

    assert "Ana Delegate" not in content
    assert "Erased on" in content
    assert 'name="step"' not in content
    assert enquiry.reference in isu.get(reverse("offers:isu_enquiries"), {"show": "closed"}).content.decode()


# The desk of the ISU


def test_the_isu_sees_held_ones_first_and_what_is_late_elsewhere(isu, enquiry):
    held, need = factories.make_enquiry(status="held"), factories.make_enquiry()
    make_late(enquiry)

    home = isu.get(reverse("offers:isu_home")).content.decode()
    assert "1 enquiry is held until you have looked at it" in home
    assert "1 enquiry waits for an answer from the ISU" in home
    assert "1 enquiry to an office is past the promised day" in home
    assert "They move on by themselves" in home
    content = isu.get(reverse("offers:isu_enquiries"), {"show": "late"}).content.decode()
    places = [content.index(f'<bdi dir="ltr">{each.reference}</bdi>') for each in (held, need, enquiry)]
    assert places == sorted(places)


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_of_the_isu_need_as_many_queries_however_long(isu, make_offer, django_assert_max_num_queries, count):
    for _ in range(count):
        factories.make_enquiry(offer=make_offer())
        factories.make_enquiry(status="held")
        factories.make_enquiry()
    isu.get(reverse("offers:isu_enquiries"))

    with django_assert_max_num_queries(11):
        isu.get(reverse("offers:isu_enquiries"))


def test_of_a_flood_the_first_are_shown(isu, monkeypatch):
    monkeypatch.setattr(enquiry_desk, "ON_PAGE", 1)
    first, _second = factories.make_enquiry(status="held"), factories.make_enquiry(status="held")

    content = isu.get(reverse("offers:isu_enquiries")).content.decode()

    assert content.count('class="task"') == 1
    assert first.reference in content
    assert "The first 1 are shown" in content


def test_the_isu_passes_on_what_was_held(isu, make_offer):
    held = factories.make_enquiry(offer=make_offer(), status="held")
    assert 'value="release"' in page_of(isu, held)

    take(isu, held, "release")
    assert standing(held) == "open"

    # Pressed twice.
    assert take(isu, held, "release").status_code == 409
    assert held.steps.filter(act="released").count() == 1


def test_the_isu_refuses_with_a_reason_only(isu):
    held = factories.make_enquiry(status="held")
    assert "There is a problem" in take(isu, held, "refuse").content.decode()
    assert standing(held) == "held"

    take(isu, held, "refuse", **{"refuse-reason": "An advertisement."})

    assert standing(held) == "refused"
    assert "An advertisement." in page_of(isu, held)


def test_the_isu_hands_a_need_over_to_any_office(isu, sudland):
    need = factories.make_enquiry()
    office = factories.ContactPointFactory(state=sudland)
    assert "hand the need over to an office that can help" in page_of(isu, need)

    take(isu, need, "hand_over", to=str(office.pk))

    assert "Those above are to answer" in page_of(isu, need)

    assert need.current_holders.get().contact_point == office


def test_no_regional_body_reads_what_its_sender_has_not_agreed_to(isu, norland):
    factories.ContactPointFactory(state=norland)
    regional = factories.ContactPointFactory(state=None, regional_body=factories.RegionalBodyFactory())
    kept = factories.make_enquiry(share_regional=False)
    shared = factories.make_enquiry(share_regional=True)

    assert f'value="{regional.pk}"' not in page_of(isu, kept)
    assert "has not agreed that a regional body reads this" in page_of(isu, kept)
    assert "has not agreed that a regional body reads this" not in page_of(isu, shared)
    response = take(isu, kept, "hand_over", to=str(regional.pk), note="Please have a look.")
    assert response.status_code == 200
    assert "Please have a look." in response.content.decode()
    take(isu, shared, "hand_over", to=str(regional.pk))

    assert kept.current_holders.get().contact_point is None
    assert shared.current_holders.get().contact_point == regional


def test_what_the_isu_hears_by_telephone_makes_a_match(isu, make_offer):
    enquiry = factories.make_enquiry(offer=make_offer(), status="answered")
    enquiry.record_outcome(side="asker", kind="agreed")
    typed = {"side": "office", "kind": "agreed", "helped": "A call to the capital.", "missing": ""}

    take(isu, enquiry, "telephone", **{f"telephone-{name}": value for name, value in typed.items()})

    outcome = enquiry.outcomes.get(side="office")
    assert outcome.by_telephone
    assert Enquiry.objects.get(pk=enquiry.pk).matched_at
    page = page_of(isu, enquiry)
    assert "Told by telephone" in page
    assert "A call to the capital." in page
    assert "A call to the capital." in isu.get(reverse("offers:isu_enquiry_figures")).content.decode()


def test_the_isu_closes_with_a_reason_and_what_was_typed_twice_is_kept(isu, enquiry):
    take(isu, enquiry, "close", **{"close-reason": "The sender has left the office."})
    assert Enquiry.objects.get(pk=enquiry.pk).closed_at

    response = take(isu, enquiry, "close", **{"close-reason": "Nobody answers the telephone."})

    assert response.status_code == 409
    assert "Nobody answers the telephone." in response.content.decode()


def test_a_need_leads_to_the_offers_that_may_fit(isu, make_offer, norland):
    wanted = make_offer().live_version
    need = factories.make_enquiry(area=wanted.primary_area, form=wanted.form, asker_state=norland)

    content = page_of(isu, need)

    query = f"?area={wanted.primary_area.code}&amp;form={wanted.form.code}&amp;recipient=QNO"
    assert reverse("offers:catalogue") + query in content
