"""Words as `tsvector`, written as literals: the database's own parsers never see them.

`words` holds everything and is indexed, in a table of its own, from which
triggers take the row away with the entry; `headline` repeats title and labels
in the entry itself, so that telling where a query is found does not read the
long text again.
"""

from django.db import connection

from ..analyser import AS_WRITTEN

WEIGHTS = {"title": "A", "labels": "B", "text": "D"}
HEADLINE = ("title", "labels")
# What a tsvector can hold.
LAST_POSITION = 16_383


def write(rows):
    rows = [(entry, _literal(words, WEIGHTS), _literal(words, HEADLINE)) for entry, words in rows]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO offers_searchwords (entry_id, words) VALUES (%s, %s::tsvector) "
            "ON CONFLICT (entry_id) DO UPDATE SET words = EXCLUDED.words",
            [(entry, words) for entry, words, _headline in rows],
        )
        cursor.executemany(
            "UPDATE offers_searchentry SET headline = %s::tsvector WHERE id = %s",
            [(headline, entry) for entry, _words, headline in rows],
        )


def entries_with_words():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id FROM offers_searchwords JOIN offers_searchentry ON id = entry_id "
            "WHERE headline IS NOT NULL"
        )
        return {row[0] for row in cursor.fetchall()}


def tidy():
    """Nothing to do: a row of words cannot outlive its entry."""


def condition(query, fields):
    if set(fields) == set(WEIGHTS):
        return "{entry}.id IN (SELECT entry_id FROM offers_searchwords WHERE words @@ %s::tsquery)", [_tsquery(query)]
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
