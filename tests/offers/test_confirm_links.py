"""Confirming: without an account by the link in a letter, and with one press at the desk."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from offers import freshness, signed_links
from offers.models import Offer, OfferVersion, OutgoingMail, Step
from tests import factories
from tests.letters import text_of
from tests.platform_portal.test_form_pack import faults

pytestmark = pytest.mark.django_db


def link_to(state, *offers):
    token = signed_links.sign(freshness.PURPOSE, [state.pk, [offer.pk for offer in offers]])
    return reverse("offers:confirm_by_link", args=[token])


def everything():
    """All that a request might change."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Offer, OfferVersion, OutgoingMail, Offer._meta.get_field("status_changes").related_model)
    ]


def ticked(*offers):
    return {"offers": [offer.pk for offer in offers]}


def boxes(response):
    return re.findall(r'<input type="checkbox"\s+name="offers"\s+value="(\d+)"', response.content.decode())


def set_last_day(offer, day):
    OfferVersion.objects.filter(pk=offer.live_version_id).update(valid_until=day)
    Offer.objects.filter(pk=offer.pk).update(valid_until=day)


# By the link


def test_the_link_in_the_letter_leads_to_the_offers_and_one_press_confirms_them(
    client, make_offer, norlander, settings
):
    offers = [make_offer(title=f"Course {number}", confirmed_days_ago=200 + number) for number in range(3)]
    call_command("send_reminders", verbosity=0)
    mail = OutgoingMail.objects.filter(subject__startswith="Please confirm", recipients=[norlander.email]).get()
    text = text_of(mail)
    (address,) = re.findall(rf"{settings.PORTAL_URL}(/en/confirm/\S+)", text)

    response = client.get(address)
    page = response.content.decode()
    assert sorted(boxes(response)) == sorted(str(offer.pk) for offer in offers)
    assert page.count("checked") == 3
    for offer in offers:
        assert offer.live_version.title in page
        assert offer.reference in page
        assert offer.get_absolute_url() in page
    assert "csrfmiddlewaretoken" not in page
    assert not response.cookies

    done = client.post(address, {"offers": boxes(response)})

    assert "3 offers are confirmed as of today." in done.content.decode()
    assert not done.cookies
    for offer in offers:
        offer.refresh_from_db()
        assert offer.confirmed_on == timezone.localdate()
        (change,) = offer.status_changes.filter(step=Step.CONFIRM)
        assert (change.by, change.reason) == (None, "Confirmed from a letter to the offices of Norland")


def test_opening_the_link_changes_nothing(client, make_offer, norland):
    address = link_to(norland, make_offer(confirmed_days_ago=200))
    before = everything()

    for method in (client.get, client.head, client.options):
        method(address)

    assert everything() == before


def test_what_is_not_ticked_is_not_confirmed(client, make_offer, norland):
    yes, no = make_offer(confirmed_days_ago=200), make_offer(confirmed_days_ago=200)

    response = client.post(link_to(norland, yes, no), ticked(yes))

    assert boxes(response) == [str(no.pk)]
    assert "checked" not in response.content.decode()
    assert list(Offer.objects.filter(confirmed_on=timezone.localdate())) == [yes]


def test_using_the_link_twice_is_harmless(client, make_offer, norland):
    offer = make_offer(confirmed_days_ago=200)
    address = link_to(norland, offer)

    first = client.post(address, ticked(offer)).content.decode()
    today = timezone.localdate()
    again = client.post(address, ticked(offer)).content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        later = client.post(address, ticked(offer)).content.decode()
        shown = client.get(address).content.decode()

    assert "1 offer is confirmed as of today." in first
    for page in (again, later):
        assert "all of this was confirmed already" in page
    assert f"Already confirmed on {today.day} {today:%B %Y}." in shown
    assert "nothing left to do" in shown
    assert offer.status_changes.filter(step=Step.CONFIRM).count() == 1


def test_the_link_is_for_one_state_and_for_the_offers_of_the_letter(client, make_offer, norland, sudland, sudlander):
    named, other = make_offer(confirmed_days_ago=200), make_offer(confirmed_days_ago=200)
    foreign = factories.make_offer(state=sudland, author=sudlander, confirmed_days_ago=200)
    address = link_to(norland, named, foreign)

    assert boxes(client.get(address)) == [str(named.pk)]
    for offer in (other, foreign):
        response = client.post(address, ticked(named, offer))
        assert response.status_code == 200
        assert "There is a problem" in response.content.decode()
    assert not Offer.objects.filter(confirmed_on=timezone.localdate()).exists()


