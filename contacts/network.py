"""From where a visitor comes: the one place that tells the network address. Nobody keeps it."""

import ipaddress

from django.conf import settings


def trusted_address(headers):
    """The visitor's network address, or None if the proxies in front do not tell it.

    Each proxy appends the address it was called from. The last
    TRUSTED_PROXY_COUNT entries are therefore true; what stands before them is
    whatever the visitor sent.
    """
    count = settings.TRUSTED_PROXY_COUNT
    if not count:
        text = headers.get("REMOTE_ADDR", "")
    else:
        entries = headers.get("HTTP_X_FORWARDED_FOR", "").split(",")
        text = entries[-count].strip() if len(entries) >= count else ""
    return as_bytes(text)


def as_bytes(text):
    """The address, of the longer ones the first half, or None if it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if address.version == 6:
        if address.ipv4_mapped:
            return address.ipv4_mapped.packed
        # A household has at least a /64, in which devices change their address several times a day.
        return address.packed[:8]
    return address.packed
