"""The columns of the spreadsheet: how each answer is written in a cell, and what a cell is taken to say.

The columns are the fields of an offer in the order of the editor. Their names
stand in the second row of every file and never change.
"""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.content import COSTS, FIELDSETS, label_of
from offers.models import OfferVersion

from .vocabularies import BETWEEN, code_of_row, shortened

MOST_WRONG = 5  # entries of one cell that are named
# Written by people and programs in this order only; 1/2/2027 is not, since it is another day in another country.
DAYS = (
    re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?:[T ]00:00(?::00)?)?"),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"),
)
PARTNER = re.compile(r"(?P<name>.*\S)\s*(?:[–—:]|\s-\s)\s*(?P<role>[^–—:]+)", re.DOTALL)
LINK = re.compile(r"(?:(?P<title>.*\S)\s+)?(?P<url>\S+)", re.DOTALL)
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+|www\.\S+")


class Column:
    """A text of one line, written as it is."""

    width = 24
    hint = ""

    def __init__(self, name):
        self.name = name

    @property
    def label(self):
        return label_of(self.name)

    def cell(self, version, vocabularies):
        """The answer of a version as it stands in a file: a text or a day."""
        return getattr(version, self.name)

    def read(self, text, vocabularies, data):
        """Put what the cell says into the data for the form, and return it in codes; ValidationError if unclear."""
        text = data[self.name] = self.tidy(text)
        return text

    def tidy(self, text):
        return " ".join(text.split())


class LongText(Column):
    width = 60

    def tidy(self, text):
        return text.strip()


class Number(Column):
    width = 12

    def cell(self, version, vocabularies):
        value = getattr(version, self.name)
        return "" if value is None else str(value)


class Day(Column):
    width = 14
    hint = gettext_lazy("A day, for example 2027-03-31.")

    def read(self, text, vocabularies, data):
        if text:
            text = data[self.name] = day_of(text).isoformat()
        return text


class OneOf(Column):
    """One entry of a list."""

    def cell(self, version, vocabularies):
        field = version._meta.get_field(self.name)
        value = getattr(version, field.attname)
        return vocabularies[self.name].word_for(value) if value else ""

    def read(self, text, vocabularies, data):
        field = OfferVersion._meta.get_field(self.name)
        if text:
            option = vocabularies[self.name].find(text)
            value, code = option.value, option.code
        else:
            value = code = str(field.get_default() or "")
        data[self.name] = value
        return code


class Cost(OneOf):
    """Who pays for one thing; in a row of heads nothing else says that it is about paying."""

    @property
    def label(self):
        return _("Who pays: %(item)s") % {"item": super().label}


class ManyOf(Column):
    """Several entries of a list."""

    width = 30
    hint = gettext_lazy("Several answers: one a line, or with a semicolon between them.")

    def cell(self, version, vocabularies):
        value, words = getattr(version, self.name), vocabularies[self.name]
        if isinstance(value, list):
            return "\n".join(map(words.word_for, value))
        return "\n".join(words.word_for(row.pk, code_of_row(row)) for row in value.all())

    def read(self, text, vocabularies, data):
        options = all_of(entries_of(text), vocabularies[self.name].find)
        self.put([option.value for option in options], data)
        return sorted(option.code for option in options)

    def put(self, values, data):
        data[self.name] = values


class FurtherAreas(ManyOf):
    """The editor asks for them one by one."""

    hint = gettext_lazy("At most two: one a line, or with a semicolon between them.")

    def put(self, values, data):
        if len(values) > 2:
            raise ValidationError(_("Choose at most two further areas."))
        data |= dict(zip(("second_area", "third_area"), values, strict=False))


class Partners(Column):
    """One a line: who, and what they do."""

    width = 40
    hint = gettext_lazy("One a line: the State or organisation, a dash, and its role.")

    def cell(self, version, vocabularies):
        lines = []
        for partner in version.partners.all():
            state = partner.state
            who = vocabularies["state"].word_for(state.pk, state.iso3) if state else partner.organisation
            lines.append(f"{who} – {vocabularies['role'].word_for(partner.role)}")
        return "\n".join(lines)

    def read(self, text, vocabularies, data):
        partners = all_of(lines_of(text, is_partner), lambda line: _partner(line, vocabularies))
        _put_rows(data, "partners", [row for row, _codes in partners])
        return [codes for _row, codes in partners]


