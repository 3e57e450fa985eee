"""The PDF: what typst refuses for PDF/UA-1 would fail here."""

import json
import re
import sys
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from analytics.evaluation import fonts, pdf, typesetting
from analytics.evaluation.paper import Grid, Items, Paragraph, blocks

from .a_report import CHARTS, HOSTILE, TABLES, a_report, an_edition

pytestmark = pytest.mark.once
SMALL = {"sections": a_report().sections[:1], "annexes": ()}


def pages(content):
    return max(map(int, re.findall(rb"/Type ?/Pages ?/Count (\d+)", unpacked(content))))


def unpacked(content):
    """With the streams that can be unpacked, which is where objects are."""
    parts = [content]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(parts)


@pytest.fixture(scope="module")
def english():
    return pdf.render(a_report(), an_edition())


def test_it_is_accessible_and_says_its_language_and_title(english):
    inside = unpacked(english)
    assert english.startswith(b"%PDF-")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in inside
    assert b"Evaluation of the Platform for Partnerships" in inside
    assert re.search(rb"/Lang ?\(en", inside)
    for mark in (b"/StructTreeRoot", b"/S/TH", b"/S/Figure", b"/Alt"):
        assert mark in inside, mark


def test_the_same_edition_gives_the_same_bytes():
    first = pdf.render(a_report(**SMALL), an_edition())
    assert pdf.render(a_report(**SMALL), an_edition()) == first
    assert pdf.render(a_report(**SMALL), an_edition(frozen_at=datetime(2028, 2, 2, tzinfo=UTC))) != first


def test_a_full_report_has_six_pages_before_the_annexes():
    assert pages(pdf.render(a_report(annexes=()))) <= 6


def test_an_arabic_report_has_arabic_letters():
    words = {"title": "تقييم منصة الشراكات", "answer": "أُجيب عن 21 من 48 استفسارا."}
    content = pdf.render(a_report("ar", sections=a_report().sections[1:2], annexes=(), **words))
    inside = unpacked(content)
    assert re.search(rb"/Lang ?\(ar", inside)
    assert b"IBMPlexSansArabic" in inside


def test_words_of_people_are_data_and_never_markup():
    words = f"{HOSTILE} {'W' * 2000} \u0000\u202e 🙂 עברית ẹ̣̣ \U0010ffff"
    report = a_report(answer=words, choices=(words, ""), caveats=(words,), sections=(), annexes=())
    assert pdf.render(report, an_edition(note=words)).startswith(b"%PDF-")


def test_a_mark_that_is_in_another_typeface_than_its_letter_is_left_out():
    assert pdf.render(a_report(answer="🙂\u064b\u0323", sections=(), annexes=())).startswith(b"%PDF-")
    assert fonts.without_marks("é\u064bن") == "éن"


def test_what_no_typeface_has_is_replaced_and_said(caplog):
    typefaces = fonts.typefaces_for("a🙂\u0302b")
    assert fonts.replaced("a🙂b\u200d", typefaces).startswith("a�b")
    assert fonts.remarks("plain", typefaces) == []
    assert fonts.remarks("a🙂b🙂", typefaces) == [
        "1 sign is shown as �, because the machine that made this document has no typeface with it (U+1F642)."
    ]
    assert "U+1F642" in caplog.text


def test_a_missing_typeface_is_said_and_no_error(monkeypatch):
    monkeypatch.setattr(fonts, "PACKAGES", (("fontpkg_not_there", "IBM Plex Sans", "x.ttf"), fonts.PACKAGES[1]))
    fonts._typefaces.cache_clear()
    try:
        typefaces = fonts.typefaces_for("Привет")
        assert fonts.replaced("Привет, مرحبا", typefaces) == "Привет, مرحبا"
        [said] = fonts.remarks("Привет", typefaces)
        assert said.startswith("The typeface IBM Plex Sans is missing")
        assert pdf.render(a_report(sections=(), annexes=())).startswith(b"%PDF-")
    finally:
        fonts._typefaces.cache_clear()


def test_a_draft_says_so_and_an_edition_names_its_number():
    assert pdf.mark(None) == "Draft, not frozen"
    assert pdf.mark(an_edition()) == "Edition 3, frozen on 1 February 2028"


def test_everything_the_report_says_is_printed():
    """But for what only files for programs hold: the plain numbers and the definitions of columns."""
    report = a_report(warning="Generated for demonstration")
    printed = json.dumps([str(block) for block in blocks(report)], ensure_ascii=False)
    for text in (report.warning, report.answer, report.decision, *report.choices, *report.caveats):
        assert text in printed
    for section in (*report.sections, *report.annexes):
        assert section.title in printed
        assert all(table.caption in printed for table in section.tables)
    assert all(judgement.action[:40] in printed for judgement in report.headline)


def test_an_empty_report_is_a_document_too():
    empty = a_report(headline=(), sections=(), caveats=(), annexes=(), choices=(), decision="", before=None)
    kinds = {type(block) for block in blocks(empty)}
    assert not kinds & {Grid, Items}
    assert Paragraph in kinds
    assert pages(pdf.render(empty)) == 1


def test_charts_as_pictures_for_word_leave_out_what_is_empty():
    empty = replace(TABLES["age"], rows=())
    pairs = [(CHARTS["visits"], TABLES["visits"]), (CHARTS["age"], empty), (CHARTS["found"], TABLES["found"])]
    first, nothing, last = pdf.pictures(pairs, "ar")
    assert nothing is None
    assert first.startswith(b"\x89PNG")
    assert last.startswith(b"\x89PNG")
    assert pdf.pictures(pairs[1:2], "ar") == [None]


def test_a_run_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(typesetting, "LONGEST", 0.01)
    with pytest.raises(typesetting.NotTypeset, match="Stopped"):
        pdf.pictures([(CHARTS["visits"], TABLES["visits"])], "en")


def test_what_typst_refuses_is_told():
    with pytest.raises(typesetting.NotTypeset, match="no such word"):
        typesetting.typeset(b'#panic("no such word")', fonts.typefaces_for(""), {}, format="pdf")


def test_no_worker_of_the_website_loads_typst():
    assert "typst" not in sys.modules
