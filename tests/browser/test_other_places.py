"""The catalogue outside of its own pages: in a frame, as data for search engines, as a file without a line."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

PAGE = '<!DOCTYPE html><title>Website</title><h1>Website</h1><iframe src="{}" title="Offers"></iframe>'


class Framing(BaseHTTPRequestHandler):
    """Another website: each of its pages shows in a frame the address that its query names."""

    def do_GET(self):
        address = parse_qs(urlsplit(self.path).query).get("show", [""])[0]
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.format(address).encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def website():
    """Start one on the port, or on any; returns its address."""
    servers = []

    def start(port=0):
        server = ThreadingHTTPServer(("127.0.0.1", port), Framing)
        servers.append(server)
        threading.Thread(target=server.serve_forever).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def show_in_frame(page, website, address):
    page.goto(f"{website}/?{urlencode({'show': address})}")
    return page.frames[1]


def test_a_website_that_is_allowed_shows_the_list_and_links_lead_out_of_the_frame(open_page, portal, website):
    page = open_page()

    frame = show_in_frame(page, website(portal.port_of_friend), f"{portal.url}/en/embed/offers/?limit=3")

    assert frame.get_by_role("heading", level=1).inner_text() == "Offers of assistance"
    assert frame.get_by_role("article").count() == 3
    assert frame.evaluate("getComputedStyle(document.querySelector('.btn')).display") != "inline"  # the stylesheet came
    assert page.context.cookies() == []
    frame.get_by_role("article").first.get_by_role("link").click()
    page.wait_for_url(f"{portal.url}/en/offers/PFP-*/")


def test_the_list_leads_to_the_whole_catalogue(open_page, portal, website):
    page = open_page()

    address = f"{portal.url}/ar/embed/offers/?area=area.victim_assistance"
    frame = show_in_frame(page, website(portal.port_of_friend), address)

    assert frame.evaluate("getComputedStyle(document.body).direction") == "rtl"
    frame.locator("a.btn").click()
    page.wait_for_url(f"{portal.url}/ar/offers/?area=area.victim_assistance")


@pytest.mark.parametrize(
    ("is_friend", "path"), [(False, "/en/embed/offers/"), (True, "/en/offers/"), (True, "/en/account/login/")]
)
def test_nobody_else_shows_it_and_nothing_else_is_shown(chromium, portal, website, is_friend, path):
    context = chromium.new_context()
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))

    frame = show_in_frame(page, website(portal.port_of_friend if is_friend else 0), f"{portal.url}{path}")

    assert any("frame-ancestors" in text or "X-Frame-Options" in text for text in said), said
    frame.wait_for_url("chrome-error://chromewebdata/")
    context.close()


def test_the_policy_lets_the_data_for_search_engines_stand(open_page):
    page = open_page()
    for path in ("/en/", "/ar/"):
        page.goto(path)
        assert structured_data(page)["@type"] == "WebSite"
    page.get_by_role("article").first.get_by_role("link").first.click()
    assert structured_data(page)["mainEntity"]["@type"] == "Service"


def structured_data(page):
    return json.loads(page.locator("script[type='application/ld+json']").text_content())


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_offline_copy_is_fetched_once_and_read_without_a_line(chromium, portal, open_page, tmp_path, language):
    portal.manage("build_offline_pack", "--language", language)
    page = open_page()
    page.goto(f"/{language}/data/")
    with page.expect_download() as fetching:
        page.locator("a[href$='.html'][download]").click()
    file = tmp_path / fetching.value.suggested_filename
    fetching.value.save_as(file)

    context = chromium.new_context(viewport={"width": 320, "height": 800}, offline=True)
    reader, asked, complaints = context.new_page(), [], []
    reader.on("request", lambda request: asked.append(request.url))
    reader.on("console", lambda message: complaints.append(message.text))
    reader.goto(file.as_uri())

    assert asked == [file.as_uri()]
    assert reader.get_by_role("article").count() > 20
    assert reader.evaluate("document.documentElement.scrollWidth") <= 320
    link = reader.locator("nav a").first
    title = link.inner_text()
    link.click()
    assert reader.locator(":target h3").inner_text() == title
    assert complaints == []
    context.close()
