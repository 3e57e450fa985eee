"""Tries one address of the web, and never one that is not public.

Addresses come from people. So a name is resolved here, every address it stands
for must be public, and the connection goes to the very address that was
looked at; the same again after each redirect.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from urllib.parse import quote, urljoin, urlsplit

PORTS = {"http": 80, "https": 443}
MOST_REDIRECTS = 5
MOST_ADDRESSES = 3  # of one name
PATIENCE = 10  # seconds for one request, from the connection to the last header
PAUSE = 1  # second between two requests to the same host
REDIRECTS = {301, 302, 303, 307, 308}

KEPT_IN_PATHS = "/%:@!$&'()*+,;=~"
NAME = re.compile(r"(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# Browsers and resolvers read 127.1, 2130706433 and 0x7f.1 as addresses of IPv4.
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")
INSIDE_IPV6 = ipaddress.ip_network("2002::/16")  # 6to4: an address of IPv4 in disguise


class Problem(Exception):
    """Why an address does not answer: the number of an HTTP status, or a word that `LinkCheck` has a sentence for."""

    def __init__(self, code):
        super().__init__(code)
        self.code = str(code)


def is_public(address):
    """May everybody reach it? Of IPv6 only what is handed out to networks, so that nothing of IPv4 hides in it."""
    found = ipaddress.ip_address(address)
    if found.version == 6 and (found not in PUBLIC_IPV6 or found in INSIDE_IPV6):
        return False
    return found.is_global and not found.is_multicast


def addresses_of(host):
    """All addresses that the name stands for."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(sockaddr[0] for *_, sockaddr in found))


def target_of(url, ports):
    """Scheme, host, port and path of an address that may be tried."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Problem("address") from None
    if parts.scheme not in PORTS or parts.username is not None or parts.password is not None:
        raise Problem("address")
    if port is not None and port not in ports:
        raise Problem("address")
    path = quote(parts.path or "/", safe=KEPT_IN_PATHS)
    if parts.query:
        path += "?" + quote(parts.query, safe=KEPT_IN_PATHS + "?")
    return parts.scheme, _host(parts.hostname or ""), port or PORTS[parts.scheme], path


def _host(name):
    """A full name in ASCII, or an address written in full."""
    try:
        return str(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        pass
    try:
        name = name.removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise Problem("address") from None
    if not NAME.fullmatch(name) or NUMBER.fullmatch(name.rpartition(".")[2]):
        raise Problem("address")
    return name


class _Pinned:
    """A connection to one of these addresses, whatever the name of the host would lead to a moment later."""

    def __init__(self, host, port, *, addresses, timeout):
        super().__init__(host, port, timeout=timeout)
        self.addresses = addresses
        self.is_over = False

    def connect(self):
        for address in self.addresses:
            self.go_on()
            try:
                self.sock = socket.create_connection((address, self.port), self.timeout)
                break
            except OSError as error:
                # Not every machine reaches addresses of IPv6.
                failure = error
        else:
            raise failure
        self.go_on()

    def go_on(self):
        """Whoever hung up while there was no connection yet had nothing to end."""
        if self.is_over:
            raise TimeoutError

    def hang_up(self):
        self.is_over = True
        if self.sock is not None:
            with suppress(OSError):
                # Not SSLSocket's own, which is for the thread that reads.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class PlainConnection(_Pinned, http.client.HTTPConnection):
    pass


class SecureConnection(_Pinned, http.client.HTTPSConnection):
    def connect(self):
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.go_on()
        self.sock.do_handshake()


@contextmanager
def _as_problem():
    """Whatever a server can do to a client is a problem of its address and nothing else."""
    try:
        yield
    except TimeoutError:
        raise Problem("slow") from None
    except ssl.SSLCertVerificationError:
        raise Problem("certificate") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise Problem("connection") from None


class LinkChecker:
    """Tries addresses one after the other.

    Who may be reached, on which ports, and what names lead to, only tests say otherwise.
    """

    def __init__(
        self, sender, *, resolve=addresses_of, allows=is_public, ports=(80, 443), patience=PATIENCE, pause=PAUSE
    ):
        self.headers = {"User-Agent": f"link check of {sender}", "Accept": "*/*", "Connection": "close"}
        self.resolve, self.allows, self.ports = resolve, allows, ports
        self.patience, self.pause = patience, pause
        self.asked_at = {}  # by host, on the clock that only goes forward

    def problem_of(self, url):
        """What is wrong with the address, as a code; empty if it answers."""
        try:
            self._follow(url)
        except Problem as problem:
            return problem.code
        return ""

    def _follow(self, url):
        for _redirect in range(MOST_REDIRECTS + 1):
            status, location = self._ask(url)
            if status not in REDIRECTS or not location:
                break
            url = _led_to(url, location)
        else:
            raise Problem("redirects")
        if status >= 300:
            raise Problem(status)

    def _ask(self, url):
        """Status and redirect; some servers know no HEAD, or answer it wrongly."""
        scheme, host, port, path = target_of(url, self.ports)
        addresses = self._addresses_of(host)
        try:
            status, location = self._request("HEAD", scheme, host, port, path, addresses)
        except Problem as problem:
            if problem.code != "connection":
                raise
            status = 400
        if status >= 400:
            status, location = self._request("GET", scheme, host, port, path, addresses)
        return status, location

    def _addresses_of(self, host):
        """The addresses of the host; a single one that is not public spoils them all."""
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            try:
                found = self.resolve(host)
            except (OSError, UnicodeError) as error:
                # When our own line is down, no link is broken.
                is_ours = getattr(error, "errno", None) == socket.EAI_AGAIN
                raise Problem("resolver" if is_ours else "name") from None
        if not found:
            raise Problem("name")
        if not all(self.allows(address) for address in found):
            raise Problem("private")
        return found[:MOST_ADDRESSES]

    def _request(self, method, scheme, host, port, path, addresses):
        """Reads the head of the answer and none of its body."""
        self._wait_for(host)
        kind = SecureConnection if scheme == "https" else PlainConnection
        connection = kind(host, port, addresses=addresses, timeout=self.patience)
        with self._in_time(connection), _as_problem():
            connection.request(method, path, headers=self.headers)
            response = connection.getresponse()
            return response.status, _readable(response.headers.get("Location", ""))

    @contextmanager
    def _in_time(self, connection):
        """End what takes too long: a server that sends a letter now and then runs into no timeout of a socket."""
        began = time.monotonic()
        alarm = threading.Timer(self.patience, connection.hang_up)
        alarm.daemon = True
        alarm.start()
        try:
            yield
        finally:
            alarm.cancel()
            connection.close()
            if time.monotonic() - began >= self.patience:
                raise Problem("slow")

    def _wait_for(self, host):
        now = time.monotonic()
        due = self.asked_at.get(host, now - self.pause) + self.pause
        if due > now:
            time.sleep(due - now)
        self.asked_at[host] = time.monotonic()


def _led_to(url, location):
    try:
        return urljoin(url, location)
    except ValueError:
        raise Problem("address") from None


def _readable(location):
    """Servers send UTF-8 where the standard has no letters; the library reads it as Latin-1."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location
