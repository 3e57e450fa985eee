"""The API: what it says, to whom, and how it refuses."""

import json
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from offers.models import Offer
from offers.search import index
from tests import factories
from tests.offers.test_catalogue import HOSTILE
from tests.offers.test_takeaway import address_of

LISTS = ["offers", "resources", "states", "bodies", "contacts", "areas", "forms"]
PLACES = ["index", "openapi", *LISTS]


def get(client, name, *args, **parameters):
    return client.get(reverse(f"api:{name}", args=args), parameters)


def references(response):
    return [offer["reference"] for offer in response.json()["items"]]


def walk(client, address, between=lambda: None):
    """The items of all pages, in their order."""
    while address:
        answer = client.get(address).json()
        yield from answer["items"]
        between()
        address = answer["next"]


def problem(response):
    """What a refusal says, once it is known to be well formed."""
    assert response.headers["Content-Type"] == "application/problem+json"
    details = response.json()
    assert (details["type"], details["status"]) == ("about:blank", response.status_code)
    assert details["title"]
    assert details["detail"].endswith(".")
    return details


@pytest.fixture
def one_of_everything(make_offer, norland, sudland, sudlander):
    body = factories.RegionalBodyFactory(
        short_name="NORTH", regions=[norland.region], states=[norland], group_name_en="Northern States"
    )
    factories.ContactPointFactory(state=None, regional_body=body, telephone="+41 22 555 55 55", telephone_public=True)
    norland.links.create(kind="article_7", title="Reports", url="https://example.org/reports")
    resource = factories.ResourceFactory(checked_on=timezone.localdate(), is_sample=True)
    resource.areas.add(factories.AreaFactory())
    resource.forms.add(factories.FormFactory())
    resource.states.add(norland)
    resource.regions.add(norland.region)
    index.write_resource(resource)
    full = make_offer(
        quantity="Forty sets",
        recipients="selected",
        recipient_regions=[norland.region],
        recipient_groups=[body],
        recipient_states=[sudland],
        languages=[factories.LanguageFactory()],
        more_areas=[factories.AreaFactory(code="area.risk_education")],
        delivery_modes=["remote", "regional"],
        timing="dates",
        starts_on=date(2027, 1, 1),
        deadline=date(2099, 1, 1),
        lead_time_weeks=3,
        pays_fees="provider",
        transfer_terms="loan",
        training_included="no",
        funding_partner="sought",
    )
    full.live_version.links.create(url="https://example.org/", title="The course")
    full.live_version.partners.create(state=sudland, role="host").accept(by=sudlander)
    full.live_version.partners.create(organisation="A centre", role="facilitator")
    bare = make_offer(original_language=None)
    Offer.objects.filter(pk=bare.pk).update(is_sample=True)
    return full


def described(client, path):
    """A validator for what the description says of the answer at this path."""
    document = get(client, "openapi").json()
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return Draft202012Validator(schema | {"components": document["components"]}, format_checker=FormatChecker())


def test_the_description_is_valid(client, one_of_everything):
    document = get(client, "openapi").json()

    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.once
@pytest.mark.parametrize("name", PLACES)
def test_every_list_is_as_it_is_described(client, one_of_everything, name):
    response = get(client, name)

    assert response.headers["Content-Type"] == "application/json"
    described(client, reverse(f"api:{name}")).validate(response.json())
    if name in LISTS:
        assert response.json()["count"] == len(response.json()["items"]) >= 1
        assert response.json()["disclaimer"].startswith("Not a commitment or endorsement.")


def test_single_records_are_as_they_are_described_and_as_in_their_list(client, one_of_everything):
    offer, state = get(client, "offer", one_of_everything.reference), get(client, "state", "qno")

    described(client, "/api/v1/offers/{reference}/").validate(offer.json())
    described(client, "/api/v1/states/{iso3}/").validate(state.json())
    assert offer.json() in get(client, "offers").json()["items"]
    assert state.json() in get(client, "states").json()["items"]
    assert get(client, "state", "QNO").json() == state.json()


def test_a_fault_in_an_answer_would_be_seen(client, one_of_everything):
    faulty = get(client, "offer", one_of_everything.reference).json()
    validator = described(client, "/api/v1/offers/{reference}/")

    for change in ({"starts_on": "1 March"}, {"recipients": "some"}, {"title": None}, {"mailbox": "x@example.org"}):
        assert not validator.is_valid(faulty | change), change


