"""A mail server on this machine that answers as a test tells it."""

import asyncio
import email
import socket

from environ import Env

HANG, DROP = "hang", "drop"


class Postmaster:
    """Receives letters, and answers for each recipient as told."""

    def __init__(self):
        self.letters = []
        self.to_recipient = {}
        self.to_letter = {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.to_recipient.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(envelope)
        answer = self.to_letter.get(envelope.rcpt_tos[0], "250 OK")
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer == DROP:
            server.transport.abort()
        return answer

    @property
    def received(self):
        return [(envelope.mail_from, envelope.rcpt_tos) for envelope in self.letters]

    @property
    def message_ids(self):
        return [email.message_from_bytes(envelope.content)["Message-ID"] for envelope in self.letters]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def delivery_to(port):
    return Env.email_url_config(f"smtp://127.0.0.1:{port}?timeout=1")
