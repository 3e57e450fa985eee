from django.core.management.base import BaseCommand, CommandError

from analytics import export


class Command(BaseCommand):
    help = (
        "Write all that the portal holds to a new folder, for whoever takes it over: tables as CSV, documents, "
        "editions of the report, and a list of all files. Holds personal data; holds no passwords and no keys."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", help="Is made, or is empty. It appears only when all is in it.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be written, write nothing.")

    def handle(self, *, folder, dry_run, verbosity, **options):
        def tell(file):
            if verbosity:
                self.stdout.write(f"{file.name} {file.bytes} bytes" + (f", {file.rows} rows" if file.columns else ""))

        try:
            if dry_run:
                export.demand_new(folder)
                self._list(folder)
                return
            files = export.export(folder, tell)
        except (export.ExportRefused, OSError) as error:
            raise CommandError(f"Nothing was exported. {error}") from error
        self.stdout.write(f"{len(files)} files are complete in {folder}.")

    def _list(self, folder):
        for model in export.exported_models():
            self.stdout.write(f"{model._meta.db_table}: {export.exported_rows(model).count()} rows")
        for name, reason in (export.LEFT_OUT | export.NEVER_IN_FILES).items():
            self.stdout.write(f"Left out: {name}. {reason}")
        self.stdout.write(f"Nothing was written to {folder}.")
