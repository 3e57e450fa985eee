"""The report as PDF/UA-1, set by typst, which is given data and never markup."""

import json
import re
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from contacts.models import language_tag
from offers.clean_text import clean_text
from offers.word import runs_right_to_left

from ..charts import svg
from . import fonts
from .paper import Picture, blocks, facts, frozen_at, mapped, mark
from .typesetting import NotTypeset, typeset

SOURCE = Path(__file__).with_name("report.typ")
CHART_WIDTH = 740  # pixels on 17 cm: letters of 14 pixels become 9 points
LONG_WORD = re.compile(r"(\S{30})(?=\S)")
PICTURES = b"""#set page(width: auto, height: auto, margin: 0pt)
#set text(font: json(bytes(sys.inputs.fonts)))
#for picture in json(bytes(sys.inputs.pictures)) {
  page(image(bytes(picture), format: "svg", width: 17cm))
}
"""


def render(report, edition=None):
    with override(report.language):
        report = mapped(report, clean_text)
        right_to_left = get_language_info(report.language)["bidi"]
        data = {
            "title": report.title,
            "author": str(settings.PORTAL_NAME),
            "facts": mapped(list(facts(report, edition)), lambda text: _settled(text, right_to_left)),
            "address": settings.PORTAL_URL,
            "mark": mark(edition),
            "warning": report.warning,
            "page": _("Page {page} of {pages}"),
            "blocks": [_block(block, right_to_left) for block in blocks(report)],
            "language": language_tag(report.language).split("-")[0],
            "right_to_left": right_to_left,
        }
        data, typefaces, remarks = _fitted(data)
    data |= {"fonts": typefaces.families, "remarks": remarks}
    moment = int(frozen_at(edition).timestamp())
    try:
        return _set(data, typefaces, moment)
    except NotTypeset:
        # A mark above or below a letter that is in another typeface than the letter: rare, and no reason for no PDF.
        return _set(mapped(data, fonts.without_marks), typefaces, moment)


def _set(data, typefaces, moment):
    inputs = {"report": json.dumps(data)}
    return typeset(str(SOURCE), typefaces, inputs, format="pdf", pdf_standards="ua-1", timestamp=moment)


def pictures(pairs, language):
    """Charts, each with its table, as PNG for documents that cannot hold SVG; None where there is nothing to draw."""
    right_to_left = get_language_info(language)["bidi"]
    drawn = [svg(*mapped(pair, clean_text), right_to_left=right_to_left, width=CHART_WIDTH) or None for pair in pairs]
    to_set, typefaces, _remarks = _fitted([picture for picture in drawn if picture])
    if not to_set:
        return drawn
    inputs = {"pictures": json.dumps(to_set), "fonts": json.dumps(typefaces.families)}
    pages = typeset(PICTURES, typefaces, inputs, format="png", ppi=200)
    # One page alone comes without a list.
    following = iter(pages if isinstance(pages, list) else [pages])
    return [next(following) if picture else None for picture in drawn]


def _fitted(data):
    """The data with signs alone that there is a typeface for, the typefaces, and what is to be said of them."""
    texts = []
    mapped(data, lambda text: texts.append(text) or text)
    said = "".join(texts)
    typefaces = fonts.typefaces_for(said)
    return mapped(data, lambda text: fonts.replaced(text, typefaces)), typefaces, fonts.remarks(said, typefaces)


def _block(block, right_to_left):
    """As report.typ knows it: one function for each kind."""
    kind = type(block).__name__.lower()
    if isinstance(block, Picture):
        drawn = svg(block.chart, block.table, right_to_left=right_to_left, width=CHART_WIDTH)
        if not drawn:
            return {"kind": "items", "texts": []}
        title = _settled(block.chart.title, right_to_left)
        return {"kind": kind, "svg": drawn, "title": title, "description": block.chart.description}
    data = asdict(mapped(block, lambda text: _settled(text, right_to_left))) | {"kind": kind}
    return data | {"widths": block.widths, "is_crowded": block.is_crowded} if kind == "grid" else data


def _settled(text, right_to_left):
    """A word that is longer than a line may be broken anywhere, and a text runs in its own direction."""
    text = LONG_WORD.sub("\\1\N{ZERO WIDTH SPACE}", clean_text(text))
    if text.strip() and runs_right_to_left(text) != right_to_left and any(map(str.isalpha, text)):
        return "\n".join(f"\N{FIRST STRONG ISOLATE}{line}\N{POP DIRECTIONAL ISOLATE}" for line in text.split("\n"))
    return text
