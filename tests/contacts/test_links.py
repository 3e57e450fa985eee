"""Links about States and related sources: what ships, and how edits are kept."""

from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError

from contacts.models import ABOUT_STATES, LinkKind, RelatedSource, State, StateLink
from tests.reference_data import load_reference_data, reference_data  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference_data"), pytest.mark.once]


def test_all_addresses_that_ship_are_whole_and_lead_to_known_places():
    hosts = {
        LinkKind.MONITOR: "the-monitor.org",
        LinkKind.CRPD: "tbinternet.ohchr.org",
        LinkKind.CONVENTION: "www.apminebanconvention.org",
    }
    links = list(StateLink.objects.select_related("state"))

    assert {link.state_id for link in links} <= {state.pk for state in State.objects.filter(joined=True)}
    for link in links:
        parts = urlsplit(link.url)
        assert (parts.scheme, parts.netloc) == ("https", hosts[link.kind])
        assert link.url.isascii()
        link.full_clean()
    for source in RelatedSource.objects.all():
        assert source.url.startswith("https://")
        source.full_clean()


def test_nothing_is_said_to_be_checked_that_nobody_has_seen():
    assert not StateLink.objects.exclude(checked_on=None).exists()
    assert not RelatedSource.objects.exclude(checked_on=None).exists()


def test_each_state_that_has_joined_is_led_somewhere_for_each_kind():
    assert RelatedSource.objects.of_all_states(ABOUT_STATES).keys() == set(ABOUT_STATES)


def test_where_there_are_two_sources_of_a_kind_the_first_in_the_list_stands_for_all_states():
    assert RelatedSource.objects.of_all_states(["crpd"])["crpd"].code == "crpd-committee"


def test_a_corrected_address_and_a_link_entered_by_hand_survive_the_next_load():
    angola = State.objects.get(iso3="AGO")
    angola.links.filter(kind="monitor").update(url="https://the-monitor.org/corrected", checked_on="2026-11-20")
    shipped = angola.links.get(kind="crpd")
    address = shipped.url
    shipped.delete()
    angola.links.create(kind="crpd", title="By hand", url=address)
    RelatedSource.objects.filter(code="imas").update(url="https://example.org/imas")

    told = load_reference_data()

    assert angola.links.get(kind="monitor").url == "https://the-monitor.org/corrected"
    assert [link.title for link in angola.links.filter(kind="crpd")] == ["By hand"]
    assert RelatedSource.objects.get(code="imas").url == "https://example.org/imas"
    assert "url was edited here and is kept." in told


def test_a_state_has_each_address_once():
    angola = State.objects.get(iso3="AGO")
    again = StateLink(state=angola, kind="other", url=angola.links.get(kind="monitor").url)

    with pytest.raises(ValidationError, match="already has a link to this address"):
        again.full_clean()
