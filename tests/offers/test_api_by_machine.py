"""A machine reads the description of the API, asks for whatever follows from it, and objects to what does not."""

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from offers import kinds, records
from offers.api import openapi
from tests.offers.test_api import one_of_everything  # noqa: F401

pytestmark = pytest.mark.once

RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
EXAMPLES = 25  # for each address, and as many that break its rules


@pytest.fixture
def _one_connection():
    """A server gives its connection back after each request; here it is the one that sees the rows of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def description(one_of_everything, _one_connection):  # noqa: F811
    # The machine does not unpack what comes compressed.
    config = SchemathesisConfig.from_dict({"headers": {"Accept-Encoding": "identity"}})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config)


def objections(operation, mode):
    """What the machine objects to at one address, in words; empty if nothing."""

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def check(case):
        if mode == RIGHT:
            leave_out_what_no_description_can_say(case.query)
        case.call_and_validate()

    try:
        check()
    except BaseExceptionGroup as group:
        return str(group)
    return ""


def leave_out_what_no_description_can_say(query):
    """That cursors are given out and not made up, and that the last day comes after the first."""
    query.pop("cursor", None)
    if {"available_from", "available_until"} <= query.keys():
        del query["available_until"]


def operations(description):
    return [result.ok() for result in description.get_all_operations()]


def test_the_machine_finds_nothing_to_object_to(description):
    found = {}
    for operation in operations(description):
        # Where nothing can be said, nothing can be said wrongly.
        for mode in (RIGHT, WRONG) if operation.query or operation.path_parameters else (RIGHT,):
            found[operation.path, mode.name] = objections(operation, mode)

    # All but the description itself.
    assert {path for path, _mode in found} == {operation.path for operation in operations(description)}
    assert len(found) == 14
    assert {place: words for place, words in found.items() if words} == {}


def fail(offer):
    raise RuntimeError("Planted.")


PLANTED = [
    (RIGHT, kinds.FLAG, "json", lambda value: "yes" if value else "no", "violates schema"),
    (RIGHT, records, "as_json", fail, "Server error"),
    (WRONG, openapi, "FILTERS", ("q",), "accepted"),
]


@pytest.mark.parametrize(("mode", "place", "name", "fault", "words"), PLANTED, ids=range(len(PLANTED)))
def test_the_machine_finds_a_planted_fault(description, monkeypatch, mode, place, name, fault, words):
    (offers,) = (operation for operation in operations(description) if operation.path == "/api/v1/offers/")
    assert objections(offers, mode) == ""

    monkeypatch.setattr(place, name, fault)

    assert words in objections(offers, mode)
