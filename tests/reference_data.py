"""The data that ship with the portal, loaded once for all tests of a module that ask for them."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction


def load_reference_data(**options):
    """What the command tells."""
    told = StringIO()
    call_command("load_reference_data", stdout=told, **options)
    return told.getvalue()


@pytest.fixture(scope="module")
def reference_data(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        load_reference_data()
        yield
        transaction.set_rollback(True)
