"""What has changed between two wordings, field by field and word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from .content import FIELDSETS, label_of, text_of

# Words, and the white space and punctuation between them, so that joining the parts gives the text again.
PARTS = re.compile(r"\w+|\s+|[^\w\s]")
WORD = re.compile(r"\w")


@dataclass(frozen=True)
class Segment:
    """A run of text that is the same in both, or only in the one before ("removed") or after ("added")."""

    text: str
    change: str = ""


@dataclass(frozen=True)
class Difference:
    name: str
    label: str
    before: str
    after: str

    @property
    def segments(self):
        return compare_words(self.before, self.after)


def differences(before, after, text=text_of):
    """The fields in which two versions differ, in the order of the form; `text` puts a field into words."""
    pairs = (
        Difference(name, label_of(name), text(before, name), text(after, name))
        for _code, _title, names in FIELDSETS
        for name in names
    )
    return [pair for pair in pairs if pair.before != pair.after]


def compare_words(before, after):
    """The text as segments; what was removed stands before what was added in its place."""
    old, new = PARTS.findall(before), PARTS.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 2000)
    segments, removed, added = [], "", ""
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        before, after = "".join(old[i1:i2]), "".join(new[j1:j2])
        # A space or a comma that two changes have in common would only tear them to pieces.
        if kind == "equal" and (WORD.search(before) or not (removed or added)):
            segments += _changed(removed, added)
            segments.append(Segment(before))
            removed = added = ""
        else:
            removed, added = removed + before, added + after
    return segments + _changed(removed, added)


def _changed(removed, added):
    return [Segment(text, change) for text, change in ((removed, "removed"), (added, "added")) if text]
