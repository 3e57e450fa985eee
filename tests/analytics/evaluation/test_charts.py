"""Charts as SVG: what is drawn, in which direction, and for whom."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from django.utils import translation

from analytics.charts import KINDS, svg
from analytics.evaluation.report import Chart
from analytics.tables import Column, Table

from .a_report import CHARTS, TABLES, table

pytestmark = pytest.mark.once
SVG = "{http://www.w3.org/2000/svg}"


def drawn(key, **options):
    return ElementTree.fromstring(svg(CHARTS[key], TABLES[key], **options))


def texts(picture):
    return [text.text for text in picture.iter(f"{SVG}text")]


def boxes(picture, fill="#14508c"):
    return [box for box in picture.iter(f"{SVG}rect") if box.get("fill") == fill]


def share(text):
    return float(text.removesuffix("%"))


def test_every_kind_has_a_title_a_description_and_no_style_of_its_own():
    assert {chart.kind for chart in CHARTS.values()} == set(KINDS)
    for key, chart in CHARTS.items():
        picture = drawn(key)
        named = dict(zip(picture.get("aria-labelledby").split(), (chart.title, chart.description), strict=True))
        assert picture.get("role") == "img"
        assert {named[element.get("id")] == element.text for element in picture if element.get("id")} == {True}
        assert not any("style" in element.attrib for element in picture.iter())


def test_nothing_is_drawn_of_nothing():
    for key, chart in CHARTS.items():
        empty = TABLES[key]
        zeros = tuple((label, tuple(0 for _cell in cells)) for label, cells in empty.rows)
        for rows in ((), zeros):
            drawing = Table(empty.name, empty.caption, empty.subject, empty.columns, rows)
            assert svg(chart, drawing) == "", chart.kind


def test_what_somebody_has_typed_stays_text():
    hostile = Table("x", "x", "x", (Column("n"),), (('</text><script>alert("x")</script>', (3,)),))
    picture = svg(Chart("bars", "x", "<b>&", '"><script>'), hostile)
    assert "<script" not in picture
    assert "".join(texts(ElementTree.fromstring(picture))) == '</text><script>alert("x")</script>: 3'


def test_bars_begin_at_zero_and_are_as_long_as_their_numbers():
    lengths = [share(box.get("width")) for box in boxes(drawn("funnel"))]
    assert lengths == pytest.approx([100 * number / 2140 for number in (2140, 611, 48, 37, 6)], abs=0.01)
    assert {box.get("x") for box in boxes(drawn("funnel"))} == {"0%"}


def test_from_right_to_left_everything_is_turned_round_but_the_letters():
    plain, turned = drawn("regions"), drawn("regions", right_to_left=True)
    for left, right in zip(boxes(plain), boxes(turned), strict=True):
        assert share(left.get("x")) + share(left.get("width")) + share(right.get("x")) == pytest.approx(100, abs=0.02)
    assert {text.get("text-anchor") for text in turned.iter(f"{SVG}text")} == {"end"}
    assert texts(turned) == texts(plain)


def test_a_number_beside_arabic_words_keeps_its_place():
    picture = svg(CHARTS["needs"], TABLES["needs"], right_to_left=True)
    assert "\u2067كاسحة ألغام: 12\u2069" in picture


def test_numbers_have_no_comma_of_any_language_where_they_place_something():
    with translation.override("fr"):
        places = re.findall(r' (?:x|y|width|height|x1|y1|dx)="([^"]*)"', svg(CHARTS["visits"], TABLES["visits"]))
    assert places
    assert not [place for place in places if not re.fullmatch(r"-?[\d.]+%?", place)]


def test_a_month_that_is_not_complete_is_hatched_and_events_are_named():
    picture = drawn("visits")
    [hatched] = boxes(picture, "url(#columns-visits-hatched)")[:-1]
    assert share(hatched.get("height") + "%") == pytest.approx(120 * (1200 + 3 * 137) / (1200 + 11 * 137), abs=0.01)
    assert len(boxes(picture, "#ffffff")) == 12 + 1
    assert {"(1) Mar: Launch", "(2) Nov: Meeting of the States Parties"} < set(texts(picture))


def test_two_events_of_one_month_are_both_named_at_its_line():
    marks = [{"row": 4, "label": "Launch"}, {"row": 4, "label": "Meeting"}]
    chart = replace(CHARTS["visits"], options={"marks": marks})
    assert "(1) (2)" in texts(ElementTree.fromstring(svg(chart, TABLES["visits"])))


def test_what_is_asked_for_and_not_on_offer_is_marked_in_the_matrix():
    wanted = sum(cell.startswith("0 /") and cell != "0 / 0" for _area, cells in TABLES["matrix"].rows for cell in cells)
    assert wanted
    assert len(boxes(drawn("matrix"), "url(#heat-matrix-hatched)")) == 2 * wanted + 1


def test_the_strip_has_a_box_for_each_state_and_names_none():
    picture = drawn("regions")
    assert (len(boxes(picture)), len(boxes(picture, "#ffffff"))) == (12, 18 + 9 + 8 + 13 - 12)


def test_all_words_fit_on_a_phone():
    """As far as widths can be told without a typeface: no line is longer than the picture, however long a word is."""
    long = table("x", "x", "x", ["n"], [("W" * 200, (3,)), ("排雷" * 60, (2,))])
    lines = texts(ElementTree.fromstring(svg(Chart("bars", "x", "t", "d"), long)))
    assert "".join(lines).replace(" ", "") == f"{'W' * 200}:3{'排雷' * 60}:2"
    assert max(map(len, lines)) <= 40


def test_where_there_is_no_room_for_all_numbers_the_table_alone_says_them():
    def said(months):
        rows = [(f"M{month}", (12_345 + month,)) for month in range(months)]
        return texts(ElementTree.fromstring(svg(Chart("columns", "x", "t", "d"), table("x", "x", "x", ["n"], rows))))

    assert [text for text in said(12) if not text.startswith("M")] == [f"{12_345 + month:,}" for month in range(12)]
    assert said(36) == [f"M{month}" for month in range(0, 36, 4)]