@pytest.mark.parametrize("sent", [{}, {"offers": ""}, {"offers": "x"}, {"offers": "1\x00"}, {"offers": "9" * 5000}])
def test_nothing_ticked_is_said_in_words(client, make_offer, norland, sent):
    response = client.post(link_to(norland, make_offer(confirmed_days_ago=200)), sent)

    assert response.status_code == 200
    assert "Tick the offers that are still valid." in response.content.decode()
    assert list(faults(response.content.decode())) == []


def test_an_old_link_says_what_to_do(client, make_offer, norland, settings):
    offer = make_offer(confirmed_days_ago=200)
    address = link_to(norland, offer)

    with time_machine.travel(timezone.now() + timedelta(days=settings.CONFIRM_LINK_DAYS, minutes=1)):
        response = client.post(address, ticked(offer))

    assert response.status_code == 410
    assert "too old" in response.content.decode()
    assert reverse("offers:confirm_all") in response.content.decode()
    assert not offer.status_changes.filter(step=Step.CONFIRM).exists()


def test_a_link_that_was_cut_off_or_made_up_says_what_to_do(client, make_offer, norland):
    address = link_to(norland, make_offer(confirmed_days_ago=200))
    made_up = reverse("offers:confirm_by_link", args=[signed_links.sign("something else", [norland.pk, []])])

    for wrong in (address[:-4] + "/", made_up, "/en/confirm/x/"):
        response = client.get(wrong)
        assert response.status_code == 404
        assert "Copy the whole address" in response.content.decode()


def test_a_state_that_is_no_party_any_more_confirms_nothing(client, make_offer, norland):
    offer = make_offer(confirmed_days_ago=200)
    norland.withdrawal_effective = timezone.localdate()
    norland.save()

    response = client.post(link_to(norland, offer), ticked(offer))

    assert response.status_code == 410
    assert "Norland is not a State Party today" in response.content.decode()
    assert not offer.status_changes.filter(step=Step.CONFIRM).exists()


def test_what_has_ended_or_outlived_its_last_day_is_shown_and_not_asked(client, make_offer, norland, norlander):
    withdrawn, over, hidden = (make_offer(confirmed_days_ago=280) for _ in range(3))
    withdrawn.withdraw(by=norlander)
    set_last_day(over, timezone.localdate() - timedelta(days=1))

    response = client.get(link_to(norland, withdrawn, over, hidden))

    page = response.content.decode()
    assert boxes(response) == [str(hidden.pk)]
    assert "Withdrawn" in page
    assert "sign in and change the last day" in page
    assert "Hidden since" in page
    # Its page would say no more than that it is not available.
    assert hidden.get_absolute_url() not in page
    assert list(faults(page)) == []


def test_pages_by_link_are_kept_by_nobody(client, make_offer, norland):
    offer = make_offer(confirmed_days_ago=200)
    for _time in range(2):
        response = client.get(link_to(norland, offer))
        assert response.headers["Cache-Control"] == "private, no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert 'rel="canonical"' not in response.content.decode()
        offer.confirm(by=None)
        offer = make_offer(confirmed_days_ago=201)


def test_whoever_has_signed_in_uses_the_link_like_everybody(client, make_offer, norland, sudlander):
    offer = make_offer(confirmed_days_ago=200)
    client.force_login(sudlander)

    page = client.post(link_to(norland, offer), ticked(offer)).content.decode()

    assert "1 offer is confirmed" in page
    # A form of the session could not be sent from a page that tells nobody its address.
    assert reverse("account_logout") not in page
    assert offer.status_changes.get(step=Step.CONFIRM).by is None


def test_the_form_needs_no_cookie_and_no_origin(make_offer, norland):
    """Browsers send "Origin: null" from a page that asks them to keep its address to themselves."""
    from django.test import Client

    offer = make_offer(confirmed_days_ago=200)
    strict = Client(enforce_csrf_checks=True)

    response = strict.post(link_to(norland, offer), ticked(offer), headers={"origin": "null"})

    assert "1 offer is confirmed" in response.content.decode()


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_by_link_needs_the_same_queries_however_long(
    client, make_offer, norland, count, django_assert_max_num_queries
):
    offers = [make_offer(confirmed_days_ago=200) for _ in range(count)]
    address = link_to(norland, *offers)

    with django_assert_max_num_queries(4):
        assert len(boxes(client.get(address))) == count
    with django_assert_max_num_queries(14):
        client.post(address, ticked(*offers))


