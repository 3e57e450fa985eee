"""Access logs of the web server: what becomes of their lines, and what they tell about our own recording."""

import gzip
import io
import sys
from datetime import datetime, timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from analytics.counting import retention
from analytics.counting.rollup import count_day
from analytics.models import Batch, BatchKind, Completeness, Daily, DirtyDay, Event, Search
from analytics.recording import log_import
from analytics.recording.access_logs import read_line
from analytics.recording.actions import Action

from .conftest import CHROME, FIREFOX, ZURICH, count, excluded, total

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def line(
    path="/en/about/", *, at="04/Mar/2027:08:00:00 +0000", address="192.0.2.1", status=200, agent=CHROME, referrer="-",
    method="GET",
):  # fmt: skip
    return f'{address} - - [{at}] "{method} {path} HTTP/1.1" {status} 5000 "{referrer}" "{agent}"\n'


@pytest.fixture
def log(tmp_path):
    """Writes an access log."""

    def write(*lines, name="access.log"):
        path = tmp_path / name
        content = "".join(lines).encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    return write


def take_over(*paths, **options):
    call_command("analytics_import_log", *paths, **options)


def test_a_line_is_the_action_that_the_portal_would_have_recorded(log, make_offer):
    offer = make_offer()
    take_over(
        log(
            line(offer.get_absolute_url(), referrer="https://www.google.com/"),
            line("/fr/offers/?q=D%C3%A9minage&area=area.survey_clearance&utm_source=x"),
            line("/api/v1/offers/", agent="python-requests/2.31.0", status=304),
            line("/en/related-sources/", address="2001:db8::1"),
        )
    )

    found = Event.objects.order_by("action").values_list("action", "language", "surface", "referrer", "offer", "area")
    assert list(found) == [
        (Action.SEARCH, "fr", "html", "none", "", ""),
        (Action.OFFER_DETAIL, "en", "html", "search_engine", offer.reference, "area.survey_clearance"),
        (Action.GUIDANCE, "en", "html", "none", "", ""),
        (Action.API, "", "api", "none", "", ""),
    ]
    assert Search.objects.values_list("words", "filters").get() == ("déminage", "area=area.survey_clearance")
    assert Batch.objects.values_list("kind", "lines", "accepted").get() == (BatchKind.IMPORT, 4, 4)
    # Counted in the same run, the robot that used the API too.
    assert (total("view"), total("api"), total("view", figure="visits")) == (3, 1, 2)
    assert not DirtyDay.objects.exists()
    assert Completeness.objects.get().imported


def test_only_pages_that_were_shown_are_taken_over(log, capsys):
    take_over(
        log(
            line(),
            line(method="POST"),
            line(method="HEAD"),
            line(status=404),
            line(status=503),
            line("/static/css/portal.css"),
            line("/en/nowhere/", status=404),
            line("/en/desk/", status=302),
            line("/healthz"),
        )
    )

    assert Event.objects.count() == 1
    assert "9 line(s): 1 stored, 0 known already, 8 of no counted page" in capsys.readouterr().out


def test_robots_are_left_out_as_they_are_when_they_come(log):
    take_over(log(line(), line(agent=GOOGLEBOT), line(agent="-")))

    assert total("view") == 1
    assert excluded() == {"crawler_user_agents": 1, "shape": 1}


ADDRESSES = ["192.0.2.77", "2001:db8::77", "2001:db8:1:2:3:4:5:77"]
HOSTILE = [
    "nonsense\n",
    "\n",
    line(at="yesterday"),
    line(at="04/Mar/2027:08:00:00"),
    line(at="04/Mar/2028:08:00:00 +0000"),
    line(status="abc"),
    line(agent='no end \\'),
    line("/?" + "&".join(f"a{n}=1" for n in range(1001))),
    "x" * 40_000 + "\n",
    "192.0.2.1 - - [" * 2000 + "\n",
]  # fmt: skip


def test_lines_that_are_not_understood_are_set_aside_without_their_address(log, spool_folder, capsys):
    path = log(line(), *HOSTILE, line(path="/en/privacy/"), name="hostile.log")
    take_over(path)

    assert Event.objects.count() == 2
    kept = (spool_folder / "quarantine" / "hostile.log.rejected").read_text()
    assert Batch.objects.get().rejected == kept.count("\n") >= len(HOSTILE)
    assert "192.0.2.1 - - [yesterday" not in kept and "[yesterday" in kept
    assert "not understood" in capsys.readouterr().out