def test_names_come_in_six_languages_and_sentences_in_english_whatever_is_asked_for(client, one_of_everything):
    factories.StateFactory(name_en="Westland", name_ar="غربستان", name_zh="西国", iso3="QWE")

    answers = [
        client.get(path, headers={"accept-language": language}).content
        for path in map(reverse, [f"api:{name}" for name in PLACES])
        for language in ("en", "ar", "zh-hans")
    ]

    assert len(set(answers)) == len(PLACES)
    (westland,) = (state for state in get(client, "states").json()["items"] if state["iso3"] == "QWE")
    assert westland["name"] == {
        "en": "Westland", "fr": "Westland", "es": "Westland", "ar": "غربستان", "ru": "Westland", "zh": "西国",
    }  # fmt: skip


def test_filters_are_those_of_the_catalogue(client, make_offer, sudland):
    course = make_offer(title="Zeppelin course")
    other = factories.make_offer(state=sudland, title="Balloons", form=factories.FormFactory(code="form.equipment"))

    assert references(get(client, "offers", q="zeppelin")) == [course.reference]
    assert references(get(client, "offers", form="form.equipment")) == [other.reference]
    assert references(get(client, "offers", form=["form.equipment", "form.training"])) == [
        other.reference,
        course.reference,
    ]
    assert references(get(client, "offers", state="QNO", form="form.equipment")) == []
    assert references(get(client, "offers", utm_source="x", state="")) == [other.reference, course.reference]


def test_a_walk_gives_each_offer_once_while_others_come_and_go(client, make_offer, norlander):
    soon_gone = make_offer()
    standing = [make_offer() for _ in range(9)]
    leaving = [make_offer() for _ in range(3)]
    drafts = [make_offer(status="submitted") for _ in range(2)]
    officer = factories.UserFactory(role="isu_officer")
    events = [
        lambda: leaving[2].withdraw(by=norlander),
        lambda: drafts[0].open_version.publish(by=officer, seen=drafts[0].open_version.edit_number),
        make_offer,
        # Would be first in a list by date, and so be missed.
        lambda: standing[0].confirm(by=norlander),
        lambda: soon_gone.withdraw(by=norlander),
        lambda: drafts[1].open_version.publish(by=officer, seen=drafts[1].open_version.edit_number),
    ]

    found = [
        offer["reference"]
        for offer in walk(
            client, f"{reverse('api:offers')}?limit=2&form=form.training", lambda: events and events.pop(0)()
        )
    ]

    assert not events
    assert len(found) == len(set(found))
    assert {offer.reference for offer in standing} <= set(found)
    assert soon_gone.reference not in found


def test_a_walk_through_resources_gives_each_once(client, db):
    titles = {index.write_resource(made := factories.ResourceFactory()) or made.title for _ in range(7)}

    found = [resource["title"] for resource in walk(client, f"{reverse('api:resources')}?limit=3")]

    assert sorted(found) == sorted(titles)


@pytest.mark.once
def test_the_next_page_keeps_the_filters_and_the_number(client, make_offer):
    for _ in range(3):
        make_offer()

    following = get(client, "offers", limit=2, form="form.training", q="course", other="x").json()["next"]

    assert re.fullmatch(
        r"http://localhost:8000/api/v1/offers/\?q=course&form=form\.training&limit=2&cursor=[\w%-]+", following
    )
    assert len(client.get(following).json()["items"]) == 1
    assert client.get(following).json()["next"] is None
    assert client.get(following).json()["count"] == 3


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=5&limit=6", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("cursor=", "cursor"),
        ("cursor=1", "cursor"),
        ("cursor=MQ:abc", "cursor"),
        ("cursor=%00", "cursor"),
        ("area=nonsense", "area"),
        ("form=form.training&form=nonsense", "form"),
        ("state=QQQ", "state"),
        ("available_from=tomorrow", "available_from"),
        ("available_from=2027-02-30", "available_from"),
    ],
)
@pytest.mark.parametrize("name", ["offers", "resources"])
def test_a_value_that_is_not_understood_is_refused_and_named(client, make_offer, name, query, parameter):
    make_offer()

    response = client.get(f"{reverse(f'api:{name}')}?{query}")

    assert response.status_code == 400
    assert problem(response)["parameter"] == parameter


