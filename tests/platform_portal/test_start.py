"""What the portal says when it cannot start: the cause in words, with its name, and nothing of the inside."""

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings

KEY = "k" * 60
# The rest of what must be set outside of a demonstration.
ADDRESSES = {
    "PORTAL_URL": "https://portal.example.org",
    "EMAIL_URL": "smtp://mail.example.org",
    "DEFAULT_FROM_EMAIL": "portal@example.org",
    "ISU_EMAIL": "isu@example.org",
}


@pytest.fixture
def manage(tmp_path):
    """Run a command in an environment of which the test says everything."""

    def run(command, **environment):
        return subprocess.run(
            [sys.executable, "manage.py", *command.split()],
            cwd=settings.BASE_DIR,
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)} | ADDRESSES | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def nobody_listens():
    """A port that is taken, and on which nothing ever answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


COMMANDS = ["check", "migrate", "runserver", "send_outgoing_mail"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_secret_key_is_named(manage, command):
    ended = manage(command, ALLOWED_HOSTS="portal.example.org")

    assert ended.returncode == 1
    assert "SECRET_KEY" in ended.stderr
    assert_short(ended)


@pytest.mark.parametrize("command", COMMANDS)
def test_missing_allowed_hosts_are_named(manage, command):
    ended = manage(command, SECRET_KEY=KEY)

    assert ended.returncode == 1
    assert "ALLOWED_HOSTS" in ended.stderr
    assert_short(ended)


@pytest.mark.parametrize("variable", ADDRESSES)
def test_addresses_that_letters_need_have_no_default(manage, variable, monkeypatch):
    monkeypatch.delitem(ADDRESSES, variable)

    ended = manage("check", SECRET_KEY=KEY, ALLOWED_HOSTS="portal.example.org")

    assert ended.returncode == 1
    assert variable in ended.stderr
    assert_short(ended)


@pytest.mark.parametrize("switch", ["DEMO", "DEBUG"])
@pytest.mark.parametrize("hosts", ["portal.example.org", "localhost,portal.example.org", "*", ".localhost"])
def test_demonstration_and_debugging_are_refused_where_others_can_reach_it(manage, switch, hosts):
    ended = manage("check", SECRET_KEY=KEY, ALLOWED_HOSTS=hosts, **{switch: "1"})

    assert ended.returncode == 1
    assert switch in ended.stderr
    assert "ALLOWED_HOSTS" in ended.stderr
    assert_short(ended)


@pytest.mark.parametrize("hosts", ["localhost", "localhost,127.0.0.1"])
def test_a_demonstration_on_this_machine_is_allowed(manage, hosts):
    ended = manage("check", SECRET_KEY=KEY, ALLOWED_HOSTS=hosts, DEMO="1")

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("command", ["migrate", "runserver --noreload 127.0.0.1:0", "send_outgoing_mail"])
def test_a_database_that_cannot_be_reached_is_told_in_words(manage, nobody_listens, command):
    ended = manage(
        command,
        SECRET_KEY=KEY,
        ALLOWED_HOSTS="portal.example.org",
        DATABASE_URL=f"postgresql://portal:very-secret@127.0.0.1:{nobody_listens}/portal",
    )

    assert ended.returncode == 1
    assert "The database could not be used" in ended.stderr
    assert "DATABASE_URL" in ended.stderr
    assert "very-secret" not in ended.stderr + ended.stdout
    assert_short(ended)


def test_a_database_without_its_tables_asks_for_the_migrations(manage):
    ended = manage("send_outgoing_mail", SECRET_KEY=KEY, ALLOWED_HOSTS="portal.example.org")

    assert ended.returncode == 1
    assert "manage.py migrate" in ended.stderr
    assert_short(ended)


def test_whoever_asks_for_the_traceback_gets_it(manage):
    assert "Traceback" in manage("check --traceback", ALLOWED_HOSTS="portal.example.org").stderr


def test_a_port_in_use_is_told_before_anything_is_done():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        ended = demonstrate(port)

    assert ended.returncode == 1
    assert f"Port {port} is in use." in ended.stderr
    assert "make run PORT=" in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "80 80", "$(touch x)"])
def test_what_is_no_port_is_told(port):
    ended = demonstrate(port)

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"'{port}' is not a port.")


def demonstrate(port):
    return subprocess.run(
        ["deploy/demo.sh"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def assert_short(ended):
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) <= 6


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("HTTPS", "maybe", "HTTPS must be yes or no"),
        ("DEBUG", "ture", "DEBUG must be yes or no"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL must look like"),
        ("ANALYTICS_OFFICE_NETWORKS", "192.0.2.0/24,192.0.2.7/24", "not '192.0.2.7/24'"),
    ],
)
def test_a_slip_of_the_pen_in_a_setting_is_told(manage, variable, value, words):
    ended = manage("check", **{"SECRET_KEY": KEY, "ALLOWED_HOSTS": "portal.example.org", variable: value})

    assert ended.returncode == 1
    assert words in ended.stderr
    assert_short(ended)


@pytest.mark.parametrize(
    "origin",
    [
        "http://www.example.org",
        "https://www.example.org/",
        "https://www.example.org/page",
        "https://*.example.org",
        "https://www.example.org; script-src *",
        "www.example.org",
        "'self'",
        "*",
        "http://localhost:9000",
    ],
)
def test_what_is_no_website_cannot_be_allowed_to_frame_the_list(manage, origin):
    allowed = f"https://www.example.org,{origin}"
    ended = manage("check", SECRET_KEY=KEY, ALLOWED_HOSTS="portal.example.org", EMBED_ORIGINS=allowed)

    assert ended.returncode == 1
    assert "EMBED_ORIGINS must list addresses" in ended.stderr
    assert repr(origin) in ended.stderr
    assert_short(ended)


@pytest.mark.parametrize(
    ("hosts", "demo", "origins"),
    [
        ("portal.example.org", "0", ""),
        ("portal.example.org", "0", "https://www.example.org,https://intranet.example.org:8443"),
        ("localhost", "1", "http://localhost:9000,http://127.0.0.1:9000"),
    ],
)
def test_websites_may_be_allowed_to_frame_the_list(manage, hosts, demo, origins):
    ended = manage("check", SECRET_KEY=KEY, ALLOWED_HOSTS=hosts, DEMO=demo, EMBED_ORIGINS=origins)

    assert (ended.returncode, ended.stderr) == (0, "")


GET_HOME = """
import django
django.setup()
from django.test import Client
response = Client(raise_request_exception=False).get("/fr/", secure=True, headers={"host": "portal.example.org"})
print(response.status_code, response.headers["Retry-After"], 'lang="fr"' in response.content.decode())
"""


def test_a_database_that_is_gone_while_the_portal_runs_gives_a_page_that_says_so(nobody_listens, tmp_path, settings):
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        **ADDRESSES,
        "SECRET_KEY": KEY,
        "ALLOWED_HOSTS": "portal.example.org",
        "DATABASE_URL": f"postgresql://portal@127.0.0.1:{nobody_listens}/portal",
        "DJANGO_SETTINGS_MODULE": "platform_portal.settings",
    }
    static = [sys.executable, "manage.py", "collectstatic", "--no-input"]
    subprocess.run(static, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True)

    answered = subprocess.run(
        [sys.executable, "-c", GET_HOME],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert answered.stdout.split() == ["503", "60", "True"], answered.stderr
    # Whoever runs the portal reads the reason in the log; the visitor does not.
    assert "OperationalError" in answered.stderr
