"""Word documents: a version for clearance in the capital, and the paper that other pages print."""

import re
import unicodedata
from io import BytesIO

from django.conf import settings
from django.http import FileResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from contacts.models import language_tag

from .clean_text import clean_text
from .content import all_answers, public_text_of, text_of
from .documents import CONTENT_SECURITY_POLICY, CONTENT_TYPES
from .models import VersionStatus
from .models.translations import TRANSLATED
from .records import SAMPLE_LABEL

BOX = "☐"
# What Word counts by itself.
FIELDS = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
NOT_IN_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Where `bidi` belongs among the properties of a paragraph, and `bidiVisual` among those of a table.
AFTER_BIDI = ("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
AFTER_BIDI_VISUAL = ("w:tblStyleRowBandSize", "w:tblStyleColBandSize", "w:tblW", "w:jc", "w:tblLayout", "w:tblLook")


def runs_right_to_left(text):
    """As `dir="auto"` decides: by the first letter that has a direction."""
    for sign in text:
        direction = unicodedata.bidirectional(sign)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


class Paper:
    """A Word document in the language in use; every text in it says its language and runs in its own direction."""

    def __init__(self, title, language=None):
        """`language` is that of the title, if it is another."""
        self.language = language_tag(get_language())
        self.is_bidi = get_language_info(get_language())["bidi"]
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
        if self.is_bidi:
            section._sectPr.insert_element_before(OxmlElement("w:bidi"), "w:rtlGutter", "w:docGrid")
        self._set_styles()
        about = self.document.core_properties
        about.title, about.author, about.comments = _sound(title)[:255], str(settings.PORTAL_NAME), ""
        about.language = self.language
        about.created = about.modified = timezone.now().replace(tzinfo=None)
        self.heading(title, level=0, language=language)

    def _set_styles(self):
        styles = self.document.styles
        styles["Normal"].font.size = Pt(10.5)
        styles["Normal"].font.name = "Calibri"
        for name in ("Title", *(f"Heading {level}" for level in (1, 2, 3))):
            styles[name].font.color.rgb = RGBColor(0x0B, 0x2A, 0x4A)
        styles["Title"].font.size = Pt(20)
        # Letters set apart tear Arabic words to pieces.
        for spacing in styles["Title"].element.rPr.findall(qn("w:spacing")):
            styles["Title"].element.rPr.remove(spacing)
        default = styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:lang')}")
        for attribute in ("val", "eastAsia", "bidi"):
            default.set(qn(f"w:{attribute}"), self.language)

    def heading(self, text, level=1, language=None):
        self._write(self.document.add_heading(level=level), text, language)

    def line(self, text, language=None, *, bold=False, style=None):
        self._write(self.document.add_paragraph(style=style), text, language, bold=bold)

    def new_page(self):
        self.document.add_page_break()

    def picture(self, content, description, width=17):
        """A PNG, so many centimetres wide, with what it shows in words."""
        drawing = self.document.add_paragraph().add_run().add_picture(BytesIO(content), Cm(width))
        drawing._inline.docPr.set("descr", _sound(description))

    def on_every_page(self, head, foot):
        """`foot` may hold {page} and {pages}."""
        section = self.document.sections[0]
        self._write(section.header.paragraphs[0], head, size=8.5)
        for part in filter(None, re.split(r"(\{pages?\})", foot)):
            if part in FIELDS:
                field = OxmlElement("w:fldSimple")
                field.set(qn("w:instr"), FIELDS[part])
                # What a program shows that cannot count.
                section.footer.paragraphs[0].add_run("…").font.size = Pt(8.5)
                field.append(section.footer.paragraphs[0].runs[-1]._r)
                section.footer.paragraphs[0]._p.append(field)
            else:
                self._write(section.footer.paragraphs[0], part, size=8.5)

    def facts(self, rows, height=None):
        """Rows of label, answer, language of the answer (None for that of the document), and perhaps a hint.

        A row is at least so many centimetres high.
        """
        table = self._table(2)
        for label, text, language, *hints in rows:
            row = table.add_row()
            if height:
                row.height = Cm(height)
            self._write(row.cells[0].paragraphs[0], label, bold=True)
            for hint in filter(None, hints):
                self._write(row.cells[0].add_paragraph(), hint, size=8.5)
            self._write(row.cells[1].paragraphs[0], text, language)
        self._set_widths(table, [5.5, 11.5])

    def table(self, head, rows, widths, *, numeric=(), has_upright_head=False):
        """Rows of cells in words; `widths` in centimetres. The head is repeated on each page.

        `numeric` says of each column whether it holds numbers alone.
        """
        table = self._table(len(head))
        end = WD_ALIGN_PARAGRAPH.LEFT if self.is_bidi else WD_ALIGN_PARAGRAPH.RIGHT
        for number, row in enumerate([head, *rows]):
            for cell, text, is_number in zip(table.add_row().cells, row, numeric or [False] * len(head), strict=True):
                self._write(cell.paragraphs[0], text, bold=number == 0, size=8 if number == 0 else 9)
                if is_number and not (has_upright_head and number == 0):
                    cell.paragraphs[0].alignment = end
        if has_upright_head:
            self._turn(table.rows[0])
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        self._set_widths(table, widths)

    def _turn(self, row):
        """Set the cells upright, but for the first."""
        row.height = Cm(3)
        for cell in row.cells[1:]:
            direction = OxmlElement("w:textDirection")
            direction.set(qn("w:val"), "btLr")
            cell._tc.get_or_add_tcPr().append(direction)

    def _table(self, columns):
        table = self.document.add_table(rows=0, cols=columns, style="Table Grid")
        table.autofit = False
        if self.is_bidi:
            table._tbl.tblPr.insert_element_before(OxmlElement("w:bidiVisual"), *AFTER_BIDI_VISUAL)
        return table

    def _set_widths(self, table, widths):
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for row in table.rows:
            # A row is not torn apart by the end of a page.
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Cm(width)
        # Without something in between, Word joins two tables.
        self.document.add_paragraph().paragraph_format.space_after = 0

    def _write(self, paragraph, text, language=None, *, bold=False, size=None):
        text = _sound(str(text))
        is_bidi = runs_right_to_left(text) if text.strip() else self.is_bidi
        if is_bidi and paragraph._p.get_or_add_pPr().find(qn("w:bidi")) is None:
            paragraph._p.pPr.insert_element_before(OxmlElement("w:bidi"), *AFTER_BIDI)
        run = paragraph.add_run(text)
        if bold:
            run.font.bold = run.font.cs_bold = True
        if size:
            run.font.size = Pt(size)
            _set_complex_size(run, size)
        if is_bidi:
            run.font.rtl = True
        mark = OxmlElement("w:lang")
        for attribute in ("val", "eastAsia", "bidi"):
            mark.set(qn(f"w:{attribute}"), language or self.language)
        run._r.get_or_add_rPr().append(mark)

    def content(self):
        file = BytesIO()
        self.document.save(file)
        return file.getvalue()


def _set_complex_size(run, size):
    """The size of Arabic letters, which python-docx does not know of."""
    mark = OxmlElement("w:szCs")
    mark.set(qn("w:val"), str(int(size * 2)))
    run._r.get_or_add_rPr().insert_element_before(mark, "w:highlight", "w:u", "w:rtl", "w:cs", "w:lang")


def _sound(text):
    """Without what XML cannot hold: one such sign, and Word opens nothing at all."""
    return NOT_IN_XML.sub("", clean_text(text))


def as_download(paper, filename):
    response = FileResponse(
        BytesIO(paper.content()), as_attachment=True, filename=filename, content_type=CONTENT_TYPES[".docx"]
    )
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def copy_of(version):
    """All that a version says, for those who have to clear it and have no account."""
    offer = version.offer
    own = version.original_language.code if version.original_language else None
    paper = Paper(str(version), own)
    if version.status not in {VersionStatus.PUBLISHED, VersionStatus.SUPERSEDED}:
        paper.line(_("Draft, not published"), bold=True)
    if offer.is_sample:
        paper.line(SAMPLE_LABEL, bold=True)
    paper.facts(
        [
            (_("Reference"), offer.reference, None),
            (_("Offered by"), offer.state.name, None),
            (_("Status"), version.get_status_display(), None),
            (_("Last saved"), date_format(timezone.localdate(version.saved_at)), None),
            (_("Copy made on"), date_format(timezone.localdate()), None),
        ]
    )
    for title, group in all_answers(version, _text_to_clear):
        said = [answer for answer in group if answer.text]
        if said:
            paper.heading(title)
            paper.facts(
                (answer.label, answer.text, answer.lang or (own if answer.name in TRANSLATED else None))
                for answer in said
            )
    paper.line(settings.PORTAL_DISCLAIMER)
    return paper


def _text_to_clear(version, name):
    """As the State reads it itself, but for the marks by which files are told apart."""
    return public_text_of(version, name) if name == "documents" else text_of(version, name)