def test_of_a_log_in_another_format_no_address_or_token_is_kept(log, spool_folder):
    token = "WzEsInBlcnNvbiJd:1x:" + "ab_-" * 11
    lines = [line(path, address=found) for found in ADDRESSES for path in (f"/en/survey/{token}/", "/?q=J+Doe")]
    take_over(log(*(f"portal.example.org:443 {each.partition(' 5000')[0]}\n" for each in lines)))

    kept = (spool_folder / "quarantine" / "access.log.rejected").read_text()
    assert kept.count("04/Mar/2027:08:00:00 +0000") == 6
    assert not [found for found in (*ADDRESSES, token, "Doe") if found in kept]


@pytest.mark.parametrize(
    "target", ["/en/%00%ff/", "//", "*", "", "/en/offers/?q=%ff", "http://a.example/en/about/", "/\\x22"]
)
def test_no_address_however_odd_stops_the_reading(target):
    read_line(line(target).encode())


def test_quotation_marks_are_read_as_nginx_and_apache_write_them():
    logged = read_line(line("/en/offers/?q=\\x22mine\\x22", agent='A \\"browser\\" of long standing').encode())

    assert logged.request.GET["q"] == '"mine"'
    assert logged.request.META["HTTP_USER_AGENT"] == 'A "browser" of long standing'


def test_the_same_log_again_adds_nothing_however_it_is_packed_or_called(log, capsys):
    lines = [line(), line(), line("/en/privacy/")]
    take_over(log(*lines))
    take_over(log(*lines))
    take_over(log(*lines, name="access.log.1.gz"))
    assert capsys.readouterr().out.count("taken over before") == 2
    # Grown since: only what is new is added.
    take_over(log(*lines, line(), name="access.log.1"))

    assert Event.objects.count() == total("view") == 4


def test_a_log_can_be_piped_in(log, monkeypatch):
    content = log(line(), line("/en/privacy/")).read_bytes()
    for _ in range(2):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        take_over("-")

    assert Event.objects.count() == total("view") == 2


def test_killed_half_way_the_next_run_begins_anew_with_one_key_for_each_visitor(log, monkeypatch):
    def die(day):
        raise KeyboardInterrupt

    monkeypatch.setattr(log_import, "CHUNK", 2)
    path = log(*[line(f"/en/{page}/") for page in ("about", "privacy", "accessibility")])
    with monkeypatch.context() as killed:
        killed.setattr(log_import, "count_day", die)
        with pytest.raises(KeyboardInterrupt):
            take_over(path)
    assert Event.objects.count() == 3
    monkeypatch.setattr(retention, "PORTION", 2)
    take_over(path)

    assert Event.objects.count() == total("view") == 3
    assert (total("view", figure="visitor_days"), total("view", figure="visits")) == (1, 1)
    assert Batch.objects.values_list("accepted", "duplicate").get() == (3, 0)


def test_a_visitor_has_one_key_in_all_logs_of_a_run_and_no_secret_is_written(log, settings):
    take_over(log(line()), log(line("/en/privacy/"), name="other.log"))

    assert total("view", figure="visitor_days") == 1
    assert not settings.ANALYTICS_SECRETS.exists()


def test_days_that_have_figures_already_are_left_alone(log, visitor, clock, capsys):
    """The portal's own of an open day, and whatever a day has whose visitor keys are gone."""
    visitor.get("/en/about/")
    count()
    long_ago = "04/Jan/2027:08:00:00 +0000"
    take_over(log(line(), line(at=long_ago)))
    assert "1 of days that have figures already" in capsys.readouterr().out
    take_over(log(line("/en/privacy/", at=long_ago), name="later.log"))

    assert Event.objects.count() == total("view") == 2
    assert Daily.objects.filter(metric="view", dimension="all").count() == 2


def test_a_dry_run_tells_and_changes_nothing(log, spool_folder, capsys):
    take_over(log(line(), "nonsense\n"), dry_run=True)

    assert "2 line(s): 1 to be stored" in capsys.readouterr().out
    assert not Event.objects.exists() and not Batch.objects.exists() and not Daily.objects.exists()
    assert not (spool_folder / "quarantine").exists()


def test_two_runs_do_not_get_in_each_others_way(log):
    with log_import.only_run(), pytest.raises(CommandError, match="already"):
        take_over(log(line()))


def test_a_log_that_grows_and_is_replaced_is_followed(log, tmp_path, monkeypatch):
    """Half a line waits for its other half; what came before the log was put aside is not forgotten."""
    path = log(line(), line("/en/privacy/")[:30])

    def grow(seconds):
        match steps.pop(0):
            case "rest":
                assert Event.objects.count() == total("view") == 1
                with path.open("a") as file:
                    file.write(line("/en/privacy/")[30:])
            case "rotate":
                assert Event.objects.count() == 2
                with path.open("a") as file:
                    file.write(line("/en/accessibility/"))
                path.rename(tmp_path / "access.log.1")
                log(line("/fr/about/"))
            case "end":
                assert Event.objects.count() == total("view") == 4
                raise KeyboardInterrupt

    steps = ["rest", "rotate", "end"]
    monkeypatch.setattr(log_import.time, "sleep", grow)
    follow = log_import.LogImport.follow
    monkeypatch.setattr(log_import.LogImport, "follow", lambda run, path: follow(run, path, wait=grow))
    take_over(path, follow=True)

    assert steps == []
    # What has been followed may be named later, and still counts once.
    take_over(path, tmp_path / "access.log.1")
    assert Event.objects.count() == total("view") == 4


