"""From the spool to the database: nothing lost, nothing twice."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from analytics.counting import rollup
from analytics.counting.rollup import count_day, dirty_days
from analytics.models import Batch, DeadEnd, DirtyDay, Event, Search
from analytics.recording import ingest
from analytics.recording.middleware import new_id
from analytics.recording.search_words import known_filters
from analytics.recording.spool import slot_of
from contacts.models import RelatedSource
from offers.answering import answering_for
from tests import factories

from .conftest import Visitor, count, total

HOME = "/en/about/"


def take_in_sealed(**options):
    call_command("analytics_ingest", **({"verbosity": 0} | options))


@pytest.fixture
def sealed(clock, visitor, spool_folder):
    """A sealed file with three lines."""
    for _ in range(3):
        visitor.get(HOME)
        clock.shift(1)
    clock.shift(timedelta(minutes=3))
    [path] = spool_folder.glob("*.ndjson")
    return path


def line(**values):
    at = timezone.now().timestamp()
    event = {"id": new_id(at), "at": round(at * 1_000_000), "action": 1, "language": "en", "visitor": 5}
    return json.dumps(event | values)


def test_a_sealed_file_is_taken_in_and_removed(sealed, spool_folder, capsys):
    call_command("analytics_ingest")

    assert Event.objects.count() == 3
    assert not sealed.exists()
    batch = Batch.objects.get()
    assert (batch.file, batch.lines, batch.accepted, batch.duplicate, batch.rejected, batch.torn) == (
        sealed.name, 3, 3, 0, 0, 0,
    )  # fmt: skip
    assert batch.slot == slot_of(sealed)
    assert "1 file(s), 3 line(s): 3 stored, 0 known already" in capsys.readouterr().out


def test_a_file_is_left_alone_until_it_is_sealed(clock, visitor, spool_folder):
    visitor.get(HOME)
    clock.shift(timedelta(seconds=119))
    take_in_sealed()
    assert not Event.objects.exists()

    clock.shift(1)
    take_in_sealed()
    assert Event.objects.count() == 1


def test_an_unsealed_file_can_be_taken_in_early_and_again_when_it_has_grown(clock, visitor, spool_folder):
    visitor.get(HOME)
    take_in_sealed(all=True)
    assert Event.objects.count() == 1
    visitor.get(HOME)
    take_in_sealed(all=True)
    take_in_sealed(all=True)
    assert Event.objects.count() == 2

    clock.shift(timedelta(minutes=3))
    take_in_sealed()
    assert Event.objects.count() == 2
    assert list(spool_folder.glob("*.ndjson")) == []
    batch = Batch.objects.get()
    assert (batch.lines, batch.accepted, batch.duplicate) == (2, 2, 0)


def test_a_line_in_the_making_is_not_torn(clock, visitor, spool_folder):
    visitor.get(HOME)
    [path] = spool_folder.glob("*.ndjson")
    with path.open("a") as file:
        file.write('{"id"')
    take_in_sealed(all=True)

    assert Batch.objects.get().torn == 0
    assert Event.objects.count() == 1


def test_the_same_file_again_adds_nothing(sealed):
    """Killed after the commit and before the file was removed."""
    content = sealed.read_bytes()
    take_in_sealed()
    events = set(Event.objects.values_list("pk", flat=True))
    DirtyDay.objects.all().delete()
    sealed.write_bytes(content)
    take_in_sealed()

    assert set(Event.objects.values_list("pk", flat=True)) == events
    assert not sealed.exists()
    assert Batch.objects.get().accepted == 3
    assert dirty_days() == []


def test_killed_between_commit_and_removal_the_next_run_only_removes(monkeypatch, sealed):
    with monkeypatch.context() as killed:
        killed.setattr(type(sealed), "unlink", lambda *args, **kwargs: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            take_in_sealed()
    assert sealed.exists()
    assert Event.objects.count() == 3

    take_in_sealed()
    assert not sealed.exists()
    assert Event.objects.count() == 3


def test_killed_before_the_commit_the_next_run_does_it_all(monkeypatch, sealed):
    def die(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(DirtyDay, "mark", die)
        with pytest.raises(KeyboardInterrupt):
            take_in_sealed()
    assert not Event.objects.exists()
    assert not Batch.objects.exists()

    take_in_sealed()
    assert Event.objects.count() == 3


def test_the_same_events_in_another_file_are_known(sealed):
    content = sealed.read_bytes()
    take_in_sealed()
    sealed.with_name("20270304T0901-other-1-00000000.ndjson").write_bytes(content)
    take_in_sealed()

    assert Event.objects.count() == 3
    other = Batch.objects.get(file__contains="other")
    assert (other.lines, other.accepted, other.duplicate) == (3, 0, 3)


BAD_LINES = [
    "no json",
    "[]",
    "null",
    "{}",
    line(id="x"),
    line(action=99),
    line(action="search"),
    line(at="yesterday"),
    line(at=True),
    line(visitor=2**63),
    line(visitor="5"),
    line(flags=2**20),
    line(offer="X" * 21),
    line(offer=["PFP"]),
    line(state="CH\n"),
    line(audience="everybody"),
    "[" * 100_000,
    line(action=8, out="out_state"),
    line(action=8, out="elsewhere:5"),
    line(action=3, words="x" * 201),
    line(action=3, words=["x"]),
    line(dead_end="/\n", referrer="other"),
    line(dead_end="/", referrer="ann"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("bad", BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_line_that_no_worker_writes_is_set_aside_and_the_others_are_stored(spool_folder, clock, bad, capsys):
    spool_folder.mkdir()
    path = spool_folder / "20270304T0800-host-1-00000000.ndjson"
    path.write_text(f"{line()}\n{bad}\n{line()}\n")
    take_in_sealed()

    assert Event.objects.count() == 2
    batch = Batch.objects.get()
    assert (batch.lines, batch.accepted, batch.rejected) == (3, 2, 1)
    assert (spool_folder / "quarantine" / path.name).read_text() == f"{bad}\n"
    assert "quarantine" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_torn_line_is_set_aside_and_counted(spool_folder, clock):
    spool_folder.mkdir()
    path = spool_folder / "20270304T0800-host-1-00000000.ndjson"
    path.write_text(f"{line()}\n{line()[:40]}")
    take_in_sealed()

    assert Event.objects.count() == 1
    batch = Batch.objects.get()
    assert (batch.lines, batch.accepted, batch.rejected, batch.torn) == (2, 1, 0, 1)
    assert (spool_folder / "quarantine" / path.name).exists()


@pytest.mark.django_db
def test_a_line_that_was_in_the_making_and_was_never_finished_is_torn(spool_folder, clock):
    clock.move_to(datetime(2027, 3, 4, 8, 1, tzinfo=UTC))
    spool_folder.mkdir()
    (spool_folder / "20270304T0800-host-1-00000000.ndjson").write_text(f"{line()}\n{line()[:40]}")
    take_in_sealed(all=True)
    clock.shift(timedelta(minutes=2))
    take_in_sealed()

    batch = Batch.objects.get()
    assert (batch.lines, batch.accepted, batch.duplicate, batch.torn) == (2, 1, 0, 1)


@pytest.mark.django_db
def test_a_file_that_comes_too_late_does_not_cost_its_day_the_visits(spool_folder, clock, visitor):
    visitor.get(HOME)
    count()
    slot = timezone.now().astimezone(UTC)
    clock.shift(timedelta(days=35))
    call_command("analytics_prune", verbosity=0)
    (spool_folder / f"{slot:%Y%m%dT%H%M}-host-1-00000000.ndjson").write_text(line(at=1) + "\n")
    count()

    assert not DirtyDay.objects.exists()
    assert (total("view"), total("view", figure="visits")) == (1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("shift", "stored"),
    [(timedelta(minutes=4), 1), (timedelta(minutes=6), 0), (timedelta(days=-34), 1), (timedelta(days=-35), 0)],
)
def test_events_of_the_future_or_of_a_closed_day_are_set_aside(spool_folder, clock, shift, stored):
    spool_folder.mkdir()
    at = round((timezone.now() + shift).timestamp() * 1_000_000)
    (spool_folder / "20270304T0800-host-1-00000000.ndjson").write_text(line(at=at) + "\n")
    take_in_sealed()

    assert Event.objects.count() == stored
    assert Batch.objects.get().rejected == 1 - stored


def test_what_an_offer_is_is_copied_and_never_changes_afterwards(clock, visitor, make_offer):
    offer = make_offer()
    visitor.get(offer.get_absolute_url())
    take_in_sealed(all=True)
    described = Event.objects.values("state", "region", "area", "form").get()
    assert described == {
        "state": "QNO",
        "region": offer.state.region.un_m49,
        "area": "area.survey_clearance",
        "form": "form.training",
    }

    version = offer.live_version
    version.form.code = "form.services"
    version.form.save()
    clock.shift(timedelta(minutes=3))
    take_in_sealed()
    assert Event.objects.values("state", "region", "area", "form").get() == described


def test_a_search_is_stored_with_what_the_catalogue_knows_of_its_filters(clock, visitor, make_offer):
    make_offer()
    visitor.get("/en/offers/?q=Demining+TRAINING&form=form.training&area=area.survey_clearance&area=nobody&state=ann")
    visitor.get("/en/offers/?q=++&form=none.such")
    visitor.get("/en/offers/")
    for _ in range(2):
        take_in_sealed(all=True)
        clock.shift(timedelta(minutes=3))

    assert Search.objects.values_list("words", "filters").get() == (
        "demining training",
        "area=area.survey_clearance&form=form.training",
    )


def test_filters_that_are_too_long_end_with_a_whole_one(make_offer):
    states = [factories.StateFactory(joined=True).iso3 for _ in range(60)]
    kept = known_filters(urlencode([("state", state) for state in states]))

    assert 490 < len(kept) <= 500
    assert set(parse_qs(kept)["state"]) < set(states)


def test_it_is_told_where_links_led_and_never_guessed(clock, visitor, make_offer, norland):
    offer = make_offer(state=norland)
    url = "https://www.the-monitor.org/"
    body = factories.RegionalBodyFactory(website=url)
    source = RelatedSource.objects.create(code="m", name_en="Monitor", url="https://example.org/", kind="monitor")
    ways = {
        reverse("offers:out_state", args=["qno", norland.links.create(kind="article_7", url=url).pk]): "article_7",
        reverse("offers:out_source", args=[source.pk]): "monitor",
        reverse("offers:out", args=[offer.reference, offer.live_version.links.create(url=url).pk]): "other",
        reverse("offers:out_resource", args=[factories.ResourceFactory(url=url).pk]): "other",
        reverse("offers:out_body", args=[body.pk]): "other",
    }
    for way in ways:
        visitor.get(way)
        clock.shift(1)
    # Gone before the line is taken in.
    RelatedSource.objects.all().delete()
    take_in_sealed(all=True)

    assert list(Event.objects.order_by("at").values_list("kind", flat=True)) == [
        "article_7", "other", "other", "other", "other",
    ]  # fmt: skip


@pytest.fixture
def contact_pages(make_offer, norland, officer):
    """Opens the contact points of offers of Norland that are answered for in every possible way."""
    body = factories.RegionalBodyFactory(regions=[norland.region])
    regional = factories.ContactPointFactory(state=None, regional_body=body)
    own, closed = factories.ContactPointFactory.create_batch(2, state=norland)
    faraway = factories.StateFactory(region=factories.RegionFactory())
    nearby = factories.StateFactory(region=norland.region)
    offers = [
        make_offer(state=norland, contact_points=[own, regional]),
        make_offer(state=norland, contact_points=[closed]),
        make_offer(state=nearby),
        make_offer(state=faraway),
    ]
    for offer in offers[1:]:
        offer.live_version.contact_points.update(closed_on=timezone.localdate())
    return offers


def test_it_is_told_whose_contact_points_were_shown(clock, visitor, contact_pages):
    for offer in contact_pages:
        visitor.get(reverse("offers:contact", args=[offer.reference]))
        clock.shift(1)
    take_in_sealed(all=True)

    found = list(Event.objects.order_by("at").values_list("kind", flat=True))
    assert found == ["national", "national", "regional", "isu"]
    assert found == [side_of(answering_for(offer).points) for offer in contact_pages]


def side_of(points):
    """As the page shows it."""
    return ("national" if points[0].state else "regional") if points else "isu"


@pytest.mark.parametrize("number", [1, 4])
def test_the_catalogue_is_asked_as_often_for_one_line_as_for_many(
    clock, visitor, contact_pages, number, django_assert_num_queries
):
    for offer in contact_pages[:number]:
        visitor.get(offer.get_absolute_url())
        visitor.get(reverse("offers:contact", args=[offer.reference]))
        visitor.get(reverse("offers:out_source", args=[RelatedSource.objects.create(code=offer.reference).pk]))
    with django_assert_num_queries(19):
        take_in_sealed(all=True)


def test_links_to_us_that_lead_nowhere_are_stored_but_no_flood_of_them(monkeypatch, clock, visitor, spool_folder):
    monkeypatch.setattr(ingest, "MOST_DEAD_ENDS", 2)
    elsewhere = {"referer": "https://example.org/"}
    for path in ("/en/gone/", "/en/offers/PFP-0000-0000/", "/en/third/"):
        visitor.get(path, headers=elsewhere)
        clock.shift(1)
    for _ in range(2):
        take_in_sealed(all=True)
        clock.shift(timedelta(minutes=3))

    assert list(DeadEnd.objects.order_by("at", "pk").values_list("path", "referrer")) == [
        ("/en/gone/", "other"),
        ("/en/offers/PFP-0000-0000/", "other"),
    ]
    assert Event.objects.count() == 1
    batch = Batch.objects.get()
    assert (batch.lines, batch.accepted, batch.duplicate, batch.rejected) == (3, 1, 0, 0)


def test_one_file_that_cannot_be_taken_in_does_not_hold_up_the_others(monkeypatch, sealed, capsys):
    other = sealed.with_name("20270304T0859-other-1-00000000.ndjson")
    other.write_text(line() + "\n")
    store = ingest._store_file

    def fail_for_other(path, *args):
        if path == other:
            raise DatabaseError("no connection")
        return store(path, *args)

    monkeypatch.setattr(ingest, "_store_file", fail_for_other)
    with pytest.raises(CommandError):
        take_in_sealed()

    assert Event.objects.count() == 3
    assert other.exists()
    assert "no connection" in capsys.readouterr().err


@pytest.mark.django_db
def test_an_empty_or_missing_spool_is_no_fault(capsys):
    call_command("analytics_ingest")

    assert "0 file(s)" in capsys.readouterr().out


def test_a_late_event_makes_its_day_dirty_again(clock, visitor, spool_folder):
    visitor.get(HOME)
    late = line(visitor=6, action=11)
    count()
    assert total("view") == 1
    clock.shift(timedelta(days=1))
    (spool_folder / "20270304T0800-late-1-00000000.ndjson").write_text(late + "\n")
    take_in_sealed()

    day = timezone.localdate() - timedelta(days=1)
    assert day in dirty_days()
    call_command("analytics_rollup", verbosity=0)
    assert total("view") == 2
    assert dirty_days() == []


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_store_and_count_everything_once(clock, spool_folder):
    visitors = [Visitor(address=f"192.0.2.{number}") for number in range(1, 6)]
    for _ in range(6):
        for visitor in visitors:
            visitor.get(HOME)
        clock.shift(timedelta(minutes=1))
    clock.shift(timedelta(minutes=3))
    barrier, problems = threading.Barrier(3), []

    def run():
        try:
            barrier.wait()
            call_command("analytics_ingest", verbosity=0)
            call_command("analytics_rollup", verbosity=0)
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert Event.objects.count() == 30
    assert sum(Batch.objects.values_list("accepted", flat=True)) == 30
    assert list(spool_folder.glob("*.ndjson")) == []
    assert total("view") == 30
    assert total("view", figure="visits") == 5
    assert dirty_days() == []


@pytest.mark.django_db(transaction=True)
def test_events_that_arrive_while_a_day_is_counted_are_not_forgotten(monkeypatch, clock, visitor, spool_folder):
    visitor.get(HOME)
    take_in_sealed(all=True)
    (spool_folder / "20270304T0800-late-1-00000000.ndjson").write_text(line(visitor=6, action=11) + "\n")
    day = timezone.localdate()
    write, threads = rollup._write, []

    def arrive():
        call_command("analytics_ingest", verbosity=0)
        connection.close()

    def write_while_others_arrive(*args):
        threads.append(threading.Thread(target=arrive))
        threads[0].start()
        threads[0].join(0.3)
        write(*args)

    with monkeypatch.context() as slow:
        slow.setattr(rollup, "_write", write_while_others_arrive)
        count_day(day)
    threads[0].join()

    assert dirty_days() == [day]
    count_day(day)
    assert total("view") == 2


@pytest.mark.django_db(transaction=True)
def test_a_day_is_not_counted_while_events_of_it_are_being_stored(monkeypatch, clock, visitor, spool_folder):
    visitor.get(HOME)
    take_in_sealed(all=True)
    (spool_folder / "20270304T0800-late-1-00000000.ndjson").write_text(line(visitor=6, action=11) + "\n")
    mark, marked = DirtyDay.mark, threading.Event()

    def mark_and_dawdle(days, reason):
        mark(days, reason)
        marked.set()
        time.sleep(0.3)

    def arrive():
        call_command("analytics_ingest", verbosity=0)
        connection.close()

    with monkeypatch.context() as slow:
        slow.setattr(DirtyDay, "mark", mark_and_dawdle)
        thread = threading.Thread(target=arrive)
        thread.start()
        marked.wait()
        count_day(timezone.localdate())
        thread.join()

    assert dirty_days() == []
    assert total("view") == 2
