"""News by e-mail: asked for, confirmed, changed and stopped, by links in letters and without an account."""

import hashlib
import re
from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings as portal
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from offers import alerts, signed_links
from offers.models import Alert, Bounce, OutgoingMail, SignUp, Subscriber
from offers.models.alerts import next_day
from tests import factories
from tests.letters import html_of, letters_to, message_of, text_of
from tests.platform_portal.test_form_pack import faults

pytestmark = pytest.mark.django_db

EMAIL = "reader@example.org"


def main_of(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def ticket_on(page):
    return re.search(r'name="ticket" value="([^"]+)"', page.content.decode())[1]


def sign_up(client, clock, query="", seconds=30, page="alerts", **data):
    """Open the form, fill it in for a while, and send what a browser would send."""
    address = reverse(f"offers:{page}") + query
    ticket = ticket_on(client.get(address))
    clock.shift(timedelta(seconds=seconds))
    typed = {"email": EMAIL, "wanted": ["offers"], "frequency": "weekly", "language": "en"} | data
    return client.post(address, {"ticket": ticket, "subject": ""} | typed)


def link_in(mail):
    """The address in a letter that leads on, as a path."""
    (address,) = re.findall(rf"{portal.PORTAL_URL}(/\S+/alerts/(?:confirm|manage)/\S+)", text_of(mail))
    return address


def signed_up(client, clock, *args, **data):
    """The address in the letter that comes of it."""
    response = sign_up(client, clock, *args, **data)
    assert (response.status_code, response.url) == (302, reverse("offers:alerts_sent"))
    return link_in(letters_to(data.get("email", EMAIL))[-1])


def manage_page(subscriber):
    return reverse("offers:alerts_manage", args=[alerts.link_of(subscriber)])


# Asking for it


def test_each_list_leads_to_a_form_that_says_in_words_what_it_is_narrowed_by(client, make_offer):
    make_offer(cooperation="south_south")
    doors = [
        reverse("offers:catalogue") + "?form=form.training&sort=newest",
        reverse("offers:catalogue") + "?q=nothing+like+it",
        reverse("offers:state_detail", args=["qno"]),
        reverse("offers:south_south"),
    ]
    words = ["Training", "“nothing like it”", "Offered by Norland", "South-South cooperation"]

    for door, said in zip(doors, words, strict=True):
        (address,) = re.findall(r'href="(/en/alerts/\?[^"]+)"', main_of(client.get(door)))
        page = client.get(address.replace("&amp;", "&"))
        assert said in main_of(page), door
        assert "<title>E-mail me new offers like these – " in page.content.decode()
        assert page.cookies.keys() == {portal.CSRF_COOKIE_NAME}
        assert 'content="noindex"' in page.content.decode()


def test_nothing_happens_before_the_address_is_confirmed_by_a_button(client, clock, make_offer):
    make_offer()
    address = signed_up(client, clock, "?form=form.training&sort=newest", language="fr", frequency="daily")

    assert not Subscriber.objects.exists()
    letter = text_of(letters_to(EMAIL)[0])
    assert "Training" in letter
    assert address.startswith("/fr/")

    page = client.get(address)
    assert (page.status_code, Subscriber.objects.count()) == (200, 0)
    assert page.headers["Referrer-Policy"] == "no-referrer"

    done = client.post(address)
    assert done.status_code == 200
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.language, subscriber.frequency) == (EMAIL, "fr", "daily")
    assert (subscriber.bulletin, subscriber.next_digest_on) == (False, date(2027, 3, 5))
    alert = subscriber.alerts.get()
    assert (alert.parameters, alert.since) == ("form=form.training", SignUp.objects.get().created_at)
    # The way to change it is on the page.
    assert client.get(manage_page(subscriber)).status_code == 200
    assert alerts.link_of(subscriber) in done.content.decode()


