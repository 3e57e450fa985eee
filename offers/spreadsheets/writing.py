"""Files to fill in or to put right: an empty template, a State's own offers, and a sheet with what is wrong in it.

All are the same sheet, so that whatever the portal gives out it takes back.
Every cell is a text or a day; no cell is a formula.
"""

import io
from datetime import date

import xlsxwriter
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from contacts.spreadsheet import BYTE_ORDER_MARK, csv_text
from offers.content import FIELDSETS, label_of
from offers.forms.editor import NEEDED, OfferVersionForm
from offers.models import OfferVersion
from offers.records import SAMPLE_LABEL
from offers.tables import LONGEST_CELL

from .apostrophe import typed_out
from .columns import COLUMNS, Column, Day, ManyOf, OneOf
from .reading import MOST_ROWS, PROBLEMS, SAMPLE

HEAD = 2  # rows: words, and names that are the same in all languages
SECTIONS = ("#0b2a4a", "#14508c", "#0e3b69", "#0b2a4a")  # colours of the heads, by fieldset
PLACE = {name: number for number, (_code, _title, names) in enumerate(FIELDSETS) for name in names}
LONGEST_HINT = 255  # characters, as far as spreadsheet programs show them


def rows_of(state, vocabularies):
    """The State's offers that have not ended, in their newest wording, as cells by the name of the column."""
    versions = (
        OfferVersion.objects.newest_wordings_of(state)
        .select_related("offer")
        .prefetch_related("partners__state", "links", *(field.name for field in OfferVersion._meta.many_to_many))
    )
    for version in versions:
        label = {SAMPLE: str(SAMPLE_LABEL)} if version.offer.is_sample else {}
        yield {name: column.cell(version, vocabularies) for name, column in COLUMNS.items()} | label


def heads_of(rows):
    """Name and words of each column; illustrative records bring a column for their label, which is not read again."""
    heads = {name: column.label for name, column in COLUMNS.items()}
    return heads | {SAMPLE: _("About this record")} if any(SAMPLE in row for row in rows) else heads


def csv_file(rows):
    """The text of a CSV file."""
    rows = list(rows)
    heads = heads_of(rows)
    lines = [list(heads.values()), list(heads)]
    lines += [[typed_out(str(row.get(name) or "")) for name in heads] for row in rows]
    return BYTE_ORDER_MARK + csv_text(lines)


