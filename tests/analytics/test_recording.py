"""What a page view leaves behind, and what it must not."""

import json
import stat
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.models import Event
from analytics.recording import middleware
from analytics.recording.actions import Action
from analytics.recording.search_words import words_of
from analytics.recording.spool import spool

from .conftest import CHROME, Visitor


@pytest.fixture
def offer(make_offer):
    return make_offer()


def test_a_line_says_what_was_viewed_and_nothing_that_identifies(visitor, offer, lines):
    visitor.get(
        f"{offer.get_absolute_url()}?q=secret-word",
        headers={"referer": "https://www.google.ch/search?q=secret-word", "accept-language": "fr-CH"},
    )

    [line] = lines()
    event = json.loads(line)
    assert set(event) == {"id", "at", "action", "language", "audience", "referrer", "visitor", "offer"}
    assert event["action"] == Action.OFFER_DETAIL
    assert event["offer"] == offer.reference
    assert event["language"] == "en"
    assert event["audience"] == "anonymous"
    assert event["referrer"] == "search_engine"
    for telltale in ("192.0.2.1", "Mozilla", "Chrome", "secret-word", "google", "fr-CH"):
        assert telltale not in line


def test_a_line_of_a_person_names_the_state_only(norlander, offer, lines):
    Visitor(user=norlander).get(offer.get_absolute_url())

    [line] = lines()
    event = json.loads(line)
    assert event["home"] == "QNO"
    assert event["audience"] == "focal_point"
    assert norlander.email not in line
    assert str(norlander.pk) not in {str(value) for value in event.values()}


def test_only_the_owner_can_read_the_spool(visitor, offer, spool_folder):
    visitor.get(offer.get_absolute_url())

    [path] = spool_folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool_folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("name", ["home", "catalogue", "detail", "contact"])
def test_recording_adds_no_query(settings, norlander, offer, lines, signed_in, name):
    visitor = Visitor(user=norlander if signed_in else None)
    address = reverse(f"offers:{name}", args=[offer.reference] if name in {"detail", "contact"} else [])
    visitor.get(address)  # what is loaded once is loaded now
    queries = {}
    for sink in ("null", "spool"):
        settings.ANALYTICS_SINK = sink
        before = len(lines())
        with CaptureQueriesContext(connection) as captured:
            visitor.get(address)
        queries[sink] = [query["sql"] for query in captured]
        assert len(lines()) - before == (sink == "spool")

    assert len(queries["spool"]) == len(queries["null"])


@pytest.mark.parametrize("name", ["home", "catalogue", "state_list", "about", "privacy", "accessibility"])
def test_no_public_page_sets_a_cookie(visitor, name):
    response = visitor.get(reverse(f"offers:{name}"))

    assert response.status_code == 200
    assert not response.cookies


ADDRESSES = {
    "home": Action.PAGE,
    "catalogue": Action.CATALOGUE,
    "detail": Action.OFFER_DETAIL,
    "contact": Action.CONTACT_REVEALED,
    "state_list": Action.PAGE,
    "state_detail": Action.STATE_PROFILE,
    "about": Action.GUIDANCE,
    "privacy": Action.GUIDANCE,
    "accessibility": Action.GUIDANCE,
}


@pytest.mark.parametrize(("name", "action"), ADDRESSES.items())
def test_each_page_is_its_action(visitor, offer, lines, name, action):
    arguments = {"detail": [offer.reference], "contact": [offer.reference], "state_detail": ["qno"]}
    visitor.get(reverse(f"offers:{name}", args=arguments.get(name, [])))

    [event] = map(json.loads, lines())
    assert event["action"] == action
    assert event.get("state") == ("QNO" if name == "state_detail" else None)


MACHINE_USE = {
    "offers:list_csv": Action.EXPORT,
    "offers:list_xlsx": Action.EXPORT,
    "offers:list_json": Action.EXPORT,
    "contacts:directory_csv": Action.EXPORT,
    "offers:list_atom": Action.FEED,
    "api:offers": Action.API,
    "offers:embed": Action.EMBED,
}


