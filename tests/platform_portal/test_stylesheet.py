"""The one stylesheet: small, the same for both directions of writing, and free of loose ends."""

import re

import brotli
import pytest
from django.conf import settings

STYLESHEET = settings.BASE_DIR / "static" / "css" / "portal.css"
LARGEST = 6 * 1024  # bytes, compressed
# A property, or the value of one, that names a side of the screen instead of start and end.
SIDED = re.compile(
    r"(?:^|[;{\s])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-)?(?:left|right)(?:-[a-z-]+)?\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
)


@pytest.fixture(scope="module")
def rules():
    return re.sub(r"/\*.*?\*/", "", STYLESHEET.read_text(), flags=re.DOTALL)


def test_it_is_small_enough_for_a_poor_line():
    assert len(brotli.compress(STYLESHEET.read_bytes())) <= LARGEST


def test_it_names_no_side_of_the_screen(rules):
    assert SIDED.findall(rules) == []


@pytest.mark.parametrize(
    "rule", ["a { margin-left: 0; }", "a{left:0}", "a { text-align: right; }", "a { float: left }"]
)
def test_the_check_knows_a_side_when_it_sees_one(rule):
    assert SIDED.search(rule)


def test_it_uses_no_token_that_is_not_defined(rules):
    assert set(re.findall(r"var\((--[a-z0-9-]+)", rules)) <= set(re.findall(r"(--[a-z0-9-]+)\s*:", rules))


def test_it_loads_nothing(rules):
    assert "@import" not in rules
    assert "url(" not in rules
