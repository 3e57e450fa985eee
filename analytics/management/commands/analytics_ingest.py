from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from analytics.recording.ingest import Tally, take_in, waiting_files
from analytics.recording.visitors import forget_old_secrets


class Command(BaseCommand):
    help = "Take in the spool files of recorded use. Run it every minute; running it twice at once does no harm."

    def add_arguments(self, parser):
        parser.add_argument(
            "--all",
            action="store_true",
            help="Also the files of the last two minutes, to which workers still write; they stay for a later run.",
        )

    def handle(self, **options):
        forget_old_secrets()
        tally, failed = Tally(), 0
        for path in waiting_files(unsealed=options["all"]):
            try:
                batch = take_in(path)
            except (OSError, Error) as error:
                # The file stays for the next run; the others need not wait for it.
                self.stderr.write(f"{path.name}: {error}")
                failed += 1
                continue
            if batch is None:
                continue
            tally.add(batch)
            if options["verbosity"] > 1:
                self.stdout.write(f"{path.name}: {batch.lines} line(s), {batch.accepted} event(s)")
        self.stdout.write(
            f"{tally.files} file(s), {tally.lines} line(s): {tally.accepted} stored, {tally.duplicate} known already, "
            f"{tally.rejected} rejected, {tally.torn} torn; {tally.lost} lost by the workers."
        )
        if tally.rejected or tally.torn:
            self.stderr.write("Lines that were not understood are in the folder quarantine of the spool.")
        if failed:
            raise CommandError(f"{failed} file(s) could not be taken in.")
