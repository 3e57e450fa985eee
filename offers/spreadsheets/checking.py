"""What would become of each row of a spreadsheet: checked as the editor checks, without writing anything."""

import hashlib
import json
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers.content import label_of
from offers.forms.editor import NEEDED, OfferVersionForm
from offers.models import ImportedRow, Offer

from .columns import COLUMNS
from .reading import ERROR_VALUE, FOR_READING, NO_VALUE
from .rows import RowEditor, blank_version
from .vocabularies import Vocabularies

SENTENCES = {
    NO_VALUE: gettext_lazy("The cell holds a formula without a value. Type the value itself."),
    ERROR_VALUE: gettext_lazy("The cell shows an error of the spreadsheet program. Type the value itself."),
}


class Fate(models.TextChoices):
    """What a row becomes."""

    DRAFT = "draft", gettext_lazy("New draft")
    WRONG = "wrong", gettext_lazy("Has errors")
    TAKEN = "taken", gettext_lazy("Imported")
    TWIN = "twin", gettext_lazy("Says the same as another row")
    OWN = "own", gettext_lazy("Already on the portal")


@dataclass
class Row:
    line: int
    cells: dict
    data: dict
    fingerprint: str
    fate: Fate = Fate.DRAFT
    problems: list = field(default_factory=list)  # (name of the column, message)
    missing: list = field(default_factory=list)  # (name of the column, message)
    reference: str = ""  # of the offer that the row is already
    twin: int = 0  # the line of the row that says the same
    foreign_reference: str = ""
    editor: RowEditor | None = None  # of a row without errors

    @property
    def title(self):
        return self.cells.get("title", "")

    @property
    def sentences(self):
        """What is wrong, as sentences that name row and column."""
        return [
            _("Row %(row)d, column “%(column)s”: %(problem)s")
            % {"row": self.line, "column": COLUMNS[name].label, "problem": message}
            for name, message in self.problems
        ]

    @property
    def lacks(self):
        """What the draft still needs before it can be submitted: label and sentence."""
        return [(label_of(name), message) for name, message in self.missing] if self.fate == Fate.DRAFT else []

    @property
    def words(self):
        """What the row says: label and text as it stands in the file."""
        return [(column.label, self.cells[name]) for name, column in COLUMNS.items() if self.cells.get(name)]


@dataclass
class Check:
    rows: list
    head: dict
    vocabularies: Vocabularies

    def of(self, *fates):
        return [row for row in self.rows if row.fate in fates]

    @cached_property
    def drafts(self):
        return self.of(Fate.DRAFT)

    @cached_property
    def wrong(self):
        return self.of(Fate.WRONG)

    @cached_property
    def passed_over(self):
        return self.of(Fate.TAKEN, Fate.TWIN, Fate.OWN)

    @property
    def unknown_columns(self):
        return [words for name, words in self.head.items() if name not in COLUMNS and name not in FOR_READING]

    @property
    def missing_columns(self):
        """Of those that are needed to submit; who leaves out the recipients offers to all."""
        return [COLUMNS[name].label for name in NEEDED if name not in self.head and name != "recipients"]

    @property
    def mark(self):
        """Of what becomes of the rows: whoever takes them must have seen the same."""
        return _hash([[row.line, row.fate, row.fingerprint] for row in self.rows])


def check(imported):
    """What would become of the rows of an `OfferImport` today, in a fixed number of statements."""
    state = imported.state
    vocabularies = vocabularies_of(state)
    rows = [_read(row, vocabularies) for row in imported.rows[1:]]
    references = {row.cells["reference"].upper() for row in rows if row.cells.get("reference")}
    own = set(Offer.objects.filter(state=state, reference__in=references).values_list("reference", flat=True))
    taken = dict(
        ImportedRow.objects.filter(state=state, fingerprint__in={row.fingerprint for row in rows}).values_list(
            "fingerprint", "offer__reference"
        )
    )
    lines = {}
    for row in rows:
        reference = row.cells.get("reference", "").upper()
        if reference in own:
            row.fate, row.reference = Fate.OWN, reference
            continue
        row.foreign_reference = reference
        _check_as_the_editor(row, state, vocabularies)
        if row.problems:
            row.fate = Fate.WRONG
        elif row.fingerprint in taken:
            row.fate, row.reference = Fate.TAKEN, taken[row.fingerprint]
        elif row.fingerprint in lines:
            row.fate, row.twin = Fate.TWIN, lines[row.fingerprint]
        else:
            lines[row.fingerprint] = row.line
    return Check(rows, imported.rows[0]["cells"], vocabularies)


def vocabularies_of(state):
    return Vocabularies(OfferVersionForm(instance=blank_version(state)))


def _read(kept, vocabularies):
    """The data for the form. The fingerprint is of codes: in whatever language a row is written, it is the same."""
    data, codes, problems = {}, {}, []
    for name, column in COLUMNS.items():
        if name in kept.get("problems", {}):
            problems.append((name, SENTENCES[kept["problems"][name]]))
            continue
        try:
            code = column.read(kept["cells"].get(name, ""), vocabularies, data)
        except ValidationError as unclear:
            problems += [(name, message) for message in unclear.messages]
        else:
            if code:
                codes[name] = code
    return Row(kept["line"], kept["cells"], data, _hash(codes), problems=problems)


def _check_as_the_editor(row, state, vocabularies):
    """Cells that could not be read count as empty here: they have their problems already."""
    editor = RowEditor(blank_version(state), row.data, vocabularies)
    if editor.is_valid():
        row.editor = editor
        row.missing = list(editor.what_is_missing().items())
        return
    for name, messages in editor.form.errors.items():
        column = name if name in COLUMNS else "more_areas"
        row.problems += [(column, message) for message in messages]
    for name, formset in (("partners", editor.partners), ("links", editor.links)):
        row.problems += [(name, message) for message in formset.non_form_errors()]
        row.problems += [(name, message) for errors in formset.errors for each in errors.values() for message in each]
    # Two rules may find the same fault.
    row.problems = sorted(dict.fromkeys(row.problems), key=lambda problem: list(COLUMNS).index(problem[0]))


def _hash(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
