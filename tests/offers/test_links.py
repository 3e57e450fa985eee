"""Links to what others keep: where they are shown, how they lead out, and how broken ones are found."""

import socket
import ssl
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from analytics.recording.actions import ACTIONS, Action
from contacts.models import RelatedSource
from offers.hints import hints
from offers.link_checking import LinkChecker, PlainConnection, is_public
from offers.links import uses
from offers.management.commands.check_links import NEWLY_BROKEN, Command, in_turns
from offers.models import CatalogueRevision, LinkCheck
from tests import factories

pytestmark = pytest.mark.once


@pytest.fixture
def source(db):
    def make(**values):
        values = {"name_en": "Monitor", "kind": "monitor", "url": "https://monitor.example.org/"} | values
        return RelatedSource.objects.create(code=values["kind"], description="Yearly reports.", **values)

    return make


def main_of(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


# The ways out


@pytest.mark.django_db
def test_each_way_out_leads_to_the_address_of_its_row_and_is_counted(client, make_offer, norland, source):
    offer = make_offer()
    link = offer.live_version.links.create(url="https://offer.example.org/")
    about = norland.links.create(kind="monitor", url="https://state.example.org/")
    body = factories.RegionalBodyFactory(website="https://body.example.org/")
    resource = factories.ResourceFactory(url="https://resource.example.org/")
    ways = {
        "out": ([offer.reference, link.pk], link.url),
        "out_state": (["qno", about.pk], about.url),
        "out_source": ([source().pk], "https://monitor.example.org/"),
        "out_body": ([body.pk], body.website),
        "out_resource": ([resource.pk], resource.url),
    }

    for name, (arguments, address) in ways.items():
        response = client.get(reverse(f"offers:{name}", args=arguments), {"next": "https://evil.example.org/"})

        assert (response.status_code, response.url) == (302, address)
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert ACTIONS[f"offers:{name}"] == Action.LINK_OUT
    assert "Disallow: /*/out/" in client.get("/robots.txt").content.decode()


@pytest.mark.django_db
def test_there_is_no_way_out_by_the_row_of_another(client, norland, sudland):
    link = norland.links.create(url="https://state.example.org/")
    outsider = factories.StateFactory(joined=False, entry_into_force=None, iso3="QOU", iso2="QO")
    of_outsider = outsider.links.create(url="https://outsider.example.org/")
    body = factories.RegionalBodyFactory(website="")

    for name, arguments in [
        ("out_state", ["qsu", link.pk]),
        ("out_state", ["qou", of_outsider.pk]),
        ("out_body", [body.pk]),
        ("out_source", [1]),
    ]:
        assert client.get(reverse(f"offers:{name}", args=arguments)).status_code == 404


# Pages


@pytest.mark.django_db
def test_a_state_without_a_link_of_a_kind_is_led_to_the_source_for_all_states(client, norland, source):
    own = norland.links.create(kind="crpd", url="https://crpd.example.org/qno", checked_on=date(2026, 11, 3))
    everywhere = source()
    source(kind="crpd", name_en="Committee", url="https://crpd.example.org/")

    page = main_of(client.get(reverse("offers:state_detail", args=["qno"])))

    assert f'href="{reverse("offers:out_state", args=["qno", own.pk])}" rel="noopener nofollow"' in page
    assert "Link checked on 3 November 2026" in page
    assert reverse("offers:out_source", args=[everywhere.pk]) in page
    assert "covers all States" in page
    assert "Committee" not in page


@pytest.mark.django_db
def test_an_offer_to_assist_victims_leads_to_disability_rights_and_others_do_not(client, make_offer, norland):
    norland.links.create(kind="crpd", url="https://crpd.example.org/qno")
    norland.links.create(kind="convention", url="https://convention.example.org/qno")
    norland.links.create(kind="article_7", url="https://reports.example.org/qno")
    victims = make_offer(primary_area=factories.AreaFactory(code="area.victim_assistance.rehabilitation"))
    mines = make_offer(primary_area=factories.AreaFactory(code="area.survey_clearance"))

    def kinds(offer):
        found = client.get(offer.get_absolute_url()).context["about_state"]
        return [link.label for link in found]

    assert kinds(victims) == ["Reports under Article 7", "Disability rights (CRPD): body and reports"]
    assert kinds(mines) == ["Reports under Article 7"]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 4])
