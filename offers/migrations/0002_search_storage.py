"""Storage for the words of search entries, as each database keeps them best; the models know nothing of it."""

from django.db import migrations

FORWARDS = {
    "postgresql": [
        "ALTER TABLE offers_searchentry ADD COLUMN words tsvector, ADD COLUMN headline tsvector",
        "CREATE INDEX offers_searchentry_words ON offers_searchentry USING gin (words)",
        # The planner does not count what it costs to fetch long values, and would rather read all of them than ask
        # the index: ten times slower. In here it has no choice.
        """
        CREATE FUNCTION offers_search_entries(query tsquery) RETURNS SETOF bigint
        LANGUAGE sql STABLE PARALLEL SAFE ROWS 2000
        SET enable_seqscan = off SET enable_indexscan = off
        AS 'SELECT id FROM offers_searchentry WHERE words @@ query'
        """,
    ],
    "sqlite": [
        # "ascii" parts at spaces and leaves every letter beyond ASCII as it is: the tokens come ready made.
        "CREATE VIRTUAL TABLE offers_searchwords USING fts5(title, labels, text, tokenize='ascii')",
        "CREATE TRIGGER offers_searchentry_words AFTER DELETE ON offers_searchentry "
        "BEGIN DELETE FROM offers_searchwords WHERE rowid = OLD.id; END",
    ],
}
BACKWARDS = {
    "postgresql": [
        "DROP FUNCTION offers_search_entries(tsquery)",
        "DROP INDEX offers_searchentry_words",
        "ALTER TABLE offers_searchentry DROP COLUMN words, DROP COLUMN headline",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS offers_searchentry_words",
        "DROP TABLE offers_searchwords",
    ],
}


def create_storage(apps, schema_editor):
    for statement in FORWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_storage(apps, schema_editor):
    for statement in BACKWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("offers", "0001_initial")]

    operations = [migrations.RunPython(create_storage, drop_storage)]
