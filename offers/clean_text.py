"""Text from strangers, freed of what a reader cannot see but would be fooled or hindered by."""

import re
import unicodedata

# Kept are line feed and tab, the joiners without which Persian and some emoji fall apart, and the marks of direction
# that can turn nothing round but themselves.
INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls
    "\u00ad\u180e\u200b\u2060-\u2064\ufeff"  # of no width
    "\u202a-\u202e\u2066-\u2069\u206a-\u206f"  # make text run the other way
    "\ud800-\udfff"  # halves of characters, which no database takes
    "]"
)
LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def clean_text(text):
    """The same words in Unicode's composed form, with one kind of line end and without invisible characters."""
    return unicodedata.normalize("NFC", INVISIBLE.sub("", LINE_ENDS.sub("\n", text)))
