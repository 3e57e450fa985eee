from django.core.management.base import BaseCommand, CommandError

from offers.search import index


class Command(BaseCommand):
    help = "Write the search index anew while the site is running, or check it against the catalogue."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="List what differs and change nothing.")

    def handle(self, *, check, verbosity, **options):
        if check:
            differences = list(index.check())
            for difference in differences:
                self.stdout.write(str(difference))
            if differences:
                raise CommandError(f"{len(differences)} differences; run this without --check to put them right.")
            self.stdout.write("The search index is as it should be.")
            return
        total = index.rebuild(progress=self.show if verbosity else None)
        self.stdout.write(f"{total} entries written.")

    def show(self, done, to_do):
        self.stdout.write(f"{done} of {to_do}")
