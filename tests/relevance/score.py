"""How well the search answers what delegates would type, measured on the sample catalogue.

`score()` asks the database in use, which must hold the reference and the sample data.
"""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from offers import samples, search
from offers.models import Offer, StatusChange

FIRST = 5  # results that a hurried reader looks at
ALL = "all"


@dataclass(frozen=True)
class Query:
    language: str
    text: str
    expected: tuple  # keys of sample offers


@dataclass(frozen=True)
class Answer:
    query: Query
    first: tuple  # keys of the first results

    @property
    def hits(self):
        return len(set(self.query.expected) & set(self.first))

    @property
    def missed(self):
        return tuple(key for key in self.query.expected if key not in self.first)

    @property
    def reciprocal_rank(self):
        """1 if the first result was expected, 1/2 if the second is the first that was, and so on; 0 for none."""
        ranks = [rank for rank, key in enumerate(self.first, start=1) if key in self.query.expected]
        return 1 / ranks[0] if ranks else 0


@dataclass(frozen=True)
class Score:
    """Of the queries in one language, or of all."""

    language: str
    answers: tuple

    @property
    def recall(self):
        """What share of the offers expected were among the first results."""
        return sum(answer.hits for answer in self.answers) / sum(len(a.query.expected) for a in self.answers)

    @property
    def mean_reciprocal_rank(self):
        return sum(answer.reciprocal_rank for answer in self.answers) / len(self.answers)

    @property
    def misses(self):
        return [answer for answer in self.answers if answer.missed]


def queries():
    found, language = [], ""
    for line in Path(__file__).with_name("queries.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            language = line.strip("[]")
        elif line and not line.startswith("#"):
            text, _bar, keys = line.rpartition(" | ")
            found.append(Query(language, text, tuple(keys.split())))
    return found


def score():
    """One `Score` for each language, and one for all together, by language."""
    by_offer = keys()
    answers = [Answer(query, _first(query.text, by_offer)) for query in queries()]
    by_language = groupby(answers, key=lambda answer: answer.query.language)
    scores = [Score(language, tuple(some)) for language, some in by_language]
    return {one.language: one for one in [*scores, Score(ALL, tuple(answers))]}


def _first(text, by_offer):
    offers = search.ranked(search.matching(Offer.objects.public(), search.understood(text)))
    return tuple(by_offer.get(offer) for offer in offers.values_list("pk", flat=True)[:FIRST])


def keys():
    """Keys by offer: the log of a sample offer tells its own."""
    lines = {samples.label_of(record): record["key"] for record in samples.read("offers")}
    found = StatusChange.objects.filter(reason__in=lines).values_list("offer", "reason")
    return {offer: lines[reason] for offer, reason in found}


def table(scores):
    """The lines of a report: what was reached in each language, and every miss."""
    yield f"{'language':10}{'queries':>9}{'in first ' + str(FIRST):>12}{'MRR':>8}"
    for one in scores.values():
        yield f"{one.language:10}{len(one.answers):9}{one.recall:12.3f}{one.mean_reciprocal_rank:8.3f}"
    for answer in scores[ALL].misses:
        yield f"missed: {answer.query.text} [{answer.query.language}] {' '.join(answer.missed)}"
