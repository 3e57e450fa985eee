"""A portal of its own for a measurement: a folder, a database, settings, reference data, and a server."""

import http.client
import json
import os
import platform
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
PORTS = count(8700 + os.getpid() % 200)
# A browser's: a program's name would be counted as a robot's.
HEADERS = {
    "Accept-Encoding": "br, gzip",
    "Accept-Language": "en",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
}


class Installation:
    """In SQLite, or in a database of that name beside the one that DATABASE_URL names."""

    def __init__(self, folder, name):
        # Nothing of this shell's: another installation's database least of all.
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder),
            "SECRET_KEY": "a key for measurements only, known to all readers of this file",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DEMO": "1",
        }
        if url := os.environ.get("DATABASE_URL"):
            self.environment["DATABASE_URL"] = _new_database(url, name)

    def run(self, *command):
        """What a Python command says; if it fails, that is the end."""
        result = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        if result.returncode:
            raise SystemExit(result.stdout + result.stderr)
        return result.stdout

    def prepare(self):
        self.run("manage.py", "migrate")
        self.run("manage.py", "load_reference_data")
        self.run("manage.py", "collectstatic", "--no-input")


def _new_database(url, name):
    import psycopg2

    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    return urlsplit(url)._replace(path=f"/{name}").geturl()


class Server:
    """Serves an installation with one worker as long as the block lasts; `environment` are settings for it alone."""

    def __init__(self, installation, **environment):
        self.environment = installation.environment | environment
        self.port = next(PORTS)

    def __enter__(self):
        self.server = subprocess.Popen(
            [
                Path(sys.executable).with_name("granian"), "--interface", "wsgi", "--workers", "1", "--no-ws",
                "--host", "127.0.0.1", "--port", str(self.port), "platform_portal.wsgi:application",
            ],
            cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _attempt in range(200):
            try:
                self.get("/readyz")
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise SystemExit("The server does not answer.")

    def __exit__(self, *exception):
        self.server.terminate()
        try:
            self.server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.server.kill()

    def get(self, address):
        """Body and seconds of one request; anything but a page is the end."""
        # An Excel file of all offers is sent when it is complete.
        connection = http.client.HTTPConnection("localhost", self.port, timeout=600)
        started = time.perf_counter()
        connection.request("GET", address, headers=HEADERS)
        response = connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - started
        connection.close()
        if response.status != 200:
            raise SystemExit(f"{address}: status {response.status}")
        return body, seconds

    def throughput(self, next_address, seconds=3):
        """Requests a second over one connection."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        done, started = 0, time.perf_counter()
        while time.perf_counter() < started + seconds:
            connection.request("GET", next_address(), headers=HEADERS)
            connection.getresponse().read()
            done += 1
        taken = time.perf_counter() - started
        connection.close()
        return done / taken

    @property
    def worker(self):
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        return max(children, key=lambda pid: megabytes(pid, "VmRSS"))


def megabytes(pid, name):
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{name}:"))


def machine():
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    return f"{database}; Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"


def judge(targets, results, path):
    """Print each sentence with whether it was reached, write the results as JSON, and give back the exit status."""
    print()
    missed = 0
    for sentence, reached in targets:
        missed += not reached
        print(f"{'reached' if reached else 'MISSED '}  {sentence}")
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"machine": machine(), "results": results}, indent=1))
    return 1 if missed else 0
