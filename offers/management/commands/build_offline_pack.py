from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from offers import offline_pack


class Command(BaseCommand):
    help = "Write the offline copy of the catalogue: a page for each language and a table. Meant to run every night."

    def add_arguments(self, parser):
        parser.add_argument(
            "--language",
            action="append",
            choices=[code for code, _name in settings.LANGUAGES],
            help="Only the page in this language; may be given several times. The new edition has no others.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what would be written, change nothing.")

    def handle(self, *, language, dry_run, verbosity, **options):
        languages = [code for code, _name in settings.LANGUAGES if not language or code in language]
        if dry_run:
            offers, points = offline_pack.contents()
            self.stdout.write(
                f"{len(offers)} offer(s) and {len(points)} contact point(s) in {', '.join(languages)} and a table; "
                f"nothing written to {settings.OFFLINE_DIR}."
            )
            return

        def tell(path):
            if verbosity:
                self.stdout.write(f"{path.name} {path.stat().st_size} bytes")

        try:
            edition = offline_pack.build(languages, tell)
        except offline_pack.AlreadyRunning:
            # What was asked for is being done.
            self.stdout.write("Another run is writing the offline copy. This one has changed nothing.")
            return
        except OSError as error:
            raise CommandError(
                f"The offline copy could not be written ({error}). The edition before, if there is one, still stands."
            ) from error
        self.stdout.write(f"{len(edition.files)} files are complete.")
