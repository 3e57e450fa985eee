"""A portal of its own for a measurement: a folder, settings, reference data."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    def __init__(self, folder):
        # Nothing of this shell's: another installation's database least of all.
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder),
            "SECRET_KEY": "a key for measurements only, known to all readers of this file",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DEMO": "1",
        }

    def run(self, *command):
        """What a Python command says; if it fails, that is the end."""
        result = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        if result.returncode:
            raise SystemExit(result.stdout + result.stderr)
        return result.stdout

    def prepare(self):
        self.run("manage.py", "migrate")
        self.run("manage.py", "load_reference_data")
        self.run("manage.py", "collectstatic", "--no-input")
