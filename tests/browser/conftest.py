"""A real server in a process of its own, with real data, and a real browser."""

import itertools
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
# What a delegate's browser says of itself: a headless one is counted as a robot, and rightly so.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.{}.0 Safari/537.36"
PEOPLE = itertools.count()
PASSWORD = "only-for-demonstration"


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Portal:
    """A portal with reference and sample data in a folder of its own."""

    def __init__(self, folder):
        self.port, self.port_of_friend = free_port(), free_port()
        self.url = f"http://localhost:{self.port}"
        # Nothing of the settings of the tests themselves.
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder),
            "SECRET_KEY": "a key for the journeys of the browser only, known to all readers",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DEMO": "1",
            "PORTAL_URL": self.url,
            # Another website on this machine, which may show the list of offers.
            "EMBED_ORIGINS": f"http://127.0.0.1:{self.port_of_friend}",
        }

    def manage(self, *arguments):
        """Run a management command to its end; what it prints is shown if it fails."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def start(self):
        for command in ("migrate", "load_reference_data", "load_sample_data", "create_demo_accounts"):
            self.manage(command)
        self.manage("collectstatic", "--no-input")
        self.serve()

    def serve(self):
        granian = Path(sys.executable).with_name("granian")
        self.server = subprocess.Popen(
            [
                granian, "--interface", "wsgi", "--workers", "2", "--respawn-failed-workers",
                "--host", "127.0.0.1", "--port", str(self.port), "platform_portal.wsgi:application",
            ],
            cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.wait_until_it_answers()

    def wait_until_it_answers(self):
        for _attempt in range(100):
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5).close()
                return
            except OSError:
                assert self.server.poll() is None, "The server has ended."
                time.sleep(0.1)
        raise AssertionError("The server does not answer.")

    @property
    def workers(self):
        """The processes that answer; the others of the server only keep watch."""
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        return [int(pid) for pid in children if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text()]

    def stop(self):
        self.server.terminate()
        self.server.wait(timeout=20)


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    portal = Portal(tmp_path_factory.mktemp("portal"))
    portal.start()
    yield portal
    portal.stop()


@pytest.fixture(scope="session")
def chromium():
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                  "--disable-sync", "--no-first-run"],
        )  # fmt: skip
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, portal):
    """Open a page as somebody; whatever the browser complains of makes the test fail."""
    contexts, complaints = [], []

    def open_page(email=None, *, javascript=True, width=1280, language="en"):
        context = chromium.new_context(
            base_url=portal.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 800},
            locale=language,
            user_agent=USER_AGENT.format(next(PEOPLE)),  # each a visitor of their own
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        # That two people meet at the same draft is an answer, though not of status 200.
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type == "error" and "409 (Conflict)" not in message.text
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if email:
            page.goto(f"/{language}/account/login/")
            page.locator("input[name=login]").fill(email)
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("main button[type=submit]").click()
            page.wait_for_url(f"**/{language}/**")
            assert "account/login" not in page.url
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
