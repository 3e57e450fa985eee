"""The real settings, in an environment of the tests' own: like production, but for speed and for plain http clients."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# A folder for this process alone: with -n 2 each worker loads these settings anew. It goes when the process ends.
_folder = tempfile.mkdtemp(prefix="portal-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

for name in ("ENV_FILE", "ANALYTICS_SPOOL", "TRUSTED_PROXY_COUNT", "HTTPS", "EMBED_ORIGINS"):
    os.environ.pop(name, None)
os.environ |= {
    "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJK",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "DATA_DIR": _folder,
    "DEBUG": "0",
    "DEMO": "0",
    "EMAIL_URL": f"filemail:///{_folder}/mail",
    "PORTAL_URL": "http://localhost:8000",
    "DEFAULT_FROM_EMAIL": "portal@example.org",
    "ISU_EMAIL": "isu@example.org",
}

from platform_portal.settings import *  # noqa: E402, F403
from platform_portal.settings import CACHES, DATABASES, STATIC_ROOT, STORAGES  # noqa: E402

# Cookies and addresses are those of HTTPS; without this every client.get() would need secure=True.
SECURE_SSL_REDIRECT = False

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Names without hashes, so that no test needs collectstatic.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir()

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads and other processes open it too.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_folder, "test.sqlite3"))}

# A test that changes rows behind the back of the models would otherwise see the page from before.
CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
