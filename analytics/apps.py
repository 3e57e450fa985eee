from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self):
        from . import checks  # noqa: F401
        from .audience import remember_home_state

        user_logged_in.connect(remember_home_state, dispatch_uid="analytics.remember_home_state")
        post_migrate.connect(keep_triggers, sender=self)


def keep_triggers(using, **kwargs):
    from . import append_only

    append_only.keep_triggers(using)
