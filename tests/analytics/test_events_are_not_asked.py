"""Pages, files and reports read figures; the events stay between recording and counting."""

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import analytics

from .made_events import make_event

FOLDER = Path(analytics.__file__).parent
# Those who store, count, check, export or erase events. No view, report or indicator is among them.
MAY_ASK = {"recording", "counting", "samples", "export.py", "management", "migrations", "models"}
EVENTS = re.compile(r"\banalytics_(event|search)\b")
# Addresses and their arguments. The files of the report print the same object as its page.
FIGURES = {
    "evaluation": {},
    "own_figures": {},
    "public_evaluation": {},
    "searches": {},
    "state_figures": {"iso3": "QNO"},
    "use_report": {},
    "use_report_csv": {},
}


def names_in(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_only_those_who_count_know_of_events():
    modules = [path for path in FOLDER.rglob("*.py") if path.relative_to(FOLDER).parts[0] not in MAY_ASK]
    names = {path.relative_to(FOLDER).as_posix(): set(names_in(path)) for path in modules}

    assert len(names) > 30
    assert [name for name, found in names.items() if found & {"Event", "Search", "events"}] == []


@pytest.mark.django_db
@pytest.mark.once
def test_no_page_or_file_of_figures_asks_for_events(clock, administrator, norlander, make_offer):
    make_offer()
    make_event(date(2027, 2, 3))
    call_command("analytics_rollup", verbosity=0)
    clients = {"isu": Client(), "focal point": Client()}
    clients["isu"].force_login(administrator)
    clients["focal point"].force_login(norlander)
    with CaptureQueriesContext(connection) as asked:
        for name, arguments in FIGURES.items():
            client = clients["focal point" if name.startswith("own") else "isu"]
            assert client.get(reverse(f"analytics:{name}", kwargs=arguments)).status_code == 200

    statements = [query["sql"] for query in asked]
    assert any("analytics_daily" in statement for statement in statements)
    assert [statement for statement in statements if EVENTS.search(statement)] == []