def xlsx_file(rows, vocabularies, problems=None):
    """The content of an Excel workbook.

    `problems` are lists of (name of the column, sentence) by the number of
    the row: they stand in a column of their own.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        _Writer(workbook, vocabularies).write(list(rows), problems)
    return file.getvalue()


class _Writer:
    def __init__(self, workbook, vocabularies):
        self.workbook, self.vocabularies = workbook, vocabularies
        self.text = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        self.name = workbook.add_format({"font_color": "#4b5967", "italic": True, "font_size": 9, "bottom": 1})
        self.bold = workbook.add_format({"bold": True, "valign": "top", "text_wrap": True})
        self.title = workbook.add_format({"bold": True, "font_size": 16, "font_color": "#0b2a4a"})
        self.wrong = workbook.add_format(
            {"num_format": "@", "text_wrap": True, "valign": "top", "bg_color": "#fdecea", "font_color": "#a8201a"}
        )
        self.heads = [
            workbook.add_format(
                {"bold": True, "text_wrap": True, "valign": "top", "font_color": "#ffffff", "bg_color": colour}
            )
            for colour in SECTIONS
        ]
        self.needed = workbook.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "font_color": "#17222e", "bg_color": "#f2a63b"}
        )

    def write(self, rows, problems):
        offers = self._sheet(_("Offers"))
        help_sheet = self._sheet(_("How to fill it in"))
        lists = self._sheet(_("Lists"))
        self._write_offers(offers, rows, self._write_lists(lists), problems or {})
        self._write_help(help_sheet)

    def _sheet(self, name):
        sheet = self.workbook.add_worksheet(name)
        if get_language_bidi():
            sheet.right_to_left()
        return sheet

    def _write_offers(self, sheet, rows, ranges, problems):
        heads = heads_of(rows)
        if problems:
            sheet.set_column(0, 0, 50)
            sheet.write_string(0, 0, _("What to put right"), self.wrong)
            sheet.write_string(1, 0, PROBLEMS, self.name)
            for number, sentences in problems.items():
                sheet.write_string(HEAD + number, 0, "\n".join(text for _name, text in sentences), self.wrong)
        shift = 1 if problems else 0
        sheet.freeze_panes(HEAD, shift + 2)
        sheet.set_row(0, 48)
        for place, (name, words) in enumerate(heads.items(), shift):
            column = COLUMNS.get(name, Column(name))
            sheet.set_column(place, place, column.width, self.day if isinstance(column, Day) else self.text)
            sheet.write_string(0, place, words, self.needed if name in NEEDED else self.heads[PLACE.get(name, 0)])
            sheet.write_string(1, place, name, self.name)
            self._help_at_cell(sheet, place, column, ranges)
        for number, row in enumerate(rows):
            wrong = {name for name, _sentence in problems.get(number, ())}
            for place, name in enumerate(heads, shift):
                self._write_cell(sheet, HEAD + number, place, row.get(name), self.wrong if name in wrong else self.text)

    def _write_cell(self, sheet, row, place, value, style):
        if isinstance(value, date):
            sheet.write_datetime(row, place, value, self.day)
        elif value:
            sheet.write_string(row, place, value[:LONGEST_CELL], style)
        elif style is self.wrong:
            sheet.write_blank(row, place, None, style)

    def _help_at_cell(self, sheet, place, column, ranges):
        """A hint, and a list to choose from where there is one answer; what is typed is let in and checked later."""
        rule = {"validate": "any"}
        if isinstance(column, OneOf):
            rule = {"validate": "list", "source": ranges[column.name], "error_type": "information"} | {
                "error_message": _("This is not in the list. Codes and names in other languages are taken as well.")
            }
        if hint := str(column.hint):
            rule |= {"input_message": hint[:LONGEST_HINT]}
        if len(rule) > 1:
            sheet.data_validation(HEAD, place, HEAD + MOST_ROWS - 1, place, rule)

    def _write_lists(self, sheet):
        """Each list once: its names, which may be chosen, and its codes. Returns where each field's names stand."""
        sheet.freeze_panes(1, 0)
        ranges, written = {}, {}
        # Lists that several columns choose from are not called after the first of them.
        titles = {
            "primary_area": _("Areas of implementation"),
            "recipient_states": _("States"),
            "languages": _("Languages"),
            "pays_fees": _("Who pays"),
            "role": _("Role of a partner"),
        }
        named = [name for name, column in COLUMNS.items() if isinstance(column, OneOf | ManyOf)]
        for name in [*named, "role"]:
            options = self.vocabularies[name].options
            codes = tuple(option.code for option in options)
            if codes not in written:
                place = 3 * len(written)
                written[codes] = place
                sheet.set_column(place, place, 44)
                sheet.set_column(place + 1, place + 1, 22)
                sheet.set_column(place + 2, place + 2, 3)
                sheet.write_string(0, place, titles.get(name) or label_of(name), self.heads[0])
                sheet.write_string(0, place + 1, _("Code"), self.heads[0])
                for row, option in enumerate(options, 1):
                    sheet.write_string(row, place, self.vocabularies[name].word_for(option.value), self.text)
                    sheet.write_string(row, place + 1, option.code, self.text)
            column = xlsxwriter.utility.xl_col_to_name(written[codes], col_abs=True)
            ranges[name] = f"='{sheet.get_name()}'!{column}$2:{column}${max(len(options), 1) + 1}"
        return ranges

    def _write_help(self, sheet):
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 90)
        sheet.write_string(0, 0, _("How to fill it in"), self.title)
        place = 2
        for title, text in instructions():
            sheet.write_string(place, 0, title, self.bold)
            sheet.write_string(place, 1, text, self.text)
            place += 1
        place += 1
        sheet.write_string(place, 0, _("Column"), self.heads[0])
        sheet.write_string(place, 1, _("What to write"), self.heads[0])
        for column in COLUMNS.values():
            place += 1
            sheet.write_string(place, 0, column.label, self.bold)
            sheet.write_string(place, 1, explained(column), self.text)


def instructions():
    return [
        (
            _("One offer, one row"),
            _(
                "Begin in the third row. The first two rows stay as they are; order and number of columns may change, "
                "and columns that you do not need may be taken out."
            ),
        ),
        (
            _("What is needed"),
            _(
                "To submit an offer, the columns with an orange head are needed. A draft may lack them: it can be "
                "completed in the editor."
            ),
        ),
        (
            _("Lists"),
            _(
                "The sheet “Lists” shows what may be written in columns that have a list: the name, in any of the six "
                "languages, or the code."
            ),
        ),
        (_("Several answers"), _("Write one a line (Alt+Enter), or put a semicolon between them.")),
        (_("Days"), _("Enter them as dates, or write year, month and day: 2027-03-31.")),
        (_("How much"), _("At most 200 rows and 5 MB. Formulas, merged cells and macros are not taken.")),
        (
            _("What happens then"),
            _(
                "The portal shows what would become of each row. Nothing is written until you say so, and nothing is "
                "public before the ISU has published it."
            ),
        ),
        (_("What has no column"), _("Documents and translations are added to each offer in the editor.")),
    ]


def explained(column):
    """What to write in a column, in a few sentences."""
    sentences = [str(column.hint)]
    if isinstance(column, OneOf):
        sentences.append(_("One entry of its list."))
    elif isinstance(column, ManyOf):
        sentences.append(_("Entries of its list."))
    if field := OfferVersionForm.base_fields.get(column.name):
        sentences.append(str(field.help_text))
    return " ".join(filter(None, sentences))
