"""Who is kept out of the figures, and that each is counted as left out."""

import json
from datetime import date
from http.cookies import SimpleCookie
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse

from analytics.models import DirtyDay, Event
from analytics.recording.actions import Action
from analytics.recording.exclusions import EXCLUDED, Flag, excluding_flags, robot_flags
from analytics.recording.visitors import bounds_of

from .conftest import CHROME, FIREFOX, Visitor, count, excluded, total

BROWSERS = [
    CHROME,
    FIREFOX,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 "
    "Mobile Safari/537.36",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10",
]
ROBOTS = {
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "crawler_user_agents",
    "python-requests/2.31.0": "crawler_user_agents",
    "WGET/1.21.3 (linux-gnu)": "crawler_detect",
    # A telephone of this make: COUNTER's list holds every "bot" for a robot, whatever the case.
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/90 Mobile Safari/537.36": "counter",
    "Unknown 1.0": "shape",
}


@pytest.fixture
def address(make_offer):
    return make_offer().get_absolute_url()


@pytest.mark.parametrize("user_agent", BROWSERS)
def test_browsers_are_no_robots(user_agent):
    assert robot_flags(user_agent) == 0


@pytest.mark.parametrize(("user_agent", "reason"), ROBOTS.items())
def test_robots_are_recorded_but_left_out(address, user_agent, reason):
    Visitor(user_agent=user_agent).get(address)
    count()

    assert Event.objects.count() == 1
    assert total("view") == 0
    assert excluded() == {reason: 1}


def test_each_list_of_robots_has_its_own_flag():
    assert robot_flags("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)") == (
        Flag.CRAWLER_USER_AGENTS | Flag.CRAWLER_DETECT | Flag.COUNTER
    )
    assert robot_flags("WGET/1.21.3 (linux-gnu)") == Flag.CRAWLER_DETECT | Flag.COUNTER


@pytest.mark.parametrize("headers", [{"accept-language": None}, {"user-agent": None}])
def test_requests_that_no_browser_makes_are_left_out(visitor, address, headers):
    visitor.get(address, headers=headers)
    count()

    assert total("view") == 0
    assert excluded() == {"shape": 1}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-purpose": "preview"},
        {"x-moz": "prefetch"},
    ],
)
def test_a_prefetch_is_refused_and_the_visit_that_follows_counts_once(visitor, address, headers):
    refused = visitor.get(address, headers=headers)
    visitor.get(address)
    count()

    assert refused.status_code == 503
    assert refused.headers["Cache-Control"] == "no-store"
    assert total("offer_detail") == 1
    assert excluded() == {"prefetch": 1}


def test_the_isu_is_left_out(officer, address):
    Visitor(user=officer).get(address)
    count()

    assert total("view") == 0
    assert excluded() == {"staff": 1}
    assert Event.objects.get().visitor is None


def sign_in(client, user):
    user.set_password("a passphrase that is long enough")
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return client.post(reverse("account_login"), {"login": user.email, "password": "a passphrase that is long enough"})


def test_a_browser_of_the_isu_is_left_out_after_signing_out_and_before_signing_in_again(officer, address):
    browser = Visitor(user_agent=CHROME)
    answer = sign_in(browser.client, officer)
    cookie = answer.cookies[project.ISU_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["secure"], cookie["samesite"]) == ("1", True, True, "Lax")
    browser.client.logout()
    browser.client.cookies = SimpleCookie({project.ISU_COOKIE_NAME: cookie.value})
    browser.get(address)
    count()

    assert excluded() == {"staff": 1}
    assert Event.objects.values_list("audience", "visitor").get() == ("anonymous", None)


def test_signing_in_as_a_focal_point_leaves_no_such_cookie(norlander):
    answer = sign_in(Client(), norlander)

    assert project.SESSION_COOKIE_NAME in answer.cookies
    assert project.ISU_COOKIE_NAME not in answer.cookies


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("198.51.100.0/24", "198.51.100.77", "198.51.101.1"),
        ("198.51.100.7", "198.51.100.7", "198.51.100.8"),
        ("2001:db8::/32", "2001:db8:1::7", "2001:db9::1"),
        ("2001:db8:1:2::/64", "2001:db8:1:2::7", "2001:db8:1:3::7"),
        ("2001:db8::/32", "::ffff:198.51.100.77", "32.1.13.184"),
    ],
)
def test_offices_of_the_isu_are_left_out_and_their_address_is_not_kept(
    settings, address, lines, network, inside, outside
):
    settings.ANALYTICS_OFFICE_NETWORKS = ["203.0.113.0/24", network]
    for place in (inside, outside):
        Visitor(address=place).get(address)

    flags = [json.loads(line).get("flags", 0) for line in lines()]
    assert flags == ([0, 0] if inside.startswith("::ffff") else [Flag.STAFF, 0])
    assert not any(inside in line for line in lines())


def test_programs_may_use_what_is_made_for_programs_whatever_they_are_called(make_offer, visitor):
    """Robots reading pages are left out; reading files, feeds and the API they are flagged, and counted."""
    make_offer()
    robot = Visitor(user_agent="python-requests/2.31.0")
    for name in ("offers:list_csv", "offers:list_atom", "api:offers", "offers:embed", "offers:home"):
        robot.get(reverse(name), headers={"accept-language": None})
    visitor.get(reverse("api:offers"), headers={"purpose": "prefetch"})
    count()

    assert [total(metric) for metric in ("export", "feed", "api", "embed", "view")] == [1, 1, 1, 1, 0]
    assert excluded() == {"crawler_user_agents": 1, "prefetch": 1}
    assert Event.objects.exclude(flags__gte=Flag.CRAWLER_USER_AGENTS).count() == 1


