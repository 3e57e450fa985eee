"""Facet values as sets that entries share; on PostgreSQL the words get a table of their own, as they have on SQLite.

Narrow entries are quick to read from end to end, and the planner then knows how many of them the words find.
The index is emptied, in both directions; after the last migration it is filled again (see `offers.apps`).
"""

import django.db.models.deletion
from django.db import migrations, models

FACETS = ["area", "form", "state", "region", "recipient", "language", "written", "delivery", "pays", "south"]

# The trigger that would do it is gone when Django has remade the table of the entries.
FORGET_ALL_WORDS = ["DELETE FROM offers_searchwords"]
OWN_TABLE = {
    "postgresql": [
        "DROP FUNCTION offers_search_entries(tsquery)",
        "DROP INDEX offers_searchentry_words",
        "ALTER TABLE offers_searchentry DROP COLUMN words",
        """
        CREATE TABLE offers_searchwords (
            entry_id bigint PRIMARY KEY,
            words tsvector NOT NULL
        ) WITH (toast_tuple_target = 8160)
        """,
        # Within the row, so that the planner sees what it costs to read them all.
        "ALTER TABLE offers_searchwords ALTER COLUMN words SET STORAGE MAIN",
        "CREATE INDEX offers_searchwords_words ON offers_searchwords USING gin (words)",
        # A row of words leaves with its entry. By trigger, as on SQLite: a foreign key would forbid to truncate entries.
        """
        CREATE FUNCTION offers_forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN DELETE FROM offers_searchwords WHERE entry_id IN (SELECT id FROM gone); RETURN NULL; END $$
        """,
        """
        CREATE TRIGGER offers_searchentry_words AFTER DELETE ON offers_searchentry
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION offers_forget_words()
        """,
        """
        CREATE FUNCTION offers_forget_all_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN DELETE FROM offers_searchwords; RETURN NULL; END $$
        """,
        """
        CREATE TRIGGER offers_searchentry_all_words AFTER TRUNCATE ON offers_searchentry
        FOR EACH STATEMENT EXECUTE FUNCTION offers_forget_all_words()
        """,
    ],
    "sqlite": FORGET_ALL_WORDS,
}
WITH_THE_ENTRY = {
    "postgresql": [
        "DROP TRIGGER offers_searchentry_words ON offers_searchentry",
        "DROP TRIGGER offers_searchentry_all_words ON offers_searchentry",
        "DROP FUNCTION offers_forget_words()",
        "DROP FUNCTION offers_forget_all_words()",
        "DROP TABLE offers_searchwords",
        "ALTER TABLE offers_searchentry ADD COLUMN words tsvector",
        "CREATE INDEX offers_searchentry_words ON offers_searchentry USING gin (words)",
        """
        CREATE FUNCTION offers_search_entries(query tsquery) RETURNS SETOF bigint
        LANGUAGE sql STABLE PARALLEL SAFE ROWS 2000
        SET enable_seqscan = off SET enable_indexscan = off
        AS 'SELECT id FROM offers_searchentry WHERE words @@ query'
        """,
    ],
    "sqlite": FORGET_ALL_WORDS,
}


def run(statements):
    def change(apps, schema_editor):
        for statement in ["DELETE FROM offers_searchentry", *statements[schema_editor.connection.vendor]]:
            schema_editor.execute(statement)

    return change


def set_of_facet():
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="offers.facetset"
    )


class Migration(migrations.Migration):
    dependencies = [("offers", "0004_mistake_report")]

    operations = [
        migrations.CreateModel(
            name="FacetSet",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("facet", models.CharField(max_length=20)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("digest", "facet"), name="facet_set_once")]},
        ),
        migrations.CreateModel(
            name="FacetValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=80)),
                (
                    "set",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="offers.facetset",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("set", "value"), name="facet_value_once")],
                "indexes": [models.Index(fields=["value", "set"], name="facet_value_sets")],
            },
        ),
        migrations.DeleteModel(name="SearchFacet"),
        migrations.RunPython(run(OWN_TABLE), run(WITH_THE_ENTRY)),
        *(migrations.AddField("searchentry", facet, set_of_facet()) for facet in FACETS),
    ]
