"""Names and labels in all languages, looked up when somebody searches rather than written into every entry.

An entry holds one token for each area, form, State, region, body or language
that it names. A query is first compared with the names of these few hundred;
where one answers a term, its token is added to what the term may be found by.
The index stays small, and a corrected label is found at once.
"""

from functools import cached_property, lru_cache

from django.db.models import CharField, F, TextField, Value
from django.db.models.functions import Cast, Concat

from contacts.models import Language, Region, RegionalBody, State
from offers import revision
from offers.models import Area, Form

from . import spelling
from .analyser import AS_WRITTEN, STEMMER_OF_LANGUAGE, Pattern, Query, Words, analyse

LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")


def _one_a_line(*names):
    """Fields joined by line ends, in the database."""
    joined = F(names[0])
    for name in names[1:]:
        joined = Concat(joined, Value("\n"), F(name), output_field=TextField())
    return joined


# The letter of each kind's tokens, and further names, one a line.
KINDS = {
    Area: ("a", F("synonyms")),
    Form: ("f", F("synonyms")),
    State: ("s", F("aliases")),
    Region: ("r", Value("")),
    Language: ("l", F("endonym")),
    RegionalBody: ("b", _one_a_line("short_name", *(f"group_name_{language}" for language in LANGUAGES))),
}


def token(row):
    """Stands for the row in an entry; no word of a text looks like it."""
    letter, _more = KINDS[type(row)]
    return f"{AS_WRITTEN}{AS_WRITTEN}{letter}{row.pk}"


def names_today():
    """The names as they are in the database; read anew when the catalogue has changed, put into words when one has."""
    return revision.kept("names", lambda: _names(tuple(_rows())))


def _rows():
    kinds = [
        model.objects.order_by().values_list(
            Value(letter, output_field=CharField()),
            "pk",
            *(f"name_{language}" for language in LANGUAGES),
            Cast(more, TextField()),
        )
        for model, (letter, more) in KINDS.items()
    ]
    return kinds[0].union(*kinds[1:], all=True).order_by("pk")


@lru_cache(maxsize=2)
def _names(rows):
    return Names(rows)


class Names:
    """The names by token, and the tokens by each word in the names."""

    def __init__(self, rows):
        self._rows = rows
        self._words, self._by_word = {}, {}
        for letter, key, *names, more in rows:
            words = Words.joined(
                [
                    *(analyse(name, language) for name, language in zip(names, LANGUAGES, strict=True)),
                    # Of these nobody knows the language.
                    *(analyse(name, language) for name in more.splitlines() for language in STEMMER_OF_LANGUAGE),
                ]
            )
            named = f"{AS_WRITTEN}{AS_WRITTEN}{letter}{key}"
            self._words[named] = words
            for word in {*words.stems, *(AS_WRITTEN + word for word in words.as_written)} - {None}:
                self._by_word.setdefault(word, set()).add(named)

    @cached_property
    def words_as_written(self):
        """As they are shown, by the words as they are compared where spellings are."""
        return spelling.words_of(name for row in self._rows for name in row[2:])

    def answering(self, query):
        """The query, each term of which is also answered by what has it in its name."""
        return Query(query.text, tuple(self._extended(group) for group in query.groups))

    def _extended(self, group):
        """The group with the tokens of what has any of its alternatives in one of its names."""
        answering = set().union(*(set.intersection(*map(self._with, alternative)) for alternative in group))
        return (*group, *((Pattern((named,)),) for named in sorted(answering)))

    def _with(self, pattern):
        first = pattern.tokens[0]
        if len(pattern.tokens) == 1:
            if pattern.prefix:
                return set().union(*(named for word, named in self._by_word.items() if word.startswith(first)))
            return self._by_word.get(first, set())
        return {named for named in self._by_word.get(first, ()) if _follow(pattern.tokens, self._words[named].stems)}


def _follow(tokens, stems):
    return any(stems[start : start + len(tokens)] == tokens for start in range(len(stems) - len(tokens) + 1))
