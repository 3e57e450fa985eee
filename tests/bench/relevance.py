"""Print how well the search finds what delegates ask for, over the sample catalogue: python -m tests.bench.relevance"""

import tempfile

from tests.bench.installation import Installation

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        portal = Installation(folder)
        portal.prepare()
        portal.run("manage.py", "load_sample_data")
        print(portal.run("-m", "tests.relevance"), end="")
