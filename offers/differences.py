"""What has changed between two wordings, field by field and word by word."""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

from .content import FIELDSETS, label_of, text_of, translated_answers

# Joined, the parts give the text again. Words, and the white space and punctuation between them:
WORDS = re.compile(r"\w+|\s+|[^\w\s]")
SENTENCES = re.compile(r"[^.!?;。！？؟\n]*[.!?;。！？؟\n]\s*|[^.!?;。！？؟\n]+")
is_word = re.compile(r"\w").search
# Steps at the very worst: a quarter of a second.
MOST_WORK = 3_000_000


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
    lang: str = ""  # of the texts, if they are a translation

    @property
    def segments(self):
        return compare_words(self.before, self.after)


def differences(before, after, text=text_of):
    """The fields in which two versions differ, in the order of the form, then those of translations.

    `text` puts a field into words. A translation that was added, or removed, differs in all that it says.
    """
    pairs = [
        Difference(name, label_of(name), text(before, name), text(after, name))
        for _code, _title, names in FIELDSETS
        for name in names
    ]
    pairs += _translated(before, after)
    return [pair for pair in pairs if pair.before != pair.after]


def _translated(before, after):
    old, new = (
        {answer.name: answer for translation in version.all_translations for answer in translated_answers(translation)}
        for version in (before, after)
    )
    for name in {**new, **old}:
        answer = new.get(name) or old[name]
        texts = (some[name].text if name in some else "" for some in (old, new))
        yield Difference(name, answer.label, *texts, answer.lang)


def compare_words(before, after):
    """The text as segments; what was removed stands before what was added in its place.

    Long texts that have little in common are compared sentence by sentence, or
    not at all: nobody waits for minutes to see that everything has changed.
    """
    for parts in (WORDS, SENTENCES):
        old, new = parts.findall(before), parts.findall(after)
        head = _length_in_common(old, new)
        tail = _length_in_common(old[head:][::-1], new[head:][::-1])
        middle = old[head : len(old) - tail], new[head : len(new) - tail]
        if _work(*middle) <= MOST_WORK:
            blocks = SequenceMatcher(_is_between_words, *middle, autojunk=False).get_matching_blocks()
            break
    else:
        blocks = [(len(middle[0]), len(middle[1]), 0)]
    same = [(0, 0, head), *((i + head, j + head, size) for i, j, size in blocks)]
    return _segments(old, new, [*same, (len(old) - tail, len(new) - tail, tail)])


def _length_in_common(old, new):
    """How many parts from the beginning are the same."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _is_between_words(part):
    """Such parts are the same only beside words that are: what two changes have in common would tear them to pieces."""
    return not is_word(part)


def _work(old, new):
    """How many steps the comparison may take: for each run that both have, it looks through all of both again."""
    had, has = (Counter(filter(is_word, parts)) for parts in (old, new))
    runs = sum((had & has).values())
    return runs * (len(old) + sum(number * has[part] for part, number in had.items()))


def _segments(old, new, same):
    """From the blocks that are the same: places in the old and in the new parts, and lengths."""
    segments, removed, added, i, j = [], "", "", 0, 0
    for begin, start, size in same:
        removed, added = removed + "".join(old[i:begin]), added + "".join(new[j:start])
        i, j = begin + size, start + size
        kept = "".join(old[begin:i])
        if is_word(kept) or not (removed or added):
            segments += _changed(removed, added)
            segments += [Segment(kept)] if kept else []
            removed = added = ""
        else:
            removed, added = removed + kept, added + kept
    return segments + _changed(removed, added)


def _changed(removed, added):
    return [Segment(text, change) for text, change in ((removed, "removed"), (added, "added")) if text]