# At the desk


ALL = "/en/desk/confirm/"


@pytest.mark.parametrize("count", [1, 10])
def test_ten_offers_are_confirmed_with_two_presses_in_a_fixed_number_of_queries(
    focal, make_offer, norlander, count, django_assert_max_num_queries
):
    offers = [make_offer(confirmed_days_ago=20 * number) for number in range(1, count + 1)]
    assert f'href="{ALL}"' in focal.get(reverse("offers:desk")).content.decode()

    with django_assert_max_num_queries(7):
        response = focal.get(ALL)
    with django_assert_max_num_queries(18):
        done = focal.post(ALL, {"offers": boxes(response)})

    assert done.url == reverse("offers:start")
    assert f"{count} offer" in focal.get(reverse("offers:desk")).content.decode()
    for offer in offers:
        offer.refresh_from_db()
        assert offer.confirmed_on == timezone.localdate()
        assert offer.status_changes.filter(step=Step.CONFIRM, by=norlander).count() == 1


def test_the_whole_list_is_shown_with_what_a_press_cannot_confirm(focal, make_offer, norlander, sudland, sudlander):
    fresh = make_offer(title="Fresh")
    hidden = make_offer(title="Hidden", confirmed_days_ago=300)
    over = make_offer(title="Over")
    set_last_day(over, timezone.localdate() - timedelta(days=1))
    lapsed = make_offer(title="Lapsed", confirmed_days_ago=400, valid_until=timezone.localdate() - timedelta(days=35))
    make_offer(title="Withdrawn one").withdraw(by=norlander)
    make_offer(title="Draft", status="draft")
    factories.make_offer(state=sudland, author=sudlander, title="Not theirs")

    response = focal.get(ALL)

    page = response.content.decode()
    assert sorted(boxes(response)) == sorted(str(offer.pk) for offer in (fresh, hidden, lapsed))
    assert "sign in and change the last day" in page
    for title in ("Withdrawn one", "Draft", "Not theirs"):
        assert title not in page
    focal.post(ALL, {"offers": boxes(response)})
    assert list(Offer.objects.public().order_by("pk")) == [fresh, hidden, lapsed, Offer.objects.get(state=sudland)]


def test_a_second_press_is_told_that_all_is_confirmed(focal, make_offer):
    offer = make_offer(confirmed_days_ago=200)

    focal.post(ALL, ticked(offer))
    again = focal.post(ALL, ticked(offer), follow=True).content.decode()

    assert "already been confirmed today" in again
    assert offer.status_changes.filter(step=Step.CONFIRM).count() == 1
    assert "Nothing waits for a confirmation today." in focal.get(ALL).content.decode()


def test_ticks_that_were_taken_away_stay_so_when_there_is_a_problem(focal, make_offer):
    offers = [make_offer(confirmed_days_ago=200) for _ in range(3)]

    response = focal.post(ALL, {"offers": [offers[0].pk, "999999"]})

    page = response.content.decode()
    assert "There is a problem" in page
    assert page.count("checked") == 1
    assert list(faults(page)) == []
    assert not Offer.objects.filter(confirmed_on=timezone.localdate()).exists()


def test_a_desk_without_published_offers_says_so(focal, make_offer):
    make_offer(status="draft")

    assert "there is nothing to confirm" in focal.get(ALL).content.decode()
    assert ALL not in focal.get(reverse("offers:desk")).content.decode()


def test_an_illustrative_record_carries_its_label_in_the_list(focal, make_offer):
    offer = make_offer(confirmed_days_ago=200)
    Offer.objects.filter(pk=offer.pk).update(is_sample=True)

    assert "Illustrative record" in focal.get(ALL).content.decode()


def test_arabic_words_are_shown_in_their_direction(focal, make_offer):
    arabic = factories.LanguageFactory(code="ar", name_en="Arabic")
    make_offer(title="دورة لإزالة الألغام", original_language=arabic, confirmed_days_ago=200)

    assert '<strong dir="auto" lang="ar">دورة لإزالة الألغام</strong>' in focal.get(ALL).content.decode()
