from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self):
        from . import checks  # noqa: F401
        from .audience import remember_home_state

        user_logged_in.connect(remember_home_state, dispatch_uid="analytics.remember_home_state")