def test_the_page_of_sources_needs_the_same_queries_however_many(client, source, count, django_assert_num_queries):
    english = factories.LanguageFactory()
    for number in range(count):
        found = source(kind=f"kind-{number}", name_en=f"Source {number}")
        found.languages.add(english)

    with django_assert_num_queries(3):
        page = main_of(client.get(reverse("offers:sources")))

    assert page.count('rel="noopener nofollow"') == count
    assert page.count(english.name) == count


@pytest.mark.django_db
def test_home_and_footer_lead_to_the_sources(client, source):
    found = source()

    page = client.get(reverse("offers:home")).content.decode()

    assert reverse("offers:out_source", args=[found.pk]) in page
    assert page.partition("<footer")[2].count(reverse("offers:sources")) == 1


# What is linked


@pytest.mark.django_db
def test_only_what_the_public_can_follow_is_tried(make_offer, norland, source):
    make_offer().live_version.links.create(url="https://offer.example.org/")
    draft = make_offer(status="draft")
    draft.versions.get().links.create(url="https://draft.example.org/")
    hidden = make_offer(confirmed_days_ago=400)
    hidden.live_version.links.create(url="https://suspended.example.org/")
    norland.links.create(url="https://monitor.example.org/")
    source()

    found = uses()

    assert [use.name for use in found["https://monitor.example.org/"]] == ["Norland", "Monitor"]
    assert "https://offer.example.org/" in found
    assert not {"https://draft.example.org/", "https://suspended.example.org/"} & found.keys()


def test_no_server_is_asked_twice_in_a_row_while_others_can_be():
    assert in_turns(["https://a.org/1", "https://a.org/2", "https://b.org/1", "https://a.org/3"]) == [
        "https://a.org/1", "https://b.org/1", "https://a.org/2", "https://a.org/3",
    ]  # fmt: skip


# What must never be reached

NAMES = {
    "localtest.example.org": ["127.0.0.1"],
    "inside.example.org": ["10.1.2.3"],
    "half.example.org": ["93.184.216.34", "192.168.0.1"],
    "six.example.org": ["2606:2800:220:1::1", "fd00::1"],
    "metadata.example.org": ["169.254.169.254"],
    "mapped.example.org": ["::ffff:10.0.0.1"],
}


def resolve(name):
    if name not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "not known")
    return NAMES[name]


