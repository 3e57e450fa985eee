"""Pages that have been made are handed out again, and never a moment too long."""

import gzip
from datetime import timedelta

import brotli
import pytest
import time_machine
from django.conf import settings as project
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import Event
from analytics.recording.actions import Action
from offers.models import CatalogueRevision
from offers.search import index
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _memory(settings):
    """The cache of the real settings, empty."""
    settings.CACHES = project.CACHES | {
        "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages of a test"}
    }
    caches["pages"].clear()


@pytest.fixture
def visitor():
    """A browser whose middlewares were set up with that cache."""
    return Client()


def statements(client, address, **headers):
    """The answer, and the number of SQL statements it took."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, headers=headers)
    return response, len(captured)


def pages(offer):
    return {
        "home": reverse("offers:home"),
        "catalogue": reverse("offers:catalogue"),
        "search": f"{reverse('offers:catalogue')}?q=course&form=form.training",
        "offer": offer.get_absolute_url(),
        "contact": reverse("offers:contact", args=[offer.reference]),
        "State": reverse("offers:state_detail", args=[offer.state.iso3.lower()]),
        "States": reverse("offers:state_list"),
        "directory": reverse("contacts:directory"),
    }


def test_a_page_seen_before_costs_one_statement_and_is_the_same(visitor, make_offer):
    offer = make_offer()

    for name, address in pages(offer).items():
        first, cost = statements(visitor, address)
        again, cost_again = statements(visitor, address)

        assert first.status_code == again.status_code == 200, name
        assert again.content == first.content, name
        assert cost > cost_again == 1, name
        kept = set(first.headers) - {"Content-Length"}
        assert {header: first.headers[header] for header in kept} == {header: again.headers[header] for header in kept}


def change_title(offer, norlander, officer):
    version = offer.edit(by=norlander)
    version.title = "Changed course"
    version.save()
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)


CHANGES = {
    "published": lambda offer, focal, officer: change_title(offer, focal, officer),
    "withdrawn": lambda offer, focal, officer: offer.withdraw(by=focal),
    "fulfilled": lambda offer, focal, officer: offer.fulfil(by=focal),
    "confirmed": lambda offer, focal, officer: offer.confirm(by=focal),
    "State renamed": lambda offer, focal, officer: rename(offer.state),
    "State left": lambda offer, focal, officer: leave(offer.state),
    "area renamed": lambda offer, focal, officer: rename(offer.live_version.primary_area),
    "form renamed": lambda offer, focal, officer: rename(offer.live_version.form),
    "office renamed": lambda offer, focal, officer: office_renamed(offer),
    "office answers in another language": lambda offer, focal, officer: (
        offer.live_version.contact_points.first().languages.add(factories.LanguageFactory(code="fr", name_en="French"))
    ),
    "body added": lambda offer, focal, officer: factories.RegionalBodyFactory(states=[offer.state]),
    "link added": lambda offer, focal, officer: offer.state.links.create(title="Reports", url="https://example.org/"),
    "resource added": lambda offer, focal, officer: index.write_resource(factories.ResourceFactory()),
    "partner accepted": lambda offer, focal, officer: offer.live_version.partners.get().accept(by=officer),
    "index rebuilt": lambda offer, focal, officer: index.rebuild(),
}


def rename(row):
    row.name_en = "Renamed"
    row.save()


def leave(state):
    state.withdrawal_effective = timezone.localdate()
    state.save()


def office_renamed(offer):
    office = offer.live_version.contact_points.first()
    office.office = "Renamed office"
    office.save()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_the_catalogue_changes_its_revision(make_offer, norlander, officer, sudland, change):
    offer = make_offer(confirmed_days_ago=200)
    offer.live_version.partners.create(state=sudland, role="host")
    before = CatalogueRevision.current()

    change(offer, norlander, officer)

    assert CatalogueRevision.current() not in {before, ""}


def test_a_change_is_seen_by_the_next_request_on_every_page(visitor, make_offer, norlander, officer):
    offer = make_offer()
    addresses = pages(offer).values()
    before = [visitor.get(address).content for address in addresses]

    change_title(offer, norlander, officer)
    rename(offer.state)
    office_renamed(offer)

    shown = [visitor.get(address).content for address in addresses]
    caches["pages"].clear()
    assert shown == [visitor.get(address).content for address in addresses]
    assert not set(shown) & set(before)


def test_a_change_that_is_rolled_back_leaves_no_page_behind(visitor, make_offer, norlander):
    offer = make_offer()
    before = visitor.get(reverse("offers:catalogue")).content

    with transaction.atomic():
        offer.withdraw(by=norlander)
        assert offer.reference not in visitor.get(reverse("offers:catalogue")).content.decode()
        transaction.set_rollback(True)

    assert visitor.get(reverse("offers:catalogue")).content == before


def test_a_draft_does_not_make_the_pages_anew(visitor, make_offer, norlander):
    offer = make_offer()
    visitor.get(offer.get_absolute_url())
    version = make_offer(status="draft").open_version
    visitor.get(offer.get_absolute_url())

    version.title = "Still writing"
    version.save()

    assert statements(visitor, offer.get_absolute_url())[1] == 1


def test_at_midnight_the_pages_are_made_anew(visitor, make_offer):
    with time_machine.travel("2027-03-05T22:59:00Z", tick=False) as clock:
        offer = make_offer(valid_until=timezone.localdate())
        assert visitor.get(reverse("offers:catalogue")).headers["X-Total-Count"] == "1"

        clock.shift(timedelta(minutes=2))

        assert visitor.get(reverse("offers:catalogue")).headers["X-Total-Count"] == "0"
        assert b"This offer ended on" in visitor.get(offer.get_absolute_url()).content


def test_nothing_of_a_person_is_kept_and_a_person_is_given_nothing_kept(visitor, make_offer, norlander):
    offer = make_offer()
    person = Client()
    person.force_login(norlander)

    for address in pages(offer).values():
        mine = person.get(address)
        assert b"Sign out" in mine.content
        assert "no-store" in mine.headers["Cache-Control"]
        theirs = visitor.get(address)
        assert b"Sign out" not in theirs.content
        assert not theirs.cookies
        assert b"Sign out" in person.get(address).content


def test_a_form_with_a_token_is_made_for_each_visitor(make_offer):
    address = reverse("account_login")
    tokens = {Client().get(address).cookies[project.CSRF_COOKIE_NAME].value for _ in range(2)}

    assert len(tokens) == 2


@pytest.mark.parametrize("page", ["?page=7", "withdrawn", "unknown"])
def test_only_whole_pages_are_kept(visitor, make_offer, norlander, page):
    offer = make_offer()
    offer.withdraw(by=norlander)
    address = {
        "withdrawn": offer.get_absolute_url(),
        "unknown": reverse("offers:detail", args=["PFP-2020-0001"]),
    }.get(page, f"{reverse('offers:catalogue')}{page}")

    first, _cost = statements(visitor, address)
    again, cost = statements(visitor, address)

    assert first.status_code == again.status_code != 200
    assert "ETag" not in again.headers
    assert cost > 1


def test_addresses_beyond_any_bookmark_are_answered_but_not_kept(visitor, make_offer):
    make_offer()
    address = f"{reverse('offers:catalogue')}?nothing={'x' * 500}"

    statements(visitor, address)

    assert statements(visitor, address)[1] > 1


def test_each_language_and_each_query_has_a_page_of_its_own(visitor, make_offer):
    make_offer()
    addresses = ["/en/offers/", "/ar/offers/", "/en/offers/?q=course", "/en/offers/?q=zeppelin"]

    bodies = [visitor.get(address).content for address in addresses]

    assert len(set(bodies)) == 4
    assert [visitor.get(address).content for address in addresses] == bodies


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=1.0, gzip;q=0.8", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("GZIP", "gzip"),
        ("identity", None),
        ("brotli, sbr", None),
        ("", None),
    ],
)
def test_pages_come_in_the_encoding_that_the_browser_takes(visitor, make_offer, accepted, encoding):
    make_offer()
    address = reverse("offers:catalogue")
    plain = visitor.get(address).content

    for _time in range(2):
        response = visitor.get(address, headers={"Accept-Encoding": accepted})
        decoded = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding](response.content)

        assert response.headers.get("Content-Encoding") == encoding
        assert decoded == plain
        assert int(response.headers["Content-Length"]) == len(response.content)
        assert "Accept-Encoding" in response.headers["Vary"]


def test_a_browser_that_has_the_page_is_told_so_until_it_changes(visitor, make_offer, norlander):
    offer = make_offer()
    address = reverse("offers:catalogue")
    mark = visitor.get(address, headers={"Accept-Encoding": "br"}).headers["ETag"]
    known = {"If-None-Match": mark, "Accept-Encoding": "br"}

    again = visitor.get(address, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == mark
    assert again.headers["X-Total-Count"] == "1"
    caches["pages"].clear()
    assert visitor.get(address, headers=known).status_code == 304
    # In another encoding the page consists of other bytes.
    assert visitor.get(address, headers=known | {"Accept-Encoding": "gzip"}).status_code == 200

    offer.withdraw(by=norlander)
    assert visitor.get(address, headers=known).status_code == 200


def test_whoever_asks_for_the_headers_alone_is_given_those_of_the_page(visitor, make_offer):
    make_offer()
    address = reverse("offers:catalogue")

    first, page = visitor.head(address), visitor.get(address)

    assert first.content == b""
    assert dict(first.headers) == dict(page.headers) == dict(visitor.head(address).headers)


def test_every_view_of_a_kept_page_is_counted(visitor, make_offer, settings):
    settings.ANALYTICS_SINK = "db"
    offer = make_offer()
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "Accept-Language": "en"}
    zero = f"{reverse('offers:catalogue')}?q=zeppelin"

    for address in (offer.get_absolute_url(), zero):
        mark = visitor.get(address, headers=browser).headers["ETag"]
        visitor.get(address, headers=browser)
        assert visitor.get(address, headers=browser | {"If-None-Match": mark}).status_code == 304

    events = list(Event.objects.order_by("at", "pk").values_list("action", "offer", "flags"))
    assert events == [(Action.OFFER_DETAIL, offer.reference, 0)] * 3 + [(Action.SEARCH_ZERO, "", 0)] * 3