class Links(Column):
    """One a line: title and web address."""

    width = 40
    hint = gettext_lazy("One a line: the title, a space, and the web address.")

    def cell(self, version, vocabularies):
        return "\n".join(f"{link.title} {link.url}".strip() for link in version.links.all())

    def read(self, text, vocabularies, data):
        links = [_link(line) for line in lines_of(text, is_link)]
        _put_rows(data, "links", links)
        return [list(link.values()) for link in links]


class Reference(Column):
    """Of an offer that is on the portal already: read, but nothing an offer says."""

    width = 16
    hint = gettext_lazy("Leave it empty: a new offer is given a reference.")

    def cell(self, version, vocabularies):
        return version.offer.reference

    def read(self, text, vocabularies, data):
        return ""

    @property
    def label(self):
        return capfirst(_("reference"))


SPECIAL = {"more_areas": FurtherAreas, "partners": Partners, "links": Links, "delivery_modes": ManyOf}
BY_TYPE = {"DateField": Day, "PositiveSmallIntegerField": Number, "TextField": LongText}


def _column(name):
    if name in SPECIAL:
        return SPECIAL[name](name)
    field = OfferVersion._meta.get_field(name)
    if field.many_to_many:
        return ManyOf(name)
    if name in COSTS:
        return Cost(name)
    if field.many_to_one or field.choices:
        return OneOf(name)
    return BY_TYPE.get(field.get_internal_type(), Column)(name)


COLUMNS = {"reference": Reference("reference")} | {
    name: _column(name) for _code, _title, names in FIELDSETS for name in names if name != "documents"
}


def day_of(text):
    for pattern in DAYS:
        if match := pattern.fullmatch(text):
            try:
                return date(**{part: int(number) for part, number in match.groupdict().items()})
            except ValueError:
                break
    raise ValidationError(
        _("“%(word)s” is not a day. Write year, month and day, for example 2027-03-31.") % {"word": shortened(text)}
    )


def entries_of(text):
    """The entries of a cell, each once; they stand on lines of their own or have a semicolon between them."""
    return list(dict.fromkeys(filter(None, map(str.strip, re.split(rf"[\n{BETWEEN}；؛]", text)))))


def lines_of(text, ends):
    """The lines of a cell. A line is cut at its semicolons if every piece `ends` as a whole entry does."""
    found = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        pieces = list(filter(None, map(str.strip, re.split(rf"{BETWEEN}\s", line))))
        found += pieces if all(map(ends, pieces)) else [line]
    return found


def is_partner(piece):
    return PARTNER.fullmatch(piece)


def is_link(piece):
    return ADDRESS.fullmatch(piece.split()[-1])


def all_of(words, find):
    """What each word stands for, each once; ValidationError names those that are wrong."""
    found, wrong = [], []
    for word in words:
        try:
            option = find(word)
        except ValidationError as unclear:
            wrong += unclear.messages
            if len(wrong) == MOST_WRONG:
                break
        else:
            if option not in found:
                found.append(option)
    if wrong:
        raise ValidationError(wrong)
    return found


def _partner(line, vocabularies):
    """What the row of the editor is sent, and the same in codes."""
    match = PARTNER.fullmatch(line)
    if not match:
        raise ValidationError(
            _("“%(word)s” has no role. Write the State or organisation, a dash, and its role.")
            % {"word": shortened(line)}
        )
    role = vocabularies["role"].find(match["role"]).code
    try:
        state = vocabularies["state"].find(match["name"])
    except ValidationError:
        return {"organisation": match["name"], "role": role}, ["", match["name"], role]
    return {"state": state.value, "role": role}, [state.code, "", role]


def _link(line):
    match = LINK.fullmatch(line)
    return {"title": match["title"] or "", "url": match["url"]}


def _put_rows(data, prefix, rows):
    """As the rows of the editor send them."""
    data[f"{prefix}-TOTAL_FORMS"] = len(rows)
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
