from django.core.management.base import BaseCommand, CommandError

from analytics.counting.invariants import findings


class Command(BaseCommand):
    help = "Check events, figures and files against one another. Says what is wrong and what to do; changes nothing."

    def handle(self, **options):
        broken = 0
        for finding in findings():
            broken += finding.is_broken
            self.stdout.write(f"{'WRONG' if finding.is_broken else 'LOOK '} {finding.text}\n      {finding.advice}")
        if broken:
            raise CommandError(f"{broken} thing(s) are wrong.")
        self.stdout.write("What is recorded, counted and kept is as it should be.")