def test_the_database_holds_no_token_that_could_be_used(client, clock):
    token = signed_up(client, clock).rstrip("/").rpartition("/")[2]

    with time_machine.travel(timezone.now()):
        secret = signed_links.read(alerts.SIGN_UP, token, days=1)
    assert len(secret) >= 43  # 256 bits
    kept = repr(list(SignUp.objects.values()))
    assert secret not in kept
    assert token not in kept
    assert hashlib.sha256(secret.encode()).hexdigest() in kept


def test_a_link_works_once_and_for_a_day(client, clock):
    address = signed_up(client, clock)
    client.post(address)
    for again in (client.post(address), client.get(address)):
        assert again.status_code == 410
        assert "Your address is confirmed already" in main_of(again)
    assert Subscriber.objects.count() == 1

    late = signed_up(client, clock, email="late@example.org")
    clock.shift(timedelta(hours=24, seconds=1))
    for method in (client.get, client.post):
        response = method(late)
        assert response.status_code == 410
        assert reverse("offers:alerts") in main_of(response)
    # Once the row is erased too, the letter is still known to be too old; here nothing is left of it.
    Bounce.objects.create(email="late@example.org", cause="sign_up")
    SignUp.objects.to_forget().forget()
    assert client.get(late).status_code == 410
    assert not letters_to("late@example.org") and not Bounce.objects.exists()
    assert Subscriber.objects.count() == 1


def test_what_nobody_has_signed_is_not_found(client):
    for name in ("confirm", "manage", "unsubscribe"):
        for method in (client.get, client.post):
            response = method(reverse(f"offers:alerts_{name}", args=["made-up"]))
            assert response.status_code == 404
            assert "This link is not complete" in main_of(response)


def test_what_is_typed_into_the_search_makes_no_link_in_a_letter_to_somebody_else(client, clock):
    link = signed_up(client, clock, "?q=win+at+https://casino.example.org/win+casino@example.org+mines")

    (letter,) = letters_to(EMAIL)
    assert "“win at https casino example org win casino example org mines”" in text_of(letter)
    assert "casino.example" not in html_of(letter) and "casino@" not in html_of(letter)
    assert "https://casino.example.org/win" in main_of(client.get(link))


def test_a_known_address_gets_the_same_answer_and_the_same_letter(client, clock):
    factories.SubscriberFactory(email="known@example.org", lists=[""])
    answers, letters = [], []
    for email in ("known@example.org", "unknown@example.org"):
        response = sign_up(client, clock, email=email)
        answers.append((response.status_code, response.url, main_of(client.get(response.url)).replace(email, "")))
        mail = letters_to(email)[-1]
        letters.append(text_of(mail).replace(link_in(mail), ""))

    assert answers[0] == answers[1]
    assert letters[0] == letters[1]


def test_pressed_twice_one_letter_is_sent(client, clock):
    address = reverse("offers:alerts")
    data = {"ticket": ticket_on(client.get(address)), "email": EMAIL, "wanted": ["offers"], "frequency": "weekly"}
    clock.shift(timedelta(seconds=30))

    for _press in range(2):
        assert client.post(address, data | {"language": "en"}).status_code == 302

    assert len(letters_to(EMAIL)) == 1


def test_confirming_again_takes_over_the_newest_wishes_and_adds_the_list(client, clock):
    before = factories.SubscriberFactory(
        email=EMAIL.upper(), lists=["state=QNO"], frequency="monthly", bounced_at=timezone.now(),
        next_digest_on=date(2027, 3, 20),
    )  # fmt: skip
    address = signed_up(client, clock, language="ar", frequency="daily", wanted=["offers", "bulletin"])
    assert Subscriber.objects.get().language == "en"

    client.post(address)

    subscriber = Subscriber.objects.get()
    assert subscriber.pk == before.pk
    assert (subscriber.language, subscriber.frequency, subscriber.bulletin) == ("ar", "daily", True)
    assert subscriber.bounced_at is None
    assert subscriber.next_digest_on == date(2027, 3, 5)
    assert [alert.parameters for alert in subscriber.alerts.all()] == ["state=QNO", ""]


