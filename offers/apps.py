from django.apps import AppConfig
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate


class OffersConfig(AppConfig):
    name = "offers"

    def ready(self):
        from . import revision

        revision.watch()
        post_migrate.connect(keep_search_trigger, sender=self)
        post_migrate.connect(fill_search_index, sender=self)


def keep_search_trigger(using, **kwargs):
    from .search.engines import sqlite

    sqlite.keep_trigger(using)


def fill_search_index(using, plan=None, verbosity=1, stdout=None, **kwargs):
    """Write the index anew where entries are missing: a migration may have emptied it, and the catalogue with it.

    After `migrate` only, which gives a plan, and once the tables are those that the models know.
    """
    from .search import index

    if plan is None or _to_migrate(using) or index.is_complete():
        return
    if verbosity:
        stdout.write("  Filling the search index")
    index.rebuild()


def _to_migrate(using):
    executor = MigrationExecutor(connections[using])
    return executor.migration_plan(executor.loader.graph.leaf_nodes())