@pytest.mark.parametrize(("name", "action"), MACHINE_USE.items())
def test_what_is_taken_away_is_counted_once_each_time(visitor, offer, lines, name, action):
    def take(**headers):
        response = visitor.get(reverse(name), headers=headers)
        # Read to its end, a file is closed.
        b"".join(response)
        return response.headers

    # Made, handed out again, found unchanged, and not taken at all.
    mark = take().get("ETag", "")
    take()
    take(**{"if-none-match": mark})
    visitor.client.head(reverse(name), headers=visitor.headers)

    assert [json.loads(line)["action"] for line in lines()] == [action] * 3


def test_following_a_link_is_counted_though_no_page_is_shown(visitor, offer, lines):
    link = offer.live_version.links.create(title="Report", url="https://example.org/report")

    response = visitor.get(reverse("offers:out", args=[offer.reference, link.pk]))

    assert response.status_code == 302
    [event] = map(json.loads, lines())
    assert (event["action"], event["offer"], event["out"]) == (Action.LINK_OUT, offer.reference, f"out:{link.pk}")
    assert "flags" not in event


SEARCHES = [
    ("", Action.CATALOGUE),
    ("?q=", Action.CATALOGUE),
    ("?utm_source=newsletter", Action.CATALOGUE),
    ("?q=demining", Action.SEARCH),
    ("?q=zzzzqqqq", Action.SEARCH_ZERO),
    ("?area=area.survey_clearance", Action.SEARCH),
    ("?q=demining&page=1", Action.CATALOGUE),
]


@pytest.mark.parametrize(("query", "action"), SEARCHES)
def test_a_search_is_new_words_or_filters_but_not_another_page(visitor, offer, lines, query, action):
    visitor.get(reverse("offers:catalogue") + query)

    [event] = map(json.loads, lines())
    assert event["action"] == action


def test_a_search_leaves_its_words_and_filters_and_nothing_that_is_somebodys(visitor, offer, lines):
    visitor.get(
        reverse("offers:catalogue"),
        query_params={
            "q": "  MINE\u3000Clearance ann@example.org +41 22 555 01 99 passport X1234567 https://example.org/ann",
            "form": ["form.training", "<script>", "0041225550199"],
            "area": "area.survey_clearance",
            "utm_source": "newsletter",
        },
    )

    [event] = map(json.loads, lines())
    assert event["words"] == "mine clearance passport"
    assert event["filters"] == "area=area.survey_clearance&form=form.training"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ｄéminage  ２０２５", "déminage 2025"),
        ("ann (at) 9M14 72 PMN-2", "ann (at) 9m14 72 pmn-2"),
        ("call 022/555.01.99 now", "call now"),
        ("call ٠٢٢٥٥٥٠١٩٩ now", "call now"),
        ("ann@home", ""),
        ("ann%40example.org demining", "demining"),
        ("www.example.org/ann?x=1 mines", "mines"),
        ("linkedin.example/in/ann mines", "mines"),
        ("survey/clearance", "survey/clearance"),
        ("إزالة الألغام", "إزالة الألغام"),
        ("a\u200db", "a b"),
        ("x" * 500, "x" * 200),
    ],
)
def test_words_have_one_spelling_and_no_addresses_or_numbers_of_people(typed, kept):
    assert words_of({"q": typed}) == kept


@pytest.mark.parametrize("headers", [{"user-agent": "Googlebot/2.1"}, {"dnt": "1"}, {"accept-language": None}])
def test_what_robots_and_those_who_are_not_followed_search_for_is_not_written(visitor, offer, lines, headers):
    visitor.get(reverse("offers:catalogue") + "?q=training&form=form.training", headers=headers)

    [event] = map(json.loads, lines())
    assert event["action"] == Action.SEARCH
    assert not {"words", "filters"} & set(event)


