"""What charts are made of. Across, everything is in per cent of the width, so that a chart fits where it is put while
its letters keep their size; downwards in pixels.
"""

import re
from dataclasses import dataclass, field, replace
from unicodedata import bidirectional, east_asian_width

from ..tables import in_words

BLUE, GREY, WHITE = "#14508c", "#5b6975", "#ffffff"
# The darkest still bears dark letters.
TINTS = ("#ffffff", "#dbe8f4", "#b4d0e8", "#86b3da")
HATCHED, DOTTED = "hatched", "dotted"
TEXT, SMALL = 14, 12  # pixels
LINE = 18  # pixels from one line of text to the next
# Not the space that keeps a number and its unit together.
SPACES = re.compile("[ \t\n]+")
RIGHT_TO_LEFT, FIRST_STRONG, END = "\u2067", "\u2068", "\u2069"


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str = BLUE
    stroke: str = ""

    def mirrored(self):
        return replace(self, x=100 - self.x - self.width)

    @property
    def has_pattern(self):
        return self.fill in {HATCHED, DOTTED}

    # Text, so that no language puts a comma into the numbers.
    @property
    def attributes(self):
        return {
            "x": _per_cent(self.x),
            "y": _text(self.y),
            "width": _per_cent(self.width),
            "height": _text(self.height),
        }


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    stroke: str = GREY
    width: float = 1
    dashed: bool = False

    def mirrored(self):
        return replace(self, x1=100 - self.x1, x2=100 - self.x2)

    @property
    def attributes(self):
        return {
            "x1": _per_cent(self.x1),
            "y1": _text(self.y1),
            "x2": _per_cent(self.x2),
            "y2": _text(self.y2),
            "stroke": self.stroke,
            "stroke-width": _text(self.width),
        } | ({"stroke-dasharray": "5 3"} if self.dashed else {})


@dataclass(frozen=True)
class Text:
    text: str
    x: float
    # Where the letters stand.
    y: float
    anchor: str = "start"
    size: int = TEXT
    # Pixels away from x, in the direction of reading.
    shift: float = 0
    bold: bool = False

    def mirrored(self):
        anchor = {"start": "end", "end": "start"}.get(self.anchor, self.anchor)
        text = self.text if _direction(self.text) == "L" else f"{RIGHT_TO_LEFT}{self.text}{END}"
        return replace(self, x=100 - self.x, anchor=anchor, shift=-self.shift, text=text)

    @property
    def shown(self):
        """A text that runs the other way does so by itself, and turns nothing else round."""
        if RIGHT_TO_LEFT not in self.text and any(bidirectional(sign) in {"R", "AL"} for sign in self.text):
            return f"{FIRST_STRONG}{self.text}{END}"
        return self.text

    @property
    def attributes(self):
        return (
            {"x": _per_cent(self.x), "y": _text(self.y), "font-size": _text(self.size)}
            | ({"text-anchor": self.anchor} if self.anchor != "start" else {})
            | ({"dx": _text(self.shift)} if self.shift else {})
            | ({"font-weight": "600"} if self.bold else {})
        )


@dataclass
class Drawing:
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    height: int = 0

    def mirrored(self):
        """For languages that run from right to left."""
        return Drawing(
            *([mark.mirrored() for mark in marks] for marks in (self.boxes, self.lines, self.texts)), self.height
        )

    def write(self, text, room, *, x=0, size=TEXT):
        """Below what is there already, in as many lines as it takes."""
        for line in wrapped(text, room, size):
            self.texts.append(Text(line, x, self.height + size, size=size))
            self.height += LINE

    def explain(self, fill, text, room, *, stroke=""):
        """A line of the legend."""
        self.boxes.append(Box(0, self.height + 3, 3, 11, fill, stroke))
        self.write(text, room * 0.95, x=4.5, size=SMALL)


def number_of(cell):
    """What of a cell can be drawn."""
    return cell if isinstance(cell, int | float) and cell > 0 else 0


def numbers(table, column=0):
    return [number_of(cells[column]) for _label, cells in table.rows]


def labelled(label, cell):
    return f"{label}: {in_words(cell)}"


def width_of(text, size=TEXT):
    """About how many pixels it takes."""
    return size * sum(1 if east_asian_width(sign) in "WF" else 0.54 for sign in text)


def wrapped(text, room, size=TEXT):
    """In lines that fit; a word that does not fit in one is cut to pieces."""
    lines = [""]
    for word in SPACES.split(str(text).strip()):
        while word:
            longer = f"{lines[-1]} {word}".strip()
            if width_of(longer, size) <= room:
                lines[-1], word = longer, ""
            elif lines[-1]:
                lines.append("")
            else:
                fits = max(1, sum(width_of(word[: end + 1], size) <= room for end in range(len(word))))
                lines[-1], word = word[:fits], word[fits:]
    return lines


def _direction(text):
    """That of the first letter that has one; numbers alone have none."""
    return next((way for way in map(bidirectional, text) if way in {"L", "R", "AL"}), "")


def _per_cent(number):
    return f"{_text(number)}%"


def _text(number):
    return f"{number:.2f}".rstrip("0").rstrip(".")
