"""Another spelling for a query that finds nothing.

A word is known if it stands in an entry, in a name or among the synonyms, or
if it finds something all the same, as other forms of known words do. In place
of each other word those that look most like it are tried, and only a query
that finds something is suggested. Where words are written without spaces
there is nothing to compare.
"""

import unicodedata
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice, product

from django.db.models import Q
from django.db.models.functions import Length

from offers.models import SearchWord

from .analyser import ARABIC_ARTICLE, atoms, clean, fold, parse, synonymous_terms

SHORTEST = 4  # letters of a word that is corrected: shorter ones are too much alike
LONGEST = 30  # letters of a word that is learnt or corrected
LIKENESS = 0.75  # of two words, as difflib reckons it
MOST_COMPARED = 2_000  # words of entries that are compared with one
MOST_WRONG = 2  # words; a query with more of them is not understood
MOST_CHOICES = 3  # in place of one word
MOST_TRIALS = 4  # queries


# What is known


def learn(texts):
    """Keep the words of texts that are being indexed; returns them as they are compared."""
    words = words_of(texts)
    some = sorted(words)
    for start in range(0, len(some), 500):
        batch = some[start : start + 500]
        known = set(SearchWord.objects.filter(word__in=batch).values_list("word", flat=True))
        SearchWord.objects.bulk_create(SearchWord(word=word, shown=words[word]) for word in batch if word not in known)
    return set(words)


def newest():
    return SearchWord.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def forget(known, until):
    """Remove all words but the known ones; what was learnt after `until`, the newest then, is left alone."""
    rows = SearchWord.objects.filter(pk__lte=until).values_list("pk", "word")
    gone = [key for key, word in rows if word not in known]
    for start in range(0, len(gone), 500):
        SearchWord.objects.filter(pk__in=gone[start : start + 500]).delete()


def words_of(texts):
    """The words as they are shown by the words as they are compared: folded and, in Arabic, without article."""
    found = {}
    for text in texts:
        for atom in atoms(text):
            if 3 <= len(atom.text) <= LONGEST and atom.text.isalpha() and not atom.unspaced and not atom.is_small:
                written = unicodedata.normalize("NFC", text[atom.start : atom.end])
                shown = ARABIC_ARTICLE.sub("", "".join(filter(str.isalpha, written)), count=1)
                if word := _bare(fold(shown)):
                    found.setdefault(word, shown)
    return found


def _bare(folded):
    # Twice, for what looks like an article without its hamza, as in ألغام.
    return ARABIC_ARTICLE.sub("", ARABIC_ARTICLE.sub("", folded, count=1), count=1)


@lru_cache(maxsize=1)
def _of_synonyms():
    return words_of(term for group in synonymous_terms() for term in group)


# Suggestions


def suggestion(text, names, finds):
    """The text with other words for those not known, or None.

    `names` are those of the labels; `finds` tells whether a query finds anything.
    """

    def finds_words(words):
        return finds(names.answering(parse(words)))

    text = clean(text)
    given = _of_synonyms() | names.words_as_written
    wrong = _not_known(text, given, finds_words)
    if not wrong:
        return None
    choices = [_similar(_bare(atom.text), given) for atom in wrong]
    for chosen in islice(product(*choices), MOST_TRIALS):
        corrected = text
        for atom, word in reversed(list(zip(wrong, chosen, strict=True))):
            written = text[atom.start : atom.end]
            corrected = corrected[: atom.start] + _as_typed(word, written, text) + corrected[atom.end :]
        if finds_words(corrected):
            return corrected
    return None


def _not_known(text, given, finds_words):
    """The words to be replaced; none if there are too many of them."""
    row = [atom for atom in atoms(text) if not atom.unspaced and SHORTEST <= len(atom.text) <= LONGEST]
    row = [atom for atom in row if atom.text.isalpha() and not atom.is_small]
    bare = {_bare(atom.text) for atom in row}
    known = given.keys() | set(SearchWord.objects.filter(word__in=bare).values_list("word", flat=True))
    row = [atom for atom in row if _bare(atom.text) not in known]
    if len(row) <= 2 * MOST_WRONG:
        row = [atom for atom in row if not finds_words(atom.text)]
    return row if len(row) <= MOST_WRONG else []


def _as_typed(shown, written, text):
    """With article, capital and accents if these were typed."""
    if text.isascii() and fold(shown).isascii():
        shown = shown if shown.isascii() else fold(shown)
    if shown.istitle() and written.islower():
        shown = shown.lower()
    elif shown.islower() and written.istitle():
        shown = shown.title()
    article = ARABIC_ARTICLE.match(written)
    return article[0] + shown if article else shown


def _similar(word, given):
    """Known words that look like the word, as they are shown, the likest first."""
    more_or_less = 2 if len(word) > 6 else 1
    shortest, longest = len(word) - more_or_less, len(word) + more_or_less
    begins_or_ends = Q(word__startswith=word[0]) | Q(word__endswith=word[-4:])
    rows = SearchWord.objects.annotate(length=Length("word")).filter(begins_or_ends, length__range=(shortest, longest))
    found = dict(rows.values_list("word", "shown").order_by("word")[:MOST_COMPARED])
    found |= {
        known: shown
        for known, shown in given.items()
        if shortest <= len(known) <= longest and (known[0] == word[0] or known[-4:] == word[-4:])
    }
    return [found[like] for like in get_close_matches(word, found, MOST_CHOICES, LIKENESS)]