HOSTILE = [
    "http://127.0.0.1/", "http://127.1/", "http://127.0.0.1./", "http://2130706433/", "http://0x7f000001/",
    "http://0x7f.1/", "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://0.0.0.0/",
    "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::a00:1]/", "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fd00::1]/",
    "http://[ff02::1]/", "http://[2001:db8::1]/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/",
    "http://100.64.0.1/", "http://169.254.169.254/latest/meta-data/", "http://224.0.0.1/", "http://255.255.255.255/",
    "http://198.18.0.1/", "http://localhost/", "http://LOCALHOST./", "http://printer/",
    "http://localtest.example.org/", "http://LocalTest.example.org./", "http://inside.example.org/",
    "http://half.example.org/", "http://six.example.org/", "http://metadata.example.org/",
    "http://mapped.example.org/", "http://93.184.216.34:22/", "https://93.184.216.34:8443/",
    "http://93.184.216.34:0/", "http://93.184.216.34:99999/", "http://93.184.216.34:port/",
    "http://user@93.184.216.34/", "http://user:word@93.184.216.34/", "http://93.184.216.34@127.0.0.1/",
    "http://93.184.216.34\\@127.0.0.1/", "http://１２７.０.０.１/", "http://127。0。0。1/", "http://exa mple.org/",
    "http://exam%70le.org/", "http:///", "http://", "http:93.184.216.34", "//93.184.216.34/", "http://[::1",
    "file:///etc/passwd", "ftp://93.184.216.34/", "gopher://127.0.0.1:25/", "javascript:alert(1)", "data:,x", "",
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_nothing_private_and_nothing_odd_is_tried(url):
    checker = LinkChecker("https://portal.example.org", resolve=resolve, pause=0)

    assert checker.problem_of(url) in {"address", "private"}
    assert not checker.asked_at


def test_public_is_what_everybody_can_reach():
    assert [is_public(address) for address in ("93.184.216.34", "2606:2800:220:1::1")] == [True, True]


# Servers as they are

# Key and certificate of nobody, for "localhost", good for a hundred years.
SELF_SIGNED = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgu7eGzzJN2mgDnqRb
BuIWrzETrOSGNkZlJfTNcQOJKkGhRANCAATJaJlRNY9TsdWOSZLOphV2HHzP0Kin
8i3v6lWP250NLBHQ/nTrBocD8B1CHkE6z9e4fo2y4RK4htIhnALuNr1U
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUK77lhwf0s1XT5uz0rGqcrKuRsaIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE3NTc0MloYDzIxMjYxMDMx
MTc1NzQyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATJaJlRNY9TsdWOSZLOphV2HHzP0Kin8i3v6lWP250NLBHQ/nTrBocD
8B1CHkE6z9e4fo2y4RK4htIhnALuNr1Uo1MwUTAdBgNVHQ4EFgQUquMG3cPyOytK
W8r57skqs/RuHvAwHwYDVR0jBBgwFoAUquMG3cPyOytKW8r57skqs/RuHvAwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAnimwliCXaXWVcTXklHpp
IZewtcQjwqjGqkLiEJRbyGICIQCiSLb/0smx6zhyC5wbHAxGXKN1sNafubErsgva
KyWQvQ==
-----END CERTIFICATE-----
"""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *arguments):
        """Visitors who hang up are what these tests are about."""


class Answers(BaseHTTPRequestHandler):
    """Does what the path says."""

    def do_HEAD(self):
        self.server.asked.append((self.command, self.path, self.headers["Host"], self.headers["User-Agent"]))
        name = self.path.strip("/").partition("/")[0]
        if name == "slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.server.over.wait(0.05):
                self.wfile.write(b"x")
        elif name == "no-head" and self.command == "HEAD":
            self.answer(405)
        elif name in {"no-head", "huge"}:
            self.answer(200, length=10**12)
            while self.command == "GET" and not self.server.over.is_set():
                self.wfile.write(b"x" * 65536)
        elif name == "drop":
            self.close_connection = True
        elif name == "nonsense":
            self.wfile.write(b"220 mail.example.org ESMTP\r\n")
        elif name in self.server.leads:
            self.answer(302, to=self.server.leads[name])
        else:
            self.answer(int(name))

    do_GET = do_HEAD

    def answer(self, status, *, length=0, to=None):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if to:
            self.send_header("Location", to)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def serve():
    """A server on this machine; `leads` says where its redirects lead."""
    servers = []

    def start(context=None, **leads):
        server = Server(("127.0.0.1", 0), Answers)
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.asked, server.leads, server.over = [], leads, threading.Event()
        server.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.over.set()
        server.shutdown()
        server.server_close()


def checker_for(server, **options):
    """A checker that may reach that one server, and nothing else on this machine."""
    options = {"resolve": lambda name: ["127.0.0.1"]} | options
    return LinkChecker(
        "https://portal.example.org",
        allows=lambda address: address == "127.0.0.1",
        ports=(80, 443, server.server_port),
        pause=0,
        **options,
    )


def test_what_a_server_says_is_what_is_told(serve):
    server = serve()
    checker = checker_for(server)

    told = {path: checker.problem_of(f"{server.url}/{path}") for path in ("200", "404", "410", "403", "500", "204")}

    assert told == {"200": "", "404": "404", "410": "410", "403": "403", "500": "500", "204": ""}
    assert server.asked[0] == (
        "HEAD", "/200", f"127.0.0.1:{server.server_port}", "link check of https://portal.example.org",
    )  # fmt: skip


def test_a_server_that_knows_no_head_is_asked_again_and_its_body_left_unread(serve):
    server = serve()

    assert checker_for(server).problem_of(f"{server.url}/no-head") == ""
    assert [method for method, *_ in server.asked] == ["HEAD", "GET"]


def test_the_connection_goes_to_the_address_that_was_looked_at(serve):
    """The second answer of the name server, which a rebinding attack would give, is never asked for."""
    server = serve()
    given = iter([["127.0.0.1"], ["10.0.0.1"]])
    checker = checker_for(server, resolve=lambda name: next(given))

    assert checker.problem_of(f"http://rebinding.example.org:{server.server_port}/200/é?q=ü#part") == ""
    assert next(given) == ["10.0.0.1"]
    assert server.asked[0][1:3] == ("/200/%C3%A9?q=%C3%BC", f"rebinding.example.org:{server.server_port}")


def test_each_redirect_is_looked_at_like_the_first_address(serve):
    server = serve(
        again="/on", on="/200", loop="/loop", inside="http://127.0.0.2/", six="http://[::1]/",
        mail="http://127.0.0.1:25/", file="file:///etc/passwd", user="http://me@127.0.0.1/", broken="http://[",
    )  # fmt: skip
    checker = checker_for(server)

    told = {name: checker.problem_of(f"{server.url}/{name}") for name in server.leads if name != "on"}

    assert told == {
        "again": "", "loop": "redirects", "inside": "private", "six": "private",
        "mail": "address", "file": "address", "user": "address", "broken": "address",
    }  # fmt: skip
    assert [path for _, path, *_ in server.asked].count("/loop") == 6


def test_servers_that_fail_in_other_ways_are_a_problem_of_their_address_only(serve):
    server = serve()
    checker = checker_for(server, patience=0.4)

    told = {path: checker.problem_of(f"{server.url}/{path}") for path in ("slow", "drop", "nonsense")}
    told["plain"] = checker.problem_of(f"https://127.0.0.1:{server.server_port}/200")
    server.shutdown()
    server.server_close()
    told["down"] = checker.problem_of(f"{server.url}/200")

    assert told == dict.fromkeys(["drop", "nonsense", "plain", "down"], "connection") | {"slow": "slow"}


def test_a_connection_that_was_given_up_before_it_came_about_does_not_begin_after_all(serve):
    """Or a name with one silent address and one that answers letter by letter would be waited for without end."""
    server = serve()
    connection = PlainConnection("127.0.0.1", server.server_port, addresses=["127.0.0.1"], timeout=1)

    connection.hang_up()

    with pytest.raises(TimeoutError):
        connection.request("HEAD", "/200")
    assert server.asked == []


def test_a_name_that_nobody_knows_is_a_problem():
    assert LinkChecker("", resolve=resolve, pause=0).problem_of("https://nobody.example.org/") == "name"


@pytest.mark.django_db
def test_when_names_cannot_be_looked_up_no_link_is_broken():
    def resolve(name):
        raise socket.gaierror(socket.EAI_AGAIN, "temporary failure")

    problem = LinkChecker("", resolve=resolve, pause=0).problem_of("https://example.org/")

    assert problem == "resolver"
    assert not LinkCheck.record("https://example.org/", problem)
    assert not LinkCheck.objects.broken().exists()


def test_a_server_must_prove_who_it_is(serve, tmp_path):
    file = tmp_path / "own.pem"
    file.write_text(SELF_SIGNED)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = serve(context)

    assert checker_for(server).problem_of(f"{server.url}/200") == "certificate"
    assert server.asked == []


def test_the_same_server_is_given_a_pause(serve):
    server = serve()
    checker = checker_for(server)
    checker.pause = 0.2
    began = timezone.now()

    for _time in range(2):
        checker.problem_of(f"{server.url}/200")

    assert timezone.now() - began >= timedelta(seconds=0.2)


# The command


def check_links(server, **options):
    told = StringIO()
    call_command(Command(checker=checker_for(server)), stdout=told, **options)
    return told.getvalue()


@pytest.mark.django_db
def test_the_command_tries_writes_down_and_ends_with_a_number_for_what_is_newly_broken(serve, make_offer, norland):
    server = serve()
    good = norland.links.create(kind="monitor", url=f"{server.url}/200")
    refused = norland.links.create(kind="crpd", url=f"{server.url}/403")
    offer = make_offer()
    offer.live_version.links.create(url=f"{server.url}/404")
    before = CatalogueRevision.current()

    with pytest.raises(CommandError, match=r"3 address\(es\) tried, 1 newly broken") as ended:
        check_links(server)

    assert ended.value.returncode == NEWLY_BROKEN
    good.refresh_from_db()
    refused.refresh_from_db()
    assert (good.checked_on, refused.checked_on) == (timezone.localdate(), None)
    assert CatalogueRevision.current() != before
    assert [check.url for check in LinkCheck.objects.broken()] == [f"{server.url}/404"]
    assert [check.url for check in LinkCheck.objects.undecided()] == [f"{server.url}/403"]
    # Within a day nothing is tried twice, so a run that was ended goes on where it was.
    asked = len(server.asked)
    assert check_links(server).endswith("0 address(es) tried, 0 newly broken.\n")
    assert len(server.asked) == asked
    # What is broken still is no news; since when stays as it was.
    since = LinkCheck.objects.broken().get().broken_since
    assert "3 address(es) tried, 0 newly broken." in check_links(server, again=True)
    assert LinkCheck.objects.broken().get().broken_since == since


@pytest.mark.django_db
def test_a_server_that_fails_again_and_again_is_left_alone_until_the_next_run(serve, norland):
    server = serve()
    for number in range(5):
        norland.links.create(title=f"Link {number}", url=f"{server.url}/503/{number}")

    with pytest.raises(CommandError, match=r"3 address\(es\) tried, 3 newly broken"):
        check_links(server)

    assert {path for _, path, *_ in server.asked} == {"/503/0", "/503/1", "/503/2"}
    assert LinkCheck.objects.count() == 3


@pytest.mark.django_db
def test_a_dry_run_tries_nothing_and_only_narrows(serve, make_offer, norland):
    server = serve()
    norland.links.create(kind="monitor", url=f"{server.url}/200")
    make_offer().live_version.links.create(url=f"{server.url}/404")

    told = check_links(server, dry_run=True, only=["states"])

    assert told == f"{server.url}/200  Norland\n1 address(es) due, none tried.\n"
    assert (server.asked, LinkCheck.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_what_answers_again_is_no_longer_broken_and_is_tried_again_the_next_day():
    url = "https://example.org/"
    assert LinkCheck.record(url, "404")
    assert not LinkCheck.record(url, "slow")
    assert not LinkCheck.record(url, "")
    assert LinkCheck.record(url, "500")

    assert LinkCheck.objects.recent().count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert LinkCheck.objects.recent().count() == 0


# Who is told


@pytest.mark.django_db
def test_the_isu_sees_what_is_broken_where_it_stands_and_since_when(isu, make_offer, norland):
    offer = make_offer()
    for place in (norland, offer.live_version):
        place.links.create(url="https://gone.example.org/")
    norland.links.create(url="https://shy.example.org/")
    with time_machine.travel("2026-11-03 12:00"):
        LinkCheck.record("https://gone.example.org/", "404")
    LinkCheck.record("https://shy.example.org/", "403")
    LinkCheck.record("https://no-longer-linked.example.org/", "404")

    page = main_of(isu.get(reverse("offers:isu_links")))
    duties = isu.get(reverse("offers:isu_home")).content.decode()

    broken, _, undecided = page.partition("To be opened by a person")
    assert "https://gone.example.org/" in broken
    assert "3 November 2026" in broken
    assert "Norland" in broken
    assert offer.get_absolute_url() in broken
    assert "(status 404)" in broken
    assert "turns programs away (status 403)" in undecided
    assert "no-longer-linked" not in page
    assert "1 link to another website is broken" in duties


@pytest.mark.django_db
def test_the_desk_tells_a_state_of_broken_links_in_its_own_public_offers(focal, make_offer, sudland):
    mine = make_offer().live_version.links.create(url="https://gone.example.org/mine")
    draft = make_offer(status="draft").versions.get().links.create(url="https://gone.example.org/draft")
    theirs = make_offer(state=sudland).live_version.links.create(url="https://gone.example.org/theirs")
    for link in (mine, draft, theirs):
        LinkCheck.record(link.url, "404")

    page = main_of(focal.get(reverse("offers:desk")))

    assert "Links in your offers that do not answer" in page
    assert "https://gone.example.org/mine" in page
    assert "/draft" not in page
    assert "/theirs" not in page


@pytest.mark.django_db
def test_before_the_first_check_the_isu_reads_that_there_was_none(isu):
    assert "No link has been tried yet." in main_of(isu.get(reverse("offers:isu_links")))


@pytest.mark.django_db
def test_who_writes_an_offer_is_told_of_its_broken_links(focal, make_offer):
    offer = make_offer(status="draft")
    version = offer.versions.get()
    # Saved once: nobody is advised on what has not been written yet.
    offer.versions.update(edit_number=2)
    version.links.create(url="https://gone.example.org/")
    version.links.create(url="https://fine.example.org/")
    LinkCheck.record("https://gone.example.org/", "404")
    LinkCheck.record("https://fine.example.org/", "")

    told = [sentence for name, sentence in hints(version) if name == "links"]
    page = focal.get(reverse("offers:edit", args=[offer.reference])).content.decode()

    assert told == ["This address did not answer when it was last tried: https://gone.example.org/"]
    assert told[0] in page
