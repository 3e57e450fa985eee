"""The report as Word document, for the service that prints the documents of a Meeting."""

import zipfile
from datetime import UTC
from io import BytesIO

from django.utils.translation import gettext as _
from django.utils.translation import override

from offers.word import Paper

from .paper import Grid, Heading, Items, Paragraph, Picture, blocks, facts, frozen_at, mark
from .pdf import pictures

WIDTH = 17  # centimetres between the margins


def render(report, edition=None):
    with override(report.language):
        paper = Paper(report.title)
        moment = frozen_at(edition)
        about = paper.document.core_properties
        about.created = about.modified = moment.astimezone(UTC).replace(tzinfo=None)
        paper.on_every_page("\t".join(filter(None, (mark(edition), report.warning))), _("Page {page} of {pages}"))
        paper.facts((label, text, None) for label, text in facts(report, edition))
        printed = list(blocks(report))
        charts = [block for block in printed if isinstance(block, Picture)]
        drawn = iter(pictures([(block.chart, block.table) for block in charts], report.language))
        for block in printed:
            if isinstance(block, Picture):
                _draw(paper, block.chart, next(drawn))
            else:
                _write(paper, block)
        return _without_clock(paper.content(), moment)


def _write(paper, block):
    match block:
        case Heading():
            if block.on_new_page:
                paper.new_page()
            paper.heading(block.text, level=block.level)
        case Paragraph():
            paper.line(block.text, bold=block.bold)
        case Items():
            for text in block.texts:
                paper.line(text, style="List Bullet")
        case Grid():
            paper.line(block.caption, bold=True)
            letters = sum(block.widths)
            paper.table(
                block.head,
                block.rows,
                [WIDTH * width / letters for width in block.widths],
                numeric=block.numeric,
                has_upright_head=block.is_crowded,
            )
            if block.note:
                paper.line(block.note)


def _draw(paper, chart, content):
    if content:
        paper.line(chart.title, bold=True)
        paper.picture(content, chart.description, WIDTH)


def _without_clock(content, moment):
    """The same parts with the same time, so that the same edition gives the same bytes."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as parts, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, moment.astimezone(UTC).timetuple()[:6])
            copy.writestr(part, parts.read(name), zipfile.ZIP_DEFLATED)
    return written.getvalue()
