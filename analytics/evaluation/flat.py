"""The report for programs: one line for each figure, and what identifies them; CSV and XLSX are made of it."""

from django.utils.translation import gettext as _

from .paper import facts


def about(report, edition):
    """Pairs of a label and a text."""
    yield _("Title"), report.title
    yield from facts(report, edition)
    yield _("Language"), report.language
    if report.warning:
        yield _("Warning"), report.warning
    yield _("Answer"), report.answer
    for caveat in report.caveats:
        yield _("How far the figures can be trusted"), caveat


FIELDS = "code name value number base change verdict_words interval targets reason action definition".split()


def judgement_labels():
    return (
        _("Code"),
        _("Indicator"),
        _("In the period"),
        _("Number"),
        _("Of"),
        _("Change"),
        _("Verdict"),
        _("Interval"),
        _("Targets"),
        _("Reason"),
        _("Proposed action"),
        _("Definition"),
    )


def judgement_cells(judgement):
    """In the order of the labels."""
    for name in FIELDS:
        value = getattr(judgement, name)
        yield "\n".join(value) if isinstance(value, tuple) else value


def tables(report):
    """Pairs of the title of a section and a table; a table that is shown twice comes once."""
    found = {}
    for section in (*report.sections, *report.annexes):
        for table in section.tables:
            found.setdefault((table.name, table.caption), (section.title, table))
    return list(found.values())
