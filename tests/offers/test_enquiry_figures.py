"""What has become of enquiries, in figures."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.enquiry_figures import enquiry_figures, public_pipeline, rounded
from offers.models import Enquiry, EnquiryAct, EnquiryOutcome
from tests import factories

pytestmark = pytest.mark.django_db


def numbers(figures):
    return {name: getattr(figures.stages, name) for name in figures.stages.__dataclass_fields__}


def passed_on(enquiry, days, *, answered_after=None, due_after=21):
    """As if it had been passed on so many days ago, and answered so many days later."""
    begin = timezone.now() - timedelta(days=days)
    values = {"passed_on_at": begin, "due_on": timezone.localdate(begin) + timedelta(days=due_after)}
    if answered_after is not None:
        values["answered_at"] = begin + timedelta(days=answered_after)
    Enquiry.objects.filter(pk=enquiry.pk).update(**values)


def test_each_enquiry_counts_at_every_stage_that_it_has_come_to(make_offer):
    offer = make_offer()
    for status in ("unconfirmed", "held", "open", "acknowledged", "declined"):
        factories.make_enquiry(offer=offer, status=status)
    talks, agreed, matched = (factories.make_enquiry(offer=offer, status="answered") for _ in range(3))
    talks.record_outcome(side="asker", kind="talks")
    agreed.record_outcome(side="asker", kind="talks")
    agreed.record_outcome(side="asker", kind="agreed")
    matched.record_outcome(side="asker", kind="agreed")
    matched.record_outcome(side="office", kind="agreed")
    # What was a match stays one.
    matched.record_outcome(side="office", kind="nothing", by_telephone=True)

    assert numbers(enquiry_figures()) == {
        "passed_on": 6, "taken_up": 5, "answered": 3, "talks": 3, "agreed": 2, "matched": 1, "declined": 1,
    }  # fmt: skip


def test_nobody_counts_who_has_not_agreed_nor_an_illustrative_record_but_in_a_demonstration(make_offer, settings):
    factories.make_enquiry(offer=make_offer(), may_count=False)
    factories.make_enquiry(offer=make_offer(), is_sample=True)
    factories.make_enquiry().take_back()

    assert numbers(enquiry_figures())["passed_on"] == 0
    settings.DEMO = True
    assert numbers(enquiry_figures())["passed_on"] == 1


def test_how_long_answers_took_and_whether_they_came_in_time(make_offer):
    offer = make_offer()
    soon, late, declined = (
        factories.make_enquiry(offer=offer, status=each) for each in ("answered",) * 2 + ("declined",)
    )
    waiting, overdue, moved = (factories.make_enquiry(offer=offer) for _ in range(3))
    passed_on(soon, 40, answered_after=3)
    passed_on(late, 40, answered_after=30)
    passed_on(declined, 40, answered_after=5)
    passed_on(waiting, 2)
    passed_on(overdue, 30)
    passed_on(moved, 30, due_after=60)
    moved.steps.create(act=EnquiryAct.MOVED_ON)

    figures = enquiry_figures()

    assert figures.median_days == 5
    assert (figures.in_promised_time.number, figures.in_promised_time.total) == (2, 5)
    assert (figures.in_working_days.number, figures.in_working_days.total) == (2, 5)
    assert str(figures.in_working_days) == "2 of 5"


def test_areas_forms_and_regions_come_from_the_offer_or_from_the_need(make_offer, norland, sudland):
    offer = make_offer()
    area, form = offer.live_version.primary_area, offer.live_version.form
    factories.make_enquiry(offer=offer, asker_state=sudland)
    factories.make_enquiry(area=area, form=form, asker_state=sudland)
    factories.make_enquiry()

    figures = enquiry_figures()

    assert [(label, row.passed_on) for label, row in figures.by_area] == [(area.name, 2), ("Not stated", 1)]
    assert [(label, row.passed_on) for label, row in figures.by_form] == [(form.name, 2), ("Not stated", 1)]
    by_region = [(label, row.passed_on) for label, row in figures.by_region]
    assert by_region == [(sudland.region.name, 2), ("Senders of no State", 1)]


def test_a_state_sees_the_figures_of_its_own_enquiries_only(focal, make_offer, sudland):
    factories.make_enquiry(offer=make_offer(), status="answered")
    foreign = factories.make_offer(state=sudland)
    for _ in range(3):
        factories.make_enquiry(offer=foreign)

    figures = focal.get(reverse("offers:enquiry_list")).context["figures"]

    assert (figures.stages.passed_on, figures.stages.answered) == (1, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_all_figures_need_as_many_queries_however_many_enquiries(make_offer, django_assert_num_queries, count, sudland):
    for _ in range(count):
        factories.make_enquiry(offer=make_offer(), asker_state=sudland, status="answered")

    with django_assert_num_queries(4):
        assert enquiry_figures().tables


def test_the_public_sees_no_exact_number():
    words = {number: rounded(number) for number in range(200)}

    assert (words[0], words[1], words[4], words[5], words[12], words[13]) == (
        "none", "fewer than 5", "fewer than 5", "about 5", "about 10", "about 15",
    )  # fmt: skip
    # None of the words stands for one number alone, but for none.
    assert all(list(words.values()).count(word) >= 3 for number, word in words.items() if 0 < number < 190)


def test_the_public_page_says_how_it_stood_last_night(client, make_offer):
    enquiries = [factories.make_enquiry(offer=make_offer(), status="answered") for _ in range(6)]
    address = reverse("offers:pipeline")
    today = timezone.make_aware(datetime.combine(timezone.localdate(), datetime.min.time()))
    yesterday = today - timedelta(minutes=1)

    def said():
        return [number for _label, _definition, number in public_pipeline()]

    assert said() == ["none"] * 7
    Enquiry.objects.update(passed_on_at=yesterday, answered_at=yesterday)
    enquiries[0].record_outcome(side="asker", kind="talks")
    assert said() == ["about 5", "about 5", "about 5", "none", "none", "none", "none"]
    EnquiryOutcome.objects.update(at=yesterday)
    assert said() == ["about 5", "about 5", "about 5", "fewer than 5", "none", "none", "none"]
    content = client.get(address).content.decode()
    assert "fewer than 5" in content
    assert enquiries[0].reference not in content


def test_the_file_holds_what_the_page_shows(isu, make_offer):
    enquiry = factories.make_enquiry(offer=make_offer(), status="answered", name="Ana Delegate")
    enquiry.record_outcome(side="asker", kind="nothing", missing="Nobody knew the export rules.")

    page = isu.get(reverse("offers:isu_enquiry_figures")).content.decode()
    response = isu.get(reverse("offers:isu_enquiry_figures_csv"))

    assert "Nobody knew the export rules." in page
    assert "Ana Delegate" not in page
    lines = response.content.decode().splitlines()
    assert any(line.startswith("Passed on,1,") for line in lines)
    assert any(line.startswith("Answered in 10 working days,0 of 0,") for line in lines)
    assert "Nobody knew the export rules." not in response.content.decode()
