"""Former editions beside today: an edition never changes, and the next one says what it got wrong."""

from functools import cache

from django.db.models import Q
from django.utils.translation import gettext as _

from ..counting.rollup import rules_version
from ..indicators import measure_all
from ..indicators.definitions import HEADLINE
from ..indicators.verdicts import value_in_words
from ..models import Indicator, ReportEdition
from ..tables import Column, Table
from ..use.comparison import signed
from .report import Section

USE = "U"


def restatements(period):
    """Of the last edition, and of every other that shares days with the period."""
    last = ReportEdition.objects.first()
    editions = ReportEdition.objects.filter(Q(pk=last and last.pk) | Q(first__lte=period.last, last__gte=period.first))
    paragraphs, rows, measured = [], [], cache(measure_all)
    for edition in editions:
        if edition.rules_version != rules_version():
            paragraphs.append(
                _(
                    "Edition %(number)d was counted by other rules (version %(version)s); its numbers cannot be "
                    "compared with those of this report."
                )
                % {"number": edition.number, "version": edition.rules_version}
            )
            continue
        found = list(restated(edition, measured(edition.period)))
        if not found:
            paragraphs.append(
                _("Nothing is restated since edition %(number)d: its figures are the same today.")
                % {"number": edition.number}
            )
        rows += [
            (_("Edition %(number)d: %(name)s") % {"number": edition.number, "name": name}, cells)
            for name, cells in found
        ]
    if not editions:
        paragraphs.append(_("There is no earlier edition."))
    paragraphs.append(
        _(
            "Figures of the past may still change when something comes in late. Errors are corrected within three "
            "months, by the edition that follows."
        )
    )
    table = Table(
        "restatements",
        _("Restated since earlier editions"),
        _("Figure"),
        (Column(_("It said")), Column(_("Today")), Column(_("Difference"))),
        tuple(rows),
        adds_up=False,
    )
    return Section("restatements", _("Restatements"), tuple(paragraphs), (), (table,) if rows else ())


def restated(edition, today):
    """Name, and what it said, what is found today, and the difference, of each figure that is no longer the same."""
    said = edition.report.judgements
    for indicator in Indicator:
        judged, measure = said.get(indicator.value), today.get(indicator)
        if judged is None or measure is None or not (indicator in HEADLINE or indicator.value.startswith(USE)):
            continue
        if _same(judged.number, measure.number) and _same(judged.base, measure.base):
            continue
        difference = None
        if judged.number is not None and measure.number is not None:
            difference = signed(round(measure.number - judged.number, 2))
        yield str(indicator.label), (judged.value, value_in_words(measure), difference)


def _same(one, other):
    """As far as a text that went through JSON can tell."""
    if one is None or other is None:
        return one is other
    return abs(one - float(other)) < 0.005
