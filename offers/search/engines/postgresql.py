"""Words as `tsvector` beside the entry, written as literals: the database's own parsers never see them.

`words` holds everything and is indexed; `headline` repeats title and labels,
short enough to stay in the row, so that telling where a query is found does
not fetch the long text of each entry.
"""

from django.db import connection

from ..analyser import AS_WRITTEN

WEIGHTS = {"title": "A", "labels": "B", "text": "D"}
HEADLINE = ("title", "labels")
# What a tsvector can hold.
LAST_POSITION = 16_383


def write(rows):
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE offers_searchentry SET words = %s::tsvector, headline = %s::tsvector WHERE id = %s",
            [(_literal(words, WEIGHTS), _literal(words, HEADLINE), entry) for entry, words in rows],
        )


def entries_with_words():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM offers_searchentry WHERE words IS NOT NULL AND headline IS NOT NULL")
        return {row[0] for row in cursor.fetchall()}


def tidy():
    """Nothing to do: the words are part of their entry's row."""


def condition(query, fields):
    if set(fields) == set(WEIGHTS):
        return "{entry}.id IN (SELECT offers_search_entries(%s::tsquery))", [_tsquery(query)]
    weights = "" if set(fields) == set(HEADLINE) else "".join(WEIGHTS[field] for field in fields)
    return "{entry}.headline @@ %s::tsquery", [_tsquery(query, weights)]


def _literal(words, fields):
    positions = {}
    position = 0
    for field in fields:
        weight = WEIGHTS[field]
        for stem in words[field].stems:
            position = min(position + 1, LAST_POSITION)
            if stem is not None:
                positions.setdefault(stem, []).append(f"{position}{weight}")
        # One place for all words as written: nothing asks what they stand beside.
        position = min(position + 2, LAST_POSITION)
        for word in words[field].as_written:
            positions.setdefault(AS_WRITTEN + word, []).append(f"{position}{weight}")
        position = min(position + 1, LAST_POSITION)
    return " ".join(f"{_quoted(token)}:{','.join(places)}" for token, places in positions.items())


def _tsquery(query, weights=""):
    return " & ".join(f"({_group(group, weights)})" for group in query.groups)


def _group(group, weights):
    return " | ".join(f"({' & '.join(_pattern(pattern, weights) for pattern in some)})" for some in group)


def _pattern(pattern, weights):
    *first, last = (_quoted(token) for token in pattern.tokens)
    marks = f":{weights}" if weights else ""
    ending = f":*{weights}" if pattern.prefix else marks
    return "(" + " <-> ".join([*(token + marks for token in first), last + ending]) + ")"


def _quoted(token):
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