def test_who_presses_the_button_is_not_followed_until_pressing_it_again(visitor, address, lines):
    page = reverse("analytics:counting")
    answer = visitor.client.post(page)
    assert (answer.status_code, list(answer.cookies)) == (303, [project.OPT_OUT_COOKIE_NAME])
    visitor.get(address)
    assert "Count this browser again" in visitor.get(page).text
    visitor.client.post(page, {"again": "1"})
    visitor.get(address)
    count()

    assert list(Event.objects.order_by("at").values_list("flags", flat=True)) == [Flag.UNLINKED, Flag.UNLINKED, 0]
    assert (total("view"), total("view", figure="visits"), excluded()) == (3, 1, {})


def test_a_focal_point_is_left_out_on_pages_of_the_own_state_only(norlander, sudlander, address, lines):
    pages = [address, reverse("offers:state_detail", args=["qno"]), reverse("offers:state_detail", args=["qsu"])]
    for page in pages:
        Visitor(user=norlander).get(page)
    Visitor(user=sudlander).get(address)
    assert [json.loads(line)["home"] for line in lines()] == ["QNO", "QNO", "QNO", "QSU"]
    count()

    assert excluded() == {"own_state": 2}
    assert total("offer_detail") == 1
    assert total("state_profile", "state", "QSU") == 1
    # The State of the person is nowhere in the database: only what was looked at.
    assert set(Event.objects.filter(flags=0).values_list("state", "audience")) == {
        ("QNO", "focal_point"),
        ("QSU", "focal_point"),
    }


def test_somebody_with_a_session_is_never_taken_for_an_anonymous_visitor(settings, norlander):
    """Even if an answer comes from before the sign-in middleware, as from a cache."""
    settings.MIDDLEWARE = [
        name for name in settings.MIDDLEWARE if not name.endswith((".LoginRequired", ".KeepWhatCameTooLate"))
    ]
    settings.TEMPLATES = [
        template | {"OPTIONS": {"context_processors": ["django.template.context_processors.request"]}}
        for template in settings.TEMPLATES
    ]
    Visitor(user=norlander).get(reverse("offers:about"))
    count()

    event = Event.objects.get()
    assert event.audience == "unknown"
    assert event.visitor is None
    assert excluded() == {"unknown_person": 1}


def test_a_stale_session_cookie_is_an_anonymous_visit(settings, visitor, address):
    visitor.client.cookies[settings.SESSION_COOKIE_NAME] = "long-gone"

    visitor.get(address)
    count()

    assert Event.objects.get().audience == "anonymous"
    assert total("view") == 1


@pytest.mark.parametrize("header", ["dnt", "sec-gpc"])
def test_who_asks_not_to_be_followed_counts_in_totals_only(visitor, address, header):
    for _ in range(3):
        visitor.get(address, headers={header: "1"})
    count()

    assert set(Event.objects.values_list("visitor", "flags")) == {(None, Flag.UNLINKED)}
    assert total("unlinked") == 3
    for metric in ("view", "offer_detail", "investigation"):
        assert total(metric) == 3
        assert total(metric, figure="total_dc") == 3
        for figure in ("unique_session", "visitor_days", "visits"):
            assert total(metric, figure=figure) == 0


def test_pages_that_were_not_shown_are_left_out(visitor, make_offer):
    submitted = make_offer(status="submitted")
    visitor.get(submitted.get_absolute_url())
    visitor.get(reverse("offers:detail", args=["anything-a-stranger-writes"]))
    count()

    assert excluded() == {"not_shown": 2}
    assert set(Event.objects.values_list("offer", flat=True)) == {""}


def test_a_burst_is_left_out_and_others_are_not(clock, visitor):
    robot = Visitor(address="192.0.2.66")
    for _ in range(20):
        robot.get("/en/about/")
        clock.shift(0.5)
    for _ in range(20):
        visitor.get("/en/about/")
        clock.shift(1.5)
    count()

    assert excluded() == {"burst": 20}
    assert total("guidance") == 20


@pytest.mark.parametrize(("offers", "reasons"), [(120, {}), (121, {"burst": 121})])
def test_more_than_120_offers_within_an_hour_are_a_burst(db, offers, reasons):
    day = date(2027, 3, 4)
    ten_o_clock = bounds_of(day)[0].timestamp() + 10 * 3600
    Event.objects.bulk_create(
        Event(
            id=uuid4(),
            at=round((ten_o_clock + number * 25) * 1_000_000),
            day=day,
            action=Action.OFFER_DETAIL,
            offer=f"PFP-{number}",
            visitor=1,
        )
        for number in range(offers)
    )
    DirtyDay.mark({day}, "test")
    count()

    assert excluded() == reasons


def test_every_flag_but_unlinked_excludes():
    assert sum(Flag) - Flag.UNLINKED == EXCLUDED
    robots = Flag.CRAWLER_USER_AGENTS | Flag.CRAWLER_DETECT | Flag.SHAPE | Flag.COUNTER
    for action in Action:
        assert EXCLUDED - excluding_flags(action) == (
            robots if action.name in {"EXPORT", "FEED", "API", "EMBED"} else 0
        )
