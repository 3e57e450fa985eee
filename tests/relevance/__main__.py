"""Print the scores of the search: python -m tests.relevance"""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_portal.settings")
    django.setup()

    from tests.relevance.score import score, table

    for line in table(score()):
        print(line)
