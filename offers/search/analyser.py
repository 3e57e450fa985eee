"""Turns texts and queries into the same tokens, so that both databases find the same.

A text becomes a row of stems, one for each word that means something, in the
order of the text, and the set of its words as they are written. Stems answer
words and phrases; words answer beginnings of words and queries of nothing but
small words. Tokens hold letters, digits and the vowel signs of scripts that
cannot do without them; no database cuts or folds them again.

A stem of French or Spanish ends in a mark of its language. A query in Latin
script does not tell its language, so each word stands for its stem in each of
them; the marks see to it that each is looked for in texts of its own language
only. Otherwise "trainer", taken for a French verb, would find every English
text with "training", and "trainers" would not.

Where words are written without spaces between them, every character begins a
token of two characters (the last of a run stands alone), so that any part of
a text is found as a phrase of such pairs.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise, zip_longest
from pathlib import Path
from typing import NamedTuple

import snowballstemmer
from django.utils.html import format_html, format_html_join

LONGEST_TEXT = 20_000  # characters of one text that are read
LONGEST_WORD = 64  # characters
LONGEST_QUERY = 200  # characters
MOST_TERMS = 12
SHORTEST_BEGINNING = 2  # letters before an asterisk
SHORTEST_UNFINISHED = 3  # letters of a last word that may be unfinished
LONGEST_SYNONYM = 16  # words, or characters of a script without spaces

# Stands before a word as it is written, to tell it from a stem. Folding turns it into an s, so no word contains it.
AS_WRITTEN = "ſ"

STEMMER_OF_LANGUAGE = {"en": "english", "fr": "french", "es": "spanish"}
# What a stem in Latin script ends in; at its end, so that beginnings of words need not know the language.
MARKS = {"english": "", "french": AS_WRITTEN + "f", "spanish": AS_WRITTEN + "s"}
LATIN = tuple(MARKS)
_stemmers = {name: snowballstemmer.stemmer(name) for name in (*LATIN, "russian", "arabic")}

# Of all languages together, as they look after folding. Left out: what is also an acronym of the field (it, un, va).
SMALL_WORDS = frozenset(
    """
    a an and are as at be by for from in into is of on or that the their this to with which
    au aux avec ce ces dans de des du en et la le les leur leurs ou par pour que qui sur une
    al con del el las los para por su sus y
    в во для и из к на о об от по при с со у
    من في علي الي عن مع او و
    """.split()
)

_FOLDED = str.maketrans(
    # Letters that Unicode does not take apart.
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
    # Arabic: forms of alef, ta marbuta, alef maqsura and Persian letters; tatweel only stretches a word.
    | {"ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ـ": ""}
)
# Thai, Lao, Myanmar, Khmer, kana and Han.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Marks, soft hyphens and joiners belong to the word they stand in.
_ACCENTS = re.escape("".join(c for c in map(chr, range(0x10000)) if unicodedata.category(c) in ("Mn", "Mc")))
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}](?:[^\\W_{_UNSPACED}]|[{_ACCENTS}\u00ad\u200b-\u200f\u2060])*")
_is_unspaced = re.compile(f"[{_UNSPACED}]").match
# Articles and pronouns before an apostrophe, and the English genitive after one.
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’ʼ](?=\w)|['’ʼ]s\b", re.IGNORECASE)
ARABIC_ARTICLE = re.compile(r"(?:[وف]?(?:[بك]?ال|لل))(?=\w{3})")
# The stemmer takes the singular's ending off whole, of this one only a half.
_ARABIC_PLURAL = re.compile(r"(?<=\w{3})ات$")
_is_spanish_plural = re.compile(r"\w{2}[dlnr]es$").search


@lru_cache(maxsize=50_000)
def fold(word):
    """Without case, accents, and differences in spelling that a reader does not make when searching."""
    if word.isascii():
        return word.lower()[:LONGEST_WORD]
    word = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    # The breve makes й a letter of its own; without it Russian endings are not recognised.
    word = word.replace("и\u0306", "й").translate(_FOLDED)
    return unicodedata.normalize("NFC", "".join(_plain(c) for c in word))[:LONGEST_WORD]


def _plain(character):
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character.isalnum() or (
        # Vowel signs that are letters in all but name: dropping them would leave another word.
        unicodedata.category(character) in ("Mn", "Mc")
        and unicodedata.combining(character) in (0, 7, 9)
        and not "\ufe00" <= character <= "\ufe0f"
    ):
        return character
    return ""


@lru_cache(maxsize=50_000)
def stem(word, latin="english"):
    """The stem of a folded word, by its script; `latin` names the language of Latin letters."""
    first = word[:1]
    if "\u0400" <= first <= "\u052f":
        return _stemmers["russian"].stemWord(word)
    if "\u0600" <= first <= "\u06ff":
        # The stemmer treats a word with article differently from one without, and ألغام without its hamza
        # looks as if it had one: taken off first, as often as it seems to be there, both end alike.
        for _time in range(2):
            word = ARABIC_ARTICLE.sub("", word, count=1) if ARABIC_ARTICLE.match(word) else word
        return fold(_stemmers["arabic"].stemWord(_ARABIC_PLURAL.sub("", word))) or word
    if first.isascii() and not word.isdecimal():
        stemmed = _stemmers[latin].stemWord(word) or word
        if latin == "spanish" and _is_spanish_plural(word):
            # Of "unidades" the stemmer leaves "unidad", of "unidad" only "unid".
            stemmed = _stemmers[latin].stemWord(stemmed) or stemmed
        return stemmed + MARKS[latin]
    return word


class Atom(NamedTuple):
    """A folded word, or one character of a script without spaces, and where it stands in the text."""

    text: str
    start: int
    end: int
    unspaced: bool

    @property
    def is_small(self):
        return self.text in SMALL_WORDS

    def continues(self, before):
        """Written without a gap after an atom of the same kind."""
        return self.unspaced and before is not None and before.unspaced and before.end == self.start


def atoms(text):
    text = _ELISION.sub(lambda match: " " * len(match[0]), text[:LONGEST_TEXT])
    found = []
    for match in _WORD.finditer(text):
        if folded := fold(match[0]):
            found.append(Atom(folded, match.start(), match.end(), bool(_is_unspaced(match[0]))))
    return found


class Token(NamedTuple):
    text: str
    start: int
    end: int


def _tokens(row, latin):
    """The stems of a row of atoms; small words have none."""
    for atom, following in zip_longest(row, row[1:]):
        if atom.unspaced:
            if following is not None and following.continues(atom):
                yield Token(atom.text + following.text, atom.start, following.end)
            else:
                yield Token(atom.text, atom.start, atom.end)
        elif not atom.is_small:
            yield Token(stem(atom.text, latin), atom.start, atom.end)


class Words(NamedTuple):
    """What is indexed of one or several texts."""

    stems: tuple = ()  # in the order of the text; None parts two texts, so that no phrase reaches across
    as_written: frozenset = frozenset()  # the words that are not their own stems

    @classmethod
    def joined(cls, parts):
        stems, as_written = [], set()
        for part in parts:
            if part.stems:
                stems += [*part.stems, None]
            as_written |= part.as_written
        return cls(tuple(stems), frozenset(as_written))


def analyse(text, language=""):
    """The words of a text; `language` is its ISO 639 code. Unknown languages in Latin script are read as English."""
    latin = STEMMER_OF_LANGUAGE.get(language, "english")
    row = atoms(text)
    stems = tuple(token.text for token in _tokens(row, latin))
    spaced = {atom.text for atom in row if not atom.unspaced}
    return Words(stems, frozenset(spaced - {token.removesuffix(MARKS[latin]) for token in stems}))


class Pattern(NamedTuple):
    """Tokens that follow one another; of the last one perhaps only the beginning is given."""

    tokens: tuple
    prefix: bool = False


@dataclass(frozen=True)
class Query:
    """Groups that must all match; each does if any of its alternatives does, of which in turn all patterns must."""

    text: str = ""
    groups: tuple = ()

    def __bool__(self):
        return bool(self.groups)

    @property
    def patterns(self):
        return {pattern for group in self.groups for alternative in group for pattern in alternative}


_QUOTED = re.compile(r'["“”„«»「」『』]')
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


def clean(text):
    """The words of a visitor without what no page could print, cut to a sensible length."""
    return " ".join(_UNPRINTABLE.sub(" ", text[: LONGEST_QUERY * 10]).split())[:LONGEST_QUERY].strip()


def parse(text, *, unfinished=False):
    """Understand a query: words, "phrases", beginn* of words. `unfinished` takes the last word as a beginning too."""
    text = clean(text)
    groups = []
    # Every second part stands between quotation marks; what follows an unmatched one is read as words.
    parts = _QUOTED.split(text)
    for number, part in enumerate(parts):
        if number % 2 and number < len(parts) - 1:
            if phrase := _phrases(atoms(part)):
                groups.append(phrase)
        else:
            groups += _terms(part, unfinished=unfinished and number == len(parts) - 1)
    if not groups:
        # Nothing but small words, of which there are no stems.
        groups = [((Pattern((AS_WRITTEN + atom.text,)),),) for atom in atoms(text) if not atom.unspaced]
    return Query(text, tuple(dict.fromkeys(groups))[:MOST_TERMS])


def _terms(part, *, unfinished):
    row = [atom for atom in atoms(part) if not atom.is_small]
    groups, position = [], 0
    while position < len(row):
        length, group = _synonyms_at(row, position)
        if not length:
            length = 1
            while row[position].unspaced and position + length < len(row):
                if not row[position + length].continues(row[position + length - 1]):
                    break
                if _synonyms_at(row, position + length)[0]:
                    break
                length += 1
            group = _phrases(row[position : position + length])
        position += length
        last = row[position - 1]
        starred = part[last.end : last.end + 1] == "*" and len(last.text) >= SHORTEST_BEGINNING
        ends_unfinished = unfinished and position == len(row) and len(last.text) >= SHORTEST_UNFINISHED
        if length == 1 and not last.unspaced and (starred or ends_unfinished):
            group += tuple((Pattern((form,), prefix=True),) for form in (last.text, AS_WRITTEN + last.text))
        groups.append(group)
    return groups


def _phrases(row):
    """A row of atoms as one group: in each language, its tokens one after another."""
    alternatives = []
    for latin in LATIN:
        alternative = []
        for unspaced, some in groupby(row, key=lambda atom: atom.unspaced):
            some = list(some)
            if not unspaced:
                if tokens := tuple(token.text for token in _tokens(some, latin)):
                    alternative.append(Pattern(tokens))
                continue
            for run in _runs(some):
                pairs = tuple(token.text for token in _tokens(run, latin))
                # The last character stands alone only where the text ends, a single one begins any pair.
                alternative.append(Pattern(pairs[:-1]) if len(run) > 1 else Pattern(pairs, prefix=True))
        if alternative:
            alternatives.append(tuple(alternative))
    return tuple(dict.fromkeys(alternatives))


def _runs(row):
    run = []
    for atom in row:
        if run and not atom.continues(run[-1]):
            yield run
            run = []
        run.append(atom)
    yield run


# Synonyms


def _keys(row):
    """How a row of atoms is looked up among the synonyms: in Latin script by its stems in each language."""
    return dict.fromkeys(
        tuple(atom.text if atom.unspaced else stem(atom.text, latin) for atom in row) for latin in LATIN
    )


def synonymous_terms():
    """The groups of the file, each a list of terms."""
    for line in Path(__file__).with_name("synonyms.txt").read_text(encoding="utf-8").splitlines():
        if terms := [term.strip() for term in line.partition("#")[0].split("|") if term.strip()]:
            yield terms


@lru_cache(maxsize=1)
def read_synonyms():
    """For each term, under all its keys, the alternatives of the groups it stands in."""
    found = {}
    for terms in synonymous_terms():
        rows = {term: [atom for atom in atoms(term) if not atom.is_small] for term in terms}
        sought = [row for term, row in rows.items() if not term.startswith("(")]
        alternatives = dict.fromkeys(alternative for row in sought for alternative in _phrases(row))
        for row in rows.values():
            for key in _keys(row):
                found.setdefault(key, {}).update(alternatives)
    return {key: tuple(alternatives) for key, alternatives in found.items()}


def _synonyms_at(row, position):
    """The longest term with synonyms that begins here: its length and its group, or 0 and nothing."""
    for length in range(min(LONGEST_SYNONYM, len(row) - position), 0, -1):
        some = row[position : position + length]
        if any(atom.unspaced and not atom.continues(before) for before, atom in pairwise(some)):
            continue
        found = dict.fromkeys(alternative for key in _keys(some) for alternative in read_synonyms().get(key, ()))
        if found:
            found |= dict.fromkeys(_phrases(some))
            # The words themselves as well, in any order and place.
            for latin in LATIN:
                if not some[0].unspaced and length > 1:
                    found[tuple(Pattern((stem(atom.text, latin),)) for atom in some)] = None
            return length, tuple(found)
    return 0, ()


# Excerpts


def excerpt(text, query, language="", length=200):
    """Safe HTML of at most about `length` characters of the text around what the query found, which is marked."""
    marks = _found(text, query, language) if query else []
    start = max(0, marks[0][0] - length // 3) if marks and marks[0][1] > length else 0
    end = start + length
    if start:
        start = _word_boundary(text, start, forward=True, limit=marks[0][0])
    if end < len(text):
        end = _word_boundary(text, end, forward=False, limit=start + length // 2)
    pairs, position = [], start
    for begin, finish in marks:
        if position <= begin and finish <= end:
            pairs.append((text[position:begin], text[begin:finish]))
            position = finish
    return format_html(
        "{}{}{}{}",
        "… " if start else "",
        format_html_join("", "{}<mark>{}</mark>", pairs),
        text[position:end].rstrip(),
        " …" if end < len(text) else "",
    )


def _word_boundary(text, position, *, forward, limit):
    """The nearest space from `position` on, or `position` itself where there is none before `limit`."""
    if forward:
        space = text.find(" ", position, limit)
        return space + 1 if space >= 0 else position
    space = text.rfind(" ", limit, position + 1)
    return space if space >= 0 else position


def _found(text, query, language):
    """Beginnings and ends of what the patterns of the query match, in the order of the text."""
    latin = STEMMER_OF_LANGUAGE.get(language, "english")
    row = atoms(text)
    tokens = list(_tokens(row, latin))
    as_written = [Token(AS_WRITTEN + atom.text, atom.start, atom.end) for atom in row if not atom.unspaced]
    by_first = {}
    for pattern in query.patterns:
        by_first.setdefault(None if pattern.prefix else pattern.tokens[0], []).append(pattern)
    found = []
    for series in (tokens, as_written):
        for position, token in enumerate(series):
            for pattern in [*by_first.get(token.text, ()), *by_first.get(None, ())]:
                some = series[position : position + len(pattern.tokens)]
                if _matches(pattern, some):
                    # Of a pair of characters that only begins with the one looked for, that one is marked.
                    short = pattern.prefix and _is_unspaced(token.text)
                    found.append((token.start, token.start + 1 if short else some[-1].end))
    merged = []
    for begin, end in sorted(set(found)):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _matches(pattern, tokens):
    texts = tuple(token.text for token in tokens)
    if pattern.prefix:
        return texts[:-1] == pattern.tokens[:-1] and texts[-1].startswith(pattern.tokens[-1])
    return texts == pattern.tokens
