"""Imports run one way: contacts <- offers <- analytics; platform_portal only wires."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "contacts": {"contacts"},
    "offers": {"contacts", "offers"},
    "analytics": {"contacts", "offers", "analytics"},
    "platform_portal": {"contacts", "offers", "analytics", "platform_portal"},
}


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_no_app_looks_at_a_later_one(app):
    against = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in (ROOT / app).rglob("*.py")
        for module in imported_modules(path)
        if module.split(".")[0] in MAY_IMPORT.keys() - MAY_IMPORT[app]
    ]

    assert against == []


def test_an_import_against_the_arrow_would_be_seen(tmp_path):
    module = tmp_path / "sinner.py"
    module.write_text("def late():\n    from analytics.models import Event\n")

    assert list(imported_modules(module)) == ["analytics.models"]
