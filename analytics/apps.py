from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class AnalyticsConfig(AppConfig):
    name = "analytics"

    def ready(self):
        from offers.management.commands import forget
        from offers.samples import samples_loaded

        from . import checks  # noqa: F401
        from .evaluation import public
        from .models import Feedback
        from .recording.audience import remember_home_state, remember_the_isu

        forget.KINDS[Feedback] = "comment(s) to the question whether visitors found what they needed"
        user_logged_in.connect(remember_home_state, dispatch_uid="analytics.remember_home_state")
        user_logged_in.connect(remember_the_isu, dispatch_uid="analytics.remember_the_isu")
        post_migrate.connect(keep_triggers, sender=self)
        samples_loaded.connect(add_use_of_samples)
        public.watch()


def keep_triggers(using, **kwargs):
    from . import append_only

    append_only.keep_triggers(using)


def add_use_of_samples(tell, **kwargs):
    from .samples import use as sample_use

    return sample_use.bring(tell)
