"""What is taken out of a stranger's text, and what is left as it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.clean_text import clean_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b\x07c\x1bd\x7fe\x9ff", "abcdef"),
        ("Reply \u202eevil\u202c to \u2066us\u2069", "Reply evil to us"),
        ("of\u200bfice\ufeff \u2060is\u00ad closed", "office is closed"),
        ("one\r\ntwo\rthree\u2028four\tfive\n", "one\ntwo\nthree\nfour\tfive\n"),
        ("caf\u0065\u0301", "caf\u00e9"),
        # Composed only after what stood between is gone.
        ("e\u200b\u0301", "\u00e9"),
        ("half \ud83d of a character", "half  of a character"),
    ],
)
def test_what_nobody_can_see_goes(typed, kept):
    assert clean_text(typed) == kept


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",  # the joiner that keeps two letters apart
        "क्\u200dष",
        "👩\u200d🔬",
        "رقم الهاتف \u200f+41 22\u200e خاطئ",  # marks of direction
        "中文 Ελληνικά ё",
    ],
)
def test_words_of_all_scripts_stay_as_they_are(text):
    assert clean_text(text) == unicodedata.normalize("NFC", text)


@given(st.text(alphabet=st.characters()))
def test_a_second_time_changes_nothing(text):
    once = clean_text(text)

    assert clean_text(once) == once
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in once if character not in "\n\t")
    once.encode()
