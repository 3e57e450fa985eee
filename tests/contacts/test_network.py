"""The network address of a visitor, behind proxies and without."""

import pytest

from contacts.network import trusted_address

ADDRESSES = [  # number of proxies, X-Forwarded-For, the address that is believed
    (0, None, "198.51.100.9"),
    (0, "203.0.113.5", "198.51.100.9"),
    (1, "203.0.113.5", "203.0.113.5"),
    (1, "10.9.8.7, 203.0.113.5", "203.0.113.5"),
    (2, "10.9.8.7, 203.0.113.5, 192.0.2.200", "203.0.113.5"),
    (2, "203.0.113.5", None),
    (1, None, None),
    (1, "nonsense", None),
]


@pytest.mark.parametrize(("proxies", "forwarded", "believed"), ADDRESSES)
def test_a_forged_forwarded_address_is_not_believed(settings, proxies, forwarded, believed):
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"REMOTE_ADDR": "198.51.100.9"} | ({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})

    found = trusted_address(headers)

    assert found == (believed and bytes(map(int, believed.split("."))))


def test_a_network_of_version_6_is_one_visitor():
    first, second, other = (
        trusted_address({"REMOTE_ADDR": address})
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    )

    assert first == second != other
    assert trusted_address({"REMOTE_ADDR": "::ffff:192.0.2.1"}) == trusted_address({"REMOTE_ADDR": "192.0.2.1"})
