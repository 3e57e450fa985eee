import zlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from analytics.recording.log_import import (
    AlreadyLoaded,
    AnotherRun,
    LogImport,
    only_run,
    take_back_unfinished,
)

LINES_BETWEEN_WORDS = 100_000


class Command(BaseCommand):
    help = (
        "Take over the use of days on which the portal did not record itself, from access logs of the web server. "
        "Name all logs of the same days at once. Running it again adds nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "logs", nargs="+", metavar="FILE", type=Path, help="A log, also as .gz; - for standard input."
        )
        parser.add_argument("--format", choices=["combined"], default="combined")
        parser.add_argument(
            "--follow", action="store_true", help="Go on with what is added to the one log that is named."
        )
        parser.add_argument("--dry-run", action="store_true", help="Tell what would be taken over, change nothing.")

    def handle(self, *, logs, follow, dry_run, **options):
        if follow and (len(logs) > 1 or dry_run or logs[0].suffix == ".gz" or str(logs[0]) == "-"):
            raise CommandError("One growing log can be followed: no .gz, no standard input, no dry run.")
        for path in logs:
            if str(path) != "-" and not path.is_file():
                raise CommandError(f"There is no file {path}.")
        self.told = 0
        run = LogImport(dry_run=dry_run, tell=self.tell)
        try:
            with only_run():
                if not dry_run and (removed := take_back_unfinished()):
                    self.stdout.write(f"Taken back what a run has left that was killed: {removed} event(s).")
                self.take_in(run, logs, follow)
        except AnotherRun as error:
            raise CommandError("Logs are being taken in already; nothing was done.") from error
        except (OSError, EOFError, zlib.error) as error:
            raise CommandError(
                f"{error}. Run the command again: it begins anew, and nothing is counted twice."
            ) from error

    def take_in(self, run, logs, follow):
        if follow:
            self.stdout.write("Following the log; end with Ctrl-C.")
            try:
                run.follow(logs[0])
            except KeyboardInterrupt:
                run.finish()
                self.stdout.write("Ended. Whatever is read of this log later, nothing is counted twice.")
            return
        for path in logs:
            try:
                run.read(path)
            except AlreadyLoaded:
                self.stdout.write(f"{path}: taken over before; there is nothing to do.")
        for day in run.finish():
            self.stdout.write(f"{day}: counted")
        counts = run.counts
        self.stdout.write(
            f"{counts['lines']} line(s): {counts['stored']} {'to be stored' if run.dry_run else 'stored'}, "
            f"{counts['known']} known already, {counts['not counted']} of no counted page, "
            f"{counts['of other days']} of days that have figures already, {counts['rejected']} not understood."
        )
        if counts["rejected"] and not run.dry_run:
            self.stderr.write("Lines that were not understood are in the folder quarantine of the spool.")

    def tell(self, lines):
        if lines - self.told >= LINES_BETWEEN_WORDS:
            self.told = lines
            self.stdout.write(f"{lines} lines …")
            self.stdout.flush()
