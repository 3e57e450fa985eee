"""Words in an FTS5 table whose rowid is the entry's id; a trigger takes the row away with the entry."""

from django.db import connection, connections

from ..analyser import AS_WRITTEN

FIELDS = ("title", "labels", "text")
# Stands between two texts; no query asks for it.
GAP = AS_WRITTEN

# Django drops triggers when it remakes a table, so this one is set again after every migration.
TRIGGER = """
    CREATE TRIGGER IF NOT EXISTS offers_searchentry_words AFTER DELETE ON offers_searchentry
    BEGIN DELETE FROM offers_searchwords WHERE rowid = OLD.id; END
"""


def write(rows):
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT OR REPLACE INTO offers_searchwords (rowid, title, labels, text) VALUES (%s, %s, %s, %s)",
            [(entry, *(_column(words[field]) for field in FIELDS)) for entry, words in rows],
        )


def entries_with_words():
    with connection.cursor() as cursor:
        cursor.execute("SELECT rowid FROM offers_searchwords")
        return {row[0] for row in cursor.fetchall()}


def tidy():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM offers_searchwords WHERE rowid NOT IN (SELECT id FROM offers_searchentry)")


def condition(query, fields):
    found = _expression(query)
    if set(fields) != set(FIELDS):
        found = f"{{{' '.join(fields)}}} : ({found})"
    return (
        "{entry}.id IN (SELECT rowid FROM offers_searchwords WHERE offers_searchwords MATCH %s)",
        [found],
    )


def keep_trigger(using):
    """Set the trigger where it is missing; nothing to do on other databases, or before the tables are there."""
    connection = connections[using]
    if connection.vendor == "sqlite" and "offers_searchwords" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(TRIGGER)


def _column(words):
    stems = [GAP if stem is None else stem for stem in words.stems]
    return " ".join([*stems, GAP, *sorted(AS_WRITTEN + word for word in words.as_written)])


def _expression(query):
    return " AND ".join(f"({_group(group)})" for group in query.groups)


def _group(group):
    return " OR ".join(f"({' AND '.join(map(_pattern, some))})" for some in group)


def _pattern(pattern):
    return " + ".join(f'"{token}"' for token in pattern.tokens) + (" *" if pattern.prefix else "")
