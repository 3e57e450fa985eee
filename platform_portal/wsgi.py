"""The door through which the application server enters."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_portal.settings")

application = get_wsgi_application()

# Only now are the apps there.
from offers import search  # noqa: E402

search.make_ready()