def test_an_address_that_is_not_there_is_noted_if_another_website_leads_to_it(visitor, offer, lines, make_offer):
    elsewhere = {"referer": "https://www.unmas.org/en/links"}
    draft = make_offer(status="draft").get_absolute_url()
    paths = ["/en/old-page/?q=secret", "/en/ann@example.org/x", "/en/files/41225550199", draft]
    for path in paths:
        visitor.get(path, headers=elsewhere)
    noted = [json.loads(line) for line in lines()]
    assert [event.get("dead_end") for event in noted] == ["/en/old-page/", "/en/…/x", "/en/files/…", draft]
    assert {event["referrer"] for event in noted} == {"united_nations"}
    assert [event.get("action") for event in noted] == [None, None, None, Action.OFFER_DETAIL]
    assert "visitor" not in noted[0]

    # Nobody led there; a link of our own; a robot; a page that is there; a link from a letter.
    visitor.get("/en/old-page/")
    visitor.get("/en/old-page/", headers={"referer": "http://testserver/en/"})
    visitor.get("/en/old-page/", headers=elsewhere | {"user-agent": "Googlebot/2.1"})
    visitor.get("/en/about/", headers=elsewhere)
    visitor.get(reverse("offers:shared", args=["made-up"]), headers=elsewhere)
    assert not any("dead_end" in line for line in lines()[4:])


@pytest.mark.parametrize("method", ["post", "head", "options"])
def test_only_pages_that_were_asked_for_are_recorded(db, lines, method):
    getattr(Client(), method)(reverse("offers:home"), headers={"user-agent": CHROME, "accept-language": "en"})

    assert lines() == []


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/", "/en/account/login/", "/en/nowhere/", "/en/desk/"])
def test_what_is_no_page_of_the_portal_is_not_recorded(visitor, lines, path):
    visitor.get(path)

    assert lines() == []


def test_a_part_of_a_page_is_not_recorded(visitor, lines):
    visitor.get(reverse("offers:home"), headers={"x-requested-with": "XMLHttpRequest"})

    assert lines() == []


def test_a_quiet_minute_leaves_a_file_without_lines(visitor, spool_folder, lines):
    visitor.get("/healthz")

    assert len(list(spool_folder.glob("*.ndjson"))) == 1
    assert lines() == []


def test_a_fault_in_recording_never_reaches_the_visitor(monkeypatch, visitor, offer, lines, caplog):
    def fail(*args):
        raise RuntimeError("broken")

    address = offer.get_absolute_url()
    expected = visitor.get(address).content
    with monkeypatch.context() as broken:
        broken.setattr(middleware, "referrer_class", fail)
        response = visitor.get(address)

    assert (response.status_code, response.content) == (200, expected)
    assert "could not be recorded" in caplog.text
    visitor.get(address)
    assert '{"lost":1}' in lines()


def test_the_response_is_the_same_with_and_without_recording(settings, visitor, offer):
    with_recording = visitor.get(offer.get_absolute_url())
    settings.ANALYTICS_SINK = "null"
    without = visitor.get(offer.get_absolute_url())

    assert with_recording.content == without.content
    assert dict(with_recording.headers) == dict(without.headers)


def test_without_a_spool_events_go_to_the_database_at_once(settings, visitor, offer, lines):
    settings.ANALYTICS_SINK = "db"

    visitor.get(offer.get_absolute_url())

    event = Event.objects.get()
    assert (event.action, event.offer, event.form) == (Action.OFFER_DETAIL, offer.reference, "form.training")
    assert lines() == []
    assert spool._descriptor is None


def test_ids_are_of_version_7_and_grow_with_time():
    ids = [UUID(middleware.new_id(at)) for at in (1_800_000_000.001, 1_800_000_000.002)]

    assert ids == sorted(ids)
    assert {identity.version for identity in ids} == {7}
    assert ids[0].variant == "specified in RFC 4122"
    assert len({middleware.new_id(1_800_000_000) for _ in range(1000)}) == 1000