def test_a_cursor_that_was_changed_is_refused(client, make_offer):
    for _ in range(3):
        make_offer()
    cursor = get(client, "offers", limit=1).json()["next"].rpartition("cursor=")[2].replace("%3A", ":")

    assert get(client, "offers", cursor=cursor).status_code == 200
    for changed in (cursor[:-1], cursor + "x", "x" + cursor, cursor.swapcase(), cursor.partition(":")[0]):
        assert get(client, "offers", cursor=changed).status_code == 400


@pytest.mark.parametrize("name", ["offers", "resources"])
@pytest.mark.parametrize("parameters", HOSTILE, ids=range(len(HOSTILE)))
def test_no_address_breaks_the_api_or_is_reflected(client, make_offer, name, parameters):
    make_offer()

    response = client.get(f"{reverse(f'api:{name}')}?{address_of(parameters)}")

    assert response.status_code in (200, 400)
    assert b"DROP TABLE" not in response.content
    if response.status_code == 400:
        assert problem(response)["parameter"] in parameters


def test_too_many_parameters_are_refused_in_the_same_form(client, db):
    query = "&".join(f"p{number}=1" for number in range(10_000))

    assert problem(client.get(f"{reverse('api:offers')}?{query}"))["status"] == 400


@pytest.mark.parametrize("ending", ["withdraw", "fulfil"])
def test_an_offer_that_has_ended_is_gone_and_nothing_more_is_said(client, make_offer, norlander, ending):
    offer = make_offer(title="Canary")
    getattr(offer, ending)(by=norlander, reason="Canary reason")

    response = get(client, "offer", offer.reference)

    assert response.status_code == 410
    assert problem(response) == {
        "type": "about:blank", "title": "Gone", "status": 410, "detail": "No longer available.",
    }  # fmt: skip


def test_what_is_not_in_the_catalogue_today_answers_like_what_never_was(client, make_offer, norlander):
    draft_withdrawn = make_offer(status="draft")
    draft_withdrawn.withdraw(by=norlander)
    hidden = [
        *(make_offer(status=status) for status in ("draft", "submitted", "returned", "refused")),
        make_offer(confirmed_days_ago=300),
        make_offer(valid_until=timezone.localdate() - timedelta(days=1)),
        draft_withdrawn,
    ]

    answers = [get(client, "offer", reference) for reference in ["PFP-1999-0001", *(o.reference for o in hidden)]]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    problem(answers[0])


@pytest.mark.parametrize(
    "path",
    ["states/zzz/", "states/x-y/", "nonsense/", "offers/PFP-2026-0001/more/", "offers/%0A/", "openapi.json/", "//"],
)
def test_an_address_that_leads_nowhere_is_refused_in_the_same_form(client, db, path):
    assert problem(client.get(f"/api/v1/{path}"))["status"] == 404


def test_an_address_without_its_last_stroke_is_led_to_the_one_with_it(client, db):
    assert client.get("/api/v1/offers").url == "/api/v1/offers/"
    assert client.get("/api/v1/states/che?x=1").url == "/api/v1/states/che/?x=1"


def test_a_state_that_never_joined_is_not_listed(client, norland):
    factories.StateFactory(iso3="QNE", joined=False, entry_into_force=None)
    factories.StateFactory(iso3="QGO", withdrawal_effective=date(2020, 1, 1), verified=True)

    assert [state["iso3"] for state in get(client, "states").json()["items"]] == ["QNO"]
    assert get(client, "state", "qne").status_code == 404
    gone = get(client, "state", "qgo").json()
    assert (gone["status"], gone["withdrawal_effective"]) == ("withdrawn", "2020-01-01")


@pytest.mark.parametrize("verified", [True, False])
def test_what_is_not_verified_of_a_state_is_not_said(client, norland, verified):
    norland.article5_status, norland.article5_as_of, norland.article5_verified = "obligations", "2025-12", verified
    norland.survivors, norland.survivors_verified, norland.verified = True, verified, verified
    norland.save()

    said = get(client, "state", "qno").json()

    names = ("article5_status", "article5_as_of", "survivors", "entry_into_force")
    assert [said[name] for name in names] == (
        ["obligations", "2025-12", True, "1999-03-01"] if verified else [None, None, None, None]
    )


@pytest.mark.parametrize("public", [True, False])
def test_only_public_details_of_a_contact_point_are_given(client, norland, public):
    factories.ContactPointFactory(
        state=norland,
        email="canary@norland.example.org",
        email_public=public,
        telephone="+41 22 555 55 55",
        telephone_public=public,
    )

    (point,) = get(client, "contacts").json()["items"]

    assert (point["email"], point["telephone"]) == (
        ("canary@norland.example.org", "+41 22 555 55 55") if public else (None, None)
    )


