#!/usr/bin/env python
"""Run an administrative command of the portal."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(
            f"The portal cannot start: {error}\n"
            "Its settings come from environment variables; ENV_FILE may name a file with NAME=value lines."
        )
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(
            f"The database could not be used: {error}\n"
            "Check that it is running, that DATABASE_URL names it rightly (without DATABASE_URL the portal keeps "
            "an SQLite file below DATA_DIR), and that `manage.py migrate` has been run."
        )


if __name__ == "__main__":
    main()
