import zipfile
from io import BytesIO

import pytest
from docx import Document
from docx.oxml.ns import qn

from analytics.evaluation import word

from .a_report import CHARTS, HOSTILE, a_report, an_edition

pytestmark = pytest.mark.once
SMALL = {"sections": a_report().sections[:1], "annexes": (), "warning": "Made up"}


@pytest.fixture(scope="module")
def content():
    return word.render(a_report(**SMALL), an_edition())


@pytest.fixture
def paper(content):
    return Document(BytesIO(content))


def test_it_has_headings_tables_and_pictures_with_words_for_those_who_do_not_see_them(paper):
    headings = [line.text for line in paper.paragraphs if line.style.name == "Heading 1"]
    assert headings == ["The answer", "Was it supplied?", "How far the figures can be trusted"]
    described = [picture._inline.docPr.get("descr") for picture in paper.inline_shapes]
    assert described == [CHARTS["regions"].description, CHARTS["age"].description]
    # The first table tells facts; all others repeat their head on each page.
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in paper.tables[1:])
    assert HOSTILE in "\n".join(line.text for line in paper.paragraphs)


def test_every_page_says_which_edition_it_is_and_its_number(paper):
    section = paper.sections[0]
    assert section.header.paragraphs[0].text == "Edition 3, frozen on 1 February 2028\tMade up"
    fields = [field.get(qn("w:instr")) for field in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


def test_in_arabic_it_runs_from_right_to_left():
    paper = Document(BytesIO(word.render(a_report("ar", title="تقييم", **(SMALL | {"sections": ()})))))
    assert paper.core_properties.language == "ar"
    assert paper.sections[0]._sectPr.find(qn("w:bidi")) is not None
    assert all(table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in paper.tables)
    footer = paper.sections[0].footer.paragraphs[0]._p
    assert len(footer.findall(f"{qn('w:pPr')}/{qn('w:bidi')}")) <= 1


def test_the_same_edition_gives_the_same_bytes(content):
    with zipfile.ZipFile(BytesIO(content)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(2028, 2, 1, 9, 0, 0)}
    assert word.render(a_report(**SMALL), an_edition()) == content
