"""SQL statements of pages: JSON of two addresses by name goes in, of the number for the second one comes out."""

import json
import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_portal.settings")
    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"Host": "localhost", "User-Agent": "Mozilla/5.0 Firefox/128.0", "Accept-Language": "en"})
    found = {}
    for name, (before, address) in json.loads(sys.argv[1]).items():
        client.get(before)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        found[name] = len(captured)
    print(json.dumps(found))
