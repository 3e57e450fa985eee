from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OffersConfig(AppConfig):
    name = "offers"

    def ready(self):
        from . import revision

        revision.watch()
        post_migrate.connect(keep_search_trigger, sender=self)


def keep_search_trigger(using, **kwargs):
    from .search.engines import sqlite

    sqlite.keep_trigger(using)