def test_the_bulletin_can_be_had_alone(client, clock):
    (door,) = re.findall(r'href="(/en/alerts/[^"]+)"', main_of(client.get(reverse("offers:bulletin_list"))))
    page = client.get(door)
    assert re.findall(r'value="(offers|bulletin)"[^>]*checked', page.content.decode()) == ["bulletin"]

    client.post(signed_up(client, clock, wanted=["bulletin"]))

    subscriber = Subscriber.objects.get()
    assert (subscriber.bulletin, subscriber.alerts.count()) == (True, 0)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": ""}, "Enter your e-mail address."),
        ({"email": "reader at example"}, "Enter an e-mail address such as"),
        ({"email": '"a\x00<b>"@example.org'}, "Enter an e-mail address such as"),
        ({"email": "x" * 5000 + "@example.org"}, "at most 254 characters"),
        ({"email": "قارئ"}, "Enter an e-mail address such as"),
        ({"email": "admın@example.org"}, "Enter an e-mail address such as"),
        ({"email": "reader@[127.0.0.1]"}, "Enter an e-mail address such as"),
        ({"wanted": []}, "Tick what you would like to get."),
        ({"frequency": "hourly"}, "Choose how often from the list."),
        ({"language": "tlh"}, "Choose a language from the list."),
    ],
)
def test_what_cannot_be_taken_is_said_and_what_was_typed_stays(client, clock, typed, said):
    response = sign_up(client, clock, "?q=mines", **typed)

    assert response.status_code == 200
    assert said in main_of(response)
    assert "“mines”" in main_of(response)
    assert list(faults(response.content.decode())) == []
    assert not OutgoingMail.objects.exists()
    if typed.get("email", EMAIL) == EMAIL:
        assert f'value="{EMAIL}"' in main_of(response)


def test_the_look_alike_of_an_address_is_another_address(client, clock):
    """PostgreSQL takes a dotless i for an i where capitals make no difference: its owner would get the link."""
    factories.SubscriberFactory(email="reader@writing.example.org", lists=[""])

    sign_up(client, clock, page="alerts_link", email="reader@wrıting.example.org")
    sign_up(client, clock, email="reader@wrıting.example.org")

    letter, confirmation = letters_to("reader@xn--wrting-q9a.example.org")
    assert "/alerts/manage/" not in text_of(letter)
    client.post(link_in(confirmation))
    assert {subscriber.email for subscriber in Subscriber.objects.all()} == {
        "reader@writing.example.org", "reader@xn--wrting-q9a.example.org",
    }  # fmt: skip


def test_what_a_robot_seems_to_have_sent_is_taken_only_when_a_person_presses_again(client, clock):
    for data in ({"seconds": 1}, {"subject": "Buy now"}, {"ticket": "made-up"}):
        email = f"{'-'.join(data)}@example.org"
        response = sign_up(client, clock, email=email, **data)
        assert "press the button once more" in main_of(response)
        assert not letters_to(email)
        assert "Buy now" not in response.content.decode()

        clock.shift(timedelta(seconds=30))
        typed = {"email": email, "wanted": ["offers"], "frequency": "weekly", "language": "en", "subject": ""}
        client.post(reverse("offers:alerts"), typed | {"ticket": ticket_on(response)})
        assert len(letters_to(email)) == 1


def test_a_mailbox_gets_four_letters_in_a_minute_and_the_text_stays(client, clock):
    for number in range(4):
        assert sign_up(client, clock, f"?q={number}", seconds=4).status_code == 302

    refused = sign_up(client, clock, seconds=4)

    assert (refused.status_code, len(letters_to(EMAIL))) == (429, 4)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert f'value="{EMAIL}"' in main_of(refused)


