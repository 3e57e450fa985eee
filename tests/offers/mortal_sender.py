"""Makes senders of the outbox that are killed after so many seconds, one for each line it reads.

They are forks of a process that has everything loaded, so that they begin at once.
"""

import os
import signal
import sys
import time

import django


def main():
    django.setup()
    from django.db import connections

    from offers import outbox

    list(outbox.send_due_mails())
    connections.close_all()
    print("ready", flush=True)
    for seconds in sys.stdin:
        sender = os.fork()
        if not sender:
            list(outbox.send_due_mails())
            os._exit(0)
        time.sleep(float(seconds))
        os.kill(sender, signal.SIGKILL)  # it is there until it is waited for
        _sender, status = os.waitpid(sender, 0)
        print("killed" if os.WIFSIGNALED(status) else "done", flush=True)


if __name__ == "__main__":
    main()
