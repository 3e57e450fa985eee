"""Fill the database of the settings with that many offers: python -m tests.bench.fill 10000"""

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_portal.settings")
    django.setup()
    from tests.bench.crowd import fill

    fill(int(sys.argv[1]), lambda done: print(done, flush=True))
