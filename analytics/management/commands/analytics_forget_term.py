from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from analytics.models import DirtyDay, Search, SearchTermDaily, UnmetNeedTerm
from analytics.recording.search_words import words_of


class Command(BaseCommand):
    help = (
        "Erase what somebody searched for, wherever it is kept, with all filters. The number of searches stays, and so "
        "do frozen editions of the report."
    )

    def add_arguments(self, parser):
        parser.add_argument("words", help="As somebody typed them; case and spaces do not matter.")
        parser.add_argument("--language", help="Only searches on pages in this language, such as fr.")

        parser.add_argument("--dry-run", action="store_true", help="Count what would be erased, change nothing.")

    @transaction.atomic
    def handle(self, *, words, language, dry_run, **options):
        words = words_of({"q": words})
        if not words:
            raise CommandError("Say which words to forget.")
        searches = Search.objects.filter(words=words, **({"event__language": language} if language else {}))
        named = {"words": words} | ({"language": language} if language else {})
        # First, so that no day is being counted meanwhile, which would write the words down once more.
        DirtyDay.mark(set(searches.values_list("event__day", flat=True)), "term")
        for name, rows in (
            ("search(es)", searches),
            ("day(s) of the term", SearchTermDaily.objects.filter(**named)),
            ("time(s) in a need", UnmetNeedTerm.objects.filter(**named)),
        ):
            self.stdout.write(f"{name}: {rows.delete()[0]} {'due' if dry_run else 'erased'}")
        transaction.set_rollback(dry_run)