@pytest.mark.once
def test_a_replayed_log_of_ten_thousand_requests_gives_the_expected_figures(log, make_offer):
    """Each visitor of each day: a search, an offer twice within seconds, its contact points; and a robot beside."""
    offer = make_offer()
    detail, contact = offer.get_absolute_url(), reverse("offers:contact", args=[offer.reference])
    visitors, lines = 50, []
    for day in range(25):
        start = datetime(2027, 2, 1, 9, 0, tzinfo=ZURICH) + timedelta(days=day)
        for number in range(visitors):
            address = f"192.0.2.{number}"
            walk = [
                (0, "/en/offers/?q=training", {}),
                (10, detail, {}),
                (20, detail, {}),
                (100, contact, {}),
                (100 + 31 * 60, "/en/about/", {"status": 304}),
                (0, detail, {"agent": GOOGLEBOT}),
                (0, "/en/offers.csv", {"agent": "curl/8.0.1"}),
                (0, "/static/css/portal.css", {}),
            ]
            for seconds, path, more in walk:
                at = start + timedelta(seconds=seconds)
                lines.append((at, line(path, at=f"{at:%d/%b/%Y:%H:%M:%S %z}", address=address, **more)))
    # As a server writes them: by time, visitors mixed.
    Random(6).shuffle(lines)
    lines.sort(key=lambda pair: pair[0])
    assert len(lines) == 10_000
    take_over(log(*[text for _at, text in lines]))

    visitor_days = 25 * visitors
    expected = {
        ("view", "total"): 5 * visitor_days,
        ("view", "visitor_days"): visitor_days,
        ("view", "visits"): 2 * visitor_days,
        ("search", "total"): visitor_days,
        ("offer_detail", "total"): 2 * visitor_days,
        ("offer_detail", "total_dc"): visitor_days,
        ("investigation", "total_dc"): 2 * visitor_days,
        ("investigation", "unique_session"): visitor_days,
        ("request", "total_dc"): visitor_days,
        ("request", "unique_session"): visitor_days,
        ("guidance", "total"): visitor_days,
        ("export", "total"): visitor_days,
    }
    assert {key: total(key[0], figure=key[1]) for key in expected} == expected
    assert total("investigation", "area", "area.survey_clearance", "total_dc") == 2 * visitor_days
    assert excluded() == {"crawler_user_agents": visitor_days}
    assert Event.objects.count() == 7 * visitor_days


def test_what_was_recorded_is_compared_with_the_log(log, visitor, clock, capsys):
    for _ in range(19):
        visitor.get("/en/about/")
        clock.shift(timedelta(seconds=30))
    visitor.get("/en/about/", headers={"user-agent": GOOGLEBOT})
    count()
    clock.shift(timedelta(minutes=10))
    served = [line(at=f"04/Mar/2027:09:{n // 2:02}:{n % 2 * 30:02} +0000") for n in range(20)]
    ignored = [line(status=404), line("/healthz"), "nonsense\n", line(at="04/Mar/2027:09:19:00 +0000")]
    call_command("analytics_reconcile", log(*served, *ignored))
    assert "2027-03-04: 20 recorded of 20 in the log (100.0%)" in capsys.readouterr().out

    # Two pages that nobody recorded.
    with pytest.raises(CommandError, match="2027-03-04") as failure:
        call_command("analytics_reconcile", log(*served, line(), line()))
    assert failure.value.returncode == 3
    assert Completeness.objects.values_list("reconciled", "loggable").get() == (20, 22)
    # Counting the day anew forgets nothing of it.
    DirtyDay.mark({Completeness.objects.get().day}, "asked")
    count_day(Completeness.objects.get().day)
    assert Completeness.objects.get().loggable == 22


def test_only_a_browser_with_the_same_name_is_the_same_visitor(log):
    take_over(
        log(line(), line(agent=FIREFOX), line(address="-"), line(address="2001:db8::1"), line(address="2001:db8::2"))
    )

    assert total("view", figure="visitor_days") == 3
    assert total("unlinked") == 1


def test_a_log_of_which_nothing_can_be_compared_is_no_success(log):
    with pytest.raises(CommandError, match="Nothing was compared"):
        call_command("analytics_reconcile", log("time=2027-03-04 path=/en/about/\n"))
