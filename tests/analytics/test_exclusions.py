"""Who is kept out of the figures, and that each is counted as left out."""

import json

import pytest
from django.urls import reverse

from analytics.exclusions import EXCLUDED, Flag, robot_flags
from analytics.models import Event
from analytics.rollup import HOUR, SECOND, is_burst

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


def test_a_burst_is_left_out_and_others_are_not(clock, make_offer, visitor):
    address = make_offer().get_absolute_url()
    robot = Visitor(address="192.0.2.66")
    for _ in range(20):
        robot.get(address)
        clock.shift(0.5)
    for _ in range(20):
        visitor.get(address)
        clock.shift(1.5)
    count()

    assert excluded() == {"burst": 20}
    assert total("offer_detail") == 20


def test_more_than_120_offers_within_an_hour_are_a_burst():
    def tour(offers):
        return [
            (1, HOUR * 500_000 + n * 25 * SECOND, 5, "", "", "", "", f"PFP-{n}", "", "", "", "") for n in range(offers)
        ]

    assert not is_burst(tour(120))
    assert is_burst(tour(121))


def test_every_flag_but_unlinked_excludes():
    assert sum(Flag) - Flag.UNLINKED == EXCLUDED
