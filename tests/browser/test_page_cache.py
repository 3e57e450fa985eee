"""Pages are kept by each process for itself, and yet none shows what another process has changed."""

import urllib.error
import urllib.request

WITHDRAW = """
from offers.models import Offer
offer = Offer.objects.public().order_by("reference").last()
offer.withdraw(by=offer.live_version.author)
print(offer.reference)
"""


def fetched(address):
    """Status and text over a connection of its own, which may reach any of the processes."""
    try:
        with urllib.request.urlopen(address, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_change_made_by_one_process_is_seen_by_the_next_request_to_any_other(portal):
    catalogue = f"{portal.url}/en/offers/"
    before = [fetched(catalogue) for _time in range(20)]
    assert {status for status, _text in before} == {200}
    assert len({text for _status, text in before}) == 1

    reference = portal.manage("shell", "-v", "0", "-c", WITHDRAW).split()[-1]

    after = [fetched(catalogue) for _time in range(20)]
    assert {status for status, _text in after} == {200}
    assert len({text for _status, text in after}) == 1
    assert after[0][1] != before[0][1]
    assert {fetched(f"{catalogue}{reference}/")[0] for _time in range(20)} == {410}