def test_illustrative_records_are_labelled(client, one_of_everything):
    factories.ContactPointFactory(is_sample=True)

    for name in ("offers", "resources", "contacts"):
        (label,) = {item["sample_label"] for item in get(client, name).json()["items"] if item["is_sample"]}
        assert label.startswith("Illustrative record")
        assert {item["sample_label"] for item in get(client, name).json()["items"] if not item["is_sample"]} <= {None}


@pytest.mark.once
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
@pytest.mark.parametrize("name", PLACES)
def test_who_has_an_answer_already_is_told_so(client, one_of_everything, name, encoding):
    def ask(**headers):
        return client.get(reverse(f"api:{name}"), headers={"accept-encoding": encoding} | headers)

    first = ask()

    for tag in (first.headers["ETag"], f"W/{first.headers['ETag']}", f'"x", {first.headers["ETag"]}', "*"):
        again = ask(**{"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["Cache-Control"] == "public, max-age=300"
        # Without these, a page of another website could not even read that nothing has changed.
        assert again.headers["Access-Control-Allow-Origin"] == "*"
        assert again.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert ask(**{"if-none-match": '"x"'}).status_code == 200


def test_a_change_of_an_offer_changes_the_tag(client, make_offer, norlander):
    make_offer()
    leaving = make_offer()
    before = get(client, "offers").headers["ETag"]

    leaving.withdraw(by=norlander)

    assert client.get(reverse("api:offers"), headers={"if-none-match": before}).status_code == 200


@pytest.mark.once
@pytest.mark.parametrize("name", PLACES)
def test_pages_of_any_website_may_read_and_nobody_gets_a_cookie(client, one_of_everything, name):
    for response in (get(client, name), client.head(reverse(f"api:{name}")), client.options(reverse(f"api:{name}"))):
        assert response.status_code in (200, 204)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
    assert get(client, name).headers["Cache-Control"] == "public, max-age=300"
    assert "Access-Control-Allow-Origin" not in client.get("/en/offers/").headers


@pytest.mark.once
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
@pytest.mark.parametrize("path", ["", "offers/", "offers/PFP-2026-0001/", "openapi.json", "nonsense/"])
def test_nothing_but_reading_is_allowed(db, method, path):
    response = getattr(Client(enforce_csrf_checks=True), method)(f"/api/v1/{path}")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    problem(response)


@pytest.mark.once
@pytest.mark.parametrize("name", PLACES)
def test_whoever_has_signed_in_gets_the_same(client, one_of_everything, norlander, make_offer, name):
    make_offer(status="draft", title="Own draft")
    anonymous = get(client, name)

    client.force_login(norlander)

    assert get(client, name).content == anonymous.content
    assert get(client, name).headers["Cache-Control"] == "private, no-store"


@pytest.mark.once
@pytest.mark.parametrize("name", PLACES)
def test_the_number_of_queries_does_not_grow_with_the_rows(client, one_of_everything, make_offer, sudland, name):
    def queries():
        get(client, name)  # the choices of the filters are kept from here on
        with CaptureQueriesContext(connection) as captured:
            # Signed in, so that no kept page answers.
            client.get(reverse(f"api:{name}"), {"limit": 50} if name in ("offers", "resources") else {})
        return len(captured)

    client.force_login(factories.UserFactory(state=sudland))
    few = queries()
    for number in range(4):
        offer = make_offer(recipient_states=[factories.StateFactory()], original_language=factories.LanguageFactory())
        offer.live_version.links.create(url="https://example.org/")
        offer.state.links.create(kind="other", title="A link", url=f"https://example.org/{number}")
        body = factories.RegionalBodyFactory(regions=[factories.RegionFactory()], states=[offer.state])
        factories.ContactPointFactory(state=None, regional_body=body)
        factories.AreaFactory(code=f"area.a{number}.b")
        factories.FormFactory(code=f"form.f{number}")
        resource = factories.ResourceFactory()
        resource.areas.add(factories.AreaFactory())
        index.write_resource(resource)
    assert queries() == few <= 25


def test_json_is_written_without_detours(client, make_offer):
    make_offer(title="Курс")

    content = get(client, "offers").content

    assert "Курс" in content.decode()
    assert json.loads(content)["items"][0]["title"] == "Курс"
