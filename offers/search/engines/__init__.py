"""Two ways to keep and to match the same tokens, one for each database.

An engine is a module with four functions:

`write(rows)` stores the words of entries, given as pairs of the entry's id and
its `Words` by field; `entries_with_words()` gives the ids of all entries of
which words are stored; `tidy()` removes words whose entry is gone;
`condition(query, fields)` is the SQL that is true of an entry in whose
`fields` the query is found, and its parameters, with `{entry}` for the alias
of the entry's table.

A row of words leaves together with its entry, by the database's own doing.
"""

from django.db import connection
from django.db.models import BooleanField, Func

from . import postgresql, sqlite

ENGINES = {"postgresql": postgresql, "sqlite": sqlite}

# Where a query is looked for, the better places first.
TITLE, LABELS, TEXT = FIELDS = ("title", "labels", "text")


def engine():
    return ENGINES[connection.vendor]


class Found(Func):
    """True of an entry, given by an expression, in whose `fields` the query is found."""

    output_field = BooleanField()

    def __init__(self, entry, query, fields):
        super().__init__(entry)
        self.query, self.fields = query, fields

    def as_sql(self, compiler, connection, **context):
        (entry,) = self.source_expressions
        sql, params = ENGINES[connection.vendor].condition(self.query, self.fields)
        return sql.format(entry=compiler.quote_name_unless_alias(entry.alias)), params
