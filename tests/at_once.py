"""What two people do at the same moment."""

import threading

from django.db import connection


def at_once(*calls):
    """Make the calls in threads of their own and give back what they return."""
    together, answers = threading.Barrier(len(calls), timeout=20), []

    def run(call):
        try:
            together.wait()
            answers.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers
