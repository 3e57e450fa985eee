"""Figures as they are printed, and as they may be written straight away."""

import csv
import io
from html.parser import HTMLParser

from analytics.models import Daily


class Cells(HTMLParser):
    """The rows of all tables of a page."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.inside = [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in {"th", "td"}:
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        if tag in {"th", "td"}:
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data.strip().rstrip("*")


def page_rows(response):
    return Cells(response.content.decode()).rows


def file_rows(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def a_day(day, metric="view", number=100, *, dimension="all", value=""):
    """All figures of a day for one value of one dimension."""
    return Daily(
        day=day, metric=metric, dimension=dimension, value=value, total=number, total_dc=number,
        unique_session=number, visitor_days=number, visits=number, rules_version="1",
    )  # fmt: skip