def test_a_list_with_more_filters_than_can_be_kept_says_so(client):
    factories.LanguageFactory()
    choices = "".join(f"&area={factories.AreaFactory(code=f'area.part_of_the_work_{n}').code}" for n in range(80))

    response = client.get(reverse("offers:alerts") + f"?q=x{choices}")

    assert "more filters than can be kept" in main_of(response)
    assert 'name="email"' not in main_of(response)


# Changing and stopping


def test_the_manage_page_says_what_one_gets_and_changes_it(clock, make_offer):
    make_offer()
    subscriber = factories.SubscriberFactory(
        lists=["state=QNO", "form=form.training"], frequency="weekly", next_digest_on=date(2027, 3, 11)
    )
    client, address = Client(enforce_csrf_checks=True), manage_page(subscriber)

    page = main_of(client.get(address))
    assert "Offered by Norland" in page
    assert "Training" in page
    assert "11 March 2027" in page
    assert list(faults(client.get(address).content.decode())) == []

    client.post(address, {"language": "es", "frequency": "daily", "bulletin": "on"})
    subscriber.refresh_from_db()
    assert (subscriber.language, subscriber.frequency, subscriber.bulletin) == ("es", "daily", True)
    assert subscriber.next_digest_on == date(2027, 3, 5)

    client.post(address, {"stop": subscriber.alerts.first().pk})
    assert [alert.parameters for alert in subscriber.alerts.all()] == ["form=form.training"]
    # Another's list is not stopped, nor is anything by nonsense.
    other = factories.SubscriberFactory(lists=[""]).alerts.get()
    for value in (other.pk, "x", "9" * 30):
        assert client.post(address, {"stop": value}).status_code == 200
    assert Alert.objects.count() == 2


def test_who_wants_nothing_any_more_is_erased(client):
    subscriber = factories.SubscriberFactory(lists=[""], bulletin=True)
    address = manage_page(subscriber)

    client.post(address, {"stop": subscriber.alerts.get().pk})
    assert Subscriber.objects.exists()
    done = client.post(address, {"language": "en", "frequency": "weekly"})

    assert "You get no letters any more" in main_of(done)
    assert not Subscriber.objects.exists()
    assert client.get(address).status_code == 200


def test_one_press_stops_everything_without_cookies_and_opening_the_link_does_not(client):
    subscriber, other = factories.SubscriberFactory(lists=[""]), factories.SubscriberFactory(lists=[""])
    address = alerts.headers_for(subscriber)["List-Unsubscribe"].strip("<>").removeprefix(portal.PORTAL_URL)
    program = Client(enforce_csrf_checks=True)

    assert program.get(address).status_code == 200
    assert Subscriber.objects.count() == 2

    for _press in range(2):
        response = program.post(address, {"List-Unsubscribe": "One-Click"})
        assert (response.status_code, response.cookies.output()) == (200, "")
    assert list(Subscriber.objects.all()) == [other]
    assert "You get no letters any more" in main_of(program.get(address))


def test_with_the_address_the_letters_that_have_left_are_erased_too(client, clock):
    client.post(signed_up(client, clock))
    subscriber = Subscriber.objects.get()
    alerts.send_link(subscriber.email, "en")
    OutgoingMail.objects.update(sent_at=timezone.now(), raw=b"")

    subscriber.stop_all()
    assert [mail.cause for mail in OutgoingMail.objects.all()] == ["sign_up"]
    clock.shift(timedelta(hours=25))
    call_command("forget", verbosity=0)

    assert not OutgoingMail.objects.exists()


