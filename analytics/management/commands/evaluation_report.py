import sys
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from analytics.evaluation import files
from analytics.evaluation.compose import compose
from analytics.models import ReportEdition
from analytics.periods import Period

STANDARD_OUTPUT = "-"


class Command(BaseCommand):
    help = (
        "Write the evaluation report of a period to a file; with --freeze, as an edition that never changes. "
        "Exit status: 0 if the file is written, 1 if the days or the file cannot be used, 2 if an option is wrong."
    )

    def add_arguments(self, parser):
        days = "as year, month and day, such as 2027-01-01"
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help=f"First day, {days}.")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help=f"Last day, {days}.")
        parser.add_argument("--language", default="en", choices=[code for code, _name in settings.LANGUAGES])
        parser.add_argument("--format", required=True, choices=files.KINDS)
        parser.add_argument("--output", required=True, help="The file to write, or - for the standard output.")
        parser.add_argument("--freeze", action="store_true", help="Freeze it as the next edition, and write that.")
        parser.add_argument("--note", default="", help="What stands on the edition, such as the meeting it is for.")

    def handle(self, *, first, last, language, format, output, freeze, note, **options):
        if last < first:
            raise CommandError("The last day comes before the first.")
        if note and not freeze:
            raise CommandError("A note stands on an edition: use it together with --freeze.")
        if len(note) > ReportEdition._meta.get_field("note").max_length:
            raise CommandError("The note is too long.")
        if output != STANDARD_OUTPUT and not Path(output).absolute().parent.is_dir():
            # Known before anything is frozen.
            raise CommandError(f"There is no folder for {output}.")
        report, edition = compose(Period(first, last), language), None
        if freeze:
            # The file is made beforehand once, so that nothing is frozen that cannot be printed.
            files.content_of(format, report)
            edition = ReportEdition.freeze(report, by=None, note=note)
            report = edition.report
        content = files.content_of(format, report, edition)
        if output == STANDARD_OUTPUT:
            stream = getattr(self.stdout._out, "buffer", None) or sys.stdout.buffer
            stream.write(content)
            stream.flush()
        else:
            write_whole(Path(output), content)
        which = f"edition {edition.number}, sha256 {edition.sha256}" if edition else "a draft"
        self.stderr.write(f"{files.name_of(format, report.period, edition)}: {which}, {len(content)} bytes.")


def write_whole(path, content):
    """Under its name only once it is whole."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