def test_an_old_link_ends_and_a_new_one_is_sent_to_whoever_owns_the_address(client, clock, settings):
    subscriber = factories.SubscriberFactory(email=EMAIL, lists=[""], language="fr")
    address = manage_page(subscriber)
    clock.shift(timedelta(days=settings.MANAGE_LINK_DAYS, seconds=1))
    ended = client.get(address)
    assert ended.status_code == 410
    assert reverse("offers:alerts_link") in main_of(ended)

    answers = [
        sign_up(client, clock, page="alerts_link", email=email) for email in (EMAIL.upper(), "nobody@example.org")
    ]

    assert {(answer.status_code, answer.url) for answer in answers} == {(302, reverse("offers:alerts_sent"))}
    assert client.get(link_in(letters_to(EMAIL.upper())[0])).status_code == 200
    assert "Nothing is sent to it" in text_of(letters_to("nobody@example.org")[0])
    assert "/alerts/manage/" not in text_of(letters_to("nobody@example.org")[0])


def test_a_mailbox_that_takes_no_letters_pauses_its_subscriber(client):
    subscriber = factories.SubscriberFactory(email=EMAIL, lists=[""])

    assert [Subscriber.objects.pause(email) for email in (EMAIL.upper(), "nobody@example.org")] == [1, 0]

    assert not Subscriber.objects.due().exists()
    assert "has taken no letters since" in main_of(client.get(manage_page(subscriber)))


# Days


@pytest.mark.parametrize(
    ("frequency", "first", "today", "expected"),
    [
        ("daily", date(2027, 1, 31), date(2027, 1, 31), date(2027, 2, 1)),
        ("weekly", date(2027, 1, 31), date(2027, 1, 31), date(2027, 2, 7)),
        ("weekly", date(2027, 1, 31), date(2027, 2, 9), date(2027, 2, 14)),  # missed on the 7th, made up for on the 9th
        ("monthly", date(2027, 1, 31), date(2027, 1, 31), date(2027, 2, 28)),
        ("monthly", date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)),
        ("monthly", date(2027, 1, 31), date(2027, 3, 2), date(2027, 3, 31)),  # missed on 28 February
    ],
)
def test_the_next_day_falls_as_the_first_did(frequency, first, today, expected):
    assert next_day(frequency, first, today) == expected


# Everywhere


@pytest.mark.parametrize("language", [code for code, _name in portal.LANGUAGES])
def test_pages_and_letters_are_in_six_languages_in_the_right_direction(client, clock, make_offer, language):
    make_offer()
    direction = "rtl" if language == "ar" else "ltr"
    subscriber = factories.SubscriberFactory(language=language, lists=["", "form=form.training"])
    with translation.override(language):
        pages = [reverse(f"offers:{name}") for name in ("alerts", "alerts_link", "alerts_sent")]
        pages += [manage_page(subscriber), reverse("offers:alerts_unsubscribe", args=[alerts.link_of(subscriber)])]
        address = signed_up(client, clock, "?form=form.training", language=language)
    for page in (client.get(address) for address in [*pages, address]):
        assert page.status_code == 200
        assert f'dir="{direction}"' in page.content.decode().partition("<head>")[0]
        assert list(faults(page.content.decode())) == []
    html = message_of(letters_to(EMAIL)[0]).get_body(["html"]).get_content()
    assert f'dir="{direction}"' in html


def test_the_isu_reads_a_number_and_focal_points_not_even_that(client, officer, norlander):
    factories.SubscriberFactory(email=EMAIL, lists=[""])
    factories.SubscriberFactory(bulletin=True)
    client.force_login(officer)

    page = main_of(client.get(reverse("offers:isu_home")))

    assert "2 addresses get news of offers or the bulletin by e-mail; 1 of them the bulletin." in page
    assert EMAIL not in page


@pytest.mark.parametrize("count", [1, 4])
def test_the_manage_page_needs_the_same_queries_however_many_lists(client, django_assert_max_num_queries, count):
    states = [factories.StateFactory().iso3 for _number in range(count)]
    address = manage_page(factories.SubscriberFactory(lists=[f"state={iso3}" for iso3 in states]))
    client.get(address)

    with django_assert_max_num_queries(5 + count):
        client.get(address)
